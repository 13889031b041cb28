#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The data path goes to the VF and back, whoever wants it, and nobody notices: neither traffic nor RTNL
# (netvsc-wire.md 3.12, 4.6, 9.6; R57-R60, R64; users.md 4).
#
#   eth0 = synthetic NIC + VF --- switch --- peer

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../vf.sh"
my_cleanup() { rm -f /tmp/rtnl.max; host fault.clear >/dev/null; pull how=surprise 2>/dev/null; from_peer eth0; }
rounds=$(times 20 4)
# Seconds in which a driver that holds back after a loss is back.
back=8

check "eth0 reaches the peer" to_peer eth0 10
changes=$(cat /sys/class/net/eth0/carrier_changes)
check "VF arrives" plug
check "it is used" within 20 in_use || finish
vf=$(vf_of eth0)

# The VF's own driver holds RTNL for as long as it needs to stop and start.
watch_rtnl
ip link set "$vf" down; within $back path_is synthetic; ip link set "$vf" up; within $back in_use
own=$(rtnl_ms)
watch_rtnl

# By the administrator.
check "VF down" ip link set "$vf" down
check "path is synthetic at once" path_is synthetic
check "traffic goes there" not_by_vf
check "VF up" ip link set "$vf" up
check "it is used again" within $back in_use
check "traffic goes there" by_vf
check "eth0 down, up" eval 'ip link set eth0 down && path_is synthetic && ip link set eth0 up'
check "VF is used again" within $back in_use
check "eth0 reaches the peer" within 10 reachable

# By a cable.
host vf.link nic=0 state=down >/dev/null
if [ "$DRIVER" = stock ]; then
	skip "VF without carrier: the host is told" "stock leaves the path at the VF: features.md, VF with carrier loss"
else
	check "VF without carrier: the host is told" within 3 path_is synthetic
	check "traffic goes on" reachable
fi
host vf.link nic=0 state=up >/dev/null
check "carrier is back, the VF too" within $back in_use

# By the host.
if [ "$DRIVER" = stock ]; then
	skip "the host switches back by itself" "stock ignores the message: R59"
else
	requests=$(vfstat switch_requests)
	host vf.fallback nic=0 ask=on >/dev/null
	check "the host switches back by itself: traffic follows" within 5 reachable
	check "the VF comes back" within $back in_use
	check "after the driver asked for it" eval '[ "$(vfstat switch_requests)" -gt "$requests" ]'
	equal "the message was answered" "$(vfstat notices_answered)" "$(vfstat notices)"
	equal "nothing was sent on the wrong path" "$(vfstat wrong_path_vf)" 0
	host fault.set nic=0 name=vf.switch_fail count=3 >/dev/null
	ip link set "$vf" down; ip link set "$vf" up
	check "a switch that does not happen, three times: traffic goes on" within 5 reachable
	check "the VF is used in the end" within 20 in_use
	host fault.clear >/dev/null
fi

# Back and forth.
good=0
for ((i = 1; i <= rounds; i++)); do
	pull how="$([ $((i % 2)) = 0 ] && echo eject || echo surprise)" && reachable >/dev/null || note "round $i: not reachable without"
	plug && within 20 in_use && reachable >/dev/null && good=$((good + 1))
done
equal "VF pulled and plugged, each time reachable" "$good" "$rounds"
equal "nothing was sent on the wrong path" "$(vfstat wrong_path_vf)" 0
check "live migration" host vf.migrate nic=0 ms=300
check "VF is used again" within 20 in_use
check "by the VF" by_vf

# A host that answers late, or not at all.
vf=$(vf_of eth0)
host fault.set nic=0 name=vf.switch_slow ms=3000 count=1 >/dev/null
if [ "$DRIVER" = ours ]; then
	check "slow answer: VF down" limit 5 ip link set "$vf" down
	check "slow answer: traffic goes on when the host has switched" within 6 reachable
	check "slow answer: VF up" ip link set "$vf" up
	check "slow answer: it is used again" within 20 in_use
	host fault.set nic=0 name=nvsp.no_answer what=datapath count=1 >/dev/null
	check "lost answer: VF down" limit 5 ip link set "$vf" down
	check "lost answer: traffic goes on" within 5 reachable
	check "lost answer: VF up" ip link set "$vf" up
	check "lost answer: it is used again" within 40 in_use
	check "lost answer: module goes and comes" eval 'host fault.set nic=0 name=nvsp.no_answer what=datapath count=1 >/dev/null && limit 30 rmmod hv_netvsc && modprobe hv_netvsc && within 20 nics_are 2'
	changes=$(cat /sys/class/net/eth0/carrier_changes)
	check "eth0 reaches the peer" to_peer eth0 10
	check "by the VF" within 40 by_vf
else
	skip "a host that answers late or not at all" "stock waits for ever with RTNL held: R57"
fi
ms=$(rtnl_ms)
note "longest ip link: $ms ms, $own ms while the VF's driver stops and starts"
at_least "nobody held RTNL for a second more than that" $((own + 1000 * SLOW)) "$ms"
[ "$DRIVER" = stock ] || at_least "carrier of eth0 did not move (down and up by the administrator)" $((changes + 2)) "$(cat /sys/class/net/eth0/carrier_changes)"
check "VF leaves" pull how=eject
check "eth0 stays reachable" reachable
finish
