#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A VF joins in every order of arrival, is marked before user space hears of it, and leaves (netvsc-wire.md 3.11,
# 4.6; R53-R57, R83; users.md 4, 5 and part b).
#
#   eth0 = synthetic NIC + VF (a function on a virtual PCI bus) --- switch --- peer
#
# runs: 6.12:ours 7.x:ours
# whole: 6.1:ours debug-7.x:ours
# takes: 30 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
my_cleanup() { host_do fault.clear >/dev/null; pull how=surprise 2>/dev/null; from_peer eth0; }
# carrier_stays NAME: eth0's carrier has not moved since the script, or the module, began.
carrier_stays() { [ "$DRIVER" = stock ] || equal "$1" "$(cat /sys/class/net/eth0/carrier_changes)" "$changes"; }

check "eth0 reaches the peer" to_peer eth0 10
changes=$(cat /sys/class/net/eth0/carrier_changes)
check "uevents are listened to" uevents /tmp/uevents

# The synthetic NIC first, as almost always.
dmesg -C
check "VF arrives" plug serial=1
check "it joins and carries the traffic" within 20 in_use || finish
vf=$(vf_of eth0)
check "traffic is counted on it" by_vf
equal "its address is ours" "$(mac_of "$vf")" "$(mac_of eth0)"
check "IFF_SLAVE at its add uevent" heard "^add $vf 0x[0-9a-f]?[89abcdef][0-9a-f]{2}$"
equal "upper link" "$(basename "$(readlink "/sys/class/net/$vf/upper_eth0")")" eth0
equal "master" "$(basename "$(readlink "/sys/class/net/$vf/master")")" eth0
check "lower link" test -e "/sys/class/net/eth0/lower_$vf/device"
check "no address of its own" not prints inet ip addr show dev "$vf"
for line in "eth0: VF slot 1 added" "eth0: VF registering: $vf" "$vf: joined to eth0" "eth0: Data path switched to VF: $vf"; do
	check "log: $line" logged "$line"
done
check "no change uevent" not grep -q "^change $vf" /tmp/uevents
check "VF leaves when it is asked to" leaves how=eject
check "the path is synthetic" path_is synthetic
check "eth0 stays reachable" reachable
for line in "eth0: Data path switched from VF: $vf" "eth0: VF unregistering: $vf" "eth0: VF slot 1 removed"; do
	check "log: $line" logged "$line"
done
check "log: no fail, error or warning of ours" not prints 'netvsc.*(fail|error|warning)|(fail|error|warning).*netvsc' dmesg

# Association behind the VF, never, with a wrong serial; the VF with one of a former life.
check "VF before its association" plug assoc=after delay=2000
check "it is used in the end" within 20 in_use
check "traffic is counted on it" by_vf
check "VF leaves" leaves how=surprise
check "VF without association" plug assoc=never
check "it joins" within 20 has_vf eth0
sleep 1
check "but the path stays synthetic" path_is synthetic
check "and traffic goes there" not_by_vf
check "association at last" host_do vf.assoc nic=0 state=on
check "it is used" within 20 in_use
check "VF leaves" leaves how=surprise
host_do fault.set nic=0 name=vf.assoc_serial >/dev/null
check "association with a wrong serial: by the address alone" plug
check "it is used" within 20 in_use
check "VF leaves" leaves how=surprise
host_do fault.clear >/dev/null
check "VF with another serial" plug serial=33
check "it is used" within 20 in_use
equal "its slot has that name" "$(basename "$(dirname "$(grep -l . /sys/bus/pci/slots/33/address)")")" 33
carrier_stays "carrier of eth0 never moved"

# The VF was there first: the module goes and comes.
: >/tmp/uevents
vf=$(vf_of eth0)
check "module unloaded with the VF there" e2e_limit 20 rmmod hv_netvsc
check "VF stays, without a mark" not any_bit 0x800 flags_of "$vf"
check "VF is usable" in_turn ip link set "$vf" up , ip link set "$vf" down
check "module loaded" in_turn modprobe hv_netvsc , within 20 nics_are 2
check "VF joins again" within 20 has_vf eth0
check "a change uevent tells of IFF_SLAVE" heard "^change $vf 0x[0-9a-f]?[89abcdef][0-9a-f]{2}$"
check "eth0 reaches the peer" to_peer eth0 10
changes=$(cat /sys/class/net/eth0/carrier_changes)
check "it is used" within 20 in_use
check "by the VF" by_vf
check "user space can still rename it" ip link set "$vf" name enP1s1
equal "the link has the new name" "$(vf_of eth0)" enP1s1
check "VF leaves" leaves how=surprise

# Its PCI function removed and found again; its driver unbound.
check "VF arrives" plug
check "it is used" within 20 in_use
fn=$(fn_of "$(vf_of eth0)")
tell() { echo "$1" >"$2"; }
check "PCI function removed" in_turn tell 1 "/sys/bus/pci/devices/$fn/remove" , within 20 has_no_vf eth0
check "traffic goes on" reachable
check "found again" in_turn tell 1 /sys/bus/pci/rescan , within 20 in_use
drv=$(readlink -f "/sys/bus/pci/devices/$fn/driver")
check "driver unbound" in_turn tell "$fn" "$drv/unbind" , within 20 has_no_vf eth0
check "traffic goes on" reachable
check "bound" in_turn tell "$fn" "$drv/bind" , within 20 in_use
check "by the VF" by_vf
check "VF leaves" leaves how=surprise
no_uevents
check "traffic goes on" reachable
carrier_stays "carrier of eth0 never moved, with the new module"
finish
