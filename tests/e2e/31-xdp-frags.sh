#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs and long frames: at which MTU and with LRO which program is taken, what
# refuses says so and has changed nothing; frames of several buffers reach a program
# whole, at any MTU that the host grants (R44, R48, R51; features.md 1.6).
#
#   generator, sink --- switch --- ethN (rsc=on, programs)
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 80 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/xdp-lib.sh"
my_cleanup() {
	host_do fault.clear >/dev/null
	ip link set dev "$DEV" xdpdrv off 2>/dev/null
	ip link del v0 2>/dev/null
	ip link set eth1 mtu 1500 down
	rm -f /sys/fs/bpf/*
}
host_lro() { [ "$(lro)" = on ] && host_rsc true; }
lro() { ethtool -k "$DEV" | sed -n 's/^large-receive-offload: //p' | cut -d' ' -f1; }
gro_hw() { ethtool -k "$DEV" | sed -n 's/^rx-gro-hw: //p' | cut -d' ' -f1; }
mtu() { ip link set "$DEV" mtu "$1"; }
mtu_is() { [ "$(cat "/sys/class/net/$DEV/mtu")" = "$1" ]; }
opens() { host_stat "$NIC" opens; }
# The last four bytes of the numbered frame 0 of a length, as a number.
tail_of() {
	local i n=0
	for i in 4 3 2 1; do n=$((n << 8 | (($1 - i) * 7 & 255))); done
	echo $n
}

check "a NIC of a host that coalesces" add_nic rsc=on queues=2
check "it is up" in_turn ip link set $DEV up , within 15 carrier_is $DEV 1
ethtool -K "$DEV" gro off
check "programs: plain, frags" in_turn ip link add v0 mtu 9000 type veth peer name v1 mtu 9000 , program plain count pass -- \
	frags frags count last pass -- ftx frags count swap tx -- fttx frags swap tag=7 tx -- ftail frags tail=-5000 count pass -- \
	fgrow frags tail=100 count pass -- fstore frags count store last pass -- fdrop frags count drop -- fveth frags redirect=v0 -- \
	fother frags count swap from=eth1 redirect=eth1

# ---- who is taken ----
equal "LRO is on" "$(lro)" on
before=$(opens)
check "plain with LRO: refused, as stock says it" said "not support LRO" attach "$DEV" plain
equal "nothing has changed" "$(mode) $(lro)" "0 on"
ethtool -K "$DEV" lro off
check "plain without LRO: taken" attach "$DEV" plain
ethtool -K "$DEV" lro on >/dev/null 2>&1
equal "LRO stays off under it" "$(lro)" off
detach "$DEV"
[ "$DRIVER" = stock ] || check "it comes with the program's end, for somebody wants it" within 5 host_lro
ethtool -K "$DEV" lro off	# nobody wants it any more
if [ "$DRIVER" = ours ]; then
	ethtool -K "$DEV" rx-gro-hw on
	check "plain with rx-gro-hw: refused" said "not support rx-gro-hw" attach "$DEV" plain
	check "frags with rx-gro-hw: taken" attach "$DEV" frags
	check "frags with rx-gro-hw: the host coalesces" host_rsc true
	detach "$DEV"
	ethtool -K "$DEV" rx-gro-hw off
	check "plain without rx-gro-hw: taken" attach "$DEV" plain
	ethtool -K "$DEV" rx-gro-hw on >/dev/null 2>&1
	equal "rx-gro-hw stays off under it" "$(gro_hw)" off
	detach "$DEV"
	check "rx-gro-hw comes with the program's end" in_turn within 5 gives on gro_hw , within 5 host_rsc true
	ethtool -K "$DEV" rx-gro-hw off
fi
mtu 9000
check "plain at MTU 9000: refused" said "mtu too large" attach "$DEV" plain
mtu 3506
check "plain at MTU 3506: taken" attach "$DEV" plain
opened=$(opens)
check "MTU 3507 under it: refused" said . mtu 3507
check "and the old one is in force" mtu_is 3506
equal "without a new attachment" "$(opens)" "$opened"
was=$(figure plain 0)
inject count=1 size=3520
check "the longest frame it can see" within 10 gives 3520 figure plain 1
equal "it saw one" "$(($(figure plain 0) - was))" 1

if [ "$DRIVER" = stock ]; then
	skip "frags" "stock knows none"
	finish
fi

# ---- frames of several buffers ----
check "plain is replaced by frags" attach "$DEV" frags
check "MTU 9000 under it" in_turn mtu 9000 , mtu_is 9000
check "it is in force on the new attachment" test "$(mode)" = 1
for size in 60 3520 3521 3522 5000 7616 7617 9014; do
	sniff "$DEV" 20 1
	inject count=1 size=$size
	equal "frags, $size bytes: whole for the stack" "$(sniffed)" "1 - $size good"
	equal "frags, $size bytes: whole for the program" "$(figures frags 2,4)" "$size $(tail_of $size)"
done
check "sent back" attach "$DEV" ftx
host_do gen.reset >/dev/null
inject count=20 size=60-9014/900
equal "sent back: all as they were, long ones by their pages" "$(back 20)" "20 lost 0 corrupt 0 reordered 0"
check "sent back with a tag" attach "$DEV" fttx
host_do gen.reset >/dev/null
inject count=2 size=9000
inject count=2 size=500
equal "sent back with a tag: all" "$(host_figures received corrupt -- gen.expect count=4 timeout=$((8000 * SLOW)))" "4 0"
check "the end is cut" attach "$DEV" ftail
inject count=2 size=9000
check "the end is cut: buffers go" within 10 gives "2 4000" figures ftail 1-2
check "the end grows" attach "$DEV" fgrow
inject count=2 size=9000
check "the end grows: within its last buffer" within 10 gives "2 9100" figures fgrow 1-2
check "written to" attach "$DEV" fstore
sniff "$DEV" 20 1
inject count=1 size=9000
equal "written to: the stack finds other bytes" "$(sniffed)" "1 - 9000 bad"
equal "written to: the program finds its own" "$(figures fstore 2,4)" "9000 $((0x6e657476))"
check "dropped" attach "$DEV" fdrop
drops=$(counter "$DEV" rx_queue_N_xdp_drop)
inject count=300 size=9000 burst=8
check "dropped: 300, with buffers that come back" within 15 grew "$DEV" rx_queue_N_xdp_drop $((drops + 300))
equal "dropped: no more than that" "$(counter "$DEV" rx_queue_N_xdp_drop)" $((drops + 300))
check "a queue less" ethtool -L "$DEV" combined 1
check "and one more" in_turn ethtool -L $DEV combined 2 , within 10 test -d /sys/class/net/$DEV/queues/rx-1
drops=$(counter "$DEV" rx_queue_1_xdp_drop)
inject count=5 size=9000 queue=1
becomes "in force on a queue that comes" $((drops + 5)) counter "$DEV" rx_queue_1_xdp_drop
if grep -q xdp_set_features_flag /proc/kallsyms; then
	check "redirect of long ones to veth" in_turn ip link set v0 up , ip link set v1 up , ethtool -K v1 gro on , attach $DEV fveth
	was=$(counts "$DEV" rx_xdp_redirect rx_xdp_drop rx_no_memory)
	sniff v1 20 6
	inject count=6 size=9000
	equal "redirect: they arrive" "$(sniffed)" "6 - 9000 good" ||
		note "redirected, dropped, no memory: $was before, $(counts "$DEV" rx_xdp_redirect rx_xdp_drop rx_no_memory) after"
	check "redirect of long ones to another NIC" in_turn ip link set eth1 mtu 9000 up , within 15 carrier_is eth1 1 , attach $DEV fother
	host_do gen.reset >/dev/null
	inject count=20 size=60-9014/900
	equal "other NIC: all come back through it, long ones by their pages" "$(back 20)" "20 lost 0 corrupt 0 reordered 0"
	ip link set eth1 mtu 1500 down
else
	skip "redirect of long ones" "the core of this kernel refuses frames of several buffers"
fi
ip link del v0

# ---- the largest MTU ----
for lro in off on; do
	ethtool -K "$DEV" lro "$lro"
	check "LRO $lro: MTU 9202 under frags" in_turn attach $DEV frags , mtu 9202 , mtu_is 9202 , within 15 carrier_is $DEV 1
	sniff "$DEV" 20 5
	inject count=4 size=60-9216/2000
	inject count=1 size=9216
	sniffed >/dev/null
	equal "LRO $lro: frames pass whole" "$(grep -c good /tmp/sniff) $(grep -c bad /tmp/sniff)" "5 0"
	equal "LRO $lro: the program saw the longest" "$(figures frags 2,4)" "9216 $(tail_of 9216)"
done
# Beyond 9202 the host answers with its least (netvsc-wire.md 3.7): what was in force stays, and so does the program.
check "MTU 65521: refused" not mtu 65521
check "MTU 65521: the old one stays" within 10 mtu_is 9202
equal "and the program is in force" "$(mode)" 1
was=$(figure frags 0)
inject count=5 size=1514
check "it sees the frames" within 10 gives $((was + 5)) figure frags 0
check "off" detach "$DEV"
becomes "every transaction was completed" 0 host_stat "$NIC" outstanding_to_guest
finish
