#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A VF that flaps every millisecond, and one that is torn out of traffic, sent at full rate: the host is
# not asked each time, RTNL stays free, nothing leaks (R57-R60). ROUNDS=1000 by hand. The peer sends a datagram each 10 ms,
# on the debug kernel each 160 ms: at its full rate an emulated guest does little but receive, and RTNL is held for ten
# seconds, with stock as well.
#
#   eth0 = synthetic NIC + VF --- switch --- peer
#
# runs: 6.12:ours
# whole: 6.1:ours debug-7.x:ours
# takes: 30 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
my_cleanup() {
	unwatch_rtnl
	[ -z "${BLAST-}" ] || kill "$BLAST" 2>/dev/null
	[ -z "${PEER_BLAST-}" ] || host_do peer.kill pid="$PEER_BLAST" >/dev/null 2>&1
	pull how=surprise 2>/dev/null
	from_peer eth0
}
# Who asks waits for a CPU as well, beside the blasts: only by hand, on a quiet machine, it is held against a second.
[ -n "${ROUNDS-}" ] || RTNL_MS=$((6 * RTNL_MS))
flaps=$(e2e_times 30 10)
pulls=$((flaps / 20))
[ "$pulls" -ge 2 ] || pulls=2
[ "$pulls" -le 8 ] || pulls=8
# flap WHAT: that many times, by one order to the host; its path stays synthetic.
flap() { hvctl --timeout $((60 * SLOW + flaps / 50)) vf.flap nic=0 what="$1" times="$flaps" ms=1 >/dev/null; }
pci_functions() { find /sys/bus/pci/devices -mindepth 1 | wc -l; }

check "eth0 reaches the peer" to_peer eth0 10
functions=$(pci_functions)
check "VF arrives" plug
check "it is used" within 20 in_use || finish
watch_rtnl

# flaps_of NAME WHAT
flaps_of() {
	local requests at=$SECONDS
	requests=$(vfstat switch_requests)
	check "$1: the host flaps" flap "$2"
	note "$1, $flaps times in $((SECONDS - at)) s"
	check "$1: eth0 stays reachable" within 5 reachable
	check "$1: the VF is used in the end" within 30 in_use
	asked=$(($(vfstat switch_requests) - requests))
	note "$1, $flaps times: $asked requests"
}
flaps_of carrier link
check "fewer requests than flaps" [ "$asked" -lt $((2 * flaps)) ]
flaps_of association assoc
if [ "$DRIVER" = ours ]; then
	flaps_of "the host goes back by itself" path
	check "fewer requests than flaps" [ "$asked" -lt $((2 * flaps)) ]
else
	skip "the host goes back by itself: the host flaps" "stock ignores the message: R59"
fi
check "by the VF" by_vf
ms=$(rtnl_ms)
unwatch_rtnl
note "longest ip link: $ms ms"
at_least "RTNL was free meanwhile" "$RTNL_MS" "$ms"

# Torn out at full rate.
nice -n 19 python3 "$TRAFFIC" blast $PEER4 600 1400 >/dev/null & BLAST=$!
PEER_BLAST=$(hvctl peer bg=1 --get pid -- python3 -c 'import socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    sock.sendto(bytes(1400), ("192.168.77.10", 7778))
    time.sleep(int(sys.argv[1]) / 1000)' $((10 * SLOW * SLOW)))
watch_rtnl
# A ping would wait behind the blasts.
moved() { echo "$(cat /sys/class/net/eth0/statistics/tx_packets) $(cat /sys/class/net/eth0/statistics/rx_packets)"; }
both_ways() { local was now; read -ra was <<<"$(moved)"; sleep 0.3; read -ra now <<<"$(moved)"; [ "${now[0]}" -gt "${was[0]}" ] && [ "${now[1]}" -gt "${was[1]}" ]; }
good=0
for ((i = 0; i < pulls; i++)); do
	sleep 0.5
	at=${EPOCHREALTIME/./}
	if ! leaves how=surprise; then
		note "round $i: it is still there"
	elif ! within 10 both_ways; then
		note "round $i: traffic stands still"
	else
		gone=${EPOCHREALTIME/./}
		if plug && within 30 in_use; then
			good=$((good + 1))
			note "round $i: gone after $(((gone - at) / 1000)) ms, back after $(((${EPOCHREALTIME/./} - gone) / 1000)) ms"
		else
			note "round $i: it is not used again"
		fi
	fi
done
equal "torn out at full rate, each time traffic both ways goes on and it comes back" "$good" "$pulls"
ms=$(rtnl_ms)
unwatch_rtnl
kill "$BLAST"; wait "$BLAST" 2>/dev/null; BLAST=
host_do peer.kill pid="$PEER_BLAST" >/dev/null; PEER_BLAST=
note "longest ip link: $ms ms, $pulls times"
at_least "RTNL was free meanwhile" "$RTNL_MS" "$ms"
check "by the VF" by_vf
check "VF leaves" leaves how=eject
check "eth0 stays reachable" within 10 reachable
check "its PCI function is gone" within 10 gives "$functions" pci_functions
check "nobody waits for a reference" not prints "unregister_netdevice: waiting" dmesg
finish
