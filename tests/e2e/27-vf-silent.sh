#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that answers a data path request late, or not at all: traffic and RTNL go on, and the VF is used in the end
# (netvsc-wire.md 3.12; R57, R58).
#
#   eth0 = synthetic NIC + VF --- switch --- peer
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 30 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
my_cleanup() { unwatch_rtnl; host_do fault.clear >/dev/null; pull how=surprise 2>/dev/null; from_peer eth0; }

if [ "$DRIVER" = stock ]; then
	skip "a host that answers late or not at all" "stock waits for ever with RTNL held: R57"
	finish
fi
no_answer() { host_do fault.set nic=0 name=nvsp.no_answer what=datapath count=1 >/dev/null; }
check "eth0 reaches the peer" to_peer eth0 10
check "VF arrives" plug
check "it is used" within 20 in_use || finish
vf=$(vf_of eth0)
watch_rtnl
ip link set "$vf" down; within 20 path_is synthetic; ip link set "$vf" up; within 20 in_use
own=$(rtnl_ms)
unwatch_rtnl
watch_rtnl

host_do fault.set nic=0 name=vf.switch_slow ms=3000 count=1 >/dev/null
check "slow answer: VF down" e2e_limit 10 ip link set "$vf" down
check "slow answer: traffic goes on when the host has switched" within 15 reachable
check "slow answer: VF up" ip link set "$vf" up
check "slow answer: it is used again" within 30 in_use
check "traffic goes there" by_vf
no_answer
check "lost answer: VF down" e2e_limit 10 ip link set "$vf" down
check "lost answer: traffic goes on" within 10 reachable
check "lost answer: VF up" ip link set "$vf" up
check "lost answer: it is used again" within 40 in_use
check "traffic goes there" by_vf
ms=$(rtnl_ms)
unwatch_rtnl
note "longest ip link: $ms ms, $own ms while the VF's driver stops and starts"
at_least "nobody held RTNL for longer than that" "$(rtnl_limit "$own")" "$ms"
no_answer
check "lost answer: module goes" e2e_limit 30 rmmod hv_netvsc
check "and comes" in_turn modprobe hv_netvsc , within 20 nics_are 2
check "eth0 reaches the peer" to_peer eth0 10
check "it is used" within 40 in_use
check "by the VF" by_vf
check "VF leaves" leaves how=eject
check "eth0 stays reachable" reachable
finish
