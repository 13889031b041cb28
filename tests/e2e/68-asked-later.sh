#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The host refused to coalesce, so the driver asks again by itself: that question is answered late, never, or twice; the user
# does not want it any more meanwhile; the NIC is taken away (R4, R70).
#
#   eth0 and a NIC in trouble --- switch --- peer
#
# whole: 6.12:ours 6.1:ours debug:ours
# takes: 110 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trouble.sh"
my_cleanup() { unwatch_rtnl; host_do fault.clear >/dev/null; } 2>/dev/null

# wanted_later [FAULT...]: the host can coalesce again and refuses it once, so it is asked by nobody's wish a second later;
# FAULT meets that question.
wanted_later() {
	check "$NAME: no offloads" announced
	fault rndis.refuse what=set oid=0xfc01020c after=1
	[ $# = 0 ] || fault "$1" what=set oid=0xfc01020c after=2 "${@:2}"
	host_do nic.offload nic="$NIC" set=full+rsc >/dev/null
	check "$NAME: refused" within 20 acted rndis.refuse
}
# That question is answered late, never, twice; meanwhile the user does not want it any more; the NIC is taken away.
asked_later() {
	local how caller
	check "asked later: a NIC" good_nic queues=2 rsc=on || return
	for how in "rndis.delay ms=23000" "rndis.no_answer" "rndis.twice"; do
		NAME="asked later: $how"
		# shellcheck disable=SC2086 # words
		wanted_later $how
		watch_rtnl
		check "$NAME: it is asked" within 20 acted ${how%% *}
		rtnl_was_free "$NAME"
		check "$NAME: it comes, here and there" within 90 gives "on on on on true" lro_and_host
		check "$NAME: traffic" within 10 reaches "$DEV"
		host_do fault.clear nic="$NIC" >/dev/null
	done
	for how in "rndis.delay ms=23000" "rndis.no_answer"; do
		NAME="asked later, not wanted any more: $how"
		# shellcheck disable=SC2086 # words
		wanted_later $how
		check "$NAME: it is asked" within 20 acted ${how%% *}
		e2e_limit 60 ethtool -K "$DEV" lro off &
		caller=$!
		check "$NAME: who says so is through in time" ends_within 30 $caller
		check "$NAME: off, here and there" within 60 gives "on on on off false" lro_and_host
		nap 3
		equal "$NAME: and stays so" "$(lro_and_host)" "on on on off false"
		host_do fault.clear nic="$NIC" >/dev/null
		check "$NAME: wanted again" ethtool -K "$DEV" lro on
	done
	NAME="asked later, taken away"
	wanted_later rndis.rescind
	check "$NAME: the host does" within 20 acted rndis.rescind
	unset 'ADDED[-1]'
	check "$NAME: the interface is gone" within 20 nics_are "$n"
	check "$NAME: tools answer" e2e_limit 20 ip -br link show eth0
}

trouble asked_later
finish
