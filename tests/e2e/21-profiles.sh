#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Hosts of each generation and another implementation, with the features that they have and no others; and a host
# whose abilities change while the NIC runs (R77-R79; netvsc-wire.md 3.1, 9.7).
#
#   guest ethN (profile=2008r2 ... 2022) --- switch --- peer
#
# runs: 6.12:ours
# whole: 6.1:ours 6.1:stock 6.12:stock
# takes: 125 s

. "$(dirname "$0")/lib.sh"
cpus=$(nproc)
bytes=$((100000 / SLOW))
feature() { ethtool -k "$DEV" | sed -n "s/^[[:space:]]*$1: \([a-z]*\).*/\1/p"; }
channels_now() { ethtool -l "$DEV" 2>/dev/null | awk '/^Combined:/ { n = $2 } END { print n }'; }
vlan_frames() {
	local rc
	ip link add link "$DEV" name "$DEV.5" type vlan id 5 && ip link set "$DEV.5" up
	ip addr add 10.55.0.1/24 dev "$DEV.5"
	host_do gen.reset >/dev/null
	python3 "$FRAMES" numbered "$DEV.5" 5 100 && host_do gen.expect count=5 timeout=5000 | jq -e '.received == 5 and .corrupt == 0'
	rc=$?
	ip link del "$DEV.5"
	return $rc
}
most=$cpus; [ "$most" -le 8 ] || most=8

wanted() {	# wanted PROFILE: what its guest should have
	channels=1 lro=off ip6=on pieces=18811
	case $1 in
	2008r2) ip6=off pieces=9102 ;;		# 15 MB in pieces of 1728 bytes, later 31
	2012r2 | 2016) channels=$most ;;
	2019 | 2022) channels=$most lro=on ;;
	openvmm) channels=$most pieces=17998 ;;	# of 1806 bytes
	esac
}
for host in 2008r2 2012 2012r2 2016 2019 2022 openvmm; do
	wanted $host
	check "$host: a NIC" add_nic profile=$host || { remove_nics; continue; }
	check "$host: $channels channels" within 15 gives "$channels" channels_now
	equal "$host: the host has them open" "$(host_stat "$NIC" channels)" "$channels"
	check "$host: reaches the peer" to_peer "$DEV" 49
	[ -n "${PEER_SERVER-}" ] || check "server at the peer" serve_peer
	equal "$host: sums and large sends over IPv4" "$(feature tx-checksum-ipv4) $(feature tx-tcp-segmentation)" "on on"
	equal "$host: sums and large sends over IPv6" "$(feature tx-checksum-ipv6) $(feature tx-tcp6-segmentation)" "$ip6 $ip6"
	equal "$host: LRO" "$(feature large-receive-offload)" $lro
	equal "$host: most receive pieces" "$(ethtool -g "$DEV" | awk '/^RX:/ { print $2; exit }')" $pieces
	check "$host: TCP and UDP over IPv4 and IPv6" e2e_limit 40 python3 "$TRAFFIC" mixed $bytes $PEER4 $PEER6
	check "$host: UDP in fragments" e2e_limit 30 python3 "$TRAFFIC" udp $PEER4 6 4000
	at_least "$host: sums were left to the host" "$(host_stat "$NIC" csum_frames)" 1
	check "$host: tagged frames" vlan_frames
	if [ $host = 2012 ] || [ $host = 2022 ]; then
		check "$host: MTU 9000" e2e_limit 60 ip link set "$DEV" mtu 9000
		check "$host: traffic with it" within 20 ping -c 1 -W 1 $PEER4
	fi
	from_peer "$DEV"
	check "$host: it leaves" remove_nics
done

# A host that changes its mind: it is believed at once.
feature_is() { [ "$(feature "$1")" = "$2" ]; }
check "a NIC of a host with all offloads" add_nic
check "it reaches the peer" to_peer "$DEV" 49
for words in csum tcp4 none full; do
	[ "$DRIVER" = ours ] || { skip "host offers $words from now on" "stock does not hear the indication: R79"; continue; }
	case $words in csum) sums=on lso=off ;; tcp4) sums=on lso=off ;; none) sums=off lso=off ;; full) sums=on lso=on ;; esac
	host_do nic.offload nic="$NIC" set=$words >/dev/null
	check "host offers $words from now on: large sends $lso" within 10 feature_is tx-tcp-segmentation $lso
	check "host offers $words from now on: checksums over IPv4 $sums" within 10 feature_is tx-checksum-ipv4 $sums
	[ $words != tcp4 ] || sums=off
	check "host offers $words from now on: checksums over IPv6 $sums" within 10 feature_is tx-checksum-ipv6 $sums
	sleep 1		# what was on its way under the old terms
	check "host offers $words from now on: TCP and UDP" e2e_limit 40 python3 "$TRAFFIC" mixed $bytes $PEER4 $PEER6
done
from_peer "$DEV"
unserve_peer
finish
