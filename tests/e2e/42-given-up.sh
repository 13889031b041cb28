#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What was given up on is not over: a host that answers the bus late, a NIC taken away at the
# wrong moment, a caller that is killed. Whoever waits comes back, nothing
# is used after it was freed, and the NIC comes back by itself (R4, R70, R74).
# ONLY=NAME[,NAME]... runs some of the groups.
#
#   eth0 and a NIC in trouble for each group --- switch --- peer
#
# runs: 6.12:ours
# whole: debug:ours
# takes: 530 s, debug 900 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trouble.sh"
PINGS=
my_cleanup() { unwatch_rtnl; [ -z "$PINGS" ] || kill $PINGS; echo 1 >/sys/devices/system/cpu/cpu1/online; host_do fault.clear >/dev/null; } 2>/dev/null

inject_some() {
	local queue sent=1
	for queue in 0 1 0 1; do
		host_do nic.inject nic="$NIC" kind=inband hex="$(printf "00%.0s" {1..40})" queue="$queue" && sent=0
	done
	return $sent
}
# A close that is late: the other channel goes on delivering messages to queues that may be gone. It is later than all that
# follows it may take, so that it still lasts when the messages come.
late_close() {
	check "late close: a NIC" good_nic queues=4 || return
	fault vmbus.delay what=teardown ms=60000
	watch_rtnl
	ethtool -G "$DEV" rx 900 2>/dev/null
	check "late close: the host kept it waiting" acted vmbus.delay
	# Which channel is still open at the host depends on the order in which they are closed.
	check "late close: messages come on another channel" inject_some
	comes_back "late close" 120
	rtnl_was_free "late close"
}

# A host that is slow once. Its NIC appears.
slow_probe() {
	check "slow probe: a NIC" faulty_nic rndis.delay what=initialize ms=25000 count=1 -- queues=2
	check "slow probe: there is an interface in the end" within 70 nic_with_mac "$OFFERED_MAC" || return
	DEV=$(nic_with_mac "$OFFERED_MAC")
	check "slow probe: it carries packets" to_peer "$DEV" 45
	NIC=$LAST_NIC
}

# A sub-channel that is taken away while it is opened.
rescinded_opening() {
	local i
	check "rescinded opening: a NIC" faulty_nic vmbus.rescind what=subopen count=1 -- queues=2
	check "rescinded opening: there is an interface" within 30 nic_with_mac "$OFFERED_MAC" || return
	DEV=$(nic_with_mac "$OFFERED_MAC") NIC=$LAST_NIC
	check "rescinded opening: the host did it" within 20 acted vmbus.rescind
	check "rescinded opening: it carries packets" to_peer "$DEV" 45
	for i in 1 2 3; do
		check "rescinded opening: re-attachment $i is soon over" e2e_limit 15 ethtool -G "$DEV" rx $((900 + i))
		check "rescinded opening: traffic after re-attachment $i" within 10 reaches "$DEV"
	done
}

