#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Coalesced frames: the switches (LRO, rx-gro-hw) reach the host, aggregates arrive whole
# and as what can be cut again, so that bridge and router may have them, and keep them with
# rx-gro-hw; broken sequences are dropped, once, and the next one comes through (R14, R40, R42;
# users.md 7; netvsc-wire.md 5.12, 9.5).
#
#   generator --- switch --- ethN (rsc=on)
#   peer --- switch --- ethN, router or bridge --- eth0 --- eth1 :ns b | veth :ns c
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 70 s

. "$(dirname "$0")/lib.sh"
bytes=$((600000 / SLOW))
my_cleanup() {
	host_do fault.clear >/dev/null
	host_do peer -- ip route del 10.9.0.0/24 >/dev/null 2>&1
	sysctl -qw net.ipv4.ip_forward=0
	ip link del br0 2>/dev/null
	ip link del va 2>/dev/null
	[ ! -e /run/netns/c ] || ip netns del c
	ip addr flush dev eth0
}
lro() { ethtool -k "$DEV" | sed -n 's/^large-receive-offload: //p'; }
gro_hw() { ethtool -k "$DEV" | sed -n 's/^rx-gro-hw: //p'; }
host_rsc() { [ "$(host_stat "$NIC" offloads.rsc4) $(host_stat "$NIC" offloads.rsc6)" = "$1 $1" ]; }
train() { host_do gen.tcp nic="$NIC" "$@" >/dev/null; }

check "a NIC of a host that does not coalesce" add_nic
equal "it has no LRO to switch" "$(lro)" "off [fixed]"
remove_nics
check "a NIC of a host that coalesces" add_nic rsc=on
equal "LRO is on" "$(lro)" on
check "the host was told" host_rsc true
check "reaches the peer" to_peer "$DEV" 50
ethtool -K "$DEV" gro off	# what is large comes from the host

# 66 bytes of headers with IPv4 and time stamps, 86 with IPv6.
trains "$DEV" 12 3
train count=3 segs=45
equal "IPv4: 45 segments arrive as one frame" "$(trained)" "3 x $((66 + 45 * 1448)) 1448 good"
trains "$DEV" 12 3
train count=3 segs=10 ip6=1
equal "IPv6: 10 segments arrive as one frame" "$(trained)" "3 x $((86 + 10 * 1428)) 1428 good"
trains "$DEV" 12 2
train count=2 segs=2
equal "two segments are the least" "$(trained)" "2 x $((66 + 2 * 1448)) 1448 good"
trains "$DEV" 12 8
train count=8 segs=7 flows=4 burst=8
equal "aggregates of several flows in one packet" "$(trained)" "8 x $((66 + 7 * 1448)) 1448 good"
trains "$DEV" 12 2
train count=2 segs=30 mss=536
equal "small segments" "$(trained)" "2 x $((66 + 30 * 536)) 536 good"

ethtool -K "$DEV" lro off
check "lro off: the host is told" host_rsc false
trains "$DEV" 12 10
train segs=10
equal "lro off: segments arrive as they are" "$(trained)" "10 x 1514 0 good"
ip link set "$DEV" mtu 1400; ip link set "$DEV" mtu 1500
check "lro off: the host is told again after a reconfiguration" host_rsc false
ethtool -K "$DEV" lro on
check "lro on: the host is told" host_rsc true
trains "$DEV" 12 1
train segs=10
equal "lro on: one frame again" "$(trained)" "1 x $((66 + 10 * 1448)) 1448 good"

# Sequences that break the rules: dropped; the packet is completed, once, with failure.
if [ "$DRIVER" = stock ]; then
	skip "broken sequences" "stock takes what is not wrong enough for a fragment: R14"
