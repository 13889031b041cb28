#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Frames that are to be cut are as large as who sends them can cut: the VF's limit while it sends, the host's else. What
# the user set outlives both. A frame that was made for the VF and meets the host is cut, neither lost nor handed on:
# each large send above the host's limit would be a violation (R62; netvsc-wire.md 7.3).
#
#   ethN (lso_max=30000) + VF (65536) --- switch --- peer    its stack checks every sum
#
# runs: 6.12:ours
# whole: debug:ours debug-7.x:ours
# takes: 90 s, debug 180 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
my_cleanup() {
	[ -z "${TRAFFIC_PID-}" ] || kill "$TRAFFIC_PID"
	[ -z "${PROBE-}" ] || { echo 0 >"$PROBE/events/kprobes/recut/enable"; echo '-:recut' >>"$PROBE/kprobe_events"; }
	ip link del v77
	[ -z "${NIC-}" ] || host_do vf.pull nic="$NIC" how=eject
	[ -z "${DEV-}" ] || from_peer "$DEV"
	remove_nics
} >/dev/null 2>&1
limit=30000
rounds=$(e2e_times 4)
bytes=$((1000000 / SLOW))
link_of() { ip -j -d link show dev "$1" | jq -r ".[0].$2"; }	# link_of DEV FIELD
path_here() { [ "$(host_get path vf nic="$NIC")" = "$1" ] && [ "$(host_get switching vf nic="$NIC")" = false ]; }
used() { has_vf "$DEV" && path_here vf; }
comes() { host_get ms vf.plug nic="$NIC" >/dev/null && within 20 used && vf=$(vf_of "$DEV"); }
goes() { host_get ms vf.pull nic="$NIC" how=eject >/dev/null; within 20 has_no_vf "$DEV"; }
# limits DEV: tso_max_size, gso_max_size, gso_max_segs.
limits() { ip -j -d link show dev "$1" | jq -r '.[0] | "\(.tso_max_size) \(.gso_max_size) \(.gso_max_segs)"'; }
# ipv4_limit DEV: gso_ipv4_max_size (attribute 63), which iproute2 of Debian 12 does not know.
ipv4_limit() {
	python3 -c '
import socket, struct, sys
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
s.send(struct.pack("=IHHIIBBHiII", 32, 18, 1, 1, 0, 0, 0, 0, socket.if_nametoindex(sys.argv[1]), 0, 0))
reply = s.recv(65536)
at, end = 32, struct.unpack("=I", reply[:4])[0]
while at < end:
    size, kind = struct.unpack("=HH", reply[at:at + 4])
    if kind == 63:
        print(struct.unpack("=I", reply[at + 4:at + 8])[0])
    at += (size + 3) & ~3' "$1"
}
are() { within 5 gives "$1" limits "$DEV"; }
lso() { host_stat "$NIC" lso_frames; }
grown() { [ $(($(lso) - was)) -gt 0 ]; }

check "a NIC whose host cuts $limit bytes" add_nic lso_max=$limit || finish
check "reaches the peer" to_peer "$DEV" 44
check "server at the peer" serve_peer
equal "the host's limits" "$(limits "$DEV")" "$limit $limit 65535"
ip link add link "$DEV" name v77 type vlan id 77

# Each has its own.
check "a VF is used" comes || finish
theirs=$(link_of "$vf" tso_max_size)
at_least "it cuts more than the host" "$theirs" $((limit + 1))
check "the VF's limits while it sends" are "$theirs $theirs 65535"
equal "and those of IPv4" "$(ipv4_limit "$DEV")" "$theirs"
check "a VLAN follows" within 5 gives "$theirs" link_of v77 tso_max_size
check "VF down" ip link set "$vf" down
check "the host's limits" are "$limit $limit 65535"
check "a VLAN follows" within 5 gives "$limit" link_of v77 tso_max_size
check "VF up" in_turn ip link set "$vf" up , within 20 used
check "the VF's limits" are "$theirs $theirs 65535"

# The user's.
check "one that only the VF fulfils" ip link set "$DEV" gso_max_size 50000 gso_max_segs 30
check "the VF goes" goes
check "the host's limits, the user's segments" are "$limit $limit 30"
equal "and those of IPv4" "$(ipv4_limit "$DEV")" "$limit"
check "the VF comes" comes
check "the user's limits" are "$theirs 50000 30"
check "one that both fulfil" ip link set "$DEV" gso_max_size 20000
check "the VF goes" goes
check "it stays" are "$limit 20000 30"
check "the VF comes" comes
check "it stays" are "$theirs 20000 30"
check "the default again" ip link set "$DEV" gso_max_size "$theirs" gso_max_segs 65535
check "more than the VF cuts is refused" not ip link set "$DEV" gso_max_size $((theirs + 1))

# Another MTU attaches anew, meanwhile the host's are in force.
check "another MTU" in_turn ip link set "$DEV" mtu 1400 , within 20 used
check "the VF's limits" are "$theirs $theirs 65535"

# Traffic that is checked, while the path goes back and forth.
if [ -w /sys/kernel/tracing/kprobe_events ] && echo 'p:recut netvsc_tx_recut' >>/sys/kernel/tracing/kprobe_events; then
	PROBE=/sys/kernel/tracing
	echo 1 >$PROBE/events/kprobes/recut/enable
fi
dropped=$(cat "/sys/class/net/$DEV/statistics/tx_dropped")
bad=$(ethtool -S "$DEV" | sed -n 's/^ *tx_bad_frame: //p')
for peer in $PEER4 $PEER6; do
	was=$(lso)
	e2e_limit 200 python3 "$TRAFFIC" flows $peer 4 $bytes >/tmp/flows 2>&1 &
	TRAFFIC_PID=$!
	n=0
	while [ $n -lt "$rounds" ] && kill -0 $TRAFFIC_PID 2>/dev/null; do
		host_do vf.fallback nic="$NIC" >/dev/null
		nap 0.7
		within 20 used
		nap 0.5
		ip link set "$vf" down
		nap 0.7
		ip link set "$vf" up
		within 20 used
		n=$((n + 1))
	done
	check "to $peer: no byte was lost in $n rounds" wait $TRAFFIC_PID
	TRAFFIC_PID=
	sed 's/^/    # /' /tmp/flows
	check "to $peer: the host cut large sends" grown
done
equal "none was dropped as bad" "$(ethtool -S "$DEV" | sed -n 's/^ *tx_bad_frame: //p')" "$bad"
note "tx_dropped: $(($(cat "/sys/class/net/$DEV/statistics/tx_dropped") - dropped))"
[ -z "${PROBE-}" ] || note "cut late: $(awk '$1 == "recut" { print $2 }' $PROBE/kprobe_profile)"

# A connection from the VF's time: its frames fit the host's limit, so the host still cuts them.
check "the VF goes" goes
check "the host's limits" are "$limit $limit 65535"
was=$(lso)
check "TCP by the host" e2e_limit 60 python3 "$TRAFFIC" tcp $PEER4 $((300000 / SLOW))
check "it cut large sends" grown
finish
