#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What devlink shows of an interface: versions, and three health reporters. A queue that sends nothing, a host that breaks
# formats, a VF that is lost are an error there and over when they are over; it is attached anew when the user says so, also if who
# said so is killed. Whoever looks is in nobody's way, and looks on while NIC and module come and go. Without memory for all this the
# interface is there as ever.
# ONLY=NAME[,NAME]... runs some of the groups.
#
#   eth0 (+ VF) and a NIC for each group --- switch --- peer
#
# whole: 6.12:ours 6.1:ours debug-7.x:ours
# takes: 500 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trouble.sh"
READER='' BLAST=''
my_cleanup() {
	host_do fault.clear >/dev/null
	[ -z "$READER" ] || kill $READER
	no_blast
	memory_again
	pull how=surprise
	[ ! -e /run/netns/d ] || ip netns del d
	from_peer eth0
} 2>/dev/null

# handle DEV: its name in devlink.
handle() { echo "vmbus/$(basename "$(readlink -f "/sys/class/net/$1/device")")"; }
# shows REPORTER FIELD: of $H.
shows() { devlink -j health show "$H" reporter "$1" | jq -r ".health[][0].$2"; }
state_of() { shows "$1" state; }
errors_of() { shows "$1" error; }
recoveries_of() { shows "$1" recover; }
health() { e2e_limit 60 devlink -j health "$1" "$H" reporter "${@:2}"; }
health_dump() { e2e_limit 60 devlink -j health dump show "$H" reporter "$1"; }
diagnosis() { health diagnose "$1" | jq -r ".$2"; }
running() { devlink -j dev info "$H" | jq -r ".info[].versions.running.$1"; }
no_blast() { [ -z "$BLAST" ] || { kill $BLAST; wait $BLAST; } 2>/dev/null; BLAST=; }
# alone DEV: in a namespace, so that what is sent to the peer goes out there.
alone() { setup_ns "$1" d 192.168.77.64 fd77::64 && within 15 ip netns exec d ping -c 1 -W 1 $PEER4; }
home() { ip -n d link set "$1" netns 1; ip netns del d; within 10 test -e "/sys/class/net/$1"; }

# ---- what there is, with nothing wrong
looks() {
	local reporter
	check "looks: eth0 carries packets" to_peer eth0 10
	H=$(handle eth0)
	equal "looks: the driver" "$(devlink -j dev info "$H" | jq -r '.info[].driver')" hv_netvsc
	equal "looks: its version" "$(running driver)" "$(cat /sys/module/hv_netvsc/version)"
	equal "looks: NVSP" "$(running nvsp)" 6.1
	equal "looks: NDIS" "$(running ndis)" 6.30
	equal "looks: no port, which would rename the interface" "$(devlink -j port show | jq -c .port)" "{}"
	equal "looks: reporters" "$(devlink -j health | jq -r --arg h "$H" '[.health[$h][].reporter] | sort | join(" ")')" "rx tx vf"
	for reporter in tx rx vf; do
		equal "looks: $reporter is well" "$(state_of $reporter) $(errors_of $reporter)" "healthy 0"
		check "looks: $reporter: a diagnosis" health diagnose $reporter
		check "looks: $reporter: a dump" health_dump $reporter
		devlink health dump clear "$H" reporter $reporter
	done
	equal "looks: attached, and the host answers" "$(diagnosis tx attached) $(diagnosis tx host)" "true answers"
	equal "looks: a line for each queue" "$(diagnosis tx 'queues | length')" "$(ethtool -l eth0 | awk '/^Combined/ { n = $2 } END { print n }')"
	equal "looks: the path" "$(diagnosis vf path)" synthetic
	check "looks: a recovery of what is well does nothing" devlink health recover "$H" reporter tx
	equal "looks: nothing was attached anew" "$(dmesg | grep -c 're-attaching: asked for')" 0
	check "looks: there is nothing to reload" not devlink dev reload "$H"
	# Who looks waits neither for RTNL nor for the host.
	host_do fault.set nic=0 name=rndis.no_answer what=query count=0 >/dev/null
	ethtool -t eth0 online >/dev/null 2>&1 &
	local waiting=$!
	nap 1
	check "looks: a silent host delays nobody" e2e_limit 3 devlink health diagnose "$H" reporter tx
	check "looks: nor who asks for versions" e2e_limit 3 devlink dev info "$H"
	check "looks: it was silent all the time" kill -0 $waiting
	wait $waiting
	host_do fault.clear >/dev/null
	check "looks: eth0 still does" within 20 reaches eth0
}

