#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Frames that are not what their sender says of them: raw sockets and the taps of
# nested VMs may ask for sums and segments that no host can make. It is asked for
# none of them; they are made in software, or the frame is dropped and counted (R29;
# users.md 8; netvsc-wire.md 7.1 to 7.3). And frames of which the sender keeps a share
# (pktgen), with a tag within (R30), and on their way to a VF that keeps them waiting.
#
#   ns a: eth0 --- switch --- eth1 :ns b    looks at what arrives
#   eth0 = synthetic NIC + VF --- switch
#
# runs: 6.12:ours
# takes: 35 s

. "$(dirname "$0")/lib.sh"
ODD=$(dirname "$0")/odd.py
part() { [ -z "${ONLY-}" ] || [[ " $ONLY " == *" $1 "* ]]; }
my_cleanup() {
	rmmod pktgen 2>/dev/null
	! declare -F pull >/dev/null || { pull how=surprise 2>/dev/null; from_peer eth0; }
}
check "two NICs in two namespaces see each other" pair
in_b ethtool -K eth1 gro off lro off >/dev/null 2>&1

if part frames; then
	check "one queue at either end, so that nothing overtakes" in_turn in_a ethtool -L eth0 combined 1 , in_b ethtool -L eth1 combined 1
	check "a queue before it that drops nothing" in_a tc qdisc replace dev eth0 root pfifo
	e2e_limit 240 python3 "$ODD" a eth0 0 b eth1 >/tmp/odd 2>&1
	equal "all cases were tried" $? 0 || tail -n 5 /tmp/odd | sed 's/^/    # /'
	while read -r line; do
		case $line in
		"ok "*) ok "${line#ok }" ;;
		"skip "*) line=${line#skip }; skip "${line%%: *}" "${line#*: }" ;;
		"not ok "*) line=${line#not ok }; not_ok "${line%%: *}"; note "${line#*: }" ;;
		esac
	done </tmp/odd
	in_a tc qdisc del dev eth0 root
	in_a ethtool -L eth0 combined 2 >/dev/null 2>&1
	in_b ethtool -L eth1 combined 2 >/dev/null 2>&1
fi

# ---- pktgen: it sends a frame again and again, and holds on to it.
PG=in_a		# where eth0 is
pg() { $PG sh -c 'f=/proc/net/pktgen/$1; shift; for w; do echo "$w" >"$f" || exit 1; done' sh "$@"; }
tagged_seen() { in_b cat /sys/class/net/eth1.7/statistics/rx_packets; }
tagged_are() { [ "$(tagged_seen)" = "$1" ]; }
# generate NAME WORDS...: 100 frames of VLAN 7 from eth0; all of them arrive.
generate() {
	local name=$1 before
	shift
	before=$(tagged_seen)
	check "$name: set up" pg eth0 "count 100" "delay 0" "dst_mac $there" "dst 10.9.0.200" "src_min $A4" "src_max $A4" "$@"
	pg pgctrl start
	check "$name: all arrive, their tag beside them" within 10 tagged_are $((before + 100)) ||
		note "$(($(tagged_seen) - before)) of 100; $(in_a sed -n '/Result/,$p' /proc/net/pktgen/eth0 | xargs)"
}
if part pktgen && modprobe -q pktgen; then
	there=$(in_b cat /sys/class/net/eth1/address)
	check "VLAN 7 at the other end" in_turn in_b ip link add link eth1 name eth1.7 type vlan id 7 , in_b ip link set eth1.7 up
	check "pktgen on eth0" pg kpktgend_0 "add_device eth0"
	errors=$(in_a ethtool -S eth0 | sed -n 's/^ *vlan_error: //p')
	generate "new frames" "pkt_size 100" "clone_skb 0" "vlan_id 7"
	generate "the same frame 100 times" "pkt_size 100" "clone_skb 100" "vlan_id 7"
	generate "sums to be computed" "pkt_size 100" "clone_skb 100" "vlan_id 7" "flag UDPCSUM"
	generate "in pieces, too long to be copied" "pkt_size 1500" "frags 3" "clone_skb 100" "vlan_id 7"
	equal "no tag was found broken" "$(in_a ethtool -S eth0 | sed -n 's/^ *vlan_error: //p')" "$errors"
	pg kpktgend_0 rem_device_all
elif part pktgen; then
	skip "pktgen" "this kernel is built without it"
fi

# ---- pktgen, and a VF whose queue holds the frames: each must wait there by itself.
if part vf && modprobe -q pktgen; then
	. "$(dirname "$0")/vf.sh"
	unpair
	PG=
	held() { tc -s qdisc show dev "$vf" root | sed -n 's/^ Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p' | head -n 1; }
	held_are() { [ "$(held)" -ge "$1" ]; }
	check "eth0 reaches the peer" to_peer eth0 10
	check "VF arrives, and is used" arrives
	vf=$(vf_of eth0)
	check "a slow queue at the VF" tc qdisc replace dev "$vf" root netem delay 500ms
	check "pktgen on eth0" pg kpktgend_0 "add_device eth0"
	check "the same frame 100 times" pg eth0 "count 100" "delay 0" "dst_mac $(mac_of eth1)" "dst 10.9.0.200" "pkt_size 100" "clone_skb 100"
	before=$(counter eth0 vf_tx_packets)
	pg pgctrl start
	check "all leave the slow queue" within 20 held_are 100
	at_least "all were handed to the VF" $(($(counter eth0 vf_tx_packets) - before)) 100
	check "its own queue" tc qdisc del dev "$vf" root
	check "traffic goes on" within 20 reachable
fi
finish
