#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 802.1Q: the tag travels beside the frame in both directions, whoever put it there,
# with its priority, and a large send under it too (R30, R41; netvsc-wire.md 7.1). A
# service tag (802.1ad) stays in the frame.
#
#   ns a: eth0, eth0.7 --- switch --- eth1.7, eth1 :ns b
#                             |
#                        generator, sink
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 60 s

. "$(dirname "$0")/lib.sh"
bytes=$((400000 / SLOW))
V4B=10.7.0.2 V6B=fd07::2

# tagged NS DEV ID N WORDS...: an interface DEV.ID in NS with the addresses of N.
tagged() {
	local ns=$1 dev=$2 id=$3 n=$4
	shift 4
	ip -n "$ns" link add link "$dev" name "$dev.$id" type vlan id "$id" "$@" &&
		ip -n "$ns" link set "$dev.$id" up &&
		ip -n "$ns" addr add "10.$id.0.$n/24" dev "$dev.$id" &&
		ip -n "$ns" addr add "fd0$id::$n/64" dev "$dev.$id" nodad
}

check "two NICs in two namespaces see each other" pair
check "VLAN 7 on both" in_turn tagged a eth0 7 1 egress-qos-map 0:5 , tagged b eth1 7 2
check "IPv4 through VLAN 7" within 10 in_a ping -c 1 -W 1 $V4B
check "IPv6 through VLAN 7" within 10 in_a ping -c 1 -W 1 $V6B
check "full-size frames through VLAN 7" e2e_limit 10 ip netns exec a ping -c 2 -M do -s 1472 $V4B
check "server in namespace b" serve in_b
lso=$(host_stat 0 lso_frames)
check "TCP and UDP over IPv4 and IPv6 through VLAN 7" e2e_limit 60 ip netns exec a python3 "$TRAFFIC" mixed $bytes $V4B $V6B
at_least "large sends under a tag were left to the host" "$(host_stat 0 lso_frames)" $((lso + 2))
check "UDP over IPv6 through VLAN 7, in fragments" e2e_limit 30 ip netns exec a python3 "$TRAFFIC" udp $V6B 6 5000
check "without a tag it goes on" e2e_limit 10 ip netns exec a ping -c 1 -W 2 $B4
unserve

# What is in the tag when it arrives.
in_b ip link set eth1 promisc on
sniff eth1 20 30 ip netns exec b
host_do gen.send dst=nic1 count=30 size=60-1514/50 tci=0xa007 >/dev/null
sniffed >/dev/null
equal "frames with priority 5, ID 7: their content arrives whole" \
	"$(grep -c good /tmp/sniff) $(grep -c bad /tmp/sniff)" "30 0"
equal "and the tag beside them" "$(sed 1d /tmp/sniff | cut -d' ' -f1 | sort -u)" $((0xa007))
sniff eth1 20 5 ip netns exec b
host_do gen.send dst=nic1 count=5 size=100 tci=0xe000 >/dev/null
equal "priority tag: ID 0 keeps its priority" "$(sniffed)" "5 $((0xe000)) 100 good"
sniff eth1 20 5 ip netns exec b
host_do gen.send dst=nic1 count=5 size=100 tci=0x1fff >/dev/null
equal "the discard bit and ID 4095 too" "$(sniffed)" "5 $((0x1fff)) 100 good"
sniff eth1 20 5 ip netns exec b
host_do gen.send dst=nic1 count=5 size=100 >/dev/null
equal "no tag where none was sent" "$(sniffed)" "5 - 100 good"
in_b ip link set eth1 promisc off

# A frame for an ID nobody has: not delivered as if it had none.
host_do gen.reset >/dev/null
seen() { in_b cat /sys/class/net/eth1.7/statistics/rx_packets; }
before=$(seen)
host_do gen.send dst=nic1 count=3 size=100 tci=9 >/dev/null
host_do gen.send dst=nic1 count=4 size=100 tci=7 >/dev/null
check "frames of VLAN 7 reach its interface" within 5 gives_at_least $((before + 4)) seen
at_least "those of VLAN 9 do not" $((before + 4 + 1)) "$(seen)"

# Tagged within the frame, by a raw socket: the host wants it beside (or notes a violation).
host_do gen.reset >/dev/null
check "raw frames with a tag within" in_a python3 "$FRAMES" numbered eth0 40 60-1514 0x6007
host_do gen.expect count=40 timeout=$((5000 * SLOW)) >/tmp/sink
equal "all of them arrive, without it, whole" \
	"$(jq -r '"\(.received) \(.lost) \(.corrupt)"' /tmp/sink)" "40 0 0"
host_do gen.reset >/dev/null
check "raw frames without a tag" in_a python3 "$FRAMES" numbered eth0 20 60-1514
equal "all of them arrive" "$(host_figures received corrupt -- gen.expect count=20 timeout=$((5000 * SLOW)))" "20 0"

# A tag within a tag: one of them stays in the frame.
check "VLAN 3 within VLAN 7" in_turn tagged a eth0.7 3 1 , tagged b eth1.7 3 2 , \
	ip -n a link set eth0.7.3 mtu 1496 , ip -n b link set eth1.7.3 mtu 1496
check "IPv4 through both" within 10 in_a ping -c 2 -W 1 -s 1400 10.3.0.2
check "server in namespace b" serve in_b
check "TCP and UDP through both" e2e_limit 30 ip netns exec a python3 "$TRAFFIC" mixed $((bytes / 2)) 10.3.0.2 fd03::2
unserve

# A service tag (802.1ad) stays in the frame, and no host cuts what is behind one.
bad_frames() { in_a ethtool -S eth0 | sed -n 's/^ *tx_bad_frame: //p'; }
check "service VLAN 5 on both" in_turn tagged a eth0 5 1 protocol 802.1ad , tagged b eth1 5 2 protocol 802.1ad , \
	ip -n a link set eth0.5 mtu 1496 , ip -n b link set eth1.5 mtu 1496
check "IPv4 through it" within 10 in_a ping -c 2 -W 1 -s 1400 10.5.0.2
check "server in namespace b" serve in_b
bad=$(bad_frames)
check "TCP and UDP through it" e2e_limit 60 ip netns exec a python3 "$TRAFFIC" mixed $((bytes / 2)) 10.5.0.2 fd05::2
equal "large sends were cut before they came to us, not dropped" "$(bad_frames)" "$bad"
unserve

# The tags survive what the interface goes through.
check "MTU 4000 on both" in_turn in_a ip link set eth0 mtu 4000 , in_b ip link set eth1 mtu 4000 , \
	in_a ip link set eth0.7 mtu 4000 , in_b ip link set eth1.7 mtu 4000
check "full-size frames of 4000 through VLAN 7" within 15 in_a ping -c 1 -W 1 -M do -s 3972 $V4B
in_a ip link set eth0.7 mtu 1500; in_b ip link set eth1.7 mtu 1500
in_a ip link set eth0 mtu 1500; in_b ip link set eth1 mtu 1500
check "VLAN 7 goes on with MTU 1500" within 15 in_a ping -c 1 -W 1 $V4B
finish