# ---- a host that breaks formats
bad_data() {
	local lines
	check "bad data: a NIC" good_nic || return
	H=$(handle "$DEV")
	lines=$(dmesg | grep -c hv_netvsc)
	host_do fault.set nic="$NIC" name=recv.msg_length count=300 >/dev/null
	ping -q -i 0.01 -c 400 -W 1 -I "$DEV" $PEER4 >/dev/null 2>&1 &
	check "bad data: an error" within 10 gives error state_of rx
	wait $!
	host_do fault.clear >/dev/null
	at_least "bad data: told of seldom: errors below 20" $((20 - $(errors_of rx))) 1
	at_least "bad data: the queue that it came by" "$(diagnosis rx 'queues | map(.rx_errors) | add')" 100
	check "bad data: the dump says what" dump_says rx "the host broke a format"
	equal "bad data: no line in the log for each" "$((lines + 20 > $(dmesg | grep -c hv_netvsc)))" 1
	check "bad data: over when it is over" within 40 gives healthy state_of rx
	equal "bad data: the others are well" "$(state_of tx) $(state_of vf)" "healthy healthy"
	check "bad data: traffic" within 10 reaches "$DEV"
}
# dump_says REPORTER WORDS: of the last things that happened.
dump_says() { health_dump "$1" | jq -r '.last[].event' | grep -qF "$2"; }

# ---- a queue that sends nothing
# stuck FAULT [KEY=VALUE]...: until the watchdog has seen it.
stuck() {
	check "$NAME: a NIC" add_nic || return
	H=$(handle "$DEV")
	check "$NAME: it carries packets" alone "$DEV" || return
	host_do fault.set nic="$NIC" name="$1" "${@:2}" >/dev/null
	ip netns exec d python3 "$TRAFFIC" blast $PEER4 $((120 * SLOW)) 1000 >/dev/null 2>&1 &
	BLAST=$!
	check "$NAME: an error" within 60 gives error state_of tx
	at_least "$NAME: it is counted" "$(errors_of tx)" 1
	check "$NAME: the dump says what" dump_says tx "a queue sends nothing"
	at_least "$NAME: the dump has requests that are out" "$(health_dump tx | jq '[.queues[].requests] | add')" 1
	check "$NAME: the dump has a queue that is stopped" gives true queue_stopped
	check "$NAME: no address in the dump" not dump_has_address
}
queue_stopped() { health_dump tx | jq '[.queues[].stopped] | any'; }
dump_has_address() { health_dump tx | grep -qiE "$(mac_in_d)|192\.168|fd77"; }
mac_in_d() { ip netns exec d cat "/sys/class/net/$DEV/address"; }
no_watchdog() {
	[[ "$(uname -r)" = 6.1.* ]] || return
	skip "$1" "the transmit watchdog of 6.1 warns with a trace, which ends a run"
}

# The host completes late, and then all at once: it goes on by itself.
late() {
	NAME=late
	no_watchdog $NAME && return
	stuck tx.withhold_completions ms=$((25000 * SLOW)) count=1
	check "late: over when it sends again" within 60 gives healthy state_of tx
	equal "late: that was no recovery" "$(recoveries_of tx)" 0
	check "late: the dump stays until it is cleared" dump_says tx "a queue sends nothing"
	check "late: it is cleared" devlink health dump clear "$H" reporter tx
	check "late: the next one says how it ended" dump_says tx "the queue sends again"
	no_blast
	check "late: home" home "$DEV"
}

