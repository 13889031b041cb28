#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that is slow in everything, and one that takes questions and answers none: what is tried in the background
# leaves time for the traffic, and does not go on for ever (R4, R70).
# ONLY=NAME[,NAME]... runs some of the groups.
#
#   eth0 and a NIC for each group --- switch --- peer
#
# runs: 6.12:ours
# takes: 400 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trouble.sh"
# A host that opens each sub-channel later than anybody waits, and is slow in everything else. The NIC does with
# one channel; to try it again leaves time to start the traffic.
late_queues() {
	local lines detached
	lines=$(in_log_count "cannot open sub-channel 1") detached=$(in_log_count "detached from the host")
	check "late queues: a NIC" faulty_nic vmbus.delay what=subopen ms=25000 count=0 -- queues=2
	check "late queues: there is an interface" within 30 nic_with_mac "$OFFERED_MAC" || return
	DEV=$(nic_with_mac "$OFFERED_MAC") NIC=$LAST_NIC
	check "late queues: it carries packets" to_peer "$DEV" 45
	host_do fault.set nic="$NIC" name=rndis.delay ms=300 count=0 >/dev/null
	check "late queues: tried twice more" within 200 gives_at_least $((lines + 3)) in_log_count "cannot open sub-channel 1"
	check "late queues: it carries packets all the same" within 10 reaches "$DEV"
	equal "late queues: never detached" "$(in_log_count "detached from the host")" "$detached"
	host_do fault.clear nic="$NIC" >/dev/null
	check "late queues: two channels in the end" within 90 gives 2 host_stat "$NIC" channels
	check "late queues: traffic" within 10 reaches "$DEV"
}

# A host that completes what it is asked and answers nothing: it is asked again, but not all the time.
no_answers() {
	local asked
	check "no answers: a NIC" good_nic queues=2 || return
	host_do fault.set nic="$NIC" name=rndis.no_answer count=0 >/dev/null
	check "no answers: a question" ip link set "$DEV" promisc on
	sleep $((20 * SLOW))
	asked=$(hits rndis.no_answer)
	sleep 50
	at_least "no answers: questions in 50 s" 6 $(($(hits rndis.no_answer) - asked))
	check "no answers: traffic" within 10 reaches "$DEV"
	host_do fault.clear nic="$NIC" >/dev/null
	ip link set "$DEV" promisc off
}

trouble late_queues no_answers
finish
