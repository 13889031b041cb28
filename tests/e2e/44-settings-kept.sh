#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What was set last holds: after sleep, after a reconfiguration that failed, after a request whose answer came too
# late, after an indication of an attachment that is gone (R68, R73-R75, R81). ONLY=NAME[,NAME]... runs some of the groups.
#
#   eth0 (with a VF), a NIC for each group --- switch --- peer
#
# runs: 6.12:ours
# takes: 410 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trouble.sh"
my_cleanup() {
	unwatch_rtnl; host_do fault.clear; ip link del br42; pull how=surprise; from_peer eth0
} >/dev/null 2>&1

# What was changed in place.
in_place() {
	check "in place: a NIC" good_nic queues=2 || return
	ip link set "$DEV" mtu 9000 && ip link set "$DEV" mtu 1500
	within 15 gives 2 host_stat "$NIC" channels
	ethtool -L "$DEV" combined 1
	local was
	was=$(set_now)
	equal "in place: MTU and queues" "$was" "mtu 1500 queues 1"
	fault nvsp.refuse what=recv_buf
	check "in place: the host refuses -G" not ethtool -G $DEV rx 900
	equal "in place: as before after the fall-back" "$(set_now)" "$was"
	e2e_can_sleep || { skip "in place: sleep" "this kernel is built without hibernation"; return; }
	check "in place: to sleep and awake" sleeps
	check "in place: traffic after sleep" within 20 reaches "$DEV"
	equal "in place: as before after sleep" "$(set_now)" "$was"
}

# Sub-channels that are offered late are taken up, but none that the user does not want.
late_offers() {
	check "late offers: a NIC" good_nic queues=2 || return
	fault subchannel.late ms=8000
	ethtool -G "$DEV" rx 900
	check "late offers: they came" within 20 acted subchannel.late
	check "late offers: taken up" within 20 gives 2 queues
	ethtool -L "$DEV" combined 1
	ethtool -G "$DEV" rx 1000
	check "late offers: traffic" within 10 reaches "$DEV"
	equal "late offers: one queue is what was set" "$(queues) $(host_stat "$NIC" channels)" "1 1"
}

# A change of the address that the host makes after it was given up on.
late_mac() {
	check "late address: a NIC" good_nic queues=2 || return
	local mac
	fault rndis.delay what=set oid=0x0001021b ms=24000
	e2e_limit 60 ip link set "$DEV" address 02:00:5e:10:20:30 2>/dev/null
	mac=$(mac_of "$DEV")
	note "the interface has $mac"
	check "late address: the host has the same in the end" within 40 gives "$mac" host_stat "$NIC" mac
	within 10 not gives "$mac" host_stat "$NIC" mac
	equal "late address: and keeps it" "$(host_stat "$NIC" mac)" "$mac"
	check "late address: traffic" within 20 reaches "$DEV"
}

promisc_is() { [ $(($(host_stat "$NIC" filter) & 32)) = "$1" ]; }
# The packet filter, late and while there is no attachment.
filter() {
	check "filter: a NIC" good_nic queues=2 || return
	fault rndis.delay what=set oid=0x0001010e ms=8000
	ip link set "$DEV" promisc on
	check "filter: the host is slow" within 30 acted rndis.delay
	check "filter: promiscuous comes late" within 10 promisc_is 32
	# Only when it was given up on, after five seconds, is it no promiscuous mode to the driver.
	within 7 false
	ip link set "$DEV" promisc off
	check "filter: and is taken back" within 20 promisc_is 0
	host_do fault.clear >/dev/null
	fault rndis.refuse what=initialize count=4
	check "filter: detached" not ethtool -G $DEV rx 900
	ip link set "$DEV" promisc on
	check "filter: told as soon as there is an attachment" within 45 promisc_is 32
	check "filter: traffic" within 10 reaches "$DEV"
	ip link set "$DEV" promisc off
	check "filter: taken back" within 10 promisc_is 0
}

