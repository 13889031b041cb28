#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that leaves a request of the bring-up unanswered, refuses it or answers
# nonsense: the probe ends in bounded time, other tools go on, the module can be
# unloaded, and a healthy NIC works beside it (R9, R16, R70).

. "$(dirname "$0")/lib.sh"
n=$(nic_count)
my_cleanup() { host fault.clear >/dev/null; [ -z "${NIC-}" ] || host nic.remove nic="$NIC" >/dev/null 2>&1; }

if [ "$DRIVER" = stock ]; then
	skip "silent host" "stock waits for ever and holds RTNL: R70"
	finish
fi

mac=00:15:5d:bb:00:01
# try NAME [key=value]...: a NIC is added while the fault is armed.
try() {
	local label="$*" start=$SECONDS
	host fault.set "$@" count=1 >/dev/null || { not_ok "$label: fault is armed"; return; }
	NIC=$(host_get nic nic.add mac=$mac)
	sleep 1
	check "$label: tools answer meanwhile" limit 60 ip -br link show eth0
	host nic.remove nic="$NIC" >/dev/null
	NIC=
	check "$label: the NIC leaves" within 90 nics_are "$n"
	host fault.clear >/dev/null
	note "$((SECONDS - start)) s"
}
try name=nvsp.no_answer what=recv_buf
try name=rndis.no_answer what=initialize
try name=nvsp.refuse what=send_buf
if [ "$SLOW" = 1 ]; then	# each waits out the driver's limits
	try name=nvsp.no_answer what=init
	try name=nvsp.wrong_id what=send_buf
	try name=rndis.malformed what=query
	try name=suballoc.size value=8
	try name=section.size value=8
fi
check "the others still carry packets" to_peer eth0 10
check "the module can be unloaded" limit 60 rmmod hv_netvsc
check "and loaded" eval "modprobe hv_netvsc && within 20 nics_are $n"
check "and it carries packets" to_peer eth0 10
from_peer eth0
finish
