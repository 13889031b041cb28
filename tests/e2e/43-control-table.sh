#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The control plane, cell by cell: an operation, at one of its requests the host is late, silent, refuses, answers twice
# or takes the NIC away, or whoever asked is killed; what must hold afterwards holds (R4, R9, R16, R70).
# CELLS=all[:i/n] | pairs[:i/n] | sample[:SEED] (default) | findings, or CELL=NAME... ; control-table.py explains.
#
#   a NIC for each cell --- switch --- peer
#
# runs: 6.12:ours
# takes: 160 s

. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
my_cleanup() { host_do fault.clear >/dev/null; }

if [ "$DRIVER" = stock ]; then
	skip "control plane" "stock waits for ever and holds RTNL: R4, R70"
	finish
fi
modprobe -qa pci-hyperv ixgbevf
note "cells: ${CELL:-${CELLS:-sample}}"
e2e_table "$here/control-table.py" "${CELL:-${CELLS:-sample}}"
check "eth0 carries packets" to_peer eth0 10
from_peer eth0
finish
