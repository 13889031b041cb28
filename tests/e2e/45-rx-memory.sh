#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the stack is told of a received frame, and the memory it lies in: stale checksums do not make padding payload, nothing
# is written behind the linear part, a program's change voids what was known, a socket that goes leaves no pointer, and
# neither a late tear-down nor a poll by netpoll touches what is not theirs (R11, R34, R40, R42, R44).
# ONLY=NAME[,NAME]... runs some of the groups.
#
#   generator --- switch --- ethN (programs, sockets, netconsole), ethN.45
#
# runs: 6.12:ours
# takes: 150 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/xdp-lib.sh"
. "$(dirname "$0")/trouble.sh"
# From 6.12 on others get a share of a CPU that a real-time task keeps busy.
FAIR=/sys/kernel/debug/sched/fair_server/cpu1/runtime
RXMEM=$(dirname "$0")/rxmem.py
XSK=$E2E_PY/xsk.pyc
my_cleanup() {
	rmmod netconsole pktgen irq_line 2>/dev/null
	[ -z "${EATER-}" ] || { kill "$EATER" 2>/dev/null; fair_again; }
	host_do fault.clear >/dev/null
	[ -z "${DEV-}" ] || ip link set dev "$DEV" xdpdrv off 2>/dev/null
	rm -f /sys/fs/bpf/*
}
talk() { e2e_limit 60 python3 "$RXMEM" talk "$DEV" "$NIC" "$@" | paste -sd' '; }
# listen: one sniffer for a group. seen COUNT: waits for so many frames since "train", says what came.
listen() {
	: >/tmp/frames
	python3 "$RXMEM" sniff "$DEV" 100 1000 >/tmp/frames 2>/tmp/frames.err &
	SNIFFER=$!
	within 30 grep -q ready /tmp/frames
}
came() { [ "$(wc -l </tmp/frames)" -ge "$1" ]; }
seen() {
	within 10 came "$((SEEN + $1))" || note "the listener: $(tail -n 2 /tmp/frames.err | paste -sd' ')" >&2
	sed "1,${SEEN}d" /tmp/frames | sort | uniq -c | sed 's/^ *//' | paste -sd,
}
train() { SEEN=$(wc -l </tmp/frames); host_do gen.tcp nic="$NIC" "$@" >/dev/null; }
dead_neighbours() {	# DEV NET4 NET6: host 1 is we, host 2 answers nothing
	ip addr add "$2.1/24" dev "$1" && ip addr add "$3::1/64" dev "$1" nodad &&
		ip neigh replace "$2.2" lladdr 02:00:00:00:45:02 dev "$1" nud permanent &&
		ip neigh replace "$3::2" lladdr 02:00:00:00:45:02 dev "$1" nud permanent
}
speaking_nic() {
	add_nic "$@" && ip link set "$DEV" up && within 15 carrier_is "$DEV" 1 && dead_neighbours "$DEV" 10.45.0 fd45 &&
		ip link add link "$DEV" name "$DEV.45" type vlan id 45 && ip link set "$DEV.45" up &&
		dead_neighbours "$DEV.45" 10.45.1 fd45:1
}

# A frame in one range with a stale checksum: its length is not stale.
padding() {
	check "padding: a NIC" speaking_nic rsc=on || return
	local tagged=$DEV.45
	equal "padding: IPv4 with one or two stale sums, with options, IPv6, with an extension header" \
		"$(talk 0x1a8 ip4 0x88 ip4 0x1a8 ip4,options 0x88 ip6 0x88 ip6,options)" "6869 6869 6869 6869 6869"
	equal "padding: tags beside the frame, and in it" "$(talk 0x1a8 ip4,tci=45,to="$tagged" 0x88 ip6,tci=45,to="$tagged" \
		0x1a8 ip4,tag=45,to="$tagged" 0x88 ip6,tag=45,to="$tagged")" "6869 6869 6869 6869"
	check "padding: programs" program mpass frags proto=0 pass -- mtag frags proto=0 tag=45 pass
	check "padding: a program that lets pass" attach "$DEV" mpass
	equal "padding: with it" "$(talk 0x1a8 ip4 0x88 ip4,options 0x88 ip6 0x1a8 ip4,tci=45,to="$tagged" \
		0x88 ip6,tag=45,to="$tagged")" "6869 6869 6869 6869 6869"
	check "padding: a program that puts a tag in" attach "$DEV" mtag
	equal "padding: with that" "$(talk 0x1a8 ip4,to="$tagged" 0x88 ip4,to="$tagged" 0x88 ip6,to="$tagged")" "6869 6869 6869"
	detach "$DEV"
}

