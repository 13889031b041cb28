#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# NICs come and go, with traffic on the others; the module leaves and returns; each twenty
# times with ROUNDS=20, less often by default. Nothing stays behind (R9, R10, R71; users.md 15).
#
#   eth0, up to four more at a time --- switch --- peer
#
# runs: 6.12:ours 6.12:stock
# whole: 6.1:ours 6.1:stock
# takes: 20 s

. "$(dirname "$0")/lib.sh"
rounds=$(($(e2e_times 8 4) / 4))		# four NICs each
reloads=$(e2e_times 5 3)
[ "$rounds" -gt 0 ] || rounds=1
sysfs_count() { find /sys/bus/vmbus/drivers/hv_netvsc/ -maxdepth 1 -type l -name '*-*' | wc -l; }
slab() { awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo; }

check "eth0 reaches the peer" to_peer eth0 10
ping -i 0.05 -q $PEER4 >/tmp/ping.out 2>&1 &
pinger=$!
bound=$(sysfs_count)
for ((i = 1; i <= rounds; i++)); do
	macs=()
	for n in 1 2 3 4; do
		offer_nic && macs+=("$OFFERED_MAC")
	done
	check "round $i: four NICs come" within 40 nics_are 6
	# All up; one of them carries something when it has to go.
	for mac in "${macs[@]}"; do
		dev=$(nic_with_mac "$mac") && ip link set "$dev" up
	done
	ip addr add 192.168.99.9/24 dev "$dev"
	[ "$DRIVER" = stock ] || { ping -f -w 20 -I "$dev" 192.168.99.1 >/dev/null 2>&1 & }
	case $i in
	1) check "round $i: they leave" remove_nics ;;
	*) how=(drained abrupt orderly)
	   for nic in "${ADDED[@]}"; do
		if [ "$DRIVER" = stock ]; then nic_leave "$nic"; continue; fi
		host_do nic.remove nic="$nic" how=${how[$((RANDOM % 3))]} >/dev/null
	   done
	   ADDED=()
	   check "round $i: they leave, each in its way" within 40 nics_are 2 ;;
	esac
done
equal "the driver is bound to as many as before" "$(sysfs_count)" "$bound"
kill -INT $pinger; wait $pinger
# The answer to the last one may be under way when ping ends.
at_least "eth0 lost nothing" 1 "$(awk '/packets transmitted/ { print $1 - $4 }' /tmp/ping.out)"
from_peer eth0

# Offered and taken back before anyone could look.
if [ "$DRIVER" = stock ]; then
	skip "offered and taken back at once" "stock waits for ever, with RTNL, for an answer of a host that is gone: R70"
else
	for i in 1 2 3 4 5; do offer_nic && host_do nic.remove nic="$NIC" how=abrupt >/dev/null; done
	ADDED=()
	sleep 1
	check "offered and taken back at once: nothing stays" within 40 nics_are 2
fi

memory=0
good=0
for ((i = 1; i <= reloads; i++)); do
	rmmod hv_netvsc && modprobe hv_netvsc && within 20 nics_are 2 && good=$((good + 1))
	[ "$i" != 2 ] || memory=$(slab)
done
equal "module unloaded and loaded, $reloads times" "$good" "$reloads"
at_least "memory stays: MB available, lost not more than 24" $(($(slab) + 24)) "$memory"
check "eth0 reaches the peer" to_peer eth0 10
from_peer eth0
check "eth1 too" to_peer eth1 11
from_peer eth1
finish