else
	for fault in no_first no_last first_again too_many too_long split; do
		failed=$(host_stat "$NIC" rx_failed)
		host_do fault.set name=rsc.$fault nic="$NIC" count=1 >/dev/null
		trains "$DEV" 12 1
		train segs=6
		equal "rsc.$fault: the host did it" "$(host_get faults.0.hits fault.list)" 1
		host_do fault.clear >/dev/null
		train segs=4
		equal "rsc.$fault: dropped, the next one comes through" "$(trained)" "1 x $((66 + 4 * 1448)) 1448 good"
		at_least "rsc.$fault: completed with failure" "$(host_stat "$NIC" rx_failed)" $((failed + 1))
	done
	host_do fault.set name=rsc.single nic="$NIC" count=1 >/dev/null
	trains "$DEV" 12 1
	train segs=1
	equal "rsc.single: legal, and taken" "$(trained)" "1 x 1514 0 good"
	host_do fault.clear >/dev/null
fi
check "every transaction was completed" within 10 gives 0 host_stat "$NIC" outstanding_to_guest

# Aggregates of a real stack, delivered and forwarded.
grown() { [ "$(host_stat "$NIC" rsc_packets)" -gt "$1" ]; }
check "server at the peer" serve_peer
aggregates=$(host_stat "$NIC" rsc_packets)
check "TCP with the peer" e2e_limit 40 python3 "$TRAFFIC" tcp $PEER4 "$bytes"
check "the host sent aggregates" grown "$aggregates"
ethtool -K "$DEV" gro on
start_stream $PEER4
rounds=$(e2e_times 100 20)
check "lro off and on, $rounds times" e2e_limit 100 python3 "$FRAMES" knob "$DEV" "$rounds" lro 0 1
end_stream
at_least "lro off and on: datagrams went on their way" "${SENT:-0}" 20
equal "lro off and on: none of them was lost" "${LOST:-all}" 0
check "lro off and on: the host was told last that it is on" host_rsc true

if [ "$DRIVER" = stock ]; then
	skip "forwarding" "stock's aggregates cannot be cut again, what forwards them drops them: R42"
	unserve_peer
	finish
fi
check "eth1 in namespace b behind eth0" in_turn ip link set eth0 up , ip addr add $A4/24 dev eth0 , \
	setup_ns eth1 b $B4 $B6 , ip -n b route add 192.168.77.0/24 via $A4 , within 15 in_b ping -c 1 -W 1 $A4
host_do peer -- ip route add 10.9.0.0/24 via 192.168.77.50 >/dev/null
sysctl -qw net.ipv4.ip_forward=1
equal "a router has LRO off" "$(lro)" off
check "a router: the host is told" host_rsc false
check "route: the peer from namespace b" within 15 in_b ping -c 1 -W 1 $PEER4
check "route: TCP" e2e_limit 40 ip netns exec b python3 "$TRAFFIC" tcp $PEER4 "$bytes"
ethtool -K "$DEV" lro on
aggregates=$(host_stat "$NIC" rsc_packets)
check "route with lro on: TCP" e2e_limit 40 ip netns exec b python3 "$TRAFFIC" tcp $PEER4 "$bytes"
check "route with lro on: aggregates were forwarded" grown "$aggregates"
sysctl -qw net.ipv4.ip_forward=0

