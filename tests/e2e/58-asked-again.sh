#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the host refused to say or to do for a while is asked again: its offloads, its queues. So it is when the caller was
# killed, the machine slept, the answer came too late or never; each time what was set is in force in the end, and RTNL
# is free in time (R68, R73-R75). ONLY=NAME[,NAME]... runs some of the groups.
#
#   eth0, a NIC for each group --- switch --- peer
#
# runs: 6.12:ours
# takes: 460 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trouble.sh"
my_cleanup() { unwatch_rtnl; host_do fault.clear >/dev/null; ip link del above42; } 2>/dev/null

# A host that refuses, while the NIC is attached anew, to say what it can do or to switch it on: it is asked again.
offloads() {
	local was refused
	check "offloads: a NIC" good_nic queues=2 || return
	was=$(offloads_now)
	equal "offloads: the host can do them" "$was" "on on on "
	for refused in "what=query oid=0xfc01020d" "what=set oid=0xfc01020c"; do
		fault rndis.refuse $refused count=1
		check "offloads: -G, $refused" ethtool -G "$DEV" rx $((900 + ${#refused}))
		equal "offloads: the host refused $refused" "$(hits rndis.refuse)" 1
		check "offloads: as before, $refused" within 30 gives "$was" offloads_now
		check "offloads: traffic, $refused" within 10 reaches "$DEV"
		host_do fault.clear nic="$NIC" >/dev/null
	done
	# Twice in a row.
	fault rndis.refuse what=query oid=0xfc01020d count=2
	check "offloads: -G twice" in_turn ethtool -G "$DEV" rx 800 , ethtool -G "$DEV" rx 810
	check "offloads: as before, twice" within 30 gives "$was" offloads_now
	# The host has news of them, and refuses just then.
	for refused in "what=query oid=0xfc01020d" "what=set oid=0xfc01020c"; do
		host_do fault.clear nic="$NIC" >/dev/null
		host_do nic.offload nic="$NIC" set=none >/dev/null
		check "offloads: none any more" within 10 gives "off off off " offloads_now
		fault rndis.refuse $refused count=2
		host_do nic.offload nic="$NIC" set=full >/dev/null
		check "offloads: there again, refused $refused" within 30 gives "$was" offloads_now
		equal "offloads: refused twice, $refused" "$(hits rndis.refuse)" 2
	done
	check "offloads: traffic at last" within 10 reaches "$DEV"
}

with_lro() { echo "$(offloads_now)$(ethtool -k "$DEV" | awk '/^large-receive-offload:/ { print $2 }')"; }
# It is asked for coalescing behind the rest, which holds whatever it says to that; and is asked for it again.
coalescing() {
	local told
	check "coalescing: a NIC" good_nic queues=2 rsc=on || return
	equal "coalescing: on" "$(with_lro)" "on on on on"
	check "coalescing: no offloads" announced
	fault rndis.refuse what=set oid=0xfc01020c after=1
	host_do nic.offload nic="$NIC" set=full+rsc >/dev/null
	check "coalescing: refused" within 20 acted rndis.refuse
	check "coalescing: the rest is in force" within 3 gives "on on on " offloads_now
	check "coalescing: it comes" within 60 gives "on on on on" with_lro
	host_do fault.clear nic="$NIC" >/dev/null
	# More than once; meanwhile all else can be changed.
	check "coalescing: refused on: no offloads" announced
	told=$(in_log_count "$DEV: host rejects LRO on")
	host_do fault.set nic="$NIC" name=rndis.refuse what=set oid=0xfc01020c after=1 count=0 >/dev/null
	host_do nic.offload nic="$NIC" set=full+rsc >/dev/null
	check "coalescing: refused on: again" within 30 gives_at_least 2 hits rndis.refuse
	# Nothing changes, so nobody hears of a change.
	ip -o monitor link dev "$DEV" >/tmp/links &
	local monitor=$!
	nap 1
	check "coalescing: refused on: and again" within 40 gives_at_least 4 hits rndis.refuse
	nap 1
	kill $monitor
	equal "coalescing: refused on: without an event" "$(wc -l </tmp/links)" 0
	equal "coalescing: refused on: the rest is in force" "$(with_lro)" "on on on off"
	check "coalescing: refused on: TSO can go off" ethtool -K "$DEV" tso off
	check "coalescing: refused on: and on" ethtool -K "$DEV" tso on
	equal "coalescing: refused on: the log says it once" $(($(in_log_count "$DEV: host rejects LRO on") - told)) 1
	host_do fault.clear nic="$NIC" >/dev/null
	check "coalescing: refused on: it comes in the end" within 60 gives "on on on on" with_lro
	# A wish that was refused is told again with a new attachment; and that is refused, too.
	ethtool -K "$DEV" lro off
	fault rndis.refuse what=set oid=0xfc01020c
	check "coalescing: -G: a wish is refused" not ethtool -K $DEV lro on
	host_do fault.clear nic="$NIC" >/dev/null
	fault rndis.refuse what=set oid=0xfc01020c after=1
	check "coalescing: -G" ethtool -G "$DEV" rx 820
	equal "coalescing: -G: refused once more" "$(hits rndis.refuse)" 1
	check "coalescing: -G: it comes" within 30 gives "on on on on" with_lro
	host_do fault.clear nic="$NIC" >/dev/null
	# Three answers in 30 s.
	check "coalescing: slow: no offloads" announced
	host_do fault.set nic="$NIC" name=rndis.delay count=0 ms=12000 >/dev/null
	host_do nic.offload nic="$NIC" set=full+rsc >/dev/null
	check "coalescing: slow: the rest is in force" within 60 gives "on on on " offloads_now
	host_do fault.clear nic="$NIC" >/dev/null
	check "coalescing: slow: it comes" within 90 gives "on on on on" with_lro
	check "coalescing: traffic" within 10 reaches "$DEV"
	# Never; and the NIC is taken away just then.
	check "coalescing: never: no offloads" announced
	fault rndis.no_answer what=set oid=0xfc01020c after=1
	host_do nic.offload nic="$NIC" set=full+rsc >/dev/null
	check "coalescing: never: it was asked" within 20 acted rndis.no_answer
	check "coalescing: never: the rest is in force" within 60 gives "on on on " offloads_now
	check "coalescing: never: it comes" within 90 gives "on on on on" with_lro
	host_do fault.clear nic="$NIC" >/dev/null
	check "coalescing: taken away: no offloads" announced
	fault rndis.rescind what=set oid=0xfc01020c after=1
	host_do nic.offload nic="$NIC" set=full+rsc >/dev/null
	check "coalescing: taken away: the host does" within 20 acted rndis.rescind
	unset 'ADDED[-1]'
	check "coalescing: taken away: the interface is gone" within 20 nics_are "$n"
}

# A VLAN above it has no LRO, so the core does not switch it on though it is wanted and the host agrees: that one hears so.
not_above() {
	NAME="not above"
	check "$NAME: a NIC" good_nic queues=2 rsc=on || return
	check "$NAME: no offloads" announced
	host_do fault.set nic="$NIC" name=rndis.refuse what=set oid=0xfc01020c after=1 count=0 >/dev/null
	host_do nic.offload nic="$NIC" set=full+rsc >/dev/null
	check "$NAME: refused, and asked again" within 30 gives_at_least 2 hits rndis.refuse
	check "$NAME: a VLAN" ip link add link "$DEV" name above42 type vlan id 42
	host_do trace.requests nic="$NIC" clear=1 >/dev/null
	host_do fault.clear nic="$NIC" >/dev/null
	check "$NAME: the host agrees" within 40 gives_at_least 1 told_of_offloads
	check "$NAME: off, here and there" within 10 gives "on on on off false" lro_and_host
	nap 3
	equal "$NAME: and stays so" "$(lro_and_host)" "on on on off false"
	ip link del above42
	check "$NAME: traffic" within 10 reaches "$DEV"
}
told_of_offloads() { host_do trace.requests nic="$NIC" | grep -o 'rndis.set.0xfc01020c' | wc -l; }

# The host refuses once to say its queues, and once to switch offloads on.
refuse_once() {
	fault rndis.refuse what=query oid=0x00010203
	fault rndis.refuse what=set oid=0xfc01020c
}
# What a refusal leaves to be done is done though the caller was killed, the machine slept, or the host refuses for long; and
# it is in the way of nobody who takes the NIC away.
refusals() {
	local was caller
	check "refusals: a NIC" good_nic queues=2 || return
	was=$(settings_now)
	refuse_once
	fault rndis.delay what=set oid=0x0001010e ms=3000
	ethtool -G "$DEV" rx 900 >/dev/null 2>&1 &
	caller=$!
	check "refusals: the caller waits for the host" within 30 acted rndis.delay
	kill -KILL $caller
	check "refusals: killed, it is gone" ends_within 20 $caller
	check "refusals: killed: as before" within 60 gives "$was" settings_now
	equal "refusals: killed: there were two" "$(hits rndis.refuse)" 2
	check "refusals: killed: traffic" within 10 reaches "$DEV"
	host_do fault.clear nic="$NIC" >/dev/null
	if e2e_can_sleep; then
		refuse_once
		check "refusals: to sleep and awake" sleeps
		check "refusals: after sleep: as before" within 60 gives "$was" settings_now
		equal "refusals: after sleep: there were two" "$(hits rndis.refuse)" 2
		check "refusals: after sleep: traffic" within 10 reaches "$DEV"
		host_do fault.clear nic="$NIC" >/dev/null
	else
		skip "refusals: sleep" "this kernel is built without hibernation"
	fi
	# How many there may be is not forgotten where one is enough.
	check "refusals: one queue" ethtool -L "$DEV" combined 1
	fault rndis.refuse what=query oid=0x00010203
	check "refusals: one queue: -G" ethtool -G "$DEV" rx 905
	equal "refusals: one queue: refused" "$(hits rndis.refuse)" 1
	check "refusals: one queue: two can be had" ethtool -L "$DEV" combined 2
	check "refusals: one queue: as before" within 30 gives "$was" settings_now
	host_do fault.clear nic="$NIC" >/dev/null
	host_do fault.set nic="$NIC" name=rndis.refuse what=query oid=0x00010203 count=0 >/dev/null
	check "refusals: -G, the host does not say its queues" ethtool -G "$DEV" rx 910
	host_do trace.requests nic="$NIC" clear=1 >/dev/null
	check "refusals: it is asked again and again" within 20 gives_at_least 3 hits rndis.refuse
	equal "refusals: that costs no new attachment" "$(attachments)" 0
	host_do fault.clear nic="$NIC" >/dev/null
	# It is taken away while somebody waits for what it says.
	fault rndis.delay what=query oid=0x00010203 ms=$((15000 * SLOW))
	check "refusals: it is asked once more" within 20 acted rndis.delay
	nic_leave "$NIC"
	unset 'ADDED[-1]'
	check "refusals: taken away meanwhile: gone at once" within 10 nics_are "$n"
}

# A question that is asked of a host which answers too late, or never. After each: the interface works, RTNL was free in
# time, what was set is in force.
questions() {
	local how size=1000 name
	check "questions: a NIC" good_nic queues=2 || return
	WAS=$(settings_now)
	for how in "rndis.delay ms=23000" "rndis.no_answer"; do
		name="questions: how many queues, $how" size=$((size + 10))
		check "$name: refused once" asked_again $size
		fault ${how%% *} what=query oid=0x00010203 ${how#"${how%% *}"}
		watch_rtnl
		check "$name: it is asked again" within 20 acted ${how%% *}
		ends_as_before "$name"
		name="questions: offloads, $how"
		check "$name: none" announced
		fault ${how%% *} what=query oid=0xfc01020d ${how#"${how%% *}"}
		host_do nic.offload nic="$NIC" set=full >/dev/null
		watch_rtnl
		check "$name: it is asked" within 20 acted ${how%% *}
		ends_as_before "$name"
	done
	name="questions: offloads, taken away meanwhile"
	check "$name: none" announced
	fault rndis.rescind what=query oid=0xfc01020d
	host_do nic.offload nic="$NIC" set=full >/dev/null
	check "$name: the host does" within 20 acted rndis.rescind
	unset 'ADDED[-1]'
	check "$name: the interface is gone" within 20 nics_are "$n"
	check "$name: tools answer" e2e_limit 20 ip -br link show eth0
}

# The host took a table, and said so too late, or never: the one that holds is told again (R75).
host_zeros() { host_get rss.table stats nic="$NIC" | jq '[.[] | select(. == 0)] | length'; }
table() {
	local how caller
	check "table: a NIC" good_nic queues=2 || return
	check "table: even" ethtool -X "$DEV" equal 2
	equal "table: the host has it" "$(host_zeros)" 64
	for how in "rndis.delay ms=23000" "rndis.no_answer"; do
		fault ${how%% *} what=set oid=0x00010204 ${how#"${how%% *}"}
		e2e_limit 60 ethtool -X "$DEV" weight 3 1 >/dev/null 2>&1 &
		caller=$!
		check "table: $how: the host takes another one" within 15 gives 96 host_zeros
		check "table: $how: the caller is told that it did not" ends_badly $caller
		check "table: $how: it is told the old one" within 60 gives 64 host_zeros
		host_do fault.clear nic="$NIC" >/dev/null
		check "table: $how: traffic" within 10 reaches "$DEV"
	done
}
ends_badly() { ! wait "$1"; }

# The host has news of its offloads; each answer is in time, and all of them are not.
slow_offloads() {
	local name
	name="slow offloads"
	check "$name: a NIC" good_nic queues=2 || return
	WAS=$(settings_now)
	check "$name: none" announced
	host_do fault.set nic="$NIC" name=rndis.delay count=0 ms=19000 >/dev/null
	host_do nic.offload nic="$NIC" set=full >/dev/null
	watch_rtnl
	check "$name: it is asked" within 20 acted rndis.delay
	sleep 2
	rtnl_was_free "$name" 35
	host_do fault.clear nic="$NIC" >/dev/null
	check "$name: as before" within 90 gives "$WAS" settings_now
}

trouble offloads coalescing not_above refusals questions table slow_offloads
finish
