#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The host takes a NIC away under traffic and gives it back (R9, R10; netvsc-wire.md 4.7).
#
# runs: 6.12:ours debug:ours 6.12:stock
# whole: 6.1:ours 6.1:stock
# takes: 15 s, debug 40 s

. "$(dirname "$0")/lib.sh"
n=$(nic_count)
mac=00:15:5d:aa:00:01
my_cleanup() { [ -z "${NIC-}" ] || nic_leave "$NIC"; }

rounds=3
[ "$SLOW" = 1 ] || rounds=1
for ((i = 1; i <= rounds; i++)); do
	NIC=$(host_get nic nic.add mac=$mac)
	check "round $i: hot add" within 20 nic_with_mac $mac
	dev=$(nic_with_mac $mac) || continue
	check "round $i: reaches the peer" to_peer "$dev" 41
	how="at rest"
	if [ "$DRIVER" = stock ]; then
		skip "round $i: interface leaves under traffic" "stock waits for ever, with RTNL, for a transmit that crossed the rescind: R70"
		from_peer "$dev"
		sleep 1
	else
		how="under traffic"
		ping -f -s 1000 -I "$dev" $PEER4 >/dev/null 2>&1 & traffic=$!
		host_do peer bg=1 -- ping -f -w 5 -s 1000 192.168.77.41 >/dev/null
		sleep 0.5
	fi
	nic_leave "$NIC"
	NIC=
	check "round $i: interface leaves $how" within 20 nics_are "$n"
	[ "$how" = "at rest" ] || { kill $traffic; wait $traffic; } 2>/dev/null
	check "round $i: tools still answer" e2e_limit 5 ip link
done
# Gone before anyone looked: offered and withdrawn at once.
if [ "$DRIVER" = stock ]; then
	skip "added and removed at once: nothing stays" "stock waits for ever, with RTNL, for an answer of a host that is gone: R70"
else
	NIC=$(host_get nic nic.add mac=$mac)
	nic_leave "$NIC"
	NIC=
	check "added and removed at once: nothing stays" within 30 nics_are "$n"
fi
# It was with a driver of user space's meanwhile, which leaves a callback of its own for that.
user_space() {
	local id uio=/sys/bus/vmbus/drivers/uio_hv_generic
	NIC=$(host_get nic nic.add mac=$mac)
	check "back from user space: a NIC" within 20 nic_with_mac $mac || return
	id=$(basename "$(readlink -f "/sys/class/net/$(nic_with_mac $mac)/device")")
	check "back from user space: there" e2e_rebind "$id" hv_netvsc uio_hv_generic
	# It opens the channel.
	check "back from user space: it is used" in_turn within 10 test -e "$uio/$id/uio" , dd if="/dev/$(ls "$uio/$id/uio")" bs=4 count=0
	check "back from user space: and back" in_turn e2e_rebind "$id" uio_hv_generic "" , within 20 nic_with_mac $mac
	nic_leave "$NIC"
	NIC=
	check "back from user space: the interface leaves" within 20 nics_are "$n"
	modprobe -r uio_hv_generic
}
if [ "$DRIVER" = stock ]; then
	skip "back from user space" "the kernel oopses: stock keeps the callback that uio_hv_generic leaves at the channel"
elif modprobe uio_hv_generic 2>/dev/null; then
	user_space
else
	skip "back from user space" "this kernel has no uio_hv_generic"
fi
check "the others still carry packets" to_peer eth0 10
from_peer eth0
finish