# rx-gro-hw: the same switch at the host, that neither router nor bridge turns off.
settings() { host_do trace.requests nic="$NIC" | grep -c 0xfc01020c; }
equal "rx-gro-hw is off at first" "$(gro_hw)" off
host_do trace.requests nic="$NIC" clear=1 >/dev/null
ethtool -K "$DEV" rx-gro-hw on >/dev/null
equal "rx-gro-hw instead of LRO" "$(gro_hw), $(lro)" "on, off [requested on]"
ethtool -K "$DEV" rx-gro-hw off >/dev/null
equal "LRO again, as it was wanted" "$(gro_hw), $(lro)" "off, on"
equal "the host coalesces all the time, and is not asked" "$(host_stat "$NIC" offloads.rsc4) $(settings)" "true 0"
ethtool -K "$DEV" lro off
check "neither of them: the host is told" host_rsc false
equal "that asks it once" "$(settings)" 1
ethtool -K "$DEV" rx-gro-hw on gro off
check "rx-gro-hw: the host is told" host_rsc true
sysctl -qw net.ipv4.ip_forward=1
equal "a router keeps it" "$(gro_hw), $(lro)" "on, off"
check "a router with rx-gro-hw: the host is told nothing else" host_rsc true
# What is sent on is what came, and the host cuts it for the far NIC. Nobody there answers the generator.
ip -n b route add blackhole 192.168.77.9
lso=$(host_stat 0 lso_frames) cut=$(host_stat 0 tx_segments)
trains eth0 20 3
train count=3 segs=40 src_ip=192.168.77.9 dst_ip=$B4
equal "forwarded as they came, to be cut by the host" "$(trained)" "3 x $((66 + 40 * 1448)) 1448 good"
equal "the host cut them" "$(($(host_stat 0 lso_frames) - lso)) into $(($(host_stat 0 tx_segments) - cut))" "3 into 120"
in_b ethtool -K eth1 gro off
trains eth1 20 80 in_b
train count=2 segs=40 src_ip=192.168.77.9 dst_ip=$B4
equal "at the far NIC: the segments, each as it was" "$(trained)" "80 x 1514 0 good"
in_b ethtool -K eth1 gro on
ethtool -K "$DEV" gro on
aggregates=$(host_stat "$NIC" rsc_packets) lso=$(host_stat 0 lso_frames) cut=$(host_stat 0 tx_segments)
check "route with rx-gro-hw: TCP" e2e_limit 40 ip netns exec b python3 "$TRAFFIC" tcp $PEER4 "$bytes"
lso=$(($(host_stat 0 lso_frames) - lso)) cut=$(($(host_stat 0 tx_segments) - cut))
note "aggregates received $(($(host_stat "$NIC" rsc_packets) - aggregates)), large frames forwarded $lso, segments of them $cut"
check "route with rx-gro-hw: aggregates were forwarded" grown "$aggregates"
at_least "route with rx-gro-hw: as large frames" "$cut" $((lso * 4 + 1))
sysctl -qw net.ipv4.ip_forward=0
ethtool -K "$DEV" rx-gro-hw off >/dev/null
check "rx-gro-hw off: the host is told" host_rsc false
host_do peer -- ip route del 10.9.0.0/24 >/dev/null
ip addr flush dev eth0
ethtool -K "$DEV" lro on

ip addr flush dev "$DEV"
check "bridge with a container" in_turn ip link add br0 type bridge , ip link add va type veth peer name vb , \
	ip netns add c , ip link set vb netns c , ip link set va master br0 , ip link set "$DEV" master br0 , \
	ip link set va up , ip link set br0 up , ip -n c addr add 192.168.77.51/24 dev vb , ip -n c link set vb up
equal "a bridge has LRO off" "$(lro)" off
check "bridge: the host is told" host_rsc false
check "bridge: the peer from the container" within 15 ip netns exec c ping -c 1 -W 1 $PEER4
# The core keeps LRO off on the port of a bridge, whatever is asked for.
ethtool -K "$DEV" lro on >/dev/null 2>&1
equal "a bridge keeps LRO off" "$(lro | cut -d' ' -f1)" off
check "bridge: TCP" e2e_limit 40 ip netns exec c python3 "$TRAFFIC" tcp $PEER4 "$bytes"
ethtool -K "$DEV" rx-gro-hw on >/dev/null
check "bridge with rx-gro-hw: the host is told" host_rsc true
check "bridge with rx-gro-hw: out and in again" in_turn ip link set "$DEV" nomaster , ip link set "$DEV" master br0
equal "a bridge keeps it" "$(gro_hw)" on
aggregates=$(host_stat "$NIC" rsc_packets)
check "bridge with rx-gro-hw: TCP" e2e_limit 40 ip netns exec c python3 "$TRAFFIC" tcp $PEER4 "$bytes"
check "bridge with rx-gro-hw: aggregates were bridged" grown "$aggregates"
check "bridge with rx-gro-hw: the host was told nothing else" host_rsc true
unserve_peer
finish
