#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What others wrote for XDP: the tools of Debian's package xdp-tools do on our NIC what
# they are for. The package ships tools alone, none of its project's tests.
#
#   generator, sink --- switch --- eth0 (tool) --- redirect --- eth1
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 45 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/xdp-lib.sh"
NIC=0
OBJECTS=/usr/lib/x86_64-linux-gnu/bpf
my_cleanup() {
	[ -z "${TOOL-}" ] || kill "$TOOL" 2>/dev/null
	xdp-filter unload -a >/dev/null 2>&1
	xdp-loader unload -a eth0 >/dev/null 2>&1
	detach eth0 2>/dev/null
	rm -rf /sys/fs/bpf/* 2>/dev/null
	from_peer eth0; from_peer eth1
}
in_driver() { ip -d link show eth0 | grep -q 'prog/xdp '; }
is_free() { ! ip -d link show eth0 | grep -q 'prog/xdp'; }
# tool COMMAND...: in the background until it says that it works on eth0: its map is filled after its program is
# there. Its words are in /tmp/tool.
tool() {
	: >/tmp/tool
	stdbuf -oL "$@" >/tmp/tool 2>&1 &
	TOOL=$!
	within 60 grep -qE "(on|from) eth0 " /tmp/tool && in_driver
}
# ends: interrupted like from a terminal, it takes its program with it.
ends() {
	kill -INT "$TOOL" && within 30 not kill -0 $TOOL && within 10 is_free
}
# seen: a frame has left by eth0.
seen() {
	host_do gen.reset >/dev/null
	python3 "$FRAMES" numbered eth0 1 60
	[ "$(back 1)" = "1 lost 0 corrupt 0 reordered 0" ]
}
drops() { counter eth0 rx_queue_N_xdp_drop; }
# filtered: what xdp-filter says that it dropped.
filtered() { xdp-filter status | awk '$1 == "XDP_DROP" { print $2 }'; }

if [ "$DRIVER" = stock ]; then
	skip "tools" "the driver's own figures are looked at, which stock does not have all"
	finish
fi
if [ ! -e /sys/kernel/btf/vmlinux ]; then
	skip "tools" "this kernel is built without BTF, which they find the kernel's functions by"
	finish
fi
check "both NICs up" in_turn ip link set eth0 up , ip link set eth1 up , within 15 carrier_is eth0 1 , within 15 carrier_is eth1 1
# ---- xdp-bench ----
# Before anybody knows eth0: what comes meanwhile (a neighbour is asked for again after five seconds) leaves by eth1
# with the address of eth0, and to the switch that one has moved.
check "xdp-bench drop" tool xdp-bench drop eth0
was=$(drops)
inject count=50 size=60-1514/50
# It drops what others send to eth0 as well.
check "drop: fifty" within 10 grew eth0 rx_queue_N_xdp_drop $((was + 50))
check "drop: ends" ends
check "xdp-bench tx" tool xdp-bench tx -p swap-macs eth0
host_do gen.reset >/dev/null
inject count=50 size=60-1514/50
equal "tx: all came back" "$(back 50)" "50 lost 0 corrupt 0 reordered 0"
check "tx: ends" ends
for kind in redirect redirect-map; do
	check "xdp-bench $kind" tool xdp-bench $kind eth0 eth1
	check "$kind: the switch knows where eth0 is" seen
	host_do gen.reset >/dev/null
	inject count=50 size=60-1514/50
	equal "$kind: all came back through the other NIC" "$(back 50)" "50 lost 0 corrupt 0 reordered 0"
	check "$kind: ends" ends
done

# ---- xdp-filter ----
check "the peer is reached" to_peer eth0 10
check "xdp-filter: loaded" e2e_limit 60 xdp-filter load -m native eth0
check "xdp-filter: in driver mode" in_driver
check "xdp-filter: the peer is reached through it" within 10 ping -c 1 -W 1 $PEER4
check "xdp-filter: a source is refused" e2e_limit 30 xdp-filter ether -m src 02:00:00:00:00:99
was=$(drops)
inject count=7 size=100 src=02:00:00:00:00:99
becomes "xdp-filter: seven are dropped" $((was + 7)) drops
equal "xdp-filter: it says so itself" "$(filtered)" 7
check "xdp-filter: others pass" e2e_limit 10 ping -c 1 -W 3 $PEER4

# ---- xdpdump, beside it ----
: >/tmp/tool
stdbuf -oL xdpdump -i eth0 --rx-capture entry,exit -x >/tmp/tool 2>&1 &
TOOL=$!
check "xdpdump: listens" within 60 grep -q "listening on eth0" /tmp/tool
inject count=3 size=100 src=02:00:00:00:00:99
seen_of() { grep -c "@$1.*packet size 100 bytes" /tmp/tool; }
come_and_gone() { gives 3 seen_of entry && gives 3 seen_of exit; }
check "xdpdump: sees three come and go" within 20 come_and_gone
check "xdpdump: and that they are dropped" gives 3 grep -c "@exit\[DROP\]" /tmp/tool
kill -INT "$TOOL"
check "xdpdump: ends" within 30 not kill -0 $TOOL
check "xdp-filter: unloaded" e2e_limit 60 xdp-filter unload eth0
check "xdp-filter: nothing is left" within 10 is_free

# ---- xdp-loader ----
check "xdp-loader: two programs one after the other" e2e_limit 90 xdp-loader load -m native -p /sys/fs/bpf eth0 \
	$OBJECTS/xdpfilt_alw_eth.o $OBJECTS/xdpfilt_alw_ip.o
check "xdp-loader: in driver mode" in_driver
equal "xdp-loader: it says so itself" "$(xdp-loader status eth0 | grep -c 'xdpfilt_alw')" 2
check "xdp-loader: the peer is reached through them" within 10 ping -c 1 -W 1 $PEER4
check "xdp-loader: unloaded" e2e_limit 60 xdp-loader unload -a eth0
check "xdp-loader: nothing is left" within 10 is_free
finish
