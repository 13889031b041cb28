#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Echo between two NICs in two namespaces, and with an IP stack that is not the
# guest's own.
#
#   ns a: eth0 10.9.0.1 --- switch --- eth1 10.9.0.2 :ns b
#                              |
#                            peer 192.168.77.1
#
# runs: 6.12:ours 6.1:ours 7.x:ours 6.12:stock 6.1:stock
# whole: debug:ours
# takes: 35 s, debug 130 s

. "$(dirname "$0")/lib.sh"

check "two NICs in two namespaces see each other" pair
for size in 0 56 1472 4000 20000; do
	check "IPv4, $size bytes" e2e_limit 15 ip netns exec a ping -c 3 -i 0.2 -s $size $B4
	check "IPv6, $size bytes" e2e_limit 15 ip netns exec a ping -c 3 -i 0.2 -s $size $B6
done
check "the largest frame is not fragmented" e2e_limit 10 ip netns exec a ping -c 2 -M do -s 1472 $B4
check "one byte more is refused by the MTU" not ip netns exec a ping -c 1 -W 1 -M do -s 1473 $B4
check "multicast: all nodes answer" \
	prints 'bytes from' e2e_limit 10 ip netns exec a ping -c 2 ff02::1%eth0
unpair
check "eth0 reaches the peer" to_peer eth0 10
check "peer, IPv4" e2e_limit 15 ping -c 3 -i 0.2 -s 1472 $PEER4
check "peer, IPv6" e2e_limit 15 ping -c 3 -i 0.2 -s 1452 $PEER6
check "the peer reaches eth0, IPv4" host_do peer -- ping -c 2 -W 3 192.168.77.10
check "the peer reaches eth0, IPv6" host_do peer -- ping -c 2 -W 3 fd77::10
check "flood of 500 echoes comes back" \
	prints ' 0% packet loss' e2e_limit 60 ping -f -c 500 -s 200 $PEER4
from_peer eth0
finish
