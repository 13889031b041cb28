#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What can hold, see or change a frame on its way out of the VF meets each frame that eth0 sends by the VF, from the
# moment it is there; when it is gone frames take the short way again (vf_direct.c; design/vf.md, "The short way").
# The same with the driver built without that way. The device layer's tracepoint net_dev_queue at the VF tells
# which way a frame took: the short one does not pass it. ONLY=NAME[,NAME]... runs some of the groups.
# 56-vf-hooks-short is the short form.
#
#   eth0 = synthetic NIC + VF --- switch --- peer, sink
#   ns b: eth1 -------------------- '
#
# whole: 6.12:ours 6.1:ours
# takes: 300 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf-hooks.sh"
OTHER=/run/job/hv_netvsc_no_direct.ko
# Enough that frames are under way whenever a hook comes and goes, and little enough that a burst does not wait for it.
STREAM_MS=50
my_cleanup() {
	clear_hooks
	! [ -n "${SWAPPED-}" ] || { rmmod hv_netvsc; modprobe hv_netvsc && within 20 nics_are 2; }
}

whole() {
	bring_vf
	check "server at the peer" serve_peer
	check "a stream goes by" start_stream $PEER4
	run_groups clsact tcx netfilter taps qdiscs
	end_stream
	note "of the stream: sent $SENT lost $LOST gap $GAP"
	at_least "datagrams of the stream went on their way" "${SENT:-0}" 20
	equal "of the stream nothing was lost" "${LOST:-all}" 0
	run_groups held counted cannot stamps esp queues priorities
	kill $BURSTS; wait $BURSTS 2>/dev/null; BURSTS=''
	unwatch_layer
	unserve_peer
}

without() {
	check "the VF leaves" leaves
	from_peer eth0
	SWAPPED=1
	check "the driver without the short way" in_turn e2e_limit 30 rmmod hv_netvsc , insmod $OTHER , within 20 nics_are 2
}

look_for_short_way
whole
if [ "$DRIVER" = ours ] && [ -e $OTHER ]; then
	without
	DIRECT=0
	equal "it has none" "$(grep -c '\bnetvsc_vf_send_direct\b' /proc/kallsyms)" 0
	whole
else
	skip "the same without the short way" "no such driver was given (tests/vm --no-direct)"
fi
finish