filter_is() { [ "$(host_stat "$NIC" filter)" = "$1" ]; }
frames_come() { host_do gen.send dst="nic$NIC" count=20 >/dev/null; }
# An interface that does not come up since the host did not say that it took the filter, while frames come: nothing is sent to
# it then. Nor to one that was set down by a host that refused it.
unopened() {
	local how caller
	check "unopened: a NIC" good_nic queues=2 || return
	for how in "rndis.no_answer" "rndis.delay ms=23000"; do
		ip link set "$DEV" down
		check "unopened: $how: closed" within 10 filter_is 0
		fault ${how%% *} what=set oid=0x0001010e ${how#"${how%% *}"}
		e2e_limit 60 ip link set "$DEV" up 2>/dev/null &
		caller=$!
		check "unopened: $how: the host took it" within 10 not filter_is 0
		check "unopened: $how: frames come" frames_come
		wait $caller
		equal "unopened: $how: it is down" "$(($(cat "/sys/class/net/$DEV/flags") & 1))" 0
		check "unopened: $how: nothing is sent to it" within 30 filter_is 0
		host_do fault.clear nic="$NIC" >/dev/null
		check "unopened: $how: traffic when it is up" in_turn ip link set "$DEV" up , within 20 reaches "$DEV"
	done
	fault rndis.refuse what=set oid=0x0001010e
	check "unopened: set down, the host refuses" ip link set "$DEV" down
	equal "unopened: it did" "$(hits rndis.refuse)" 1
	check "unopened: set down: nothing is sent to it" within 15 filter_is 0
	check "unopened: traffic when it is up again" in_turn ip link set "$DEV" up , within 20 reaches "$DEV"
}

# What was tried with one attachment makes nobody wait with the next: an address that the host forgets with each, and refuses.
tried() {
	local mac=02:00:5e:10:20:32 refused
	check "tried: a NIC" good_nic queues=2 || return
	check "tried: an address" ip link set "$DEV" address $mac
	host_do fault.set nic="$NIC" name=rndis.refuse what=set oid=0x0001021b count=0 >/dev/null
	check "tried: a new attachment" ethtool -G "$DEV" rx 940
	check "tried: refused less and less often" within 90 gives_at_least 6 hits rndis.refuse
	refused=$(hits rndis.refuse)
	check "tried: another attachment" ethtool -G "$DEV" rx 950
	check "tried: refused in it, and refused again" within 20 gives_at_least $((refused + 2)) hits rndis.refuse
	host_do fault.clear nic="$NIC" >/dev/null
	check "tried: soon told once more" within 8 gives $mac host_stat "$NIC" mac
	check "tried: traffic" within 20 reaches "$DEV"
}

# hold_rtnl: something that is not ours holds RTNL for ten seconds, so indications have to wait.
hold_rtnl() {
	local mine=$NIC
	NIC=$holder fault rndis.delay what=initialize ms=10000
	NIC=$mine
	ethtool -G "$holder_dev" rx $((900 + RANDOM % 50)) &
	HOLD=$!
	within 10 gives_at_least 1 hits rndis.delay
}
# The last word of the host about the link counts.
late_link() {
	check "link: a NIC that is slow" add_nic queues=1 || return
	local i holder=$NIC holder_dev=$DEV
	check "link: a NIC" good_nic queues=2 || return
	# RTNL is held from the filter on: what is said then waits.
	fault rndis.delay what=set oid=0x0001010e ms=3000
	fault nvsp.delay what=init ms=5000
	ethtool -G "$DEV" rx 900 &
	i=$!
	check "link: the NIC is on its way down" within 30 acted rndis.delay
	host_do nic.link nic="$NIC" state=down >/dev/null
	check "link: the NIC is between two attachments" within 10 not gives operational host_stat "$NIC" state
	host_do nic.link nic="$NIC" state=up >/dev/null
	wait $i
	within 5 carrier_is "$DEV" 0
	check "link: up, as the host says, after what was said of it before" within 10 carrier_is "$DEV" 1
	host_do fault.clear >/dev/null

	check "link: RTNL is held" hold_rtnl
	host_do nic.link nic="$NIC" state=down >/dev/null
	for i in {1..18}; do host_do nic.indicate nic="$NIC" status=0x40010013 hex=a0860100 >/dev/null; done
	host_do nic.link nic="$NIC" state=up >/dev/null
	host_do nic.indicate nic="$NIC" status=0x40010013 hex=40420f00 >/dev/null
	wait $HOLD
	within 5 carrier_is "$DEV" 0
	check "link: up, as the host says, after more words than there is room" within 10 carrier_is "$DEV" 1
	check "link: the speed that was said last" within 10 gives 100 cat /sys/class/net/$DEV/speed
	check "link: traffic" within 10 reaches "$DEV"
}

# Nothing stays parked on the synthetic side when the path goes to the VF. The stack hands over what it cut in one go, with
# the word that more is to come: a list whose head went by the one path and whose end by the other left its head there. Byte
# limits that never stop the queue keep such lists whole. It took about ten switches to see one: ROUNDS=50 by hand.
parked() {
	local rounds i stuck=0 vf was
	rounds=$(e2e_times 6)
	check "parked: eth0" to_peer eth0 10
	check "parked: server" serve_peer
	plug
	within 30 in_use || { skip "parked" "there is no VF"; return; }
	vf=$(vf_of eth0)
	byte_limits 1000000
	python3 "$TRAFFIC" blast $PEER4 $((rounds * 60 * SLOW)) 1400 44 >/dev/null 2>&1 &
	local blast=$!
	for ((i = 1; i <= rounds; i++)); do
		ip link set "$vf" down; within 10 path_is synthetic
		ip link set "$vf" up; within 60 in_use || { stuck="round $i: the path did not come back"; break; }
		# What is sent on the synthetic side after the path has changed: nothing any more, and nothing later. A busy host
		# completes what was sent in time before that.
		was=$(parked_bytes)
		[ "$was" = 0 ] || within 20 gives 0 parked_bytes || {
			note "round $i: $was, then $(parked_bytes) bytes, path $(vfstat path)"
			stuck=$((stuck + 1))
		}
	done
	kill $blast 2>/dev/null; wait $blast 2>/dev/null
	equal "parked: switches that left frames behind, of $rounds" "$stuck" 0
	byte_limits 0
	unserve_peer
	pull how=eject; within 20 has_no_vf eth0
	from_peer eth0
}
byte_limits() { local q; for q in /sys/class/net/eth0/queues/tx-*/byte_queue_limits/limit_min; do echo "$1" >"$q"; done; }
# BQL counts what was handed to a queue and not completed.
parked_bytes() { cat /sys/class/net/eth0/queues/tx-*/byte_queue_limits/inflight | awk '{ s += $1 } END { print s }'; }

# LRO that the host does not turn off.
lro() {
	local traces
	check "LRO: a NIC" add_nic queues=2 rsc=on || return
	check "LRO: it carries packets" to_peer "$DEV" 45
	check "LRO: on" ethtool -K "$DEV" lro on
	traces=$(in_log_count "cut here")
	host_do fault.set nic="$NIC" name=rndis.refuse what=set oid=0xfc01020c count=0 >/dev/null
	host_do fault.set nic="$NIC" name=rsc.late count=0 >/dev/null
	check "LRO: into a bridge" in_turn ip link add br42 type bridge , ip link set br42 up , ip link set $DEV master br42
	equal "LRO: no trace in the log" "$(in_log_count "cut here")" "$traces"
	check "LRO: off" prints '^large-receive-offload: off' ethtool -k "$DEV"
	ip link del br42
	check "LRO: turned off by hand" ethtool -K "$DEV" lro off
	check "LRO: traffic" within 10 reaches "$DEV"
}

# LRO, rx-gro-hw, and what the host does.
coalescing() {
	echo "$(ethtool -k "$DEV" | awk '/^(large-receive-offload|rx-gro-hw):/ { printf "%s ", $2 }')$(host_stat "$NIC" offloads.rsc4)"
}
# kept TEXT [COALESCING]: as it was set, or as is said here.
kept() { equal "rx-gro-hw: $1" "$(coalescing)" "${2:-off on true}"; }
# rx-gro-hw is what the user set last, whatever comes; where it cannot be it comes back by itself.
gro_hw() {
	local refused
	check "rx-gro-hw: a NIC" good_nic queues=2 rsc=on || return
	equal "rx-gro-hw: at first" "$(coalescing)" "on off true"
	ethtool -K "$DEV" lro off rx-gro-hw on
	equal "rx-gro-hw: on" "$(coalescing)" "off on true"
	ethtool -L "$DEV" combined 1; kept "kept over -L"
	ethtool -G "$DEV" rx 900; kept "kept over -G"
	ip link set "$DEV" mtu 9000; kept "kept over a larger MTU"
	ip link set "$DEV" mtu 1500; kept "kept over a smaller MTU"
	fault nvsp.refuse what=recv_buf
	check "rx-gro-hw: the host refuses -G" not ethtool -G $DEV rx 950
	kept "kept after the fall-back"
	host_do fault.clear nic="$NIC" >/dev/null
	if e2e_can_sleep; then
		check "rx-gro-hw: to sleep and awake" sleeps
		kept "kept after sleep"
	else
		skip "rx-gro-hw: sleep" "this kernel is built without hibernation"
	fi
	check "rx-gro-hw: traffic" within 20 reaches "$DEV"

	ethtool -K "$DEV" rx off >/dev/null; kept "off without rx" "off off false"
	ethtool -K "$DEV" rx on >/dev/null; kept "on with rx again"
	host_do nic.offload nic="$NIC" set=full >/dev/null
	check "rx-gro-hw: off while the host has no coalescing" within 10 gives "off off false" coalescing
	host_do nic.offload nic="$NIC" set=full+rsc >/dev/null
	check "rx-gro-hw: on again" within 10 gives "off on true" coalescing
	fault rndis.refuse what=set oid=0xfc01020c
	ethtool -G "$DEV" rx 920
	equal "rx-gro-hw: the host refused" "$(hits rndis.refuse)" 1
	check "rx-gro-hw: on again after a refusal" within 30 gives "off on true" coalescing
	host_do fault.clear nic="$NIC" >/dev/null

	host_do fault.set nic="$NIC" name=rndis.refuse what=set oid=0xfc01020c count=0 >/dev/null
	ethtool -K "$DEV" rx-gro-hw off; kept "off, though the host refuses" "off off true"
	host_do fault.clear nic="$NIC" >/dev/null
	check "rx-gro-hw: the host follows" within 30 gives "off off false" coalescing
	refused=$(in_log_count "host rejects rx-gro-hw on")
	fault rndis.refuse what=set oid=0xfc01020c
	ethtool -K "$DEV" rx-gro-hw on >/dev/null 2>&1; kept "unchanged, where the host refuses" "off off false"
	equal "rx-gro-hw: the log says so" "$(in_log_count "host rejects rx-gro-hw on")" $((refused + 1))
	ethtool -G "$DEV" rx 930; kept "on with the next attachment"
	ethtool -L "$DEV" combined 2; kept "kept over -L up"
	check "rx-gro-hw: traffic at last" within 20 reaches "$DEV"
}

# The last of all: hv_vmbus keeps what was taken away in sleep, and refuses to sleep again.
# Small ones: an answer that names its request but makes no sense; a NIC taken away in sleep; a refusal is soon over.
small() {
	local start traces
	check "small: a NIC" good_nic queues=2 || return
	fault rndis.malformed what=query
	start=$SECONDS
	e2e_limit 60 ethtool -G "$DEV" rx 900 2>/dev/null
	at_least "small: a malformed answer ends the wait, seconds" $((8 * SLOW)) $((SECONDS - start))
	check "small: traffic" within 30 reaches "$DEV"
	host_do fault.clear >/dev/null
	check "small: a NIC whose host refuses to initialize" faulty_nic rndis.refuse what=initialize count=1
	check "small: the host saw no violation of it" in_turn within 30 acted rndis.refuse , gives 0 hvctl violations --get total
	check "small: its interface is soon there" within 5 nic_with_mac "$OFFERED_MAC"
	e2e_can_sleep || return
	traces=$(in_log_count "cut here")
	check "small: a NIC taken away in sleep" in_turn host_do nic.remove nic=$LAST_NIC later=2000 , sleeps
	# hv_vmbus keeps the device, of which the host knows nothing: nobody may call it attached.
	DEV=$(nic_with_mac "$OFFERED_MAC")
	if [ -n "$DEV" ]; then
		ip link set "$DEV" up 2>/dev/null
		equal "small: it has no carrier" "$(cat "/sys/class/net/$DEV/carrier" 2>/dev/null || echo 0)" 0
		basename "$(readlink -f "/sys/class/net/$DEV/device")" >/sys/bus/vmbus/drivers/hv_netvsc/unbind
	fi
	check "small: it is gone" within 20 not nic_with_mac $OFFERED_MAC
	unset 'ADDED[-1]'
	equal "small: no trace of it in the log" "$(in_log_count "cut here")" "$traces"
}

trouble in_place late_offers late_mac filter unopened tried late_link parked lro gro_hw small
check "eth0 carries packets" to_peer eth0 10
from_peer eth0
finish
