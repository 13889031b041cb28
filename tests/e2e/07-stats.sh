#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's counters equal what the host counted: interface totals, per-queue
# counters and bytes (R32; users.md 13).
#
# runs: 6.12:ours
# whole: 6.1:stock debug:ours 6.1:ours 6.12:stock
# takes: 45 s, debug 150 s

. "$(dirname "$0")/lib.sh"

sums() {	# in the order in which read_all reads them
	awk -F '[: ]+' '
		{ sub(/^ +/, "") }
		$1 ~ /^[rt]x_queue_[0-9]+_(packets|bytes)$/ { sub(/_queue_[0-9]+/, "", $1); q[$1] += $2 }
		$1 ~ /^cpu[0-9]+_[rt]x_packets$/ { sub(/^cpu[0-9]+_/, "", $1); c[$1] += $2 }
		END { printf "%d %d %d %d %d %d", c["tx_packets"], c["rx_packets"], q["tx_packets"], q["tx_bytes"], q["rx_packets"], q["rx_bytes"] }'
}
# What the guest sends, the host receives. Taken again until nothing moved meanwhile, nor
# while the command given ran in between (a neighbour is asked again seconds after the traffic).
snapshot() {
	local before='' now=x
	while [ "$before" != "$now" ]; do
		before=$now
		"$@"
		read_all
		now="$G_TXP $G_TXB $G_RXP $G_RXB $Q_TXP $Q_RXP $H_TXP $H_TXB $H_RXP $H_RXB"
	done
}
read_all() {
	read -r C_TXP C_RXP Q_TXP Q_TXB Q_RXP Q_RXB < <(in_a ethtool -S eth0 | sums; echo)
	read -r G_TXP G_TXB G_RXP G_RXB < <(in_a sh -c 'cd /sys/class/net/eth0/statistics && cat tx_packets tx_bytes rx_packets rx_bytes' | paste -sd' ')
	read -r H_TXP H_TXB H_RXP H_RXB < <(host_figures frames_from_guest bytes_from_guest frames_to_guest bytes_to_guest -- stats nic=0)
}
by_netlink() { in_a python3 "$FRAMES" qstats eth0 >/tmp/qstats; }

sysctl -qw net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.default.router_solicitations=0
check "two NICs in two namespaces see each other" pair
sleep 3	# neighbour discovery and listener reports come to rest
snapshot
g0=$G_TXP b0=$G_TXB r0=$G_RXP rb0=$G_RXB q0=$Q_TXP qb0=$Q_TXB qr0=$Q_RXP qrb0=$Q_RXB
h0=$H_TXP hb0=$H_TXB hr0=$H_RXP hrb0=$H_RXB
check "traffic: small" e2e_limit 60 ip netns exec a ping -f -c 300 -s 100 $B4
check "traffic: large" e2e_limit 60 ip netns exec a ping -f -c 100 -s 1400 $B6
check "server in namespace b" serve in_b
check "traffic: TCP" e2e_limit 60 ip netns exec a python3 "$TRAFFIC" tcp $B4 $((500000 / SLOW))
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
# The same by netlink, also for queues that are in use no more (users.md 13).
name="netlink: counters of the queues and the device"
if [ "$DRIVER" = stock ] || [[ "$(uname -r)" = 6.1.* ]]; then
	skip "$name" "the stock driver of 6.12 and all of 6.1 do not show them by netlink"
else
	in_a ethtool -L eth0 combined 1
	[ "$(nproc)" = 1 ] || in_a python3 "$FRAMES" knob eth0 1 channels 1 "$(nproc)"
	sleep 0.5
	snapshot by_netlink
	equal "$name: device" "$(head -n 1 /tmp/qstats)" "$G_RXP $G_RXB $G_TXP $G_TXB"
	equal "$name: sum of the queues" "$(awk 'NR > 1 { p[$1] += $3; b[$1] += $4 } END { print p["rx"] + 0, b["rx"] + 0, p["tx"] + 0, b["tx"] + 0 }' /tmp/qstats)" "$G_RXP $G_RXB $G_TXP $G_TXB"
	in_a ethtool -L eth0 combined 1
	snapshot by_netlink
	equal "$name: device, with one queue" "$(head -n 1 /tmp/qstats)" "$G_RXP $G_RXB $G_TXP $G_TXB"
	in_a ethtool -L eth0 combined "$(nproc)"
fi
check "every transaction was completed" within 10 gives 0 host_stat 0 outstanding_to_guest
finish
