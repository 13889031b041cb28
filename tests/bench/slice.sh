#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Figures of the slice: throughput, and what a frame costs in ring messages and
# signals, as the host counts them. For one driver in one guest; compare two runs:
#
#   for d in ours stock; do
#       tests/vm --driver $d --nics 1 --share tests -- /mnt/share/bench/slice.sh $d
#   done
#
# Throughput is for a first look only: guests may run emulated, two levels deep.

. "$(dirname "$0")/../e2e/lib.sh"
label=${1:-?}

snap() {
	hvctl stats nic=0 | jq -r '[.frames_from_guest, .frames_to_guest, .ring_messages_from_guest,
		.ring_messages_to_guest, .signals_from_guest, .interrupts, .tx_requests] | @tsv'
}
# row NAME BITS_PER_SECOND BEFORE AFTER
row() {
	printf '%s\n%s\n' "$3" "$4" | awk -v l="$label" -v n="$1" -v b="$2" '
		{ for (i = 1; i <= NF; i++) { d[i] = $i - was[i]; was[i] = $i } }
		END {
			f = d[1] + d[2]
			printf "%-6s %-22s %8.1f Mbit/s %7d frames  per frame: %.3f messages, %.3f signals, %.3f interrupts\n",
				l, n, b / 1e6, f, (d[3] + d[4]) / f, d[5] / f, d[6] / f
		}'
}
tcp() {
	local before bits
	before=$(snap)
	bits=$(iperf3 -c $PEER4 -J -n "$2" $3 2>/dev/null | jq '.end.sum_received.bits_per_second')
	row "$1" "$bits" "$before" "$(snap)"
}
pktgen() {
	local dir=/proc/net/pktgen line before mac
	mac=$(ip neigh show $PEER4 dev eth0 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')
	modprobe pktgen || return
	echo "rem_device_all" >$dir/kpktgend_0
	echo "add_device eth0" >$dir/kpktgend_0
	for line in "dst_mac $mac" "dst $PEER4" "count 10000" "pkt_size 60" "burst $1" "udp_dst_min 9" "udp_dst_max 9"; do
		echo "$line" >$dir/eth0
	done
	before=$(snap)
	echo start >$dir/pgctrl
	sleep 1
	row "64 B UDP, burst $1" "$(sed -n 's/.* \([0-9]*\)Mb\/sec.*/\1000000/p' $dir/eth0 | tail -n 1)" "$before" "$(snap)"
	rmmod pktgen
}

to_peer eth0 10 || { echo "the peer cannot be reached" >&2; exit 1; }
hvctl peer bg=1 -- iperf3 -s >/dev/null
sleep 1
tcp "TCP to the peer" 20M ""
tcp "TCP from the peer" 20M "-R"
pktgen 1
# The stock driver of 6.12 oopses in netvsc_send_pkt when pktgen announces more packets.
[ "$label" = stock ] || pktgen 32
from_peer eth0
