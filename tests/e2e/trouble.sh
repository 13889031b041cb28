# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What 42, 44, 45, 57 and 58 stand on, beside lib.sh and vf.sh: groups that run by name, a NIC for each of them, RTNL, sleep,
# memory that runs out.

. "$(dirname "${BASH_SOURCE[0]}")/vf.sh"
n=$(nic_count)
# The sum in Documentation/hv_netvsc.rst, and what "ip" itself takes on a busy machine.
RTNL_SECONDS=45

# trouble GROUP...: runs each that ONLY (names with commas between; default: all) asks for, and clears up behind it.
trouble() {
	local group
	if [ "$DRIVER" = stock ]; then
		skip "$*" "stock waits for ever and holds RTNL: R4, R70"
		finish
	fi
	# Several interfaces in one network: each answers for itself.
	sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	for group in "$@"; do
		[ -z "${ONLY-}" ] || [[ ,$ONLY, == *,$group,* ]] || continue
		local start=$SECONDS
		DEV='' NIC=''
		"$group"
		unwatch_rtnl
		host_do fault.clear >/dev/null
		check "$group: all leave" remove_nics
		note "$group: $((SECONDS - start)) s"
	done
}

good_nic() { add_nic "$@" && to_peer "$DEV" 45 && all_channels; }
all_channels() { within 15 gives 2 host_stat "$NIC" channels; }
fault() { host_do fault.set nic="$NIC" name="$1" count=1 "${@:2}" >/dev/null; }
acted() { [ "$(hits "$1")" -ge 1 ]; }
reaches() { ping -c 1 -W $((2 * SLOW)) -I "$1" $PEER4; }
ends_within() { within "$1" not kill -0 $2; }
# comes_back NAME SECONDS: by itself, with what it had.
comes_back() { check "$1: it comes back by itself" within "$2" reaches "$DEV"; }
# rtnl_was_free NAME [SECONDS]: since watch_rtnl.
rtnl_was_free() {
	within $((${2:-$RTNL_SECONDS} * 4)) e2e_limit 10 ip -br link show eth0
	# The watcher was let go at the same moment, and has to write.
	sleep $SLOW
	unwatch_rtnl
	note "$1: RTNL was held for $(rtnl_ms) ms"
	at_least "$1: RTNL is free in time, ms" $((${2:-$RTNL_SECONDS} * 1000)) "$(rtnl_ms)"
}
# A bus call that is out holds the module.
bus_is_quiet() { local refs; read -r refs </sys/module/hv_netvsc/refcnt && [ "$refs" = 0 ] && ! pgrep -x hv_netvsc/bus; }
in_log_count() { dmesg | grep -c "$1"; }
# attachments: of the NIC, since the trace of its requests was cleared.
attachments() { host_do trace.requests nic="$NIC" | grep -c nvsp.init; }

sleeps() {
	local rc
	e2e_sleep; rc=$?
	[ "$rc" = 0 ] || dmesg | grep -v 'Data path\|link becomes' | tail -n 15
	return $rc
}

# without_memory OID COMMAND...: from the host's answer to the setting OID on until RTNL is free each allocation of COMMAND
# fails. Not before, so that it comes so far; not after, since a page fault without memory is tried again for ever.
# MISSED is the number of allocations that failed.
without_memory() {
	local dir=/sys/kernel/debug/failslab rc command most=1000000000
	echo N >$dir/ignore-gfp-wait
	echo Y >$dir/task-filter
	echo 0 >$dir/verbose
	echo $most >$dir/times
	echo 0 >$dir/probability
	fault rndis.delay what=set oid="$1" ms=6000
	e2e_limit 60 bash -c 'echo 1 >/proc/self/make-it-fail; "$@"' _ "${@:2}" &
	command=$!
	within 20 acted rndis.delay
	echo 100 >$dir/probability
	e2e_limit 60 ip link set eth0 alias "without memory"
	echo 0 >$dir/probability
	MISSED=$((most - $(cat $dir/times)))
	ip link set eth0 alias ""
	wait $command; rc=$?
	return $rc
}
# unbind_without_memory GUID: the file is open by then, and printf is one of the shell's own.
unbind_without_memory() { without_memory 0x0001010e printf %s "$1" >/sys/bus/vmbus/drivers/hv_netvsc/unbind; }
# leaks: what kmemleak finds, in two looks, goes to /tmp/leaks.
leaks() {
	local i
	for i in 1 2; do echo scan >/sys/kernel/debug/kmemleak; sleep 6; done
	cat /sys/kernel/debug/kmemleak >/tmp/leaks
	sed 's/^/    # kmemleak: /' /tmp/leaks | head -n 60
}
# Primary channels may be anywhere; sub-channels stay where they are.
primaries_to_cpu0() {
	local channel
	for channel in /sys/bus/vmbus/devices/*/channels/*; do
		[ "$(cat "$channel/subchannel_id")" != 0 ] || [ "$(cat "$channel/cpu")" = 0 ] || echo 0 >"$channel/cpu"
	done
	# Where each is, for the log.
	grep . /sys/bus/vmbus/devices/*/channels/*/cpu
}

# ---- what is set, and questions that are asked again
queues() { ethtool -l "$DEV" | awk '/^Current/ { now = 1 } now && /Combined/ { print $2 }'; }
set_now() { echo "mtu $(cat "/sys/class/net/$DEV/mtu") queues $(queues)"; }
offloads_now() { ethtool -k "$DEV" | awk '/^(tx-checksumming|tcp-segmentation-offload|scatter-gather):/ { printf "%s ", $2 }'; }
settings_now() { echo "$(set_now) $(offloads_now)"; }
# asked_again SIZE: the host refuses once to say its queues, so it will be asked again in place.
asked_again() {
	fault rndis.refuse what=query oid=0x00010203
	ethtool -G "$DEV" rx "$1" || return 1
	within 5 acted rndis.refuse
}
announced() {
	host_do nic.offload nic="$NIC" set=none >/dev/null
	within 20 gives "off off off " offloads_now
}
# ends_as_before NAME: in time, with all that was set: WAS, of settings_now.
ends_as_before() {
	rtnl_was_free "$1"
	check "$1: as before" within 90 gives "$WAS" settings_now
	check "$1: traffic" within 10 reaches "$DEV"
	host_do fault.clear nic="$NIC" >/dev/null
}
# What is shown, and what the host does.
lro_and_host() { echo "$(with_lro) $(host_stat "$NIC" offloads.rsc4)"; }
