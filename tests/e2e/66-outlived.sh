#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A queue that sends nothing is told from one that only seems so: by what the stack's own frames do, and at the moment at
# which the driver acts. ONLY=NAME[,NAME]... runs some of the groups.
#
#   a NIC or two for each group --- switch --- peer
#
# whole: 6.12:ours
# takes: 150 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trouble.sh"
. "$(dirname "$0")/xdp-lib.sh"
BLAST='' OTHER=''
my_cleanup() {
	host_do fault.clear >/dev/null
	[ -z "$BLAST" ] || kill $BLAST
	[ -z "$OTHER" ] || kill $OTHER
	[ ! -e /run/netns/d ] || ip netns del d
	rm -f /sys/fs/bpf/*
} 2>/dev/null
GIVEN_UP="re-attaching: the host does not complete what was sent"
given_up() { in_log_count "$1: $GIVEN_UP"; }
blast() { "${@:2}" python3 "$TRAFFIC" blast $PEER4 $(($1 * SLOW)) 1000 >/dev/null 2>&1 & BLAST=$!; }
no_blast() { kill $BLAST; wait $BLAST; BLAST=; } 2>/dev/null

# Its frames are lost, while those of a program come and go: the stack's queue stands all the same.
programs() {
	check "programs: a NIC" good_nic rsc=off || return
	check "programs: one that sends frames back" put_on "$DEV" bounce swap tx
	fault tx.lose_completion
	host_do fault.set nic="$NIC" name=tx.lose_completion count=0 >/dev/null
	blast 120
	check "programs: the queue stands" within 40 grew "$DEV" tx_timeout 1
	host_do fault.clear >/dev/null
	(while :; do inject count=20 queue=0; inject count=20 queue=1; nap 1; done) &
	OTHER=$!
	check "programs: attached anew" within 60 gives_at_least 1 given_up "$DEV"
	at_least "programs: frames were sent back all the time" "$(counter "$DEV" rx_queue_N_xdp_tx)" 100
	kill $OTHER; wait $OTHER 2>/dev/null; OTHER=
	no_blast
	check "programs: traffic" within 30 reaches "$DEV"
}

# Its host has erred, so it is given up after ten seconds. RTNL is somebody else's then, and when it is free again all
# was completed.
late_for_it() {
	local log
	check "late for it: a NIC whose host errs" good_nic || return
	log="$(basename "$(readlink -f "/sys/class/net/$DEV/device")") $DEV"
	check "late for it: alone" in_turn from_peer "$DEV" , setup_ns "$DEV" d 192.168.77.64 fd77::64 , within 15 ip netns exec d ping -c 1 -W 1 $PEER4
	local stands=$NIC dev=$DEV
	check "late for it: another NIC" good_nic || return
	check "late for it: it hears of a send that was none" within 10 host_do nic.inject nic="$stands" kind=completion trans=0x7ffffff0 hex=00
	host_do fault.set nic="$stands" name=tx.withhold_completions ms=14000 count=1 >/dev/null
	blast 13 ip netns exec d
	fault rndis.delay what=set oid=0x0001010e ms=17000
	nap 6
	e2e_limit 60 ethtool -G "$DEV" rx 900 &
	OTHER=$!
	wait $BLAST; BLAST=
	check "late for it: RTNL was held meanwhile" kill -0 $OTHER
	wait $OTHER; OTHER=
	nap 8
	at_least "late for it: the watchdog had seen it" "$(ip netns exec d ethtool -S "$dev" | sed -n 's/^ *tx_timeout: //p')" 1
	equal "late for it: not given up" "$(given_up "$log")" 0
	check "late for it: traffic" within 20 ip netns exec d ping -c 1 -W 1 $PEER4
	ip netns del d
	within 20 test -e "/sys/class/net/$dev"
}

if [[ "$(uname -r)" = 6.1.* ]]; then
	skip "outlived" "the transmit watchdog of 6.1 warns with a trace, which ends a run"
	finish
fi
trouble programs late_for_it
finish
