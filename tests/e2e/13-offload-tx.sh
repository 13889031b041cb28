#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Transmit offloads: the host computes sums and cuts large sends where it said it
# can, checks what it is asked (each wrong seed, offset or size is a violation), and
# is asked for nothing else: what the NDIS contract does not cover leaves ready-made
# (R29; users.md 8; netvsc-wire.md 7.2, 7.3).
#
#   guest ethN (offload=full|csum|none) --- switch --- peer    its stack checks every sum
#   ns a: eth0 --- switch --- eth1 :ns b                       tunnels between a and b
#
# runs: 6.12:ours 6.1:ours
# whole: 7.x:ours
# takes: 95 s

. "$(dirname "$0")/lib.sh"
bytes=$((300000 / SLOW))
feature() { ethtool -k "$DEV" | sed -n "s/^[[:space:]]*$1: \([a-z]*\).*/\1/p"; }
run() { e2e_limit 30 python3 "$TRAFFIC" "$@"; }
with_options() { OPTIONS=1 e2e_limit 30 python3 "$TRAFFIC" "$@"; }
run_in_a() { e2e_limit 30 ip netns exec a python3 "$TRAFFIC" "$@"; }
# mark, then lso_grown and csum_grown: what the host counted for this NIC in between.
mark() { MARK_LSO=$(host_stat "$NIC" lso_frames) MARK_CSUM=$(host_stat "$NIC" csum_frames); }
lso_grown() { echo $(($(host_stat "$NIC" lso_frames) - MARK_LSO)); }
csum_grown() { echo $(($(host_stat "$NIC" csum_frames) - MARK_CSUM)); }
for kind in none csum full; do
	check "offload=$kind: a NIC of such a host" add_nic offload=$kind || continue
	check "offload=$kind: reaches the peer" to_peer "$DEV" 42
	[ -n "${PEER_SERVER-}" ] || check "server at the peer" serve_peer
	want=on; [ $kind != none ] || want=off
	equal "offload=$kind: checksums over IPv4 offered" "$(feature tx-checksum-ipv4)" $want
	equal "offload=$kind: checksums over IPv6 offered" "$(feature tx-checksum-ipv6)" $want
	want=off; [ $kind != full ] || want=on
	equal "offload=$kind: large sends over IPv4 offered" "$(feature tx-tcp-segmentation)" $want
	equal "offload=$kind: large sends over IPv6 offered" "$(feature tx-tcp6-segmentation)" $want
	mark
	check "offload=$kind: TCP and UDP over IPv4 and IPv6" run mixed $bytes $PEER4 $PEER6
	name="offload=$kind: one UDP send that the stack cuts"
	if [ "$kind" = none ] && [[ $(uname -r) = 6.1.* ]]; then
		skip "$name" "the core of 6.1 refuses UDP_SEGMENT for a device that computes no checksums (EIO)"
	else
		check "$name" run segments $PEER4 20 1200
	fi
	case $kind in
	none) equal "offload=$kind: no sum was left to the host" "$(csum_grown)" 0 ;;
	*) at_least "offload=$kind: sums were left to the host" "$(csum_grown)" 20 ;;
	esac
	case $kind in
	full) at_least "offload=$kind: large sends were left to the host" "$(lso_grown)" 4 ;;
	*) equal "offload=$kind: no large send was left to the host" "$(lso_grown)" 0 ;;
	esac
	[ $kind = full ] || { from_peer "$DEV"; remove_nics; }
done

# What is on can be switched off, and on again.
for knob in tso tx sg; do
	ethtool -K "$DEV" $knob off >/dev/null 2>&1
	mark
	check "$knob off: TCP and UDP over IPv4 and IPv6" run mixed $bytes $PEER4 $PEER6
	equal "$knob off: no large send was left to the host" "$(lso_grown)" 0
	[ $knob != tx ] || equal "tx off: no sum was left to the host" "$(csum_grown)" 0
	ethtool -K "$DEV" $knob on >/dev/null 2>&1
done
# Switching sums off took scatter-gather and large sends along: as it was before.
ethtool -K "$DEV" tx on sg on tso on >/dev/null 2>&1
mark
check "all on again: TCP over IPv4" run tcp $PEER4 $bytes
at_least "all on again: large sends were left to the host" "$(lso_grown)" 1

check "IP options: TCP and UDP" with_options mixed $bytes $PEER4
check "extension header: TCP and UDP" with_options mixed $bytes $PEER6
check "extension header: UDP in fragments" with_options udp $PEER6 6 5000
unserve_peer
from_peer "$DEV"
remove_nics

# Tunnels: neither the sums nor the segments within are the host's business.
check "two NICs in two namespaces see each other" pair
check "server in namespace b" serve in_b
# tunnel NAME ADDRESS4 ADDRESS6 WORDS..: on both sides; %L and %R are the outer addresses' places.
tunnel() {
	local name=$1 words ns local4 remote4 local6 remote6 n
	shift
	for ns in a b; do
		local4=$A4 remote4=$B4 local6=$A6 remote6=$B6 n=1
		[ $ns = a ] || local4=$B4 remote4=$A4 local6=$B6 remote6=$A6 n=2
		words=${*//%L6/$local6}; words=${words//%R6/$remote6}; words=${words//%L/$local4}; words=${words//%R/$remote4}
		# shellcheck disable=SC2086
		ip -n $ns link add "$name" type $words && ip -n $ns link set "$name" up &&
			ip -n $ns addr add 10.66.0.$n/24 dev "$name" || return 1
		ip -n $ns addr add fd66::$n/64 dev "$name" nodad 2>/dev/null
	done
	return 0
}
knows() {	# knows KIND: does this kernel have such tunnels?
	local said
	said=$(ip link add probe0 type "$1" 2>&1)
	ip link del probe0 2>/dev/null
	[[ "$said" != *"Unknown device type"* ]]
}
no_tunnel() { ip -n a link del "$1"; ip -n b link del "$1"; }
while read -r name six words; do
	knows "${words%% *}" || { skip "$name" "this kernel is built without ${words%% *}"; continue; }
	# shellcheck disable=SC2086
	check "$name: tunnel" tunnel t0 $words || { no_tunnel t0 2>/dev/null; continue; }
	within=(10.66.0.2)
	[ "$six" = 4 ] || within+=(fd66::2)
	check "$name: TCP and UDP within" run_in_a mixed $((bytes / 2)) "${within[@]}"
	no_tunnel t0
done <<-EOF2
	vxlan 6 vxlan id 7 dstport 4789 local %L remote %R udpcsum
	vxlan-over-IPv6 6 vxlan id 7 dstport 4789 local %L6 remote %R6
	gretap 6 gretap local %L remote %R
	gre-with-checksum 4 gre local %L remote %R csum
	ipip 4 ipip local %L remote %R
	ip6gre 4 ip6gre local %L6 remote %R6
EOF2
finish
