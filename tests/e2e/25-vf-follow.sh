#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Settings of the interface are those of its VF, and are given back; the VF follows into a namespace and comes back
# (R61-R65; users.md 16, 19).
#
#   eth0 = synthetic NIC + VF --- switch --- peer
#
# runs: 6.12:ours
# whole: 6.1:ours debug-7.x:ours
# takes: 60 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
my_cleanup() {
	usual_vf
	[ -e /run/netns/v ] && { ip -n v link set eth0 netns 1; ip netns del v; }
	ip link del eth0.7 2>/dev/null
	unserve_peer
	pull how=surprise 2>/dev/null
	ip link set eth0 mtu 1500 address "$mac"
	ip link set eth0 allmulticast off promisc off
	ethtool -K eth0 tso on tx on rx on >/dev/null 2>&1
	from_peer eth0
}
# A virtio function has a receive table and a key; pulled by surprise it hangs the guest's own PCI code.
virtio_vf() { host_do nic.set nic=0 vf_kind=virtio vf_rss=on vf_queues=2 >/dev/null; }
usual_vf() {
	! vfstat function.features || { pull how=eject; within 20 has_no_vf eth0; }
	ethtool -X eth0 default
	host_do nic.set nic=0 vf_kind=ixgbevf vf_rss=off vf_queues=2 vf_offload=full >/dev/null
} >/dev/null 2>&1
# stamps: may frames be stamped by software when they are sent? hwtstamp: the answer to SIOCGHWTSTAMP.
stamps() { if ethtool -T eth0 | grep -q software-transmit; then echo yes; else echo no; fi; }
hwtstamp() {
	python3 -c '
import ctypes, errno, fcntl, socket, struct
buf = ctypes.create_string_buffer(12)
ifr = struct.pack("16sP16x", b"eth0", ctypes.addressof(buf))
try:
    fcntl.ioctl(socket.socket(), 0x89b1, ifr)
    print("answered")
except OSError as err:
    print(err.errno == errno.EOPNOTSUPP and "not supported" or err)'
}
# The peer drops what is not summed; what the VF cannot sum or cut has to come to it summed and cut.
by_vf_and_whole() {
	local a
	for a in $PEER4 $PEER6; do
		e2e_limit 60 python3 "$TRAFFIC" tcp "$a" 300000 && e2e_limit 60 python3 "$TRAFFIC" udp "$a" 30 4000 || return 1
	done
	by_vf
}
key_of() { ethtool -x "$1" | sed -n '/hash key/{n;s/://g;p;q}'; }
mac=$(mac_of eth0)
fn() { vfstat "function.$1"; }
mtu_of() { cat "/sys/class/net/$1/mtu"; }
feature() { ethtool -k "$1" | sed -n "s/^$2: \([a-z]*\).*/\1/p"; }
totals() { local s=/sys/class/net/eth0/statistics; echo $(($(cat $s/rx_packets) + $(cat $s/tx_packets))); }

check "eth0 reaches the peer" to_peer eth0 10
ip link set eth0 mtu 1400
check "VF arrives" plug
check "it is used" within 20 in_use || finish
vf=$(vf_of eth0)

# MTU
equal "VF has our MTU" "$(mtu_of "$vf")" 1400
check "another MTU" ip link set eth0 mtu 1300
equal "VF has it too" "$(mtu_of "$vf")" 1300
check "VF is used" within 20 in_use
if [ "$DRIVER" = ours ]; then
	ip link set "$vf" mtu 1200
	check "VF with a smaller MTU is not used" within 10 path_is synthetic
	equal "ours stays" "$(mtu_of eth0)" 1300
	ip link set "$vf" mtu 1300
	check "it is used again" within 20 in_use
fi
check "an MTU that is too large" not ip link set eth0 mtu 20000
equal "unchanged here" "$(mtu_of eth0)" 1300
equal "and there" "$(mtu_of "$vf")" 1300
check "a larger MTU" ip link set eth0 mtu 1500
equal "VF has it too" "$(mtu_of "$vf")" 1500
check "VF is used again" within 20 in_use

# Filters and VLANs
check "promiscuous" ip link set eth0 promisc on
check "VF is promiscuous" any_bit 0x100 flags_of "$vf"
ip link set eth0 promisc off
check "no more" not any_bit 0x100 flags_of "$vf"
ip maddr add 01:00:5e:11:22:33 dev eth0
check "multicast address goes to the VF" prints 01:00:5e:11:22:33 ip maddr show dev "$vf"
ip maddr del 01:00:5e:11:22:33 dev eth0
check "and leaves it" not prints 01:00:5e:11:22:33 ip maddr show dev "$vf"
ip link add link eth0 name eth0.7 type vlan id 7
check "VLAN on eth0 with a VF" ip link set eth0.7 up
ip link del eth0.7

# Features
ethtool -K eth0 tso off >/dev/null
equal "tso off goes to the VF" "$(feature "$vf" tcp-segmentation-offload)" off
check "VF leaves" leaves how=eject
check "VF comes back" arrives
vf=$(vf_of eth0)
equal "a VF that comes back finds tso off" "$(feature "$vf" tcp-segmentation-offload)" off
ethtool -K eth0 tso on >/dev/null
equal "tso on" "$(feature "$vf" tcp-segmentation-offload)" on

