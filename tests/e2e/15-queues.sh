#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Sub-channels: as many as CPUs and host allow; with fewer, missing, late, refused or
# surplus ones the NIC works with those that opened, also after the next
# reconfiguration (R4-R7, R85; users.md 1, 14).
#
#   guest ethN (queues=1|8, a fault each) --- switch --- peer
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 60 s

. "$(dirname "$0")/lib.sh"
cpus=$(nproc)
bytes=$((20000 / SLOW))

channels() { ethtool -l "$1" | awk '/^Combined:/ { n = $2 } END { print n }'; }
channels_max() { ethtool -l "$1" | awk '/^Combined:/ { print $2; exit }'; }
channels_are() { [ "$(channels "$1")" = "$2" ] && [ "$(ls -d "/sys/class/net/$1/queues/rx-"* | wc -l)" = "$2" ]; }
flows() { e2e_limit 60 python3 "$TRAFFIC" flows $PEER4 12 $bytes; }

check "a NIC of a host with one queue" add_nic queues=1
equal "one queue: maximum" "$(channels_max "$DEV")" 1
equal "one queue: in use" "$(channels "$DEV")" 1
check "one queue: reaches the peer" to_peer "$DEV" 45
check "server at the peer" serve_peer
check "one queue: many connections" flows
from_peer "$DEV"
remove_nics

check "a NIC of a host with eight queues" add_nic queues=8
check "eight queues, $cpus CPUs: one for each CPU" within 10 channels_are "$DEV" "$cpus"
equal "the host has as many channels open" "$(host_stat "$NIC" channels)" "$cpus"
at_least "maximum" "$(channels_max "$DEV")" "$cpus"
check "eight queues: reaches the peer" to_peer "$DEV" 46
out=$(queue_stats "$NIC" frames_from_guest) in=$(queue_stats "$NIC" frames_to_guest)
check "eight queues: many connections" flows
at_least "they are sent over several channels" "$(busy "$out" "$(queue_stats "$NIC" frames_from_guest)" 10)" 2
at_least "and received over several" "$(busy "$in" "$(queue_stats "$NIC" frames_to_guest)" 10)" 2
check "fewer: -L combined 1" ethtool -L "$DEV" combined 1
equal "fewer: in use" "$(channels "$DEV")" 1
check "fewer: traffic" within 20 ping -c 1 -W 1 $PEER4
in=$(queue_stats "$NIC" frames_to_guest)
check "fewer: many connections" flows
equal "fewer: received over one" "$(busy "$in" "$(queue_stats "$NIC" frames_to_guest)" 10)" 1
check "back: -L combined $cpus" ethtool -L "$DEV" combined "$cpus"
check "back: in use" within 10 channels_are "$DEV" "$cpus"
check "back: many connections" flows
check "more than there are: refused" not ethtool -L "$DEV" combined $(($(channels_max "$DEV") + 1))
check "none: refused" not ethtool -L $DEV combined 0
check "separate ones: refused" not ethtool -L $DEV rx 1 tx 1
from_peer "$DEV"
remove_nics

# A NIC for each trouble, some of them at once; wanted: the number of channels in the end.
faulted=()
trouble() {	# trouble WANTED LABEL FAULT [KEY=VALUE]...
	local wanted=$1 label=$2
	shift 2
	if [ "$wanted" = stock ]; then
		skip "$label" "stock waits for ever for what does not open, or frees NAPIs that the interface still lists: R4, R5, R70"
		return
	fi
	faulty_nic "$@" -- queues=8 && faulted+=("$wanted $NIC $OFFERED_MAC $label")
}
hangs() { if [ "$DRIVER" = stock ]; then echo stock; else echo "$1"; fi; }
settle() {
	local line wanted mac label
	for line in "${faulted[@]}"; do
		read -r wanted NIC mac label <<<"$line"
		within 60 nic_with_mac "$mac"
		DEV=$(nic_with_mac "$mac") || { not_ok "$label: the interface appears"; continue; }
		[ "$wanted" = any ] || check "$label: $wanted channels are in use" within 30 channels_are "$DEV" "$wanted"
		check "$label: reaches the peer" to_peer "$DEV" 47
		check "$label: MTU 9000" e2e_limit 60 ip link set "$DEV" mtu 9000
		check "$label: many connections" flows
		check "$label: fewer channels" e2e_limit 60 ethtool -L "$DEV" combined 1
		check "$label: and traffic over it" within 20 ping -c 1 -W 1 $PEER4
		check "$label: every transaction was completed" within 10 gives 0 host_stat "$NIC" outstanding_to_guest
		from_peer "$DEV"
	done
	host_do fault.clear >/dev/null
	faulted=()
	check "they leave" remove_nics
}
trouble "$cpus" "offered two seconds late" subchannel.late ms=2000
trouble "$(hangs $((cpus - 1)))" "one less granted" subchannel.fewer value=1
trouble "$(hangs 1)" "request refused" nvsp.refuse what=subchannel
trouble "$(hangs any)" "one more granted than asked" subchannel.more
settle
if [ "$SLOW" = 1 ] || [ "$DRIVER" = stock ]; then
	trouble "$(hangs $((cpus - 1)))" "one granted but never offered" subchannel.missing value=1
	trouble "$(hangs 1)" "open of all refused" subchannel.refuse_open count=0
fi
trouble "$(hangs $((cpus - 1)))" "open of one refused" subchannel.refuse_open count=1
[ ${#faulted[@]} = 0 ] || settle
unserve_peer
check "the others still carry packets" to_peer eth0 10
from_peer eth0
finish
