#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What else tools expect of the driver, and is cheap to look at (users.md, part b; R82, R86): what modprobe and modinfo say, symbols
# that LISA looks for, sysfs of the interface and of its channels as DPDK, VPP, lsvmbus and perftune read
# it, the log of a good boot, a VF as tools see it, the way to uio_hv_generic and back.
# tests/contract/points names these points.
#
#   eth0 (VF), eth1, ethN (uio) --- switch --- peer
#
# whole: 6.12:ours
# takes: 110 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
. "$(dirname "$0")/xdp-lib.sh"
CLASS=f8615163-df3e-46c5-913f-f2d2f965ed0e
UIO=/sys/bus/vmbus/drivers/uio_hv_generic
my_cleanup() {
	[ -d /sys/module/hv_netvsc ] || { modprobe hv_netvsc && within 20 nics_are 2; }
	pull how=surprise 2>/dev/null
	[ ${#ADDED[@]} = 0 ] || leave_from_uio
	modprobe -r uio_hv_generic 2>/dev/null
	from_peer eth0
}
if [ "$DRIVER" = ours ]; then FILE=/run/job/hv_netvsc.ko; else FILE=$(modinfo -n hv_netvsc); fi
NET=/sys/class/net/eth0
DEVICE=$(readlink -f $NET/device)

# ---- the module
equal "modinfo: name" "$(modinfo -F name "$FILE")" hv_netvsc
equal "modinfo: alias" "$(modinfo -F alias "$FILE")" vmbus:635161f83edfc546913ff2d2f965ed0e
equal "the device asks for that alias" "$(cat "$DEVICE/modalias")" vmbus:635161f83edfc546913ff2d2f965ed0e
equal "modprobe finds the driver by it" "$(modprobe -R "$(cat "$DEVICE/modalias")")" hv_netvsc
equal "modinfo: parameters" "$(modinfo -p "$FILE" | sed 's/:.*//' | sort | xargs)" "debug ring_size"
equal "modinfo: needs no module that a tool would not expect" "$(modinfo -F depends "$FILE" | tr , '\n' | grep -v '^$' | sort | xargs)" hv_vmbus
equal "parameters can be read by all and written by nobody" "$(stat -c %a /sys/module/hv_netvsc/parameters/* | sort -u)" 444
in_file() { grep -qa "$1" "$FILE" && grep -q "^[0-9a-f]* t $1.\[hv_netvsc\]" /proc/kallsyms; }
check "symbol netvsc_get_msglevel" in_file netvsc_get_msglevel
check "symbol netvsc_set_msglevel" in_file netvsc_set_msglevel

# What modprobe -v says is read line by line. Ours is loaded by a rule here (init.c), which is an insmod, too.
said=/tmp/modprobe.out
unloads() { e2e_limit 60 modprobe -rv hv_netvsc >$said 2>&1; }
loads() { modprobe -v hv_netvsc "$@" >$said 2>&1 && within 20 nics_are 2; }
check "modprobe -rv" unloads
equal "modprobe -rv says one rmmod of it" "$(grep hv_netvsc $said)" "rmmod hv_netvsc"
dmesg -C
check "modprobe -v" loads
equal "modprobe -v says one insmod of it" "$(grep -c 'insmod .*hv_netvsc\.ko' $said) $(grep -c hv_netvsc $said)" "1 1"
check "log: registering driver" in_log 'hv_vmbus: registering driver hv_netvsc'
check "unload" unloads
check "a parameter that nobody knows: it loads" loads no_such_parameter=1
check "unload again" unloads
check "ring_size and debug: it loads" loads ring_size=256 debug=3
equal "ring_size and debug are shown" "$(cat /sys/module/hv_netvsc/parameters/{ring_size,debug} | xargs)" "256 3"
check "unload once more" unloads
check "as it was" loads
DEVICE=$(readlink -f $NET/device)
check "eth0 reaches the peer" to_peer eth0 10

# ---- sysfs of the interface
# LISA looks for *vmbus* or *MSFT* on the way, networkd's Path= for acpi-VMBUS:*.
check "the path leads over the bus" grep -qE '/(ACPI0004|PNP0A03|MSFT1000|VMBUS)[^/]*(/[^/]*)*/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' <<<"$DEVICE"
check "net below the device" test -d "$DEVICE/net/eth0"
equal "class_id" "$(cat "$DEVICE/class_id")" "{$CLASS}"
equal "device_id is the folder's name" "$(cat "$DEVICE/device_id")" "{$(basename "$DEVICE")}"
equal "subsystem is vmbus" "$(basename "$(readlink "$DEVICE/subsystem")")" vmbus
# Anything here would give the interface another name.
equal "dev_port" "$(cat $NET/dev_port)" 0
check "phys_port_name, phys_port_id, phys_switch_id: none" not prints . cat $NET/phys_port_name $NET/phys_port_id $NET/phys_switch_id
equal "type, link_mode, name_assign_type" "$(cat $NET/type $NET/link_mode | xargs)" "1 0"
equal "address is the permanent one" "$(cat $NET/addr_assign_type)" 0
for file in bind unbind new_id remove_id uevent; do
	check "driver: $file" test -e "/sys/bus/vmbus/drivers/hv_netvsc/$file"
done
check "no line of it in /proc/interrupts" not grep -qE 'hv_netvsc|netvsc|eth[01]' /proc/interrupts

# ---- its channels
for file in id class_id device_id channel_vp_mapping state modalias driver_override vendor device; do
	check "device: $file" test -r "$DEVICE/$file"
done
each_channel() {
	local c n=0 value
	for c in "$DEVICE"/channels/*; do
		read -r value <"$c/$1" && [ -n "$value" ] || return 1
		n=$((n + 1))
	done
	[ $n -gt 0 ]
}
for file in cpu in_mask out_mask read_avail write_avail interrupts events subchannel_id; do
	check "each channel: $file" each_channel $file
done
equal "channel_vp_mapping names each channel" "$(wc -l <"$DEVICE/channel_vp_mapping")" "$(find "$DEVICE/channels" -mindepth 1 -maxdepth 1 | wc -l)"
channel=$(find "$DEVICE/channels" -mindepth 1 -maxdepth 1 | sort | head -n 1)
was=$(cat "$channel/cpu")
moved() { echo "$1" >"$channel/cpu" && [ "$(cat "$channel/cpu")" = "$1" ] && within 10 ping -c 1 -W 1 $PEER4; }
check "a channel goes to another CPU, and traffic on" moved $(($(nproc) - 1))
check "and back" moved "$was"

# ---- figures by ethtool
figures() { ethtool -S eth0 | sed '1d;s/.*: //'; }
check "ethtool -S: every value is a plain number" not grep -qvE '^[0-9]+$' <(figures)
equal "ethtool -x: 128 entries, 40 bytes, toeplitz" \
	"$(ethtool -x eth0 | awk -F: '/^ *[0-9]+:/ { n += split($2, a, " ") } /^([0-9a-f]{2}:)+/ { k = NF } /toeplitz: on/ { t = "toeplitz" } END { print n, k, t }')" "128 40 toeplitz"
for proto in tcp4 tcp6 udp4 udp6; do
	check "ethtool -n: $proto" prints 'Hash|hash|L4 bytes|IP SA' ethtool -n eth0 rx-flow-hash $proto
done
for name in scatter-gather tcp-segmentation-offload generic-receive-offload large-receive-offload rx-checksumming tx-checksumming; do
	check "ethtool -k: $name" prints "^$name: " ethtool -k eth0
done

# ---- down and up, as an agent does it to renew a lease
agent() { ip link set eth0 down && ip link set eth0 up && within 10 ping -c 1 -W 1 $PEER4; }
check "down and up, three times" in_turn agent , agent , agent

# ---- a VF as tools see it
check "a VF arrives and is used" arrives
vf=$(vf_of eth0)
check "lower link, as LISA reads it" grep -qE '(\.\./)*[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]$' <(readlink "$NET/lower_$vf/device")
equal "upper link" "$(basename "$(readlink "/sys/class/net/$vf/upper_eth0")")" eth0
equal "master in netlink" "$(ip -j link show dev "$vf" | jq -r '.[0].master')" eth0
check "marked IFF_SLAVE" any_bit 0x800 flags_of "$vf"
check "the expression of azure-vm-utils has it" grep -qE '^0x.?[89abcdefABCDEF]..$' <(flags_of "$vf")
equal "the VF has the NIC's address" "$(mac_of "$vf")" "$(mac_of eth0)"
check "and no IPv6 link-local one" not prints inet6 ip addr show dev "$vf"
check "traffic by it is counted as the VF's" by_vf
check "log: VF registering" logged "eth0: VF registering: "
check "log: Data path switched to VF" logged "eth0: Data path switched to VF: $vf"
check "log: VF slot added" logged 'VF slot [0-9]+ added'
check "modprobe -r while it is up and has a VF" e2e_limit 60 modprobe -r hv_netvsc
check "and again" in_turn modprobe hv_netvsc , within 20 nics_are 2
check "eth0 reaches the peer" to_peer eth0 10
check "the VF is used again" within 20 in_use
check "the VF leaves" leaves how=eject
check "log: Data path switched from VF" logged "eth0: Data path switched from VF: "
check "log: VF unregistering" logged "eth0: VF unregistering: "
check "log: VF slot removed" logged 'VF slot [0-9]+ removed'
check "eth0 stays reachable" reachable

# ---- a program as tools see it
check "a program in driver mode" put_on eth0 drop count drop
xdp_mode() { ip -j -d link show dev eth0 | jq '.[0].xdp.mode'; }
equal "it is in netlink" "$(xdp_mode)" 1
check "modprobe -r with a program attached" e2e_limit 60 modprobe -r hv_netvsc
check "and again" in_turn modprobe hv_netvsc , within 20 nics_are 2
equal "no program is left" "$(xdp_mode)" null
check "eth0 reaches the peer" to_peer eth0 10

# ---- user space takes a NIC, by the class as DPDK's and VPP's manuals have it
tell_class() { echo $CLASS >$UIO/new_id; }
hand_over() {
	local id=$1
	ip link set "$DEV" down && echo "$id" >/sys/bus/vmbus/drivers/hv_netvsc/unbind &&
		echo "$id" >$UIO/bind && within 10 test -e "$UIO/$id/uio"
}
hand_back() { echo "$1" >$UIO/unbind && echo "$1" >/sys/bus/vmbus/drivers/hv_netvsc/bind && within 20 nic_with_mac "$OFFERED_MAC"; }
# What uio_hv_generic leaves at the channel makes the kernel oops at a rescind later (testing.md), so the NIC goes while it has it.
leave_from_uio() { { [ -e "$UIO/$ID" ] || hand_over "$ID"; } && remove_nics && within 20 not test -e "$UIO/$ID"; }
maps() { cat "$UIO/$1"/uio/uio*/maps/map*/name | sed 's/:.*/:/' | sort | xargs; }
if modprobe uio_hv_generic 2>/dev/null; then
	check "a NIC for user space, within seconds" add_nic
	ID=$(basename "$(readlink -f "/sys/class/net/$DEV/device")")
	check "the class is told to uio_hv_generic" tell_class
	check "unbound and bound: /dev/uio is there" hand_over "$ID"
	check "no interface is left" not nic_with_mac "$OFFERED_MAC"
	equal "its maps" "$(maps "$ID")" "int_page monitor_page recv: send: txrx_rings"
	check "the ring of its channel in sysfs" test -e "$UIO/$ID/channels/$(basename "$(echo "$UIO/$ID/channels"/* | cut -d' ' -f1)")/ring"
	check "given back: an interface" hand_back "$ID"
	DEV=$(nic_with_mac "$OFFERED_MAC")
	check "given back: reaches the peer" in_turn from_peer eth0 , to_peer "$DEV" 54
	from_peer "$DEV"
	check "taken and given back once more" in_turn hand_over "$ID" , hand_back "$ID"
	DEV=$(nic_with_mac "$OFFERED_MAC")
	check "it leaves" leave_from_uio
	check "eth0 reaches the peer" to_peer eth0 10
else
	skip "a NIC for user space" "this kernel has no uio_hv_generic"
fi

# ---- the words of all this in the log
alarms() { dmesg | grep -E 'hv_netvsc|eth[0-9]' | grep -v -e 'module verification' -e 'no_such_parameter' | grep -E 'fail|error|warning'; }
check "the log has no fail, error or warning of it" not alarms
finish
