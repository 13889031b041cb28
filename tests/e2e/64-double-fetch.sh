#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that rewrites what it has written, while the guest reads it: the driver looks once, or does not believe what it
# sees the second time (R11, SECURITY.md). Each part of it under checked traffic, all of them, then single fields; CELLS="ring
# rndis.packet/data_offset" some of them, CELLS=ring:60 for a minute. That it would notice: tests/mutants/guest.
#
#   a NIC for each part --- switch --- generator, sink
#
# whole: 6.12:ours 6.1:ours
# takes: 280 s

. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
my_cleanup() { host_do fault.clear >/dev/null; }

if [ "$DRIVER" = stock ]; then
	skip "a host that rewrites" "stock loops for ever on N8 and leaks on N1, N2: R12, R36"
	finish
fi
e2e_table "$here/double-fetch.py" "${CELLS:-}"
check "eth0 carries packets" to_peer eth0 10
from_peer eth0
finish