# Programs and coalesced frames: whatever it does to the frame, what comes is right or is not called so.
voided() {
	check "void: a NIC" add_nic rsc=on || return
	check "void: up" in_turn ip link set $DEV up , within 15 carrier_is $DEV 1
	ethtool -K "$DEV" gro off
	check "void: programs" program vpass frags proto=800 pass -- vtag frags proto=800 tag=45 pass -- vcut frags proto=800 tail=-100 pass -- \
		v6tag frags proto=86dd tag=45 tag=46 pass -- vmany frags proto=800 tag=45 tag=46 tag=47 tag=48 pass
	check "void: a listener" listen
	train count=2 segs=10
	equal "void: without a program" "$(seen 2)" "2 $((66 + 10 * 1448)) 1448 partial right good 0"
	check "void: passed as it is" attach "$DEV" vpass
	train count=2 segs=10
	equal "void: passed as it is: as without" "$(seen 2)" "2 $((66 + 10 * 1448)) 1448 partial right good 0"
	errors=$(cat "/sys/class/net/$DEV/statistics/rx_errors")
	check "void: a tag put in" attach "$DEV" vtag
	train count=2 segs=10
	equal "void: a tag put in: can be cut, sums right" "$(seen 2)" "2 $((66 + 10 * 1448)) 1448 none right good 0"
	check "void: two tags, IPv6" attach "$DEV" v6tag
	train count=2 segs=10 ip6=1
	equal "void: two tags, IPv6: can be cut, sums right" "$(seen 2)" "2 $((86 + 4 + 10 * 1428)) 1428 none right good 1"
	check "void: headers that we do not know" attach "$DEV" vmany
	train count=2 segs=44
	equal "void: headers that we do not know: sums right" "$(seen 2)" "2 $((66 + 12 + 44 * 1448)) 0 none right good 3"
	check "void: the end cut off" attach "$DEV" vcut
	train segs=10
	equal "void: the end cut off: it is not called right" "$(seen 1)" "1 $((66 + 10 * 1448 - 100)) 0 none wrong good 0"
	equal "void: none of them was an error" "$(cat "/sys/class/net/$DEV/statistics/rx_errors")" "$errors"
	kill "$SNIFFER"; wait "$SNIFFER" 2>/dev/null
	detach "$DEV"
}

# A program leaves eight linear bytes of what looks like IPv4, and the host calls the sums of IP and TCP good but stale, as of a
# frame that it coalesced.
behind_linear() {
	local i frame shell
	check "linear: a NIC" add_nic || return
	check "linear: MTU 9000, up" in_turn ip link set $DEV mtu 9000 up , within 15 carrier_is $DEV 1
	check "linear: a program" put_on "$DEV" front frags proto=800 head=3498 pass
	printf -v shell '%s%s0800' "$(mac_of "$DEV" | tr -d :)" 020000004503
	# 3498 bytes, of which the first 14 are a header; then another one.
	printf -v i "%0$((2 * (3498 - 14)))d" 0
	frame=$shell$i
	printf -v i '%03004d' 0
	shell=${shell}4500002800000000400600000a2d00020a2d0001${i:0:$((1502 * 2 - 28 - 40))}
	: >/tmp/want
	python3 "$RXMEM" want "$DEV" 90 "$shell" >/tmp/want &
	SNIFFER=$!
	within 15 grep -q ready /tmp/want
	check "linear: a frame of 5000 bytes" python3 "$RXMEM" send "$NIC" "$frame$shell" 0x1a8
	ended "$SNIFFER"
	equal "linear: what is left of it comes, nothing written to" "$(tail -n 1 /tmp/want)" "it came"
	detach "$DEV"
	check "linear: traffic goes on" to_peer "$DEV" 45
}