# asleep PID: it waits in the kernel. A look at the host costs more time than the host takes there.
asleep() { local stat; read -r stat <"/proc/$1/stat" && [[ ${stat##*) } == D* ]]; }
# A caller with a fatal signal pending, when the bus is asked.
killed_caller() {
	check "killed caller: a NIC" good_nic queues=2 || return
	fault rndis.delay what=set oid=0x0001010e ms=3000
	fault vmbus.delay what=teardown ms=42000
	watch_rtnl
	ethtool -G "$DEV" rx 900 >/dev/null 2>&1 &
	local caller=$!
	check "killed caller: it waits for the host" within 5 in_turn asleep $caller , nap 0.2 , asleep $caller
	kill -KILL $caller
	check "killed caller: the host kept the bus waiting" within 20 acted vmbus.delay
	check "killed caller: it is gone" ends_within 38 $caller
	rtnl_was_free "killed caller" 38
	comes_back "killed caller" 60
}

# New parameters and old ones fail; a resume fails once: attached again all the same.
comes_again() {
	check "comes again: a NIC" good_nic queues=2 || return
	fault rndis.refuse what=initialize count=2
	check "comes again: -G cannot" not ethtool -G $DEV rx 900
	equal "comes again: the host refused both" "$(hits rndis.refuse)" 2
	comes_back "comes again" 30
}
resume_fails() {
	e2e_can_sleep || { skip "resume fails" "this kernel is built without hibernation"; return; }
	check "resume fails: a NIC" good_nic queues=2 || return
	fault nvsp.refuse what=recv_buf
	check "resume fails: to sleep and awake" sleeps
	equal "resume fails: the host refused once" "$(hits nvsp.refuse)" 1
	comes_back "resume fails" 30
}

# A host that answers each request just in time.
each_late() {
	check "each late: a NIC" good_nic queues=2 || return
	host_do fault.set nic="$NIC" name=rndis.delay ms=15000 count=0 >/dev/null
	watch_rtnl
	e2e_limit 300 ethtool -G "$DEV" rx 900 2>/dev/null
	rtnl_was_free "each late"
	host_do fault.clear nic="$NIC" >/dev/null
	comes_back "each late" 60
}

# Two calls for one channel are out when the host takes it away: the rescind wakes one of them.
two_calls() {
	check "two calls: a NIC" faulty_nic vmbus.no_answer what=gpadl after=1 count=1
	host_do fault.set nic="$LAST_NIC" name=vmbus.delay what=teardown ms=600000 count=0 >/dev/null
	check "two calls: the host is silent" within 20 acted vmbus.no_answer
	# The probe gives up after its limit, and takes everything back.
	check "two calls: tools answer in the end" e2e_limit 40 ip link set eth0 alias "two calls"
	ip link set eth0 alias ""
	nic_leave "$LAST_NIC"
	unset 'ADDED[-1]'
	check "two calls: nothing waits for a host that is gone" within 20 bus_is_quiet
}

# A host that takes each sub-channel back.
taken_back() {
	local opens end=$((SECONDS + 30)) relid
	check "taken back: a NIC" good_nic queues=2 || return
	opens=$(host_stat "$NIC" opens)
	while [ $SECONDS -lt $end ]; do
		relid=$(host_get queues stats nic="$NIC" | jq -r '.[1].relid // empty')
		[ -z "$relid" ] || host_do bus.rescind relid="$relid" >/dev/null 2>&1
		ping -c 1 -W 1 -I "$DEV" $PEER4 >/dev/null 2>&1
	done
	note "re-attachments: $(($(host_stat "$NIC" opens) - opens))"
	at_least "taken back: does without after the second, re-attachments" 3 $(($(host_stat "$NIC" opens) - opens))
	check "taken back: it carries packets" within 10 reaches "$DEV"
}

offline() { primaries_to_cpu0 >/dev/null; echo 0 >/sys/devices/system/cpu/cpu1/online; }
# Fewer channels: their CPUs may go offline, and no frame is lost by it.
fewer_channels() {
	[ -w /sys/devices/system/cpu/cpu1/online ] || { skip "fewer channels" "this machine's CPUs stay online"; return; }
	check "fewer channels: a NIC" good_nic queues=2 || return
	for dev in eth0 eth1; do ethtool -L $dev combined 1; done
	check "fewer channels: all primary channels at CPU 0" primaries_to_cpu0
	check "fewer channels: -L 1" ethtool -L "$DEV" combined 1
	check "fewer channels: traffic" reaches "$DEV"
	check "fewer channels: the CPU can go" within 40 offline
	equal "fewer channels: the host has as many" "$(host_stat "$NIC" channels)" 1
	check "fewer channels: traffic without the CPU" within 10 reaches "$DEV"
	echo 1 >/sys/devices/system/cpu/cpu1/online 2>/dev/null
	for dev in eth0 eth1 "$DEV"; do ethtool -L "$dev" combined 2; done
	check "fewer channels: two again" within 20 gives 2 host_stat "$NIC" channels
}

keep_busy() { ping -q -i 0.05 -I "$DEV" $PEER4 >/dev/null 2>&1 & PINGS=$!; }
# Channels that are left over go when no frame is lost by it. While the bus is silent that would cost the attachment: nobody asked
# for that.
left_over() {
	check "left over: a NIC" good_nic queues=2 || return
	keep_busy
	host_do fault.set nic="$NIC" name=vmbus.delay what=teardown ms=$((40000 * SLOW)) count=0 >/dev/null
	host_do trace.requests nic="$NIC" clear=1 >/dev/null
	check "left over: -L 1" ethtool -L "$DEV" combined 1
	kill $PINGS; wait $PINGS 2>/dev/null
	# It is quiet now, so they may go.
	within 10 acted vmbus.delay
	check "left over: the bus is silent: traffic" reaches "$DEV"
	nap 10
	equal "left over: the bus is silent: the attachment is as it was" "$(attachments)" 0
	host_do fault.clear nic="$NIC" >/dev/null
	check "left over: they go when the bus answers" within 120 gives 1 host_stat "$NIC" channels
	check "left over: traffic" within 20 reaches "$DEV"

	# The same at once, where it is quiet.
	check "left over: -L 2" ethtool -L "$DEV" combined 2
	check "left over: two again" within 20 gives 2 host_stat "$NIC" channels
	host_do fault.set nic="$NIC" name=vmbus.delay what=teardown ms=$((20000 * SLOW)) count=0 >/dev/null
	host_do trace.requests nic="$NIC" clear=1 >/dev/null
	nap 2
	check "left over: quiet: -L 1" ethtool -L "$DEV" combined 1
	check "left over: quiet: traffic" reaches "$DEV"
	equal "left over: quiet: the attachment is as it was" "$(attachments)" 0
	host_do fault.clear nic="$NIC" >/dev/null
	check "left over: quiet: they go when the bus answers" within 90 gives 1 host_stat "$NIC" channels
}
# A sub-channel is taken back while the bus is silent: the others carry on, and the attachment is not given up before it can be had back.
revoked_silent() {
	local relid i
	check "revoked, silent bus: a NIC" good_nic queues=2 || return
	relid=$(host_get queues stats nic="$NIC" | jq -r '.[1].relid // empty')
	host_do fault.set nic="$NIC" name=vmbus.delay what=teardown ms=60000 count=0 >/dev/null
	host_do trace.requests nic="$NIC" clear=1 >/dev/null
	check "revoked, silent bus: one is taken back" host_do bus.rescind relid="$relid"
	for i in {1..40}; do echo >/dev/udp/$PEER4/$((9000 + i)); done 2>/dev/null
	nap 12
	equal "revoked, silent bus: the attachment is as it was" "$(attachments)" 0
	equal "revoked, silent bus: there is a carrier" "$(cat "/sys/class/net/$DEV/carrier")" 1
	host_do fault.clear nic="$NIC" >/dev/null
	check "revoked, silent bus: all of it when the bus answers" within 120 gives 2 host_stat "$NIC" channels
}
trouble late_close slow_probe rescinded_opening killed_caller comes_again resume_fails each_late two_calls taken_back \
	fewer_channels left_over revoked_silent
check "the module can be unloaded" e2e_limit 30 rmmod hv_netvsc
check "and loaded" in_turn modprobe hv_netvsc , within 20 nics_are $n
check "and it carries packets" to_peer eth0 10
from_peer eth0
finish
