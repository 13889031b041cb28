#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Native XDP: each verdict does what it says, with exact counts; what goes back or
# elsewhere arrives byte for byte; tags survive; a swap loses nothing (R45-R52;
# features.md 1.3).
#
#   generator, sink --- switch --- eth0 (programs) --- redirect --- eth1 | v0 -- v1
#                         '------- eth1
#
# runs: 6.12:ours 6.1:ours
# whole: 7.x:ours
# takes: 110 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/xdp-lib.sh"
NIC=0
my_cleanup() {
	detach eth0 2>/dev/null
	detach eth1 2>/dev/null
	ip link del v0 2>/dev/null
	tc qdisc del dev eth0 clsact 2>/dev/null
	echo 0 >/sys/kernel/tracing/events/xdp/xdp_exception/enable 2>/dev/null
	rm -f /sys/fs/bpf/*
	from_peer eth0; from_peer eth1
}

check "both NICs up" in_turn ip link set eth0 up , ip link set eth1 up , within 15 carrier_is eth0 1 , within 15 carrier_is eth1 1
check "a veth pair" in_turn ip link add v0 type veth peer name v1 , ip link set v0 up , ip link set v1 up , ethtool -K v1 gro on
check "programs" program drop count drop -- pass count pass -- tx count swap tx -- txto to="$(mac_of eth1)" tx -- \
	aborted count aborted -- none count return=77 -- tag tag=0x6005 pass -- tagtx swap tag=0x6005 tx -- \
	tagto to="$(mac_of eth1)" tag=0x6005 tx -- tail tail=-40 count pass -- grow tail=40 head=-8 count pass -- \
	behead head=20 count drop -- meta meta pass -- veth count redirect=v0 -- other count swap from=eth1 redirect=eth1 -- \
	egress devmap count swap from=eth1 pass -- devmap count devmap=eth1,egress -- oncpu cpumap count pass -- \
	cpumap count cpumap=1,oncpu

# ---- verdicts ----
was=$(stats_now)
check "drop: the program is taken" attach eth0 drop
equal "it is in driver mode" "$(ip -d link show eth0 | grep -c 'prog/xdp ')" 1
sniff eth0 4 1
inject count=5 size=60
check "drop: five sent, five counted" within 10 grew eth0 rx_queue_N_xdp_drop $((${was%% *} + 5))
becomes "drop: five and nothing else" "5 0 0" since "$was"
equal "drop: the program saw five of 60 bytes" "$(figures drop 1-3)" "5 60 300"
equal "drop: nothing reached the stack" "$(sniffed)" ""

was=$(stats_now)
check "pass: swapped in place" attach eth0 pass
sniff eth0 20 30
inject count=30 size=60-1514/50
sniffed >/dev/null
equal "pass: all sizes arrive whole" "$(grep -c good /tmp/sniff) $(grep -c bad /tmp/sniff)" "30 0"
becomes "pass: nothing is counted as anything else" "0 0 0" since "$was"
sniff eth0 20 3
inject count=3 size=100 tci=0xa007
equal "pass: the tag stays beside the frame" "$(sniffed)" "3 $((0xa007)) 100 good"
check "pass: the stack works" in_turn to_peer eth0 50 , ping -c 3 -i 0.2 -W 2 $PEER4
check "pass: full-size frames" e2e_limit 10 ping -c 2 -W 2 -M do -s 1472 $PEER4

was=$(stats_now)
check "tx" attach eth0 tx
host_do gen.reset >/dev/null
inject count=60 size=60-1514/50
equal "tx: all came back as they were" "$(back 60)" "60 lost 0 corrupt 0 reordered 0"
becomes "tx: sixty and nothing else" "0 0 60" since "$was"
host_do gen.reset >/dev/null
inject count=1 size=100 tci=0xa007
equal "tx: with a tag too" "$(back 1)" "1 lost 0 corrupt 0 reordered 0"
check "tx to the other NIC" attach eth0 txto
sniff eth1 20 3
inject count=3 size=100 tci=0xa007
equal "tx to the other NIC: with the tag it came with" "$(sniffed)" "3 $((0xa007)) 100 good"
becomes "tx: the guest completed what it got" 0 host_stat 0 outstanding_to_guest

was=$(stats_now)
trace=
if echo 1 >/sys/kernel/tracing/events/xdp/xdp_exception/enable 2>/dev/null; then
	trace=1
	echo >/sys/kernel/tracing/trace
fi
check "aborted" attach eth0 aborted
inject count=4 size=200
check "aborted: counted as dropped" within 10 grew eth0 rx_queue_N_xdp_drop $((${was%% *} + 4))
[ -z "$trace" ] || equal "aborted: traced as exceptions" "$(grep -c 'xdp_exception.*action=ABORTED' /sys/kernel/tracing/trace)" 4
check "no verdict at all" attach eth0 none
inject count=3 size=200
check "no verdict: counted as dropped" within 10 grew eth0 rx_queue_N_xdp_drop $((${was%% *} + 7))
check "no verdict: the kernel says so" within 5 sh -c "dmesg | grep -q 'Illegal XDP return value 77'"
becomes "aborted and none: seven dropped" "7 0 0" since "$was"

# ---- what programs do to a frame ----
check "a program puts a tag in" attach eth0 tag
sniff eth0 20 4
inject count=4 size=300
equal "tag: the stack sees it" "$(sniffed)" "4 $((0x6005)) 300 good"
check "the same, sent back" attach eth0 tagtx
host_do gen.reset >/dev/null
inject count=2 size=300
equal "tag sent back: beside the frame, as the host wants it" "$(back 2)" "2 lost 0 corrupt 0 reordered 0"
check "the same, to the other NIC" attach eth0 tagto
sniff eth1 20 2
inject count=2 size=300
equal "to the other NIC: with the tag put in" "$(sniffed)" "2 $((0x6005)) 300 good"
check "a program cuts the end" attach eth0 tail
inject count=2 size=300
check "tail: it is shorter" within 10 gives "2 260" figures tail 1-2
check "a program makes it longer" attach eth0 grow
inject count=2 size=300
check "longer at both ends" within 10 gives "2 348" figures grow 1-2
check "a program cuts the beginning" attach eth0 behead
inject count=2 size=300
check "head: it is shorter" within 10 gives "2 280" figures behead 1-2
if [ "$DRIVER" = stock ]; then
	skip "metadata" "stock has no room for it"
else
	check "a program leaves word for the next one" in_turn attach eth0 meta , e2e_limit 60 python3 "$XDP" tc tc , \
		tc qdisc add dev eth0 clsact , tc filter add dev eth0 ingress bpf direct-action object-pinned /sys/fs/bpf/tc
	tcdrops() { tc -s qdisc show dev eth0 | sed -n '/clsact/,$s/.*dropped \([0-9]*\),.*/\1/p' | tail -n 1; }
	before=$(tcdrops)
	inject count=3 size=60
	inject count=3 size=1000
	metadata_came() { [ $(($(tcdrops) - before)) -ge 6 ]; }
	check "metadata: the classifier finds it, in small and large ones" within 10 metadata_came
	tc qdisc del dev eth0 clsact
fi

# ---- elsewhere ----
was=$(stats_now)
check "redirect to veth" attach eth0 veth
sniff v1 20 20
inject count=20 size=60-1514/50
sniffed >/dev/null
equal "redirect: all of them arrive there" "$(grep -c good /tmp/sniff) $(grep -c bad /tmp/sniff)" "20 0"
becomes "redirect: twenty counted" "0 20 0" since "$was"
was=$(stats_now)
check "redirect to the other NIC" attach eth0 other
xmit=$(counter eth1 tx_queue_N_xdp_xmit)
host_do gen.reset >/dev/null
inject count=60 size=60-1514/50
equal "other NIC: all come back through it" "$(back 60)" "60 lost 0 corrupt 0 reordered 0"
becomes "other NIC: counted here" "0 60 0" since "$was"
becomes "other NIC: counted there" $((xmit + 60)) counter eth1 tx_queue_N_xdp_xmit
check "the same through a map, with a program behind it" attach eth0 devmap
host_do gen.reset >/dev/null
inject count=20 size=100
equal "map: all come back" "$(back 20)" "20 lost 0 corrupt 0 reordered 0"
equal "map: the program behind saw all" "$(figure egress 0)" 20
check "redirect to another CPU" attach eth0 cpumap
sniff eth0 20 10
inject count=10 size=100
equal "CPU: all arrive" "$(sniffed)" "10 - 100 good"
equal "CPU: the program there saw all" "$(figure oncpu 0)" 10
was=$(stats_now)
ip link set eth1 down
check "redirect to a NIC that is down" attach eth0 other
inject count=3 size=100
check "down: counted, not lost sight of" within 10 prints '^(3 0 0|0 3 0)$' since "$was"
ip link set eth1 up

# ---- swaps ----
if [ "$DRIVER" = ours ]; then
	check "a swap loses nothing: pass under way" attach eth0 pass
	within 15 carrier_is eth0 1
	rounds=$(e2e_times 20)
	sniff eth0 60 300
	(for _ in $(seq "$rounds"); do detach eth0; attach eth0 pass; done) &
	swapper=$!
	for _ in 1 2 3 4 5 6; do inject count=50 size=100; sleep 0.3; done
	wait "$swapper"
	equal "swap: all 300 arrived" "$(sniffed)" "300 - 100 good"
fi
check "off" detach eth0
was=$(stats_now)
sniff eth0 20 5
inject count=5 size=100
equal "off: frames reach the stack" "$(sniffed)" "5 - 100 good"
becomes "off: nothing is counted" "0 0 0" since "$was"
if [ "$DRIVER" = ours ]; then
	becomes "sums agree with the queues" "$(stats_now)" counts eth0 rx_xdp_drop rx_xdp_redirect rx_xdp_tx
fi
finish