# A socket is gone, and the first that comes for the next one is a frame longer than any.
gone_socket() {
	local i
	check "socket: a NIC with room for what is too long" faulty_nic suballoc.size value=98304 -- queues=1 || return
	check "socket: there is an interface" within 30 nic_with_mac "$OFFERED_MAC" || return
	DEV=$(nic_with_mac "$OFFERED_MAC")
	sysctl -qw "net.ipv6.conf.$DEV.disable_ipv6=1"
	check "socket: up" in_turn ip link set $DEV up , within 15 carrier_is $DEV 1
	for i in 1 2; do
		: >/tmp/xsk
		python3 "$XSK" rx "$DEV" 0 1 $((8 * SLOW)) driver >/tmp/xsk 2>&1 &
		USER_PID=$!
		check "socket $i: bound" within 60 grep -q "ready driver" /tmp/xsk
		if [ $i = 2 ]; then
			errors=$(counter "$DEV" rx_xdp_too_long)
			host_do fault.set name=recv.long_frame nic="$NIC" count=1 >/dev/null
			inject count=1 size=200 queue=0
			check "socket $i: a frame longer than any: dropped, counted" within 10 grew "$DEV" rx_xdp_too_long $((errors + 1))
		fi
		inject count=1 size=300 queue=0
		ended "$USER_PID"
		equal "socket $i: a good one comes" "$(paste -sd' ' /tmp/xsk)" "ready driver 300 good done 1"
	done
	detach "$DEV"
}

# The host is late with what ends the sharing of rings and buffers, and frames are on their way.
late_buffer() {
	check "buffer: a NIC" add_nic queues=2 && check "buffer: reaches the peer" to_peer "$DEV" 45 || return
	host_do fault.set nic="$NIC" name=vmbus.delay what=teardown ms=3000 count=2 >/dev/null
	host_do gen.send dst="nic$NIC" count=$((60000 / SLOW)) size=200 burst=16 later=1 >/dev/null
	ethtool -G "$DEV" rx 900 2>/dev/null
	check "buffer: the host kept it waiting" acted vmbus.delay
	comes_back "buffer" 60
}

fair_again() { if [ -e "$FAIR" ]; then echo 50000000 >"$FAIR"; else sysctl -qw kernel.sched_rt_runtime_us=950000; fi; }
# ready_to_starve DEV: what keeps the queue's NAPI from running is there, and waits for "starved".
ready_to_starve() {
	mount -t debugfs none /sys/kernel/debug 2>/dev/null
	if [ -e "$FAIR" ]; then echo 0 >"$FAIR"; else sysctl -qw kernel.sched_rt_runtime_us=-1; fi
	: >/tmp/starve
	rm -f /tmp/starve-go
	python3 "$RXMEM" starve 1 "napi/$1-" 75 /tmp/starve-go >/tmp/starve 2>&1 &
	EATER=$!
	within 60 grep -q ready /tmp/starve
}
# starved DEV COMMAND...: the queue's NAPI is a task, and may not run while COMMAND does.
starved() {
	local dev=$1
	shift
	LEFT=
	[ -n "${EATER-}" ] || ready_to_starve "$dev"
	touch /tmp/starve-go
	within 30 grep -q starving /tmp/starve && "$@"
	local rc=$?
	[ $rc = 0 ] || note "$(tail -n 1 /tmp/starve)"
	kill "$EATER"; wait "$EATER" 2>/dev/null
	EATER=''
	fair_again
	return $rc
}
lines() { local i; for ((i = 0; i < $1; i++)); do echo "<4>hv_netvsc test: line $i" >/dev/kmsg; done; }
lines_leave() {	# lines_leave COUNT: while nothing but netpoll looks at the ring
	local before
	before=$(host_stat "$NIC" frames_from_guest)
	lines "$1"
	LEFT=$(($(host_stat "$NIC" frames_from_guest) - before))
}
# A queue that sends nothing for 40 s makes the driver ask the host, whose answer no NAPI would take: then it attaches
# anew. So this is shorter, on each kernel: seconds that the host keeps completions back.
HELD=30
# line_reaps: the stack's queue is stopped, and what a program sent, then what the stack sent, is completed: only the
# first line that finds it so polls, those behind it wait for it. An interrupt writes it, where nobody may take what
# softirqs own. The queue's wake is the proof, as NAPI does not run.
line_reaps() {
	local stops wakes end
	stops=$(counter "$DEV" stop_queue)
	# Hardly more than there are requests: what is left over is completed as late.
	pktgen 0 2100 &
	GENERATOR=$!
	within 20 grew "$DEV" stop_queue $((stops + 1)) || return 1
	end=$((SECONDS + HELD + 2))
	while [ $SECONDS -lt "$end" ]; do sleep 1; done
	wakes=$(counter "$DEV" wake_queue)
	SPLATS=$(splats)
	insmod /run/job/irq_line.ko
	REAPED=$(($(counter "$DEV" wake_queue) - wakes))
	SPLATS=$(($(splats) - SPLATS))
}
# splats: how often the kernel warned. The console says none of it then, so the log has to be looked at.
splats() { dmesg | grep -cE '^\[[^]]*\] (WARNING|BUG): ' || true; }
a_frame_first() { inject count=1 size=500 && lines_leave "$1"; }

