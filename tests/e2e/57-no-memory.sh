#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Without memory: on the way down the host is asked all the same, a number of channels holds; and a probe that fails
# leaves nothing behind (R4, R70). Needs a kernel that makes
# allocations fail and looks for leaks. ONLY=NAME[,NAME]... runs some of the groups.
#
#   eth0 and a NIC in trouble for each group --- switch --- peer
#
# runs: debug:ours
# takes: 75 s, debug 300 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trouble.sh"
my_cleanup() {
	unwatch_rtnl
	[ ! -e /sys/kernel/debug/failslab ] || echo 0 >/sys/kernel/debug/failslab/probability
	host_do fault.clear >/dev/null
} 2>/dev/null
if ! [ -e /sys/kernel/debug/failslab ] || ! [ -e /sys/kernel/debug/kmemleak ]; then
	skip "no memory" "this kernel cannot make allocations fail"
	finish
fi

# No memory on the way down: the host is asked all the same.
no_memory() {
	check "no memory: a NIC" good_nic queues=2 || return
	local guid lines
	guid=$(basename "$(readlink -f "/sys/class/net/$DEV/device")")
	lines=$(in_log_count "stay with the host")
	hvctl violations clear=1 >/dev/null
	check "no memory: unbind" unbind_without_memory "$guid"
	at_least "no memory: allocations failed" "$MISSED" 1
	equal "no memory: nothing is left with the host" "$(in_log_count "stay with the host")" "$lines"
	equal "no memory: the host is told to halt" "$(hvctl violations | jq '.total + .style')" 0
	echo "$guid" >/sys/bus/vmbus/drivers/hv_netvsc/bind
	check "no memory: bind" within 20 nic_with_mac "$OFFERED_MAC"
	DEV=$(nic_with_mac "$OFFERED_MAC")
	check "no memory: it carries packets" to_peer "$DEV" 45
}

# A probe that fails after it took the name leaves no memory behind.
name_leak() {
	echo clear >/sys/kernel/debug/kmemleak
	check "name: a NIC whose probe fails behind it" faulty_nic rndis.no_answer what=set oid=0xfc01020c count=0
	check "name: the host was silent" within 60 acted rndis.no_answer
	check "name: tools answer" e2e_limit 60 ip link set eth0 alias ""
	nic_leave "$LAST_NIC"; unset 'ADDED[-1]'
	check "name: the NIC leaves" within 40 nics_are "$n"
	# Anything else that it finds is shown whole. Behind 08-reload that is hv_vmbus's own: 64 bytes per CPU that hv_init()
	# allocates, and an unload of the bus does not free.
	leaks
	equal "name: the name is not lost" "$(grep -c dev_set_alias /tmp/leaks)" 0
}

# No memory for the attachment with fewer channels: the number holds, and the channels go later.
fewer_no_memory() {
	check "fewer, no memory: a NIC" good_nic queues=2 || return
	# The answer to the command needs memory, too.
	without_memory 0x00010204 exec ethtool -L "$DEV" combined 1 >/dev/null 2>&1
	at_least "fewer, no memory: allocations failed" "$MISSED" 1
	equal "fewer, no memory: one is used" "$(ls -d "/sys/class/net/$DEV/queues/rx-"* | wc -l)" 1
	check "fewer, no memory: the host has one in the end" within 40 gives 1 host_stat "$NIC" channels
	check "fewer, no memory: traffic" within 10 reaches "$DEV"
}

# workers_fail 0|1: no memory for what works behind everybody's back.
workers_fail() { local task; for task in $(pgrep '^kworker'); do echo "$1" >"/proc/$task/make-it-fail"; done; } 2>/dev/null
one_each() { local i; for i in {1..40}; do echo >/dev/udp/$PEER4/$((9000 + i)); done; } 2>/dev/null
no_memory_for_workers() {
	local dir=/sys/kernel/debug/failslab
	echo N >$dir/ignore-gfp-wait
	echo Y >$dir/task-filter
	echo 0 >$dir/verbose
	echo 1000000000 >$dir/times
	workers_fail 1
	echo 100 >$dir/probability
}
# without_it PAUSE: something is sent on each channel now and then, for longer than the driver waits between two tries; how many
# channels the host has at the end. Then there is memory again.
without_it() {
	local dir=/sys/kernel/debug/failslab end=$((SECONDS + 15))
	while [ $SECONDS -lt $end ]; do
		workers_fail 1
		one_each
		nap "$1"
	done
	host_stat "$NIC" channels
	echo 0 >$dir/probability
	workers_fail 0
}
# A sub-channel is taken back, and there is no memory for an attachment without it: tried again and again, it is one loss.
lost_no_memory() {
	local relid lines
	check "lost, no memory: a NIC" good_nic queues=2 || return
	lines=$(in_log_count "host revokes sub-channels repeatedly")
	relid=$(host_get queues stats nic="$NIC" | jq -r '.[1].relid // empty')
	# The driver attaches anew a quarter of a second behind it: there has to be no memory by then.
	no_memory_for_workers
	check "lost, no memory: one is taken back" host_do bus.rescind relid="$relid"
	equal "lost, no memory: none is there for another attachment" "$(without_it 0.4)" 1
	one_each
	check "lost, no memory: two again" within 60 gives 2 host_stat "$NIC" channels
	equal "lost, no memory: that is one loss" "$(in_log_count "host revokes sub-channels repeatedly")" "$lines"
	check "lost, no memory: traffic" within 20 reaches "$DEV"
}

# The same with nothing sent any more by the time that there is memory again: the driver tries by itself.
lost_quiet() {
	local relid
	check "lost, quiet: a NIC" good_nic queues=2 || return
	relid=$(host_get queues stats nic="$NIC" | jq -r '.[1].relid // empty')
	no_memory_for_workers
	check "lost, quiet: one is taken back" host_do bus.rescind relid="$relid"
	equal "lost, quiet: none is there for another attachment" "$(without_it 0.7)" 1
	check "lost, quiet: two again" within 40 gives 2 host_stat "$NIC" channels
	one_each
	check "lost, quiet: two when something is sent" within 60 gives 2 host_stat "$NIC" channels
	check "lost, quiet: traffic" within 20 reaches "$DEV"
}

trouble no_memory name_leak fewer_no_memory lost_no_memory lost_quiet
check "the module can be unloaded" e2e_limit 30 rmmod hv_netvsc
check "and loaded" in_turn modprobe hv_netvsc , within 20 nics_are $n
finish
