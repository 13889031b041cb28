#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Sleep: the machine goes as far towards hibernation as freezing all devices and comes
# back (pm_test); bus and NICs are given up and taken up again, with settings, counters
# and traffic as before (R81).
#
#   eth0, eth1 --- switch --- peer
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 90 s

. "$(dirname "$0")/lib.sh"
state() {
	ethtool -g eth0
	ethtool -l eth0
	ethtool -x eth0
	ethtool -k eth0
	ip -d -o link show eth0 | sed 's/ qlen.*//'
	host_do stats nic=0 | jq -c '{link, mac, mtu, filter, channels, rss, offloads}'
} 2>&1
packets() { cat /sys/class/net/eth0/statistics/rx_packets; }

if ! e2e_can_sleep; then
	skip "sleep" "this kernel is built without hibernation"
	finish
fi
check "eth0 reaches the peer" to_peer eth0 10
[ "$(nproc)" = 1 ] || within 10 gives "$(nproc)" host_stat 0 channels
ip link set eth0 mtu 2000
ethtool -G eth0 rx 3000 >/dev/null
ping -c 3 -i 0.1 -q $PEER4 >/dev/null
before=$(state) opens=$(host_stat 0 opens) count=$(packets)
check "to sleep and awake again" e2e_sleep
at_least "the host saw the channel close and open" "$(host_stat 0 opens)" $((opens + 1))
check "eth0: traffic" within 20 ping -c 1 -W 1 $PEER4
check "eth0: its channels" within 20 gives "$before" state
equal "eth0: all settings read as before" "$(diff <(echo "$before") <(state))" ""
at_least "eth0: counters go on" "$(packets)" "$count"
check "eth0: server at the peer" serve_peer
check "eth0: TCP" e2e_limit 40 python3 "$TRAFFIC" tcp $PEER4 $((200000 / SLOW))
unserve_peer
ethtool -G eth0 rx 9289 >/dev/null
ip link set eth0 mtu 1500
from_peer eth0
check "eth1, which was down, reaches the peer" to_peer eth1 11
from_peer eth1

# A host that has still to answer a close: after a sleep nobody would.
check "late: a NIC" add_nic
check "late: carries packets" to_peer "$DEV" 45
host_do fault.set nic="$NIC" name=vmbus.delay ms=40000 count=1 what=teardown >/dev/null
check "late: no sleep" not e2e_sleep
check "late: the answer is taken in the end" within 60 gives 0 cat /sys/module/hv_netvsc/refcnt
check "late: attached again" within 60 ping -I "$DEV" -c 1 -W 1 $PEER4
check "late: to sleep and awake again" e2e_sleep
check "late: traffic" within 20 ping -I "$DEV" -c 1 -W 1 $PEER4
check "late: eth0 carries packets" to_peer eth0 10
from_peer eth0
from_peer "$DEV"
remove_nics
finish
