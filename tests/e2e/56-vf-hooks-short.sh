#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each kind of hook that the VF can have meets each frame that eth0 sends by the VF, one burst a hook: the short form of
# 51-vf-hooks. In the end a burst takes the short way again. ONLY=NAME[,NAME]... runs some of the groups.
#
#   eth0 = synthetic NIC + VF --- switch --- peer, sink
#   ns b: eth1 -------------------- '
#
# runs: 6.12:ours
# takes: 100 s

. "$(dirname "$0")/lib.sh"
N=5
BRIEF=1
. "$(dirname "$0")/vf-hooks.sh"
my_cleanup() { clear_hooks; }

look_for_short_way
bring_vf
run_groups clsact tcx netfilter taps qdiscs held counted cannot stamps
by_short_way "all hooks are gone"
run_groups priorities
finish
