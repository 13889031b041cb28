#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's counters equal what the host counted: interface totals, per-queue
# counters and bytes (R32; users.md 13).

. "$(dirname "$0")/lib.sh"

guest() { in_a cat "/sys/class/net/eth0/statistics/$1"; }
queues() { in_a ethtool -S eth0 | awk -v d="$1" -v w="$2" '$1 ~ "^" d "_queue_[0-9]+_" w ":" { s += $2 } END { print s + 0 }'; }
cpus() { in_a ethtool -S eth0 | awk -v d="$1" -v w="$2" '$1 ~ "^cpu[0-9]+_" d "_" w ":" { s += $2 } END { print s + 0 }'; }
# What the guest sends, the host receives. Taken again until nothing moved meanwhile.
snapshot() {
	local before='' now=x
	while [ "$before" != "$now" ]; do
		before=$now
		read_all
		now="$G_TXP $G_TXB $G_RXP $G_RXB $Q_TXP $Q_RXP $H_TXP $H_TXB $H_RXP $H_RXB"
	done
}
read_all() {
	C_TXP=$(cpus tx packets) C_RXP=$(cpus rx packets)
	G_TXP=$(guest tx_packets) G_TXB=$(guest tx_bytes) G_RXP=$(guest rx_packets) G_RXB=$(guest rx_bytes)
	Q_TXP=$(queues tx packets) Q_TXB=$(queues tx bytes) Q_RXP=$(queues rx packets) Q_RXB=$(queues rx bytes)
	H_TXP=$(host_get frames_from_guest stats nic=0) H_TXB=$(host_get bytes_from_guest stats nic=0)
	H_RXP=$(host_get frames_to_guest stats nic=0) H_RXB=$(host_get bytes_to_guest stats nic=0)
}

sysctl -qw net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.default.router_solicitations=0
check "two NICs in two namespaces see each other" pair
sleep 3	# neighbour discovery and listener reports come to rest
snapshot
g0=$G_TXP b0=$G_TXB r0=$G_RXP rb0=$G_RXB q0=$Q_TXP qb0=$Q_TXB qr0=$Q_RXP qrb0=$Q_RXB
h0=$H_TXP hb0=$H_TXB hr0=$H_RXP hrb0=$H_RXB
check "traffic: small" limit 60 ip netns exec a ping -f -c 300 -s 100 $B4
check "traffic: large" limit 60 ip netns exec a ping -f -c 100 -s 1400 $B6
check "server in namespace b" serve in_b
check "traffic: TCP" limit 60 ip netns exec a python3 "$TRAFFIC" tcp $B4 $((500000 / SLOW))
unserve
sleep 1
snapshot
at_least "frames were sent" $((G_TXP - g0)) 400
equal "frames sent = frames the host received" $((G_TXP - g0)) $((H_TXP - h0))
equal "frames received = frames the host delivered" $((G_RXP - r0)) $((H_RXP - hr0))
equal "bytes received = bytes the host delivered" $((G_RXB - rb0)) $((H_RXB - hrb0))
# An LSO frame counts once; the host counts what the guest handed over.
equal "bytes sent = bytes the host received" $((G_TXB - b0)) $((H_TXB - hb0))
equal "queue counters add up: frames sent" $((Q_TXP - q0)) $((G_TXP - g0))
equal "queue counters add up: bytes sent" $((Q_TXB - qb0)) $((G_TXB - b0))
equal "queue counters add up: frames received" $((Q_RXP - qr0)) $((G_RXP - r0))
equal "queue counters add up: bytes received" $((Q_RXB - qrb0)) $((G_RXB - rb0))
equal "CPU counters add up: frames sent" "$C_TXP" "$G_TXP"
equal "CPU counters add up: frames received" "$C_RXP" "$G_RXP"
equal "every transaction was completed" "$(host_get outstanding_to_guest stats nic=0)" 0
finish
