#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module leaves and returns ten times (three on the debug kernel), interface up and under traffic, and the
# bus below it too (R71; users.md part b, item 6).
#
# runs: 6.12:ours debug:ours 6.1:ours 7.x:ours
# whole: 6.1:stock 6.12:stock debug-7.x:ours
# takes: 50 s, debug 120 s

. "$(dirname "$0")/lib.sh"
load() { modprobe -q hv_vmbus; modprobe hv_netvsc && within 20 nics_are "$1"; }
n=$(nic_count)
my_cleanup() { nics_are "$n" || load "$n"; }

rounds=10
[ "$SLOW" = 1 ] || rounds=3
for ((i = 1; i <= rounds; i++)); do
	to_peer eth0 10 || { not_ok "round $i: reaches the peer"; continue; }
	ping -f -c 5000 -s 500 $PEER4 >/dev/null 2>&1 & traffic=$!
	sleep 0.3
	if e2e_limit 20 rmmod hv_netvsc && load "$n"; then ok "round $i: unload under traffic, load"; else
		not_ok "round $i: unload under traffic, load"; fi
	kill $traffic 2>/dev/null; wait $traffic 2>/dev/null
done
check "after all rounds: reaches the peer" to_peer eth0 10
check "after all rounds: server" serve_peer
check "after all rounds: TCP" e2e_limit 60 python3 "$TRAFFIC" tcp $PEER4 200000
unserve_peer
from_peer eth0
unbind() {
	local device
	device=$(basename "$(readlink -f /sys/class/net/eth1/device)")
	echo "$device" >/sys/bus/vmbus/drivers/hv_netvsc/unbind && within 10 nics_are $((n - 1))
}
bind_all() {
	local device
	for device in /sys/bus/vmbus/devices/*; do
		[ -e "$device/driver" ] || echo "${device##*/}" >/sys/bus/vmbus/drivers/hv_netvsc/bind
	done 2>/dev/null
	within 10 nics_are "$n"
}
check "unbind by sysfs" unbind
check "bind by sysfs" bind_all
if [ -e /sys/module/hv_vmbus/initstate ]; then
	check "the bus too: unload both" e2e_limit 30 sh -c 'rmmod hv_netvsc && rmmod hv_vmbus'
	check "the bus too: load both" load "$n"
	check "and it carries packets" to_peer eth0 10
else
	skip "the bus too: unload both" "the bus is a part of this kernel"
fi
from_peer eth0
finish