# A console speaks while a queue's NAPI does not get to run.
netpoll() {
	taskset -pc 0 $$ >/dev/null
	check "netpoll: a NIC" add_nic queues=1 || return
	check "netpoll: MTU 9000" in_turn to_peer "$DEV" 45 , ip link set "$DEV" mtu 9000 , within 15 carrier_is "$DEV" 1 || return
	echo 1 >"/sys/class/net/$DEV/threaded"
	check "netpoll: NAPI is a task" within 10 pgrep "napi/$DEV-"
	check "netpoll: netconsole" modprobe netconsole "netconsole=6665@192.168.77.45/$DEV,6666@$PEER4/02:00:00:00:45:02"
	starved "$DEV" lines_leave 50
	at_least "netpoll: lines leave, completions are reaped" "${LEFT:-0}" 50
	starved "$DEV" a_frame_first 50
	at_least "netpoll: and while a received frame is first in the ring" "${LEFT:-0}" 50
	check "netpoll: traffic goes on" within 10 reaches "$DEV"
	check "netpoll: a program that sends back" put_on "$DEV" back frags swap tx
	# It starts a thread on each CPU, which would not run later.
	check "netpoll: a generator" modprobe pktgen
	# Pages that a program sent back are completed while the stack's queue stands still: who writes a line then polls.
	host_do gen.reset >/dev/null
	check "netpoll: its task can be kept from running" ready_to_starve "$DEV"
	# What the kernel says of a queue that is stopped for long would be that line.
	dmesg -n 1
	host_do fault.set name=tx.delay_completions nic="$NIC" ms=${HELD}000 count=0 >/dev/null
	inject count=40 size=9000
	equal "netpoll: sent back by their pages" "$(back 40)" "40 lost 0 corrupt 0 reordered 0"
	check "netpoll: the stack's queue stops, and a line is written" starved "$DEV" line_reaps
	at_least "netpoll: it reaps what was completed, and wakes the queue" "${REAPED:-0}" 1
	# What has to go back to the page pool waits for NAPI: it takes nothing in an interrupt.
	equal "netpoll: the kernel does not warn of it" "${SPLATS-unknown}" 0 || dmesg | grep -A 30 'cut here' | sed 's/^/    # /'
	dmesg -n 7
	host_do fault.clear nic="$NIC" >/dev/null
	check "netpoll: the stack sends all of its own" wait "${GENERATOR:-$$}"
	# Byte limits hold it until the last of those is completed.
	check "netpoll: traffic goes on behind it" within 40 reaches "$DEV"
	check "netpoll: unload" rmmod netconsole pktgen irq_line
	detach "$DEV"
	taskset -pc 0,1 $$ >/dev/null
}

trouble padding voided netpoll late_buffer gone_socket behind_linear
finish
