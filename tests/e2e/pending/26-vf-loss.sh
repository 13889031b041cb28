#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a change of the path costs: datagrams lost and the longest gap, a datagram each 2 ms, there and back
# (R58, R59; users.md 4). Figures as notes; the planned switch may lose nothing.
#
#   eth0 = synthetic NIC + VF --- switch --- peer (echo)

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../vf.sh"
my_cleanup() { pull how=surprise 2>/dev/null; host vf.link nic=0 state=up >/dev/null 2>&1; from_peer eth0; }
cycles=$(times 10 5)
used() { within 20 in_use; }

none() { sleep 1; }
planned() { ip link set "$vf" down; within 10 path_is synthetic; sleep 0.3; ip link set "$vf" up; used; }
eject() { pull how=eject; sleep 0.3; plug && used; }
surprise() { pull how=surprise; sleep 0.3; plug && used; }
carrier() { host vf.link nic=0 state=down >/dev/null; sleep 1; host vf.link nic=0 state=up >/dev/null; sleep 1; used; }
fallback() { host vf.fallback nic=0 >/dev/null; sleep 0.3; [ "$DRIVER" = ours ] || host vf.fallback nic=0 path=vf >/dev/null; used; }

# loss KIND: the stream's last line, in LOST.
loss() {
	local i bad=0
	python3 "$TRAFFIC" stream $PEER4 600 >/tmp/stream.out & local pid=$!
	within 20 grep -q ready /tmp/stream.out
	sleep 0.5
	for ((i = 0; i < cycles; i++)); do "$1" || bad=$((bad + 1)); vf=$(vf_of eth0); sleep 0.3; done
	kill -TERM $pid; wait $pid
	note "$1, $cycles times: $(tail -n 1 /tmp/stream.out)"
	read -r _ _ _ LOST _ _ < <(tail -n 1 /tmp/stream.out)
	equal "$1: the VF was used again each time" "$bad" 0
}

check "eth0 reaches the peer" to_peer eth0 10
check "server" serve_peer
check "VF arrives" plug
check "it is used" used || finish
vf=$(vf_of eth0)
loss none
loss planned; planned=$LOST
loss eject; ejected=$LOST
loss surprise
loss carrier
loss fallback
[ "$DRIVER" = ours ] && equal "planned switches lose nothing" "$planned" 0
[ "$DRIVER" = ours ] && equal "nor does a VF that is asked to go" "$ejected" 0
unserve_peer
finish
