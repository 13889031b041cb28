#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that writes nonsense into the receive path: each malformed packet is
# dropped and completed once, with failure; the next good frame comes through
# (R11-R13, R15, R36; netvsc-wire.md 10.15, N1-N10).
#
# runs: 6.12:ours debug:ours 6.12:stock
# whole: 6.1:ours 6.1:stock
# takes: 50 s, debug 110 s

. "$(dirname "$0")/lib.sh"
my_cleanup() { host_do fault.clear >/dev/null; }

if [ "$DRIVER" = stock ]; then
	skip "hostile receive path" "stock loops for ever on N8 and leaks on N1, N2: R12, R36"
	finish
fi

log_lines() { dmesg | grep -c -E 'hv_netvsc|eth0'; }
lines_before=$(log_lines)

check "reaches the peer" to_peer eth0 10
acted() { host_get faults.0.hits fault.list; }	# the only fault that is armed
for fault in recv.set_id recv.range_count recv.range_offset recv.range_size recv.nvsp_type \
	     recv.msg_length recv.data_offset recv.data_length recv.ppi_size_zero recv.ppi_size_odd \
	     recv.ppi_data_offset recv.rndis_type status.malformed; do
	failed=$(host_get rx_failed stats nic=0)
	host_do fault.set name=$fault nic=0 count=3 >/dev/null
	[ $fault = status.malformed ] && host_do nic.speed nic=0 mbps=10000 >/dev/null
	ping -c 4 -i 0.2 -W 1 $PEER4 >/dev/null 2>&1
	at_least "$fault: the host did it" "$(acted)" 1
	host_do fault.clear >/dev/null
	if [ $fault != status.malformed ]; then
		at_least "$fault: completed with failure" "$(host_get rx_failed stats nic=0)" $((failed + 1))
	fi
	check "$fault: the next frames come through" within 10 ping -c 1 -W 1 $PEER4
done
host_do fault.set name=recv.unaligned nic=0 count=20 >/dev/null
check "recv.unaligned: legal, and taken" e2e_limit 20 ping -c 4 -i 0.2 -W 2 $PEER4
host_do fault.clear >/dev/null
for fault in tx.duplicate_completion tx.unknown_completion tx.fail tx.empty_completion; do
	host_do fault.set name=$fault nic=0 count=5 >/dev/null
	ping -c 6 -i 0.2 -W 1 $PEER4 >/dev/null 2>&1
	at_least "$fault: the host did it" "$(acted)" 1
	host_do fault.clear >/dev/null
	check "$fault: goes on sending" within 10 ping -c 1 -W 1 $PEER4
done
check "every transaction was completed" within 10 gives 0 host_stat 0 outstanding_to_guest
at_least "the log stays short: lines of the driver" $((200 + lines_before - $(log_lines))) 1
from_peer eth0
finish
