#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What udev hears of a VF, recorded by "udevadm monitor -p": with the synthetic NIC first the VF's add uevent finds
# it marked; with the VF first a change uevent follows (R54; users.md part b). The record is shown as notes;
# Documentation/sriov-uevents.txt keeps one.
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 40 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
rule=/run/udev/rules.d/99-e2e.rules
my_cleanup() {
	[ -z "${MONITOR-}" ] || kill "$MONITOR" 2>/dev/null
	pull how=surprise 2>/dev/null
	rm -f $rule
	[ -z "${UDEVD-}" ] || udevadm control --exit
	[ -d /sys/module/hv_netvsc ] || { modprobe hv_netvsc && within 20 nics_are 2; }
	from_peer eth0
}
udev_runs() { udevadm control --ping --timeout=2; }
start_udev() {
	udev_runs && return 0
	UDEVD=1
	/usr/lib/systemd/systemd-udevd --daemon && within 20 udev_runs
}
# monitor FILE: what udev hears and says from now on.
monitor() {
	udevadm monitor -p -k -u -s net >"$1" 2>&1 & MONITOR=$!
	within 20 grep -q "print the received" "$1" && sleep 1
}
# event FILE WHO ACTION INTERFACE: the block of that event; nothing if there was none.
event() {
	awk -v who="$2" -v action="ACTION=$3" -v dev="INTERFACE=$4" '
		BEGIN { RS = ""; FS = "\n" }
		$1 ~ "^" who { a = d = 0; for (i = 2; i <= NF; i++) { a += $i == action; d += $i == dev } if (a && d) print }' "$1"
}
heard_event() { event "$@" | grep -q .; }
flags_in() { event "$@" | sed -n 's/^E2E_FLAGS=//p' | tail -n 1; }
marked() { [ $(($(flags_in "$@") & 0x800)) != 0 ]; }
# show FILE TITLE INTERFACE...
show() {
	local file=$1 who action dev
	note "---- $2"
	shift 2
	for action in add change; do for who in KERNEL UDEV; do for dev; do event "$file" $who $action "$dev"; done; done; done | sed 's/^/    #   /'
}
stop_monitor() { kill "$MONITOR"; wait "$MONITOR" 2>/dev/null; MONITOR=; }

mkdir -p "${rule%/*}"
echo 'SUBSYSTEM=="net", ACTION=="add|change", ENV{E2E_FLAGS}="$attr{flags}"' >$rule
check "udev runs" start_udev || finish
udevadm control --reload
check "eth0 reaches the peer" to_peer eth0 10

check "udevadm monitor" monitor /tmp/first
check "netvsc first: the VF arrives" plug
check "it is used" within 20 in_use || finish
vf=$(vf_of eth0)
check "udev has heard of it" within 20 heard_event /tmp/first UDEV add "$vf"
check "it was marked by then (IFF_SLAVE)" marked /tmp/first UDEV add "$vf"
udevadm settle --timeout=20
check "no change uevent" not heard_event /tmp/first KERNEL change "$vf"
stop_monitor
show /tmp/first "netvsc first" "$vf"
check "VF leaves" leaves how=eject

check "module unloaded" e2e_limit 30 rmmod hv_netvsc
check "udevadm monitor" monitor /tmp/second
check "VF first" plug
check "udev has heard of it" within 30 grep -q "^UDEV .* add .*/net/" /tmp/second
vf=$(sed -n 's/^UDEV .* add .*\/net\/\([^ ]*\).*/\1/p' /tmp/second | tail -n 1)
check "it is an interface of its own" not marked /tmp/second UDEV add "$vf"
# The name eth0 is free, and without udev's naming (net.ifnames=0) it is the VF's now.
first=$vf vf=enP1s1
check "it is named" ip link set "$first" name $vf
check "then the module" in_turn modprobe hv_netvsc , within 20 nics_are 2
check "it joins" within 20 has_vf eth0
check "a change uevent says so" within 20 heard_event /tmp/second UDEV change "$vf"
check "it was marked by then (IFF_SLAVE)" marked /tmp/second UDEV change "$vf"
stop_monitor
show /tmp/second "VF first" "$first" $vf
check "eth0 reaches the peer" to_peer eth0 10
check "it is used" within 20 in_use
check "by the VF" by_vf
check "VF leaves" leaves how=eject
finish