# The completions are lost: the user has it attached anew.
lost() {
	NAME=lost
	no_watchdog $NAME && return
	stuck tx.lose_completion count=0
	host_do fault.clear >/dev/null
	equal "lost: it does not end by itself" "$(state_of tx) $(recoveries_of tx)" "error 0"
	check "lost: attached anew" e2e_limit 60 devlink health recover "$H" reporter tx
	equal "lost: that is all" "$(state_of tx)" healthy
	check "lost: the log says so" logged "$DEV: re-attaching: asked for by devlink"
	nap 3
	equal "lost: it stays so, and is counted once" "$(state_of tx) $(recoveries_of tx)" "healthy 1"
	no_blast
	check "lost: traffic returns" within 20 ip netns exec d ping -c 1 -W 1 $PEER4
	check "lost: home" home "$DEV"
}

# Nobody does anything: the driver attaches it anew, and devlink knows. The NIC is taken away while it is attached anew
# on demand.
alone_again() {
	NAME="by itself"
	no_watchdog "$NAME" && return
	stuck tx.lose_completion count=0
	check "by itself: attached anew" within 90 logged "$DEV: re-attaching: the host does not complete"
	host_do fault.clear >/dev/null
	check "by itself: it is a recovery" within 20 gives_at_least 1 recoveries_of tx
	check "by itself: well" within 60 gives healthy state_of tx
	host_do fault.set nic="$NIC" name=tx.lose_completion count=0 >/dev/null
	check "taken away: an error again" within 60 gives error state_of tx
	devlink health recover "$H" reporter tx >/dev/null 2>&1 &
	local waiting=$!
	no_blast
	ip netns del d
	check "taken away: it leaves" remove_nics
	check "taken away: the recovery ends" within 60 not kill -0 $waiting
	check "taken away: devlink has forgotten it" not devlink dev show "$H"
}

# Who asked for a new attachment is killed while the host says nothing. The limit of the attachment holds all the same: nobody waits
# longer for devlink or RTNL. Then the interface is attached anew by itself.
killed() {
	NAME=killed
	no_watchdog $NAME && return
	stuck tx.lose_completion count=0
	no_blast
	host_do fault.clear >/dev/null
	fault rndis.no_answer what=initialize
	watch_rtnl
	devlink health recover "$H" reporter tx >/dev/null 2>&1 &
	local waiting=$!
	check "killed: the host is asked, and silent" within 20 acted rndis.no_answer
	kill -KILL $waiting
	check "killed: who asks what is wrong gets an answer" e2e_limit $RTNL_SECONDS devlink health diagnose "$H" reporter tx
	check "killed: the caller is gone" ends_within $RTNL_SECONDS $waiting
	rtnl_was_free killed
	check "killed: traffic returns" within 60 ip netns exec d ping -c 1 -W 1 $PEER4
	check "killed: well" within 20 gives healthy state_of tx
	equal "killed: that is one recovery" "$(recoveries_of tx)" 1
	check "killed: home" home "$DEV"
}

# ---- the VF
failover() {
	check "failover: eth0" within 20 reaches eth0 || to_peer eth0 10
	H=$(handle eth0)
	check "failover: a VF" arrives
	equal "failover: it is used" "$(diagnosis vf path) $(diagnosis vf offered) $(state_of vf)" "VF true healthy"
	host_do vf.fallback nic=0 >/dev/null
	check "failover: the host goes back: an error" within 10 gives 1 errors_of vf
	check "failover: the dump says why" dump_says vf "the host switched back by itself"
	check "failover: over when it is used again" within 60 gives healthy state_of vf
	equal "failover: a recovery" "$(recoveries_of vf)" 1
	devlink health dump clear "$H" reporter vf
	check "failover: a new attachment is no loss" ip link set eth0 mtu 3000
	check "failover: used again" within 60 in_use
	equal "failover: not counted" "$(errors_of vf)" 1
	ip link set eth0 mtu 1500
	check "failover: used once more" within 60 in_use
	check "failover: it goes without a word" leaves how=surprise
	check "failover: that is a loss" within 10 gives 2 errors_of vf
	check "failover: arrives" arrives
	check "failover: well" within 20 gives healthy state_of vf
	check "failover: the host takes it back" leaves
	check "failover: that is one, too" within 10 gives 3 errors_of vf
	check "failover: and no more is to be had" within 10 gives healthy state_of vf
	check "failover: traffic" within 20 reaches eth0
}

