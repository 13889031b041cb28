#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a program may ask about a frame: hash with its type, and the VLAN tag; what the
# interface says that programs can do; a program that was loaded for one interface runs
# on no other (features.md 1.3; R41, R50).
#
#   generator --- switch --- ethN (programs loaded for it)
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 45 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/xdp-lib.sh"
my_cleanup() {
	[ -z "${DEV-}" ] || ip link set dev "$DEV" xdpdrv off 2>/dev/null
	rm -f /sys/fs/bpf/*
}
if [ "$DRIVER" = stock ] || ! grep -q bpf_xdp_metadata_rx_vlan_tag /proc/kallsyms; then
	skip "hints" "this kernel, or stock, has none"
	finish
fi
if [ ! -e /sys/kernel/btf/vmlinux ]; then
	skip "hints" "this kernel carries no BTF, which a program finds the functions by"
	finish
fi
SENT=0
# hinted NAME WORDS... -- HASHANSWER HASH VLANANSWER VLAN: one frame, and what the program learned.
hinted() {
	local name=$1
	local -a words=()
	shift
	while [ "$1" != -- ]; do words+=("$1"); shift; done
	shift
	SENT=$((SENT + 1))
	inject count=1 size=100 "${words[@]}"
	within 10 gives "$SENT" figure ask 0
	equal "$name" "$(figures ask 5-8)" "$*"
}
NODATA=-61
# Basic, redirect, ndo-xmit, zero copy, frags in and out; hash and tag.
ALL="0x6f 0x6"
able() { python3 "$FRAMES" features "$DEV"; }

check "a NIC" add_nic
check "it is up" in_turn ip link set $DEV up , within 15 carrier_is $DEV 1
equal "it says what programs can do" "$(able)" "$ALL"
check "a program that asks" put_on "$DEV" ask bound="$DEV" count hash vlan drop
hinted "no hash, no tag" -- $NODATA 0 $NODATA 0
hinted "a hash over TCP and IPv4" hash=0x12345678 hash_type=0x200 -- 0 $((0x12345678 | 0x19 << 32)) $NODATA 0
hinted "a hash over IPv6" hash=0xfedcba98 hash_type=0x400 -- 0 $((0xfedcba98 | 0x02 << 32)) $NODATA 0
hinted "a hash over UDP and IPv6 with extension headers" hash=7 hash_type=0x10000 -- 0 $((7 | 0x2e << 32)) $NODATA 0
hinted "a hash that names two types" hash=7 hash_type=0x300 -- 0 7 $NODATA 0
hinted "a tag" tci=0xa007 -- $NODATA 0 0 $((0xa007 | 0x8100 << 16))
hinted "both" tci=0x0fff hash=1 hash_type=0x100 -- 0 $((1 | 0x01 << 32)) 0 $((0x0fff | 0x8100 << 16))
ethtool -K "$DEV" rxhash off
hinted "rxhash off: no hash" hash=1 hash_type=0x100 tci=5 -- $NODATA 0 0 $((5 | 0x8100 << 16))
ethtool -K "$DEV" rxhash on
ip link set "$DEV" mtu 2000
equal "behind a new attachment: it says the same" "$(able)" "$ALL"
hinted "behind a new attachment" hash=1 hash_type=0x100 -- 0 $((1 | 0x01 << 32)) $NODATA 0
check "it runs on no other interface" refused eth0 ask
finish
