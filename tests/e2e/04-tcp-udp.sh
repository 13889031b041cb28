#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# TCP and UDP over IPv4 and IPv6, every byte compared: NIC to NIC, NIC to peer. And frames of a packet
# socket that bypasses the qdisc: it asks for a queue with nothing held (the debug kernel looks).
#
# runs: 6.12:ours debug:ours
# whole: 6.1:ours 6.1:stock 6.12:stock
# takes: 40 s, debug 150 s

. "$(dirname "$0")/lib.sh"

bytes=$((2000000 / SLOW))
check "two NICs in two namespaces see each other" pair
check "server in namespace b" serve in_b
check "TCP over IPv4, $bytes bytes each way" e2e_limit 60 ip netns exec a python3 "$TRAFFIC" tcp $B4 $bytes
check "TCP over IPv6, $bytes bytes each way" e2e_limit 60 ip netns exec a python3 "$TRAFFIC" tcp $B6 $bytes
check "UDP over IPv4, 1 to 1400 bytes" e2e_limit 60 ip netns exec a python3 "$TRAFFIC" udp $B4 100
check "UDP over IPv6, 1 to 1400 bytes" e2e_limit 60 ip netns exec a python3 "$TRAFFIC" udp $B6 100
check "UDP over IPv4, fragmented up to 9000" e2e_limit 60 ip netns exec a python3 "$TRAFFIC" udp $B4 20 9000
check "UDP over IPv6, fragmented up to 9000" e2e_limit 60 ip netns exec a python3 "$TRAFFIC" udp $B6 20 9000
bypass_qdisc() {
	in_a python3 - <<-EOF
	import socket
	s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
	s.bind(("eth0", 0x88b5))
	s.setsockopt(263, 20, 1)    # SOL_PACKET, PACKET_QDISC_BYPASS
	for _ in range(50):
	    s.send(bytes.fromhex("ffffffffffff02000000000188b5") + bytes(60))
	EOF
}
arrived() { in_b cat /sys/class/net/eth1/statistics/rx_packets; }
before=$(arrived)
check "frames that bypass the qdisc" bypass_qdisc
check "frames that bypass the qdisc: they arrive" within 10 gives_at_least $((before + 50)) arrived
unserve
unpair
check "eth0 reaches the peer" to_peer eth0 10
check "server at the peer" serve_peer
check "peer: TCP over IPv4" e2e_limit 60 python3 "$TRAFFIC" tcp $PEER4 $bytes
check "peer: TCP over IPv6" e2e_limit 60 python3 "$TRAFFIC" tcp $PEER6 $bytes
check "peer: UDP over IPv4" e2e_limit 60 python3 "$TRAFFIC" udp $PEER4 60
check "peer: UDP over IPv6" e2e_limit 60 python3 "$TRAFFIC" udp $PEER6 60
unserve_peer
from_peer eth0
finish
