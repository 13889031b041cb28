#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Monitored notification: the host offers a bit in a page for each channel, sysfs shows it, and the guest's
# signals are that bit and no hypercalls; a NIC without one beside it (vmbus-host.md A.5).
#
#   guest ethN (monitor=on | off) --- switch --- peer
#
# runs: 6.12:ours
# whole: 6.1:ours 6.1:stock debug:ours 6.12:stock
# takes: 60 s

. "$(dirname "$0")/lib.sh"
bytes=$((200000 / SLOW))
signals() { host_stat "$NIC" "signals_by_$1"; }	# signals hypercall|monitor
sysfs() { cat "/sys/class/net/$DEV/device/$1"; }
# traffic: echoes one by one, a stream both ways
traffic() {
	e2e_limit 30 ping -c 20 -i 0.05 $PEER4 && e2e_limit 60 python3 "$TRAFFIC" mixed $bytes $PEER4 $PEER6
}
usecs() { ethtool -c "$DEV" | awk '/^tx-usecs:/ { print $2 }'; }
# by_hypercall NAME yes|no: what traffic does, and that the setting is shown.
by_hypercall() {
	local hypercalls bits
	hypercalls=$(signals hypercall) bits=$(signals monitor)
	check "$1: traffic" within 20 ping -c 20 -i 0.05 $PEER4
	if [ "$2" = yes ]; then
		at_least "$1: by hypercall" $(($(signals hypercall) - hypercalls)) 10
		equal "$1: and none by bit" $(($(signals monitor) - bits)) 0
		equal "$1: it is shown" "$(usecs)" 0
	else
		at_least "$1: by bit" $(($(signals monitor) - bits)) 10
		equal "$1: and none by hypercall" $(($(signals hypercall) - hypercalls)) 0
		equal "$1: it is shown" "$(usecs)" 100
	fi
}
# bound_anew: the driver lets the NIC go, and takes it again.
bound_anew() {
	local guid mac
	guid=$(basename "$(readlink -f "/sys/class/net/$DEV/device")") mac=$(mac_of "$DEV")
	from_peer "$DEV"
	echo "$guid" >/sys/bus/vmbus/drivers/hv_netvsc/unbind && echo "$guid" >/sys/bus/vmbus/drivers/hv_netvsc/bind &&
		within 20 nic_with_mac "$mac" && DEV=$(nic_with_mac "$mac") && to_peer "$DEV" 53
}
# choice: which of the two it is, kept over whatever opens channels.
choice() {
	equal "choice: as the host offers it" "$(usecs)" 100
	check "choice: nothing between" said "tx-usecs is 0" ethtool -C "$DEV" tx-usecs 50
	check "choice: tx-usecs 0" ethtool -C "$DEV" tx-usecs 0
	by_hypercall "choice: 0" yes
	check "choice: MTU 1500" e2e_limit 60 ip link set "$DEV" mtu 1500
	by_hypercall "choice: 0, another MTU" yes
	check "choice: fewer channels" e2e_limit 60 ethtool -L "$DEV" combined 1
	check "choice: more" e2e_limit 60 ethtool -L "$DEV" combined 2
	by_hypercall "choice: 0, other channels" yes
	if e2e_can_sleep; then
		check "choice: to sleep and awake again" e2e_sleep
		by_hypercall "choice: 0, slept" yes
	fi
	check "choice: tx-usecs 100" ethtool -C "$DEV" tx-usecs 100
	by_hypercall "choice: 100" no
	check "choice: tx-usecs 0 again" ethtool -C "$DEV" tx-usecs 0
	check "choice: bound anew" bound_anew
	by_hypercall "choice: bound anew: as the host offers it" no
}
# ids: those of all channels, once each
ids() { cat /sys/class/net/"$DEV"/device/channels/*/monitor_id | sort -n | uniq -c | awk '{ print $1 }' | sort -u; }

# The host of a confidential guest (tests/vm --host isolation=vbs) gives it no monitors.
if dmesg | grep -q 'Isolation Config: .*Group B 0x[1-9a-f]'; then
	check "confidential: a NIC" add_nic monitor=on
	check "confidential: it has no monitor" test ! -e "/sys/class/net/$DEV/device/monitor_id"
	check "confidential: the NIC leaves" remove_nics
	finish
fi

check "a NIC with a monitor" add_nic monitor=on latency=250
id=$(sysfs monitor_id)
relid=$(host_do stats nic="$NIC" | jq '.queues[0].relid')
equal "sysfs: the bit is the host's" "$id" "$(host_do bus | jq ".channels[] | select(.relid == $relid).monitor")"
equal "sysfs: the latency, in units of 100 ns" "$(sysfs client_monitor_latency)" 2500
equal "sysfs: the connection" "$(sysfs client_monitor_conn_id)" $((0x10000 + relid))
check "reaches the peer" to_peer "$DEV" 53
check "server at the peer" serve_peer
equal "sysfs: each channel has a bit of its own" "$(ids)" 1
hypercalls=$(signals hypercall) bits=$(signals monitor)
check "traffic" traffic
at_least "signals came by bit" $(($(signals monitor) - bits)) 10
equal "and none by hypercall" $(($(signals hypercall) - hypercalls)) 0
check "MTU 4000: all channels are opened anew" e2e_limit 60 ip link set "$DEV" mtu 4000
check "traffic with it" within 20 ping -c 1 -W 1 $PEER4
equal "still none by hypercall" $(($(signals hypercall) - hypercalls)) 0
[ "$DRIVER" = stock ] || choice
from_peer "$DEV"

check "a NIC without a monitor" add_nic monitor=off
check "sysfs shows none" test ! -e "/sys/class/net/$DEV/device/monitor_id"
check "it reaches the peer" to_peer "$DEV" 54
check "its traffic" traffic
at_least "its signals came by hypercall" "$(signals hypercall)" 10
equal "and none of them by bit" "$(signals monitor)" 0
if [ "$DRIVER" != stock ]; then
	equal "no choice: it is shown" "$(usecs)" 0
	check "no choice: refused" said "does not look by itself" ethtool -C "$DEV" tx-usecs 100
	check "no choice: as it is" ethtool -C "$DEV" tx-usecs 0
fi
from_peer "$DEV"
check "the NICs leave" remove_nics
finish
