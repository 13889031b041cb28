#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The data path goes to the VF and back, whoever wants it, and nobody notices: neither traffic nor RTNL
# (netvsc-wire.md 3.12, 4.6, 9.6; R57-R60, R64; users.md 4). ROUNDS=50 by hand.
#
#   eth0 = synthetic NIC + VF --- switch --- peer
#
# runs: 6.12:ours 6.1:ours 7.x:ours
# whole: debug-7.x:ours
# takes: 50 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
my_cleanup() { unwatch_rtnl; host_do fault.clear >/dev/null; pull how=surprise 2>/dev/null; from_peer eth0; }
rounds=$(e2e_times 6 4)
# Seconds in which a driver that holds back after a loss is back.
back=20
# on_wrong_path: frames that the host saw come by the VF while its path was the other one, since the start.
on_wrong_path() { echo $(($(vfstat wrong_path_vf) - wrong)); }

check "eth0 reaches the peer" to_peer eth0 10
changes=$(cat /sys/class/net/eth0/carrier_changes)
check "VF arrives" plug
check "it is used" within 20 in_use || finish
vf=$(vf_of eth0)
wrong=$(vfstat wrong_path_vf)

# The VF's own driver holds RTNL for as long as it needs to stop and start.
watch_rtnl
ip link set "$vf" down; within $back path_is synthetic; ip link set "$vf" up; within $back in_use
own=$(rtnl_ms)
unwatch_rtnl
watch_rtnl

# What the administrator hung on the VF sees what goes there, on whatever way it gets there.
sent_by_qdisc() { tc -s qdisc show dev "$vf" root | sed -n 's/^ Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p' | head -n 1; }
counts() { local was; was=$(sent_by_qdisc); by_vf && [ "$(sent_by_qdisc)" -ge $((was + 3)) ]; }
# tapped DEV: three pings are seen to leave by it.
tapped() {
	python3 - "$1" "$PEER4" <<-'PY'
	import socket, subprocess, sys
	tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
	tap.bind((sys.argv[1], 3))
	tap.settimeout(5)
	pings = subprocess.Popen(["ping", "-c", "3", "-i", "0.2", sys.argv[2]], stdout=subprocess.DEVNULL)
	seen = 0
	while seen < 3:
	    frame, where = tap.recvfrom(2048)
	    seen += where[2] == socket.PACKET_OUTGOING and frame[9:10] == b"\1"
	sys.exit(pings.wait())
	PY
}
check "its qdisc counts what goes by it" counts
check "a small queue at the VF" tc qdisc replace dev "$vf" root pfifo limit 100
check "counts too" counts
check "a slow queue at the VF" tc qdisc replace dev "$vf" root netem delay 300ms
slow() { ping -c 1 -W $((5 * SLOW)) $PEER4 | sed -n 's/.*time=\([0-9]*\).*/\1/p'; }
at_least "it holds frames, ms" "$(slow)" 290
check "its own queue" tc qdisc del dev "$vf" root
if modprobe -qa sch_ingress cls_matchall act_gact; then
	check "a filter at the VF" in_turn tc qdisc add dev "$vf" clsact , tc filter add dev "$vf" egress matchall action drop
	check "it drops" not reachable
	check "it is gone" in_turn tc qdisc del dev "$vf" clsact , within 5 reachable
else
	skip "a filter at the VF" "this kernel is built without cls_matchall"
fi
check "a tap at the VF sees them leave" tapped "$vf"

# By the administrator.
check "VF down" ip link set "$vf" down
check "path is synthetic" within 5 path_is synthetic
check "traffic goes there" not_by_vf
check "VF up" ip link set "$vf" up
check "it is used again" within $back in_use
check "traffic goes there" by_vf
check "eth0 down" in_turn ip link set eth0 down , within 5 path_is synthetic
check "eth0 up: VF is used again" in_turn ip link set eth0 up , within $back in_use
check "eth0 reaches the peer" within 10 reachable

# By a cable.
host_do vf.link nic=0 state=down >/dev/null
if [ "$DRIVER" = stock ]; then
	skip "VF without carrier: the host is told" "stock leaves the path at the VF: features.md, VF with carrier loss"
else
	check "VF without carrier: the host is told" within 10 path_is synthetic
	check "traffic goes on" reachable
fi
host_do vf.link nic=0 state=up >/dev/null
check "carrier is back, the VF too" within $back in_use
check "no more than a frame in flight was sent on the wrong path" gives_at_most 2 on_wrong_path

# By the host.
if [ "$DRIVER" = stock ]; then
	skip "the host switches back by itself" "stock ignores the message: R59"
else
	requests=$(vfstat switch_requests) answered=$(vfstat notices_answered)
	host_do vf.fallback nic=0 ask=on >/dev/null
	check "the host switches back by itself: traffic follows" within 5 reachable
	check "the VF comes back" within $back in_use
	check "after the driver asked for it" gives_at_least $((requests + 1)) vfstat switch_requests
	equal "the message was answered" "$(vfstat notices_answered)" $((answered + 1))
	check "VF leaves" leaves how=eject
	host_do fault.set nic=0 name=vf.switch_fail count=2 >/dev/null
	check "a switch that does not happen, twice: the VF arrives" plug
	check "the VF is used in the end" within 20 in_use
	equal "the third request did it" "$(hits vf.switch_fail)" 2
	host_do fault.clear >/dev/null
	check "traffic goes there" by_vf

	# The driver asks once more for the path that it has, and the host's own word crosses that. Each time the host
	# goes back the driver holds longer, long enough in the end for the VF to go meanwhile.
	for i in 1 2 3 4; do
		host_do vf.fallback nic=0 >/dev/null
		check "the VF comes back, $i" within $back in_use
	done
	host_do fault.set nic=0 name=rx.stall ms=$((6000 * SLOW)) >/dev/null
	host_do vf.assoc nic=0 state=on >/dev/null
	check "the driver asks once more, and the host does not read it yet" within 10 gives 1 hits rx.stall
	sleep 4
	host_do vf.fallback nic=0 >/dev/null
	host_do vf.link nic=0 state=down >/dev/null
	sleep $((5 * SLOW))
	check "the host does not steer to a VF that nobody uses" within 5 path_is synthetic
	check "traffic goes on without it" within 5 reachable
	host_do fault.clear >/dev/null
	host_do vf.link nic=0 state=up >/dev/null
	check "its carrier is back, and so is the VF" within $back in_use
fi

# Back and forth.
good=0
for ((i = 1; i <= rounds; i++)); do
	leaves how="$([ $((i % 2)) = 0 ] && echo eject || echo surprise)" && reachable >/dev/null || note "round $i: not reachable without"
	arrives && reachable >/dev/null && good=$((good + 1)) || note "round $i: not reachable with"
done
equal "VF pulled and plugged, each time reachable" "$good" "$rounds"
# A migration comes with a network change, which is a moment without carrier (R68).
[ "$DRIVER" = stock ] || equal "carrier of eth0 moved for the administrator only" "$(cat /sys/class/net/eth0/carrier_changes)" $((changes + 2))
check "live migration" host_do vf.migrate nic=0 ms=300
check "VF is used again" within 20 in_use
check "by the VF" by_vf
ms=$(rtnl_ms)
note "longest ip link: $ms ms, $own ms while the VF's driver stops and starts; frames on the wrong path: $(on_wrong_path)"
at_least "nobody held RTNL for longer than that" "$(rtnl_limit "$own")" "$ms"
check "VF leaves" leaves how=eject
check "eth0 stays reachable" reachable
finish
