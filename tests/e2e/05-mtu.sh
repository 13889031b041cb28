#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# MTU changes: the new size works end to end, nonsense is refused, settings and
# counters survive (R73, R74, R77; users.md 13, 19).
#
# runs: 6.12:ours 6.12:stock
# whole: 6.1:ours debug:ours 6.1:stock debug-7.x:ours
# takes: 25 s, debug 100 s

. "$(dirname "$0")/lib.sh"

check "two NICs in two namespaces see each other" pair
tx_packets() { ip netns exec a cat /sys/class/net/eth0/statistics/tx_packets; }
before=$(tx_packets)
for mtu in 1400 9000 1500; do
	check "MTU $mtu on both NICs" in_turn in_a ip link set eth0 mtu $mtu , in_b ip link set eth1 mtu $mtu
	# The interfaces were not taken down by it: addresses and routes are still there.
	check "MTU $mtu: traffic goes on" within 15 in_a ping -c 1 -W 1 $B4
	check "MTU $mtu: the largest frame passes whole" \
		e2e_limit 15 ip netns exec a ping -c 2 -M do -s $((mtu - 28)) $B4
	check "MTU $mtu: IPv6 too" e2e_limit 15 ip netns exec a ping -c 2 -s $((mtu - 48)) $B6
	equal "MTU $mtu: shown" "$(in_a cat /sys/class/net/eth0/mtu)" $mtu
done
after=$(tx_packets)
if [ "$DRIVER" = ours ] || [ "$after" -ge "$before" ]; then
	at_least "counters do not go backwards over a reconfiguration" "$after" "$before"
else
	not_ok "counters do not go backwards over a reconfiguration"
fi
check "MTU 67 is refused" not in_a ip link set eth0 mtu 67
check "MTU 65522 is refused" not in_a ip link set eth0 mtu 65522
check "still passes traffic after the refusals" e2e_limit 10 ip netns exec a ping -c 1 -W 3 $B4
finish
