#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that lies, cell by cell: a message to the guest, what becomes of it, when; whatever that is, the driver ignores
# it, fails a request, attaches anew or gives up with a line in the log, and nothing worse (R11-R20, R36).
# CELLS=all[:i/n] | sample[:SEED] (default) | MOMENT[:i/n] | MESSAGE[:i/n] | bus[:i/n], or CELL=NAME...; hostile_cells.py explains.
#
#   a NIC for many cells --- switch --- peer, generator
#
# runs: 6.12:ours
# takes: 110 s

. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
my_cleanup() { host_do fault.clear >/dev/null; }

if [ "$DRIVER" = stock ]; then
	skip "a host that lies" "stock loops for ever on N8 and leaks on N1, N2: R12, R36"
	finish
fi
modprobe -qa pci-hyperv ixgbevf
cells=${CELL:-${CELLS:-sample}}
note "cells: ${cells:0:300}"
e2e_table "$here/hostile-table.py" "$cells"
check "eth0 carries packets" to_peer eth0 10
from_peer eth0
finish
