#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that leaves a request of the bring-up unanswered, refuses it or answers
# nonsense: the probe ends in bounded time, other tools go on, the module can be
# unloaded, and a healthy NIC works beside it (R9, R16, R70).
#
# runs: 6.12:ours
# whole: 6.1:ours 6.1:stock debug:ours 6.12:stock
# takes: 35 s, debug 85 s

. "$(dirname "$0")/lib.sh"
n=$(nic_count)
my_cleanup() { host_do fault.clear >/dev/null; [ -z "${NIC-}" ] || nic_leave "$NIC"; }

if [ "$DRIVER" = stock ]; then
	skip "silent host" "stock waits for ever and holds RTNL: R70"
	finish
fi

mac=00:15:5d:bb:00:01
acted() { [ "$(host_get faults.0.hits fault.list)" -ge 1 ]; }
# try patient|short NAME [key=value]...: a NIC is added while the fault is armed. A patient host
# lets the driver run into its limit; the other takes the NIC back once the fault acted, and
# that ends the wait.
try() {
	local how=$1 label="${*:2}" start=$SECONDS
	shift
	host_do fault.set name="$1" "${@:2}" count=1 >/dev/null || { not_ok "$label: fault is armed"; return; }
	NIC=$(host_get nic nic.add mac=$mac)
	check "$label: the host did it" within 30 acted
	[ "$how" = short ] || check "$label: tools answer in the end" e2e_limit 60 ip -br link show eth0
	nic_leave "$NIC"
	NIC=
	check "$label: the NIC leaves" within 30 nics_are "$n"
	host_do fault.clear >/dev/null
	note "$((SECONDS - start)) s"
}
try patient rndis.no_answer what=initialize
try short nvsp.refuse what=send_buf
for what in init recv_buf send_buf; do
	try short nvsp.no_answer what=$what
done
try short rndis.no_answer what=query
try short nvsp.wrong_id what=send_buf
try short rndis.malformed what=query
try short suballoc.size value=8
try short section.size value=8
check "the others still carry packets" to_peer eth0 10
check "the module can be unloaded" e2e_limit 60 rmmod hv_netvsc
check "and loaded" in_turn modprobe hv_netvsc , within 20 nics_are $n
check "and it carries packets" to_peer eth0 10
from_peer eth0
finish
