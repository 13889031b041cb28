#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Reconfiguration under traffic in both directions, many times each: queues, table,
# features (LRO: see 17-rsc) and an MTU within the negotiated one are changed live, without a lost
# datagram; rings and a larger MTU re-attach. In the end everything reads as before
# (R73, R74; users.md 2, 13).
#
#   ns a: eth0 --- switch --- eth1 :ns b      datagrams a -> b -> a, one each 2 ms at most
#
# runs: 6.12:ours 7.x:ours
# whole: 6.1:ours debug-7.x:ours
# takes: 110 s

. "$(dirname "$0")/lib.sh"
cpus=$(nproc)
live=$(e2e_times 20 2)		# rounds of two changes each; ROUNDS=100 for a hundred of all
rebuilt=$(e2e_times 5 2)

# What tools show of the interface's settings.
state() {
	in_a ethtool -i eth0
	in_a ethtool -g eth0
	in_a ethtool -l eth0
	in_a ethtool -x eth0
	in_a ethtool -k eth0
	for proto in tcp4 tcp6 udp4 udp6; do in_a ethtool -n eth0 rx-flow-hash $proto; done
	in_a ethtool eth0 | grep -v 'Link partner'
	in_a ip -d -o link show eth0
	in_a cat /sys/class/net/eth0/ifalias
} 2>&1
# Without the MTU the host was told: after a smaller one within it, it is the larger.
host_state() { host_do stats nic=0 | jq -c '{link, mac, filter, channels, section_size, rss, offloads}'; }
# counters; backwards FILE: those that are less than in the FILE.
counters() { in_a ethtool -S eth0 | awk -F: 'NF == 2 && $2 != "" { gsub(/ /, ""); print $1, $2 }'; in_a sh -c 'cd /sys/class/net/eth0/statistics && grep . *' | tr : ' '; }
backwards() { counters | awk 'NR == FNR { was[$1] = $2; next } $2 < was[$1] { print $1, was[$1], "->", $2 }' "$1" -; }

# knob ROUNDS LABEL live|rebuilt NAME A B: set A, set B, ... with datagrams on their way.
knob() {
	local rounds=$1 label=$2 kind=$3 name=$4 sent lost gap start=$SECONDS
	ip netns exec a python3 "$TRAFFIC" stream $B4 600 >/tmp/stream &
	local stream=$!
	within 10 test -s /tmp/stream
	check "$label, $rounds times" e2e_limit $((60 + rounds * 4)) ip netns exec a python3 "$FRAMES" knob eth0 "$rounds" "$name" "$5" "$6"
	sleep 0.5
	kill "$stream"; wait "$stream"
	read -r _ _ sent _ lost _ gap < <(paste -sd" " /tmp/stream)
	note "$label: $sent datagrams, $lost lost, longest gap $gap ms, $((SECONDS - start)) s"
	at_least "$label: datagrams went on their way" "${sent:-0}" 20
	[ "$kind" != live ] || equal "$label: none of them was lost" "${lost:-all}" 0
	check "$label: traffic goes on" within 20 in_a ping -c 1 -W 1 $B4
}

check "two NICs in two namespaces see each other" pair
check "server in namespace b" serve in_b
# A NIC that is away every third of a second misses three questions in a row for its address now
# and then; what is lost after that is not the change's.
in_a ip neigh replace $B4 lladdr "$(in_b cat /sys/class/net/eth1/address)" dev eth0 nud permanent
in_b ip neigh replace $A4 lladdr "$(in_a cat /sys/class/net/eth0/address)" dev eth1 nud permanent
channels() { in_a ethtool -l eth0 | awk '/^Combined:/ { n = $2 } END { print n }'; }
[ "$cpus" = 1 ] || within 10 gives "$cpus" channels
in_a ethtool -N eth0 rx-flow-hash udp4 sd 2>/dev/null
within 5 in_a ping -c 1 -W 1 $B4
in_a python3 "$FRAMES" knob eth0 1 tso 0 1	# the old ioctl says more than -K tso
before=$(state) host_before=$(host_state)
flaps=$(in_a cat /sys/class/net/eth0/carrier_changes)
counters >/tmp/counters
if [ "$cpus" = 1 ]; then skip "-L" "one CPU has one channel"; else
	knob "$live" "-L 1 and $cpus" live channels 1 "$cpus"
	knob "$live" "-X of 1 and $cpus queues" live table 1 "$cpus"
fi
knob "$live" "MTU 1400 and 1500" live mtu 1400 1500
knob "$live" "-K tso off and on" live tso 0 1
knob "$live" "-K gro off and on" live gro 0 1
rx=$(in_a ethtool -g eth0 | awk '/^RX:/ { n = $2 } END { print n }')
knob "$rebuilt" "MTU 4000 and 1500" rebuilt mtu 4000 1500
knob "$rebuilt" "-G rx 3000 and $rx" rebuilt rx 3000 "$rx"
check "channels and link are back" within 20 gives "$before" state
if ! diff <(echo "$before") <(state) >/tmp/state.diff; then
	not_ok "all settings read as before"
	sed 's/^/    # /' /tmp/state.diff
else
	ok "all settings read as before"
fi
equal "the host has them as before" "$(host_state)" "$host_before"
equal "no counter went backwards" "$(backwards /tmp/counters | head -n 3 | paste -sd' ')" ""
equal "the carrier was steady" "$(($(in_a cat /sys/class/net/eth0/carrier_changes) - flaps))" 0
check "every transaction was completed" within 10 gives 0 host_stat 0 outstanding_to_guest
# What cannot be leaves all as it is, with a sentence.
check "ring size beyond the maximum: refused" not in_a ethtool -G eth0 rx 40000
check "more queues than there are: refused" not in_a ethtool -L eth0 combined 65
if [ "$DRIVER" = stock ]; then
	skip "host refuses the new buffer" "stock may end up without a device: R74"
else
	host_do fault.set name=nvsp.refuse what=recv_buf nic=0 count=1 >/dev/null
	check "host refuses the new buffer: an error" not e2e_limit 60 ip netns exec a ethtool -G eth0 rx 3000
	host_do fault.clear >/dev/null
	check "host refuses the new buffer: the old one works on" within 30 in_a ping -c 1 -W 1 $B4
	check "host refuses the new buffer: the setting is the old one" within 10 gives "$before" state
fi
unserve
in_a ethtool -N eth0 rx-flow-hash udp4 sdfn 2>/dev/null
finish
