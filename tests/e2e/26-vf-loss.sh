#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a change of the path costs: datagrams lost and the longest gap, a datagram each 2 ms, there and back
# (R58, R59; users.md 4). Figures as notes; the planned switch may lose nothing. tests/bench/vf compares drivers.
#
#   eth0 = synthetic NIC + VF --- switch --- peer (echo)
#
# runs: 6.12:ours
# whole: 6.1:ours debug-7.x:ours
# takes: 55 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
PROBES=/sys/kernel/tracing
my_cleanup() {
	[ -z "${CROWD-}" ] || kill "$CROWD" 2>/dev/null
	unprobe
	ip link del noqueues 2>/dev/null
	pull how=surprise 2>/dev/null
	from_peer eth0
}
cycles=${ROUNDS:-1}
used() { within 30 in_use; }

none() { sleep 1; }
planned() { ip link set "$vf" down; within 10 path_is synthetic; sleep 0.3; ip link set "$vf" up; used; }
eject() { leaves how=eject; sleep 0.3; plug && used; }
# crowd: somebody sets a flag of the VF, again and again. So RTNL is waited for, and the driver looks at the VF at any
# time, also when it has carrier already and the core did not come by yet to give it queues.
crowd() {
	python3 - <<-'PY' & CROWD=$!
	import glob, socket, struct, time
	sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
	flags = 0
	while True:
	    for path in glob.glob("/sys/class/net/eth0/lower_*"):
	        flags ^= 0x100
	        try:
	            index = socket.if_nametoindex(path.split("lower_")[1])
	            # RTM_NEWLINK with an answer: this one flag, as "ip link set promisc" does
	            sock.send(struct.pack("=IHHII BxHiII", 32, 16, 5, 0, 0, 0, 0, index, flags, 0x100))
	            sock.recv(4096)
	        except OSError:
	            pass
	    time.sleep(0.0005)
	PY
}
# thrown_away: datagrams of the stream that a device without queues was given since the probe was set.
probe() {
	[ -d $PROBES/events ] || mount -t tracefs none $PROBES
	echo 'p:noop noop_enqueue' >$PROBES/kprobe_events && echo 'comm ~ "python3"' >$PROBES/events/kprobes/noop/filter &&
		echo 1 >$PROBES/events/kprobes/noop/enable
} 2>/dev/null
thrown_away() { grep -c 'noop_enqueue' $PROBES/trace; }
unprobe() {
	[ ! -e $PROBES/events/kprobes/noop ] ||
		{ echo 0 >$PROBES/events/kprobes/noop/enable; echo >$PROBES/kprobe_events; echo >$PROBES/trace; }
}
# throw_away: one frame to a device without carrier, for the probe to see.
throw_away() {
	ip link add noqueues type veth peer name nocarrier && ip link set noqueues up &&
		python3 -c 'import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(("noqueues", 0x88b5)); s.send(bytes(60))'
}
surprise() { leaves how=surprise; sleep 0.3; plug && used; }
carrier() { host_do vf.link nic=0 state=down >/dev/null; sleep 0.5; host_do vf.link nic=0 state=up >/dev/null; sleep 0.5; used; }
fallback() { host_do vf.fallback nic=0 >/dev/null; sleep 0.3; [ "$DRIVER" = ours ] || host_do vf.fallback nic=0 path=vf >/dev/null; used; }

# in_cycles KIND: all cycles of it; those without a way back in BAD.
in_cycles() {
	local i
	BAD=0
	for ((i = 0; i < cycles; i++)); do "$1" || BAD=$((BAD + 1)); vf=$(vf_of eth0); sleep 0.3; done
}
loss() { stream_during in_cycles "$1"; equal "$1: the VF was used again each time" "$BAD" 0; }
# no_loss KIND: a VF has a moment's frames in its queues; if the machine stands still just then they may be lost, so
# a loss counts when it is there three times in a row.
no_loss() {
	loss "$1"
	[ "$DRIVER" = ours ] || return 0
	[ "$LOST" = 0 ] || loss "$1"
	[ "$LOST" = 0 ] || loss "$1"
	equal "$1 loses nothing" "$LOST" 0
}

check "eth0 reaches the peer" to_peer eth0 10
check "server" serve_peer
check "VF arrives" plug
check "it is used" used || finish
vf=$(vf_of eth0)
loss none
no_loss planned
no_loss eject
if [ "$DRIVER" = stock ]; then
	skip "a VF that is looked at all the time" "a planned change is held against our driver only"
elif ! probe; then
	skip "a VF that is looked at all the time" "this kernel has no kprobes"
else
	crowd
	cycles=$((cycles * 3)) loss eject
	kill "$CROWD"; wait "$CROWD"; CROWD=
	equal "nothing was given to a VF without queues" "$(thrown_away)" 0
	throw_away >/dev/null 2>&1
	check "it would have been seen" gives_at_least 1 thrown_away
	unprobe
	ip link del noqueues
fi
loss surprise
loss carrier
loss fallback
unserve_peer
finish
