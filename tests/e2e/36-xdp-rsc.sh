#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs and the host's coalesced frames: one that knows frags sees each as one
# frame; none ever sees a piece; those that were under way when LRO was turned off are
# whole or dropped (R44, R48, R51; features.md 1.6).
#
#   generator --- switch --- ethN (rsc=on, programs)
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 55 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/xdp-lib.sh"
my_cleanup() {
	host_do fault.clear >/dev/null
	[ -z "${DEV-}" ] || ip link set dev "$DEV" xdpdrv off 2>/dev/null
	rm -f /sys/fs/bpf/*
}
train() { host_do gen.tcp nic="$NIC" "$@" >/dev/null; }

if [ "$DRIVER" = stock ]; then
	skip "frags" "stock knows none"
	finish
fi
check "a NIC of a host that coalesces" add_nic rsc=on
check "it is up" in_turn ip link set $DEV up , within 15 carrier_is $DEV 1
ethtool -K "$DEV" gro off
check "programs: plain, frags" program ptrain proto=800 count pass -- ftrain frags proto=800 count pass -- ltx frags proto=800 count swap tx

# ---- coalesced frames ----
check "frags with LRO" in_turn attach $DEV ftrain , ethtool -K $DEV lro on , within 5 host_rsc true
trains "$DEV" 12 3
train count=3 segs=45
equal "aggregates of 45 segments pass whole" "$(trained)" "3 x $((66 + 45 * 1448)) 1448 good"
equal "the program saw each as one frame" "$(figures ftrain 1-2)" "3 $((66 + 45 * 1448))"
trains "$DEV" 12 8
train count=8 segs=7 flows=4 burst=8
equal "several in one packet" "$(trained)" "8 x $((66 + 7 * 1448)) 1448 good"
check "a plain one is refused still" said "not support LRO" attach "$DEV" ptrain
equal "and the one before it is in force" "$(mode)" 1
for fault in no_last first_again split; do
	host_do fault.set name=rsc.$fault nic="$NIC" count=1 >/dev/null
	seen=$(figure ftrain 0)
	trains "$DEV" 12 1
	train segs=6
	host_do fault.clear >/dev/null
	train segs=4
	equal "rsc.$fault: the next one comes through" "$(trained)" "1 x $((66 + 4 * 1448)) 1448 good"
	equal "rsc.$fault: no piece reached the program" "$(($(figure ftrain 0) - seen))" 1
done
check "sent back" attach "$DEV" ltx
lost=$(counter "$DEV" tx_xdp_dropped)
train count=2 segs=20
check "an aggregate cannot be sent back: dropped, counted" within 10 grew "$DEV" tx_xdp_dropped $((lost + 2))

# The host was told, but what is under way does not know: plain sees whole frames or none.
check "plain after LRO" in_turn ethtool -K $DEV lro off , attach $DEV ptrain
seen=$(figure ptrain 0)
trains "$DEV" 12 10
train segs=10
equal "LRO off: the segments one by one" "$(trained)" "10 x 1514 0 good"
equal "LRO off: the program saw ten" "$(($(figure ptrain 0) - seen))" 10
equal "LRO off: of 1514 bytes" "$(figure ptrain 1)" 1514
# What the host had coalesced before it heard.
host_do fault.set name=rsc.late nic="$NIC" >/dev/null
seen=$(figure ptrain 0)
long=$(counter "$DEV" rx_xdp_too_long)
trains "$DEV" 12 1
train segs=10
check "one under way, longer than a buffer: dropped whole, counted" within 10 grew "$DEV" rx_xdp_too_long $((long + 1))
train segs=2
equal "one under way that fits: whole for the stack, and nothing of the other" "$(trained)" "1 x $((66 + 2 * 1448)) 1448 good"
equal "the program saw that one alone" "$(($(figure ptrain 0) - seen)) $(figure ptrain 1)" "1 $((66 + 2 * 1448))"
# A wish that the program was in the way of, and that the host refuses when it has gone.
host_do fault.clear nic="$NIC" >/dev/null
ethtool -K "$DEV" lro on >/dev/null 2>&1
host_do fault.set name=rndis.refuse nic="$NIC" what=set oid=0xfc01020c count=1 >/dev/null
check "a program goes, LRO was wanted" in_turn detach $DEV , within 5 gives 1 hits rndis.refuse
check "refused once, it comes" within 30 host_rsc true
check "off" in_turn ethtool -K $DEV lro off , within 5 host_rsc false
host_do fault.clear nic="$NIC" >/dev/null
host_do fault.set name=rsc.late nic="$NIC" >/dev/null
check "frags in its place" attach "$DEV" ftrain
seen=$(figure ftrain 0)
trains "$DEV" 12 1
train segs=45
equal "one under way: whole for the stack" "$(trained)" "1 x $((66 + 45 * 1448)) 1448 good"
equal "the program saw it as one frame" "$(($(figure ftrain 0) - seen)) $(figure ftrain 1)" "1 $((66 + 45 * 1448))"
host_do fault.clear >/dev/null
check "off" detach "$DEV"
becomes "every transaction was completed" 0 host_stat "$NIC" outstanding_to_guest
finish