# ---- come and go
no_host() {
	check "no host: a NIC without an interface" faulty_nic nvsp.refuse what=send_buf count=0
	H=$(new_handle) || { not_ok "no host: devlink has it"; return; }
	check "no host: devlink has it" within 10 devlink dev info "$H"
	equal "no host: the driver's version alone" "$(devlink -j dev info "$H" | jq -c '.info[].versions.running | keys')" '["driver"]'
	equal "no host: not attached" "$(diagnosis tx attached)" false
	if e2e_can_sleep; then
		check "no host: to sleep and awake again" e2e_sleep
	else
		skip "no host: sleep" "this kernel is built without hibernation"
	fi
	host_do fault.clear >/dev/null
	check "no host: it comes up late" within 90 nic_with_mac "$OFFERED_MAC"
	check "no host: well" within 10 gives healthy state_of tx
	equal "no host: attached" "$(diagnosis tx attached)" true
}

recovers() { e2e_limit "$1" devlink health recover "$H" reporter tx 2>/tmp/recover.err; }
timeouts() { ip netns exec d ethtool -S "$DEV" | sed -n 's/^ *tx_timeout: //p'; }
# The NIC's own channel answers, the bus does not, as with a machine that is moved: neither the user nor the watchdog gives up what could not be had back before.
silent_bus() {
	local seen
	NAME="silent bus"
	no_watchdog "$NAME" && return
	stuck tx.lose_completion count=0
	host_do fault.clear >/dev/null
	host_do fault.set nic="$NIC" name=vmbus.delay what=teardown ms=$((60000 * SLOW)) count=0 >/dev/null
	host_do trace.requests nic="$NIC" clear=1 >/dev/null
	check "silent bus: a recovery is refused" not recovers 60
	check "silent bus: it says why" grep -q "the host does not answer: nothing was changed" /tmp/recover.err
	equal "silent bus: the attachment is as it was" "$(attachments) $(diagnosis tx attached)" "0 true"
	# The channel is silent for a moment, and answers before the bus does.
	host_do fault.set nic="$NIC" name=rx.stall ms=8000 count=1 >/dev/null
	check "silent bus: refused while the channel is silent, too" not recovers 30
	nap 8
	check "silent bus: and when that is over" not recovers 30
	seen=$(timeouts)
	check "silent bus: the watchdog sees it again and again" within 60 gives_at_least $((seen < 4 ? 5 : seen + 1)) timeouts
	nap 4
	equal "silent bus: nor does it give up anything" "$(attachments)" 0
	host_do fault.clear >/dev/null
	check "silent bus: well when the bus answers" within 120 gives healthy state_of tx
	no_blast
	check "silent bus: traffic" within 30 ip netns exec d ping -c 1 -W 1 $PEER4
	check "silent bus: home" home "$DEV"
}

