#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who waits for room towards the host goes on when there is some, whoever had it: a row of the table in
# design/datapath.md each. And what may not wait is dropped alone.
#
#   pktgen (queue 0 or 1), socket (queue 1) --- ethN --- sink
#
# environment: ONLY=GROUP[,GROUP...], see the end
#
# runs: 6.12:ours
# takes: 45 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/xdp-lib.sh"
XSK=$E2E_PY/xsk.pyc
GO=/tmp/xsk-go
my_cleanup() {
	[ -z "${USER_PID-}" ] || kill "$USER_PID" 2>/dev/null
	host_do fault.clear >/dev/null
	ip link set dev "$DEV" xdpdrv off 2>/dev/null
	ip link set dev eth0 xdpdrv off 2>/dev/null
	rm -f /sys/fs/bpf/* $GO
	rmmod pktgen 2>/dev/null
}
# user VERB COUNT SECONDS [WORD...]: a socket on queue 1; its words are in /tmp/xsk.
user() {
	rm -f $GO
	: >/tmp/xsk
	python3 "$XSK" "$1" "$DEV" 1 "$2" $(($3 * SLOW)) driver "${@:4}" >/tmp/xsk 2>&1 &
	USER_PID=$!
	within 120 grep -q "ready driver" /tmp/xsk
}
used() { ended "$USER_PID"; tail -n 1 /tmp/xsk; }
# gone: the socket has its memory back, and the queue is free again.
gone() { equal "$1: and the socket has its memory" "$(used)" "done $2"; detach "$DEV"; }
left() { within 60 grep -q "^left $1" /tmp/xsk; }
# arrived COUNT SECONDS: numbered frames at the sink, when it has so many or the time is over.
arrived() {
	local end=$((SECONDS + $2 * SLOW)) got
	until got=$(host_do gen.expect count="$1" timeout=2000 --get received) && [ "$got" -ge "$1" ]; do
		[ "$SECONDS" -lt "$end" ] || break
	done
	echo "$got"
}
# has_sections COUNT: for frames, so many; in a confidential VM requests have eight more for themselves.
has_sections() {
	local requests=0
	! isolated || requests=8
	ethtool -G "$DEV" tx $(($1 + requests))
}
# few_sections: a NIC whose send buffer is ten sections.
few_sections() {
	modprobe pktgen || return 1
	add_nic queues=2 batch=1 && ip link set "$DEV" up && has_sections 10 || return 1
	sysctl -qw "net.ipv6.conf.$DEV.disable_ipv6=1"
	ethtool -K "$DEV" lro off
	within 20 carrier_is "$DEV" 1
}
# free_in_ring: bytes free in the ring towards the host of channel 1.
free_in_ring() {
	local channel
	for channel in "/sys/class/net/$DEV/device/channels"/*; do
		[ "$(cat "$channel/subchannel_id")" = 0 ] || cat "$channel/out_write_avail" "$channel/write_avail" 2>/dev/null
	done | head -n 1
}

# Sections that another queue has: the socket's frames go by pages, or, where pages must not be shown, later.
sections() {
	local before pages generator name="sections that another queue has"
	check "$name: a socket" user leave 8 180 $GO
	host_do gen.reset >/dev/null
	before=$(host_stat "$NIC" section_packets) pages=$(host_stat "$NIC" gpa_packets)
	host_do fault.set name=tx.delay_completions nic="$NIC" count=10 ms=$((20000 * SLOW)) >/dev/null
	# It ends when its frames do, at the completions.
	pktgen 0 10 &
	generator=$!
	becomes "$name: another queue sends, all are out" 10 sections_since "$before"
	touch $GO
	check "$name: it sends" left 8
	equal "$name: its frames go out" "$(arrived 8 40)" 8
	if isolated; then
		equal "$name: by sections" "$(($(host_stat "$NIC" gpa_packets) - pages))" 0
	else
		equal "$name: by pages" "$(($(host_stat "$NIC" gpa_packets) - pages))" 8
	fi
	check "$name: the other queue's frames end" wait $generator
	gone "$name" 8
}

# Requests: the queue's own completions bring them back, to the stack and to the socket.
slots() {
	local name="requests" stops sent generator
	# Of 1024 requests that a sub-channel has the stack leaves 16.
	local frames=1030
	check "$name: a socket" user leave 8 120 $GO
	host_do gen.reset >/dev/null
	stops=$(counter "$DEV" stop_queue)
	sent=$(host_stat "$NIC" frames_from_guest)
	host_do fault.set name=tx.withhold_completions nic="$NIC" count=1 ms=$((8000 * SLOW)) >/dev/null
	pktgen 1 $frames &
	generator=$!
	check "$name: the stack's queue stops" within 10 grew "$DEV" stop_queue $((stops + 1))
	touch $GO
	check "$name: it sends" left 8
	equal "$name: its frames go out" "$(arrived 8 40)" 8
	check "$name: the stack sends all of its own" wait $generator
	becomes "$name: the host has them" $((sent + frames + 8)) host_stat "$NIC" frames_from_guest
	equal "$name: stopped as often as woken" "$(counter "$DEV" stop_queue)" "$(counter "$DEV" wake_queue)"
	gone "$name" 8
}

# Ring room that completions of received frames took: the host reads them, and has nothing to say.
ring() {
	local name="ring room that completions had"
	check "$name: a socket" user leave 8 180 $GO
	host_do gen.reset >/dev/null
	# It is over a second after the fault is.
	host_do fault.set name=rx.stall nic="$NIC" count=0 ms=1000 >/dev/null
	host_do gen.send dst="nic$NIC" count=3750 size=60 ethertype=0x88b6 queue=1 >/dev/null
	check "$name: it is low" within 30 gives_at_most 12999 free_in_ring
	touch $GO
	check "$name: it sends" left 8
	host_do fault.clear >/dev/null
	equal "$name: its frames go out" "$(arrived 8 15)" 8
	gone "$name" 8
	becomes "$name: the host has all completions" 0 host_stat "$NIC" outstanding_to_guest
}

# The queue itself: what was said to one that is not open, and what it has to do when it is.
queue() {
	local name="a queue that is not open"
	check "$name: a socket" user leave 8 180 $GO
	host_do gen.reset >/dev/null
	host_do fault.set name=subchannel.refuse_open nic="$NIC" count=0 >/dev/null
	check "$name: a new attachment" has_sections 11
	touch $GO
	check "$name: it sends" left 8
	equal "$name: and is told" "$(sed -n 's/^left 8 //p' /tmp/xsk)" ENETDOWN
	host_do fault.clear >/dev/null
	# Later than an attachment waits for it.
	host_do fault.set name=subchannel.late nic="$NIC" ms=5000 >/dev/null
	check "$name: another one" has_sections 10
	equal "$name: its frames go out when it opens" "$(arrived 8 40)" 8
	gone "$name" 8
}

# Chunks take frames in the order in which they were given: who gives them may count on it.
order() {
	check "chunks: a socket" user order 100 60
	inject count=100 size=100 queue=1
	gone "chunks in their turn" 100
}

sections_since() { echo $(($(host_stat "$NIC" section_packets) - $1)); }
# Frames may have all sections but those that requests have for themselves.
requests() {
	local before generator name="requests while frames have all sections"
	if ! isolated; then
		skip "$name" "only in a confidential VM does a request go by a section"
		return
	fi
	before=$(host_stat "$NIC" section_packets)
	host_do fault.set name=tx.delay_completions nic="$NIC" count=18 ms=$((10000 * SLOW)) >/dev/null
	pktgen 0 18 &
	generator=$!
	check "$name: they have" within 5 gives_at_least 10 sections_since "$before"
	check "$name: a new address" e2e_limit 4 ip link set "$DEV" address 02:00:5e:46:46:46
	equal "$name: the host has it" "$(host_stat "$NIC" mac)" 02:00:5e:46:46:46
	check "$name: all frames leave in the end" wait $generator
}

# A frame that can never be sent: in a confidential VM one that does not fit a section.
never() {
	if ! isolated; then
		skip "a frame that can never be sent" "only in a confidential VM is there one that gets so far"
		return
	fi
	check "a NIC with short sections" add_nic section=1024
	check "it is up" in_turn ip link set "$DEV" up , within 20 carrier_is "$DEV" 1
	check "frames are redirected to it" in_turn ip link set eth0 up , ethtool -K eth0 lro off , within 20 carrier_is eth0 1 , \
		put_on eth0 other count swap from="$DEV" redirect="$DEV"
	host_do gen.reset >/dev/null
	host_do gen.send dst=nic0 count=45 burst=45 size=60-1514/97 >/dev/null
	equal "a frame that can never be sent goes alone" "$(arrived 30 8)" 30
	equal "and is counted" "$(counter "$DEV" tx_xdp_dropped)" 15
	detach eth0
	ip link set eth0 down
}

GROUPS_OF_ALL="order sections slots ring queue requests never"
check "a NIC with ten sections" few_sections
for group in $(tr , ' ' <<<"${ONLY:-$GROUPS_OF_ALL}"); do
	case " $GROUPS_OF_ALL " in
	*" $group "*) "$group" ;;
	*) not_ok "no group $group" ;;
	esac
done
finish
