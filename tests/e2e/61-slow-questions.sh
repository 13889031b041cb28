#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What 58 looks at, with a host that does not answer at all: it keeps its attachment (R70, R73).
#
#   eth0, a NIC --- switch --- peer
#
# whole: 6.12:ours
# takes: 110 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trouble.sh"
my_cleanup() { unwatch_rtnl; host_do fault.clear >/dev/null; } 2>/dev/null


# How many queues it has it does not say, twice in a row; and nothing else is answered either. It keeps its attachment.
silent() {
	local was
	check "silent: a NIC" good_nic queues=2 || return
	was=$(settings_now)
	check "silent: refused once" asked_again 1010
	host_do trace.requests nic="$NIC" clear=1 >/dev/null
	host_do fault.set nic="$NIC" name=rndis.no_answer count=0 >/dev/null
	host_do fault.set nic="$NIC" name=nvsp.no_answer count=0 >/dev/null
	watch_rtnl
	check "silent: it is asked" within 20 acted rndis.no_answer
	sleep 40
	equal "silent: no new attachment" "$(attachments)" 0
	check "silent: frames come and go meanwhile" reaches "$DEV"
	rtnl_was_free "silent" 20
	host_do fault.clear nic="$NIC" >/dev/null
	check "silent: as before" within 120 gives "$was" settings_now
	check "silent: traffic" within 10 reaches "$DEV"
}

trouble silent
finish