# Who asks is killed while the bus is asked; the NIC is taken away just then.
asked() {
	local waiting
	NAME=asked
	no_watchdog $NAME && return
	stuck tx.lose_completion count=0
	no_blast
	host_do fault.clear >/dev/null
	fault vmbus.delay what=teardown ms=$((15000 * SLOW))
	host_do trace.requests nic="$NIC" clear=1 >/dev/null
	watch_rtnl
	devlink health recover "$H" reporter tx >/dev/null 2>&1 &
	waiting=$!
	check "asked: the bus is" within 10 acted vmbus.delay
	kill -KILL $waiting
	check "asked: killed, the caller is gone" ends_within 15 $waiting
	check "asked: killed: who asks what is wrong gets an answer" e2e_limit 15 devlink health diagnose "$H" reporter tx
	rtnl_was_free "asked: killed" 15
	equal "asked: killed: the attachment is as it was" "$(attachments)" 0
	check "asked: killed: the answer is taken when it comes" within 40 bus_is_quiet
	check "asked: killed: asked once more" recovers 60
	check "asked: killed: traffic" within 30 ip netns exec d ping -c 1 -W 1 $PEER4
	check "asked: home" home "$DEV"
	from_peer "$DEV"

	stuck tx.lose_completion count=0
	no_blast
	host_do fault.clear >/dev/null
	fault vmbus.no_answer what=teardown
	devlink health recover "$H" reporter tx >/dev/null 2>&1 &
	waiting=$!
	check "asked: taken away: the bus is asked" within 10 acted vmbus.no_answer
	ip netns del d
	check "asked: taken away: it leaves" remove_nics
	check "asked: taken away: the recovery ends" ends_within 20 $waiting
	check "asked: taken away: devlink has forgotten it" within 10 not devlink dev show "$H"
	check "asked: taken away: nothing waits for a host that is gone" within 20 bus_is_quiet
}

new_handle() {
	local path
	for path in /sys/bus/vmbus/drivers/hv_netvsc/*-*; do
		[ -e "$path/net" ] || { echo "vmbus/${path##*/}"; return 0; }
	done
	return 1
}

# The probe, in which one allocation of what is made for devlink fails: the first, the second ... until none is left to fail.
SLAB=/sys/kernel/debug/failslab
memory_again() {
	local file
	[ -e $SLAB/require-start ] || return 0
	echo 0 >$SLAB/require-start
	echo 0xffffffffffffffff >$SLAB/require-end
	echo N >$SLAB/cache-filter
	for file in /sys/kernel/slab/{kmalloc-*,radix_tree_node}/failslab; do echo 0 >"$file"; done
}
# These alone: others have a reserve, or are the kernel's own watchers.
less_memory() {
	local file start end
	read -r start end < <(grep -F '[hv_netvsc]' /proc/kallsyms | sort |
		awk 'start && $1 > start { print "0x" start, "0x" $1; exit } $3 == "netvsc_health_add" { start = $1 }')
	for file in /sys/kernel/slab/{kmalloc-*,radix_tree_node}/failslab; do echo 1 >"$file"; done
	echo 0 >$SLAB/verbose
	echo N >$SLAB/ignore-gfp-wait
	echo Y >$SLAB/cache-filter
	echo "$start" >$SLAB/require-start
	echo "$end" >$SLAB/require-end
}
# bind_without N GUID: what the N-th allocation did not have to be is left in the file: 0, it failed.
bind_without() {
	e2e_limit 60 bash -c 'exec 3>/sys/bus/vmbus/drivers/hv_netvsc/bind; echo "$1" >/proc/self/fail-nth
		printf %s "$2" >&3; read -r left </proc/self/fail-nth; echo 0 >/proc/self/fail-nth; echo "$left" >/tmp/left' _ "$1" "$2"
}
no_memory() {
	local guid left=0 without=0 missing=0 try
	if ! [ -e $SLAB/require-start ] || ! [ -e /sys/kernel/debug/kmemleak ]; then
		skip "no memory" "this kernel cannot make allocations of one function fail"
		return
	fi
	check "no memory: a NIC" good_nic || return
	guid=$(basename "$(readlink -f "/sys/class/net/$DEV/device")")
	H=$(handle "$DEV")
	echo clear >/sys/kernel/debug/kmemleak
	less_memory
	for try in {1..40}; do
		echo "$guid" >/sys/bus/vmbus/drivers/hv_netvsc/unbind
		dmesg -C
		bind_without "$try" "$guid"
		within 20 nic_with_mac "$OFFERED_MAC" || missing=$((missing + 1))
		read -r left </tmp/left
		[ "$left" = 0 ] || break
		if in_log "no devlink instance: -12"; then
			without=$((without + 1))
			not devlink dev show "$H" >/dev/null 2>&1 || note "$try: devlink has it"
		fi
	done
	memory_again
	note "no memory: $((try - 1)) allocations failed, $without times there was no instance"
	at_least "no memory: for the instance and for each reporter" "$without" 5
	at_least "no memory: none was left to fail" "$left" 1
	equal "no memory: the interface was there each time" "$missing" 0
	check "no memory: with it devlink has the device" devlink health show "$H" reporter tx
	DEV=$(nic_with_mac "$OFFERED_MAC")
	check "no memory: it carries packets" to_peer "$DEV" 45
	leaks
	equal "no memory: none is lost" "$(grep -cE 'netvsc_health|devl' /tmp/leaks)" 0
}

