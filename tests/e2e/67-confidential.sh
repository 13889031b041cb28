#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The announcement of a VF that never comes is no error of the host's, as often as it is made. A confidential VM refuses it
# (R18), which is none either: tests/harness runs this with --host isolation=vbs.
#
#   eth0 --- switch --- peer
#
# whole: 6.12:ours 6.1:ours
# takes: 10 s

. "$(dirname "$0")/lib.sh"
bad_packets() { ethtool -S eth0 | sed -n 's/^ *host_bad_packet: //p'; }
ignored() { dmesg | grep -q "eth0: VF ignored: a confidential VM must not use one"; }
check "eth0 reaches the peer" to_peer eth0 10
was=$(bad_packets)
# The host itself says nothing to a guest that did not ask for VFs: SEND_VF_ASSOCIATION by hand, of VF 7.
announce() { host_do nic.inject nic=0 kind=inband hex="800000000${1}00000007000000$(printf '00%.0s' {1..28})" >/dev/null; }
for _ in 1 2 3; do check "the host announces a VF, and takes it back" in_turn announce 1 , announce 0; done
if isolated; then check "the log says that a VF is ignored" within 10 ignored; fi
check "what comes behind was read" within 10 ping -c 1 -W 1 -I eth0 $PEER4
equal "no error of the host is counted" "$(bad_packets)" "$was"
equal "nothing is used but eth0" "$(ip -br link show master eth0 | wc -l)" 0
from_peer eth0
finish