# Address
new=00:15:5d:aa:bb:cc
if ip link set eth0 address $new; then
	equal "VF has the new address" "$(mac_of "$vf")" $new
	ip link set eth0 address "$mac"
	equal "and the old one again" "$(mac_of "$vf")" "$mac"
else
	equal "address refused: unchanged at the VF" "$(mac_of "$vf")" "$mac"
fi
check "VF is used" within 20 in_use
check "traffic by the VF" by_vf

# Time stamps: the VF's word counts while it sends. ixgbevf has none.
equal "a VF without time stamps: so has eth0" "$([ "$DRIVER" = ours ] && stamps || echo no)" no
equal "it is asked for its settings" "$(hwtstamp)" "not supported"

# Counters
before=$(totals)
leaves_under_traffic() {
	local flood
	ping -f -c 300 -q $PEER4 >/dev/null &
	flood=$!
	sleep 0.3
	leaves how=surprise
	wait $flood
}
check "VF leaves under traffic" leaves_under_traffic
at_least "totals go on" "$(totals)" $((before + 300))
before=$(totals)
check "VF comes" arrives
at_least "totals go on" "$(totals)" "$before"

# Receive table and key: passed on, unless the host refuses; given back below
if [ "$DRIVER" = ours ]; then
	check "VF leaves" leaves how=eject
	equal "without it eth0 stamps by itself" "$(stamps)" yes
	equal "and has no settings" "$(hwtstamp)" "not supported"
	ones=$(printf '1%.0s' {1..64})
	virtio_vf
	check "a virtio VF comes" arrives
	equal "who set no table leaves it the VF's" "$(fn rss_table | cut -c 1-4)" 0101
	check "all to queue 1" ethtool -X eth0 weight 0 1
	equal "VF has this table" "$(fn rss_table)" "$ones"
	check "another key" ethtool -X eth0 hkey "$(seq 10 49 | sed 's/./a/' | paste -sd:)"
	equal "VF has this key" "$(fn rss_key)" "$(key_of eth0)"
	host_do fault.set name=rndis.refuse what=set oid=0x10204 nic=0 count=0 >/dev/null
	check "the host refuses another table" not ethtool -X eth0 weight 1 0
	host_do fault.clear >/dev/null
	equal "unchanged at the VF" "$(fn rss_table)" "$ones"
	check "VF leaves" leaves how=eject
	check "VF comes back" arrives
	equal "it has the table" "$(fn rss_table)" "$ones"
	equal "and the key" "$(fn rss_key)" "$(key_of eth0)"
	check "traffic by the VF" by_vf
	check "server at the peer" serve_peer
	check "TCP and UDP by a VF that sums and cuts" by_vf_and_whole
	for offload in csum none; do
		check "VF leaves" leaves how=eject
		host_do nic.set nic=0 vf_offload=$offload >/dev/null
		check "one with offload $offload comes" arrives
		check "TCP and UDP by it" by_vf_and_whole
	done
	unserve_peer
	check "module unloaded" e2e_limit 30 rmmod hv_netvsc
	equal "VF has its own table again" "$(fn rss_table | cut -c 1-4)" 0101
	check "and its own key" not prints ^a0a1 fn rss_key
	check "module loaded" in_turn modprobe hv_netvsc , within 20 nics_are 2
	usual_vf
	check "eth0 reaches the peer" to_peer eth0 10
	check "VF comes" arrives
fi

# Namespaces
ip netns add v
vf=$(vf_of eth0)
check "eth0 goes into a namespace" ip link set eth0 netns v
check "its VF follows" within 20 prints SLAVE ip -n v link show master eth0
check "none stays behind" within 5 test ! -e "/sys/class/net/$vf"
ip -n v link set eth0 up
ip -n v addr add 192.168.77.10/24 dev eth0
check "it is used there" within 20 path_is vf
check "and reaches the peer" within 10 ip netns exec v ping -c 1 -W $((2 * SLOW)) $PEER4
check "VF leaves" pull how=surprise
check "none is left" within 20 not prints SLAVE ip -n v link show master eth0
check "VF appears here" plug
check "and is fetched" within 20 prints SLAVE ip -n v link show master eth0
check "it is used there" within 20 path_is vf
check "end of the namespace with a VF" ip netns del v
check "eth0 comes home" within 20 test -e /sys/class/net/eth0
check "its VF too" within 20 has_vf eth0
check "eth0 reaches the peer" to_peer eth0 10
check "it is used" within 20 in_use
check "by the VF" by_vf

# Given back
vf=$(vf_of eth0)
ip link set eth0 mtu 1400
ip link set eth0 promisc on
check "module unloaded" e2e_limit 30 rmmod hv_netvsc
equal "VF has its own MTU again" "$(mtu_of "$vf")" 1500
equal "no flag of ours" $(($(flags_of "$vf") & 0x900)) 0
equal "no promiscuity of ours" "$(ip -j -d link show dev "$vf" | jq '.[0].promiscuity')" 0
check "module loaded" in_turn modprobe hv_netvsc , within 20 nics_are 2
check "eth0 reaches the peer" to_peer eth0 10
check "it is used" within 20 in_use
check "by the VF" by_vf
finish