read_all() {
	local handle reporter
	for handle in $(devlink -j dev show | jq -r '.dev | keys[]'); do
		devlink dev info "$handle"
		for reporter in tx rx vf; do
			devlink health dump show "$handle" reporter $reporter
			devlink health dump clear "$handle" reporter $reporter
			devlink health diagnose "$handle" reporter $reporter
		done
	done
} >/dev/null 2>&1
come_and_go() {
	local i mtu
	(while :; do read_all; done) &
	READER=$!
	for mtu in 3000 1500; do check "read all the time: MTU $mtu" ip link set eth0 mtu $mtu; done
	for i in 1 2; do
		check "read all the time: a NIC comes ($i)" add_nic
		H=$(handle "$DEV")
		check "read all the time: it is there ($i)" devlink dev show "$H"
		check "read all the time: it goes ($i)" remove_nics
		check "read all the time: it is gone ($i)" not devlink dev show "$H"
		check "read all the time: the module can be unloaded ($i)" e2e_limit 60 rmmod hv_netvsc
		equal "read all the time: nothing is left ($i)" "$(devlink -j dev show | jq -c .dev)" "{}"
		check "read all the time: loaded again ($i)" in_turn modprobe hv_netvsc , within 20 nics_are "$n"
	done
	if e2e_can_sleep; then
		check "read all the time: to sleep and awake again" e2e_sleep
	else
		skip "sleep" "this kernel is built without hibernation"
	fi
	check "read all the time: it still is" kill -0 $READER
	kill $READER; wait $READER 2>/dev/null; READER=
	check "read all the time: traffic" to_peer eth0 10
	H=$(handle eth0)
	equal "read all the time: all is well" "$(state_of tx) $(state_of rx) $(state_of vf)" "healthy healthy healthy"
}

# A bus that takes its time for each answer is no silent one: what the user wants done is done within the limits, and so is a new attachment
# for a queue that is stuck.
slow_bus() {
	local what
	NAME="slow bus"
	no_watchdog "$NAME" && return
	check "slow bus: a NIC" add_nic || return
	for what in gpadl teardown; do host_do fault.set nic="$NIC" name=vmbus.delay what=$what ms=1600 count=0 >/dev/null; done
	check "slow bus: it does what the user wants" e2e_limit 60 ethtool -G "$DEV" rx 900
	check "slow bus: all leave" remove_nics

	stuck tx.lose_completion count=0
	host_do fault.clear >/dev/null
	for what in gpadl teardown; do host_do fault.set nic="$NIC" name=vmbus.delay what=$what ms=1600 count=0 >/dev/null; done
	# The attachment has its limit, too: what is late then is done by itself.
	recovers 60 || note "devlink: $(tail -n 1 /tmp/recover.err)"
	equal "slow bus: it is not said to be silent" "$(grep -c "nothing was changed" /tmp/recover.err)" 0
	check "slow bus: attached anew" within 90 gives healthy state_of tx
	check "slow bus: traffic returns" within 20 ip netns exec d ping -c 1 -W 1 $PEER4
	note "$(in_log_count "$DEV: queue . sends nothing") times in the log"
	no_blast
	host_do fault.clear >/dev/null
	check "slow bus: home" home "$DEV"
}

trouble looks bad_data late lost killed silent_bus slow_bus asked alone_again failover no_host no_memory come_and_go
finish
