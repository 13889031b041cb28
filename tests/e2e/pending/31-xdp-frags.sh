#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs and long frames: at which MTU and with LRO which program is taken, what
# refuses says so and has changed nothing; frames of several buffers and the host's
# coalesced ones reach a program whole (R44, R48, R51; features.md 1.6).
#
#   generator, sink --- switch --- ethN (rsc=on, programs)

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../xdp-lib.sh"
my_cleanup() {
	host fault.clear >/dev/null
	ip link set dev "$DEV" xdpdrv off 2>/dev/null
	ip link del v0 2>/dev/null
	rm -f /sys/fs/bpf/*
}
host_lro() { [ "$(lro)" = on ] && host_rsc true; }
lro() { ethtool -k "$DEV" | sed -n 's/^large-receive-offload: //p' | cut -d' ' -f1; }
host_rsc() { [ "$(stat "$NIC" offloads.rsc4)" = "$1" ]; }
mode() { ip -d link show "$DEV" | grep -c 'prog/xdp '; }
# said TEXT COMMAND...: it fails, with that text.
said() {
	local text=$1
	shift
	! "$@" >/tmp/said 2>&1 && grep -q "$text" /tmp/said
}
mtu() { ip link set "$DEV" mtu "$1"; }
mtu_is() { [ "$(cat "/sys/class/net/$DEV/mtu")" = "$1" ]; }
opens() { stat "$NIC" opens; }
# The last four bytes of the numbered frame 0 of a length, as a number.
tail_of() {
	local i n=0
	for i in 4 3 2 1; do n=$((n << 8 | (($1 - i) * 7 & 255))); done
	echo $n
}
trains() {
	rm -f /tmp/trains
	python3 "$FRAMES" trains "$DEV" $((12 * SLOW)) "$1" >/tmp/trains &
	SNIFFER=$!
	within 15 grep -q ready /tmp/trains
}
trained() { ended "$SNIFFER"; sed 1d /tmp/trains | sort | uniq -c | awk '{ printf "%s%s", sep, $1 " x " $2 " " $3 " " $4; sep = ", " }'; }
train() { host gen.tcp nic="$NIC" "$@" >/dev/null; }

check "a NIC of a host that coalesces" add_nic rsc=on
check "it is up" eval "ip link set $DEV up && within 15 carrier_is $DEV 1"
ethtool -K "$DEV" gro off
check "programs: plain, frags" eval "program plain count pass && program frags frags count last pass &&
	program ptrain proto=800 count pass && program ftrain frags proto=800 count last pass"

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
check "the longest frame it can see" within 10 eval '[ "$(figure plain 1)" = 3520 ]'
equal "it saw one" "$(($(figure plain 0) - was))" 1

if [ "$DRIVER" = stock ]; then
	skip "frags" "stock knows none"
	finish
fi

# ---- frames of several buffers ----
check "plain is replaced by frags" attach "$DEV" frags
check "MTU 9000 under it" eval "mtu 9000 && mtu_is 9000"
check "it is in force on the new attachment" test "$(mode)" = 1
for size in 60 3520 3521 3522 5000 7616 7617 9014; do
	sniff "$DEV" 20 1
	inject count=1 size=$size
	equal "frags, $size bytes: whole for the stack" "$(sniffed)" "1 - $size good"
	equal "frags, $size bytes: whole for the program" "$(figure frags 1) $(figure frags 3)" "$size $(tail_of $size)"
done
check "sent back" put_on "$DEV" ftx frags count swap tx
host gen.reset >/dev/null
inject count=20 size=60-9014/900
equal "sent back: all as they were, long ones by their pages" "$(back 20)" "20 lost 0 corrupt 0 reordered 0"
check "sent back with a tag" put_on "$DEV" fttx frags swap tag=7 tx
host gen.reset >/dev/null
inject count=2 size=9000
inject count=2 size=500
equal "sent back with a tag: all" "$(host gen.expect count=4 timeout=$((8000 * SLOW)) | jq -r '"\(.received) \(.corrupt)"')" "4 0"
check "the end is cut" put_on "$DEV" ftail frags tail=-5000 count pass
inject count=2 size=9000
check "the end is cut: buffers go" within 10 eval '[ "$(figure ftail 0) $(figure ftail 1)" = "2 4000" ]'
check "dropped" put_on "$DEV" fdrop frags count drop
drops=$(counter "$DEV" rx_queue_N_xdp_drop)
inject count=300 size=9000 burst=8
check "dropped: 300, with buffers that come back" within 15 grew "$DEV" rx_queue_N_xdp_drop $((drops + 300))
equal "dropped: no more than that" "$(counter "$DEV" rx_queue_N_xdp_drop)" $((drops + 300))
check "redirect of long ones to veth" eval "ip link add v0 type veth peer name v1 && ip link set v0 mtu 9000 up &&
	ip link set v1 mtu 9000 up && ethtool -K v1 gro on && put_on $DEV fveth frags redirect=v0"
was=$(counts "$DEV" rx_xdp_redirect rx_xdp_drop rx_no_memory)
sniff v1 20 6
inject count=6 size=9000
equal "redirect: they arrive" "$(sniffed)" "6 - 9000 good" ||
	note "redirected, dropped, no memory: $was before, $(counts "$DEV" rx_xdp_redirect rx_xdp_drop rx_no_memory) after"
ip link del v0

# ---- coalesced frames ----
mtu 1500
check "frags with LRO" eval "attach $DEV ftrain && ethtool -K $DEV lro on && within 5 host_rsc true"
trains 3
train count=3 segs=45
equal "aggregates of 45 segments pass whole" "$(trained)" "3 x $((66 + 45 * 1448)) 1448 good"
equal "the program saw each as one frame" "$(figure ftrain 0) $(figure ftrain 1)" "3 $((66 + 45 * 1448))"
trains 8
train count=8 segs=7 flows=4 burst=8
equal "several in one packet" "$(trained)" "8 x $((66 + 7 * 1448)) 1448 good"
check "a plain one is refused still" said "not support LRO" attach "$DEV" ptrain
equal "and the one before it is in force" "$(mode)" 1
for fault in no_last first_again split; do
	host fault.set name=rsc.$fault nic="$NIC" count=1 >/dev/null
	seen=$(figure ftrain 0)
	trains 1
	train segs=6
	host fault.clear >/dev/null
	train segs=4
	equal "rsc.$fault: the next one comes through" "$(trained)" "1 x $((66 + 4 * 1448)) 1448 good"
	equal "rsc.$fault: no piece reached the program" "$(($(figure ftrain 0) - seen))" 1
done
check "sent back" put_on "$DEV" ltx frags proto=800 count swap tx
lost=$(counter "$DEV" tx_xdp_dropped)
train count=2 segs=20
check "an aggregate cannot be sent back: dropped, counted" within 10 grew "$DEV" tx_xdp_dropped $((lost + 2))

# The host was told, but what is under way does not know: plain sees whole frames or none.
check "plain after LRO" eval "ethtool -K $DEV lro off && attach $DEV ptrain"
seen=$(figure ptrain 0)
trains 10
train segs=10
equal "LRO off: the segments one by one" "$(trained)" "10 x 1514 0 good"
equal "LRO off: the program saw ten" "$(($(figure ptrain 0) - seen))" 10
equal "LRO off: of 1514 bytes" "$(figure ptrain 1)" 1514
# What the host had coalesced before it heard.
host fault.set name=rsc.late nic="$NIC" >/dev/null
seen=$(figure ptrain 0)
long=$(counter "$DEV" rx_xdp_too_long)
trains 1
train segs=10
check "one under way, longer than a buffer: dropped whole, counted" within 10 grew "$DEV" rx_xdp_too_long $((long + 1))
train segs=2
equal "one under way that fits: whole for the stack, and nothing of the other" "$(trained)" "1 x $((66 + 2 * 1448)) 1448 good"
equal "the program saw that one alone" "$(($(figure ptrain 0) - seen)) $(figure ptrain 1)" "1 $((66 + 2 * 1448))"
check "frags in its place" attach "$DEV" ftrain
seen=$(figure ftrain 0)
trains 1
train segs=45
equal "one under way: whole for the stack" "$(trained)" "1 x $((66 + 45 * 1448)) 1448 good"
equal "the program saw it as one frame" "$(($(figure ftrain 0) - seen)) $(figure ftrain 1)" "1 $((66 + 45 * 1448))"
host fault.clear >/dev/null

# ---- the largest MTU ----
for lro in off on; do
	ethtool -K "$DEV" lro "$lro"
	check "LRO $lro: MTU 65521 under frags" eval "attach $DEV frags && mtu 65521 && mtu_is 65521 && within 15 carrier_is $DEV 1"
	sniff "$DEV" 20 10
	inject count=10 size=60-9300/900
	sniffed >/dev/null
	equal "LRO $lro: frames pass whole" "$(grep -c good /tmp/sniff) $(grep -c bad /tmp/sniff)" "10 0"
	check "LRO $lro: back to 1500" eval "mtu 1500 && mtu_is 1500 && within 15 carrier_is $DEV 1"
done
check "off" detach "$DEV"
becomes "every transaction was completed" 0 stat "$NIC" outstanding_to_guest
finish
