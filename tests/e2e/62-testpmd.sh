#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Another guest driver on the same host: DPDK's, in Debian's testpmd, polls a NIC's rings from user space and
# signals by monitor bits alone. It sends back what it gets (io as it is, macswap with the addresses
# exchanged, icmpecho echo requests as replies) to the generator, the kernel's driver at eth0 and the peer, by one
# queue and by two; the NIC goes from the kernel's driver to testpmd and back, ten times.
#
#   eth0 ------------- switch --- peer
#   testpmd (uio) ----'      '--- generator and sink
#
# whole: 6.12:ours
# takes: 360 s

. "$(dirname "$0")/lib.sh"
DPDK=$(dirname "$0")/testpmd
ECHO4=192.168.77.99	# testpmd answers for any address
LOG=/tmp/testpmd.log
IN=/tmp/testpmd.in
UIO=/sys/bus/vmbus/drivers/uio_hv_generic
COUNT=300		# frames of the generator
OWN=100			# frames of eth0
PAGES=80		# huge ones, of 2 MiB
PMD=

my_cleanup() {
	[ -z "$PMD" ] || { kill "$PMD"; wait "$PMD"; }
	[ ${#ADDED[@]} = 0 ] || leave_from_uio
	from_peer eth0
	umount /dev/hugepages
	echo 0 >/proc/sys/vm/nr_hugepages
	modprobe -r uio_hv_generic
} >/dev/null 2>&1

huge_pages() {
	echo $PAGES >/proc/sys/vm/nr_hugepages
	mkdir -p /dev/hugepages && mount -t hugetlbfs none /dev/hugepages &&
		[ "$(cat /proc/sys/vm/nr_hugepages)" = $PAGES ]
}

hand_over() { e2e_rebind "$ID" hv_netvsc uio_hv_generic && [ -e "$UIO/$ID/uio" ]; }
hand_back() { [ ! -e "$UIO/$ID" ] || { e2e_rebind "$ID" uio_hv_generic "" && within 20 nic_with_mac "$MAC"; }; }

# alone COMMAND...: instead of this shell, with a bus that has this NIC only. DPDK gives up its look at the bus at the first NIC without
# a monitor (real hosts have none such), and eth0 and eth1 have none unless the host was started so.
alone() {
	# shellcheck disable=SC2016 # for the inner shell
	exec unshare -m sh -c 'mount -t tmpfs none /sys/bus/vmbus/devices && ln -s "$1" /sys/bus/vmbus/devices/ && shift && exec "$@"' \
		sh "$(readlink -f "/sys/bus/vmbus/devices/$ID")" "$@"
}
# leave_from_uio: uio_hv_generic leaves its rescind callback at the channel when it is unbound. A rescind after that
# calls it with another driver's data, and the kernel oopses (seen on 6.12.117): so the NIC goes while it has it.
leave_from_uio() { { [ -e "$UIO/$ID" ] || hand_over; } && remove_nics && within 20 not test -e "$UIO/$ID"; }
# start_testpmd QUEUES: it waits for commands, which come through a pipe.
start_testpmd() {
	rm -f $IN
	mkfifo $IN && exec {TO}<>$IN
	: >$LOG
	alone env LD_LIBRARY_PATH="$DPDK/lib" LD_PRELOAD="$DPDK/lib/testpmd_queues.so" \
		stdbuf -oL "$DPDK/bin/dpdk-testpmd" -l 0-1 -n 1 --no-pci --no-telemetry \
		-d "$DPDK/lib/librte_mempool_ring.so.23" -d "$DPDK/lib/librte_bus_vmbus.so.23" \
		-d "$DPDK/lib/librte_net_netvsc.so.23" -- -i --total-num-mbufs=8192 \
		--rxq="$1" --txq="$1" <$IN >>$LOG 2>&1 &
	PMD=$!
	within 60 started_or_gone && grep -q '^Done' $LOG
}
started_or_gone() { grep -q '^Done' $LOG || ! kill -0 "$PMD"; }
tell() { printf '%s\n' "$@" >&"$TO"; }
forward() {
	: >$LOG
	tell "set fwd $1" start
	within 20 grep -q "^$1 packet forwarding - ports=1" $LOG
}
# stop_forwarding: what came and went meanwhile, in RX, TX and LOST (what it could not send).
stop_forwarding() {
	tell stop
	within 20 grep -q '^Done\.' $LOG || return
	RX=$(forwarded RX packets) TX=$(forwarded TX packets) LOST=$(forwarded TX dropped)
}
figures() { note "$1: testpmd received $RX frames, sent $TX, could not send $LOST"; }
# The last such lines are the sums over all queues.
forwarded() { sed -n "s/.*$1-packets: \([0-9]*\) *$1-dropped: \([0-9]*\) .*/packets \1\ndropped \2/p" $LOG | awk -v w="$2" '$1 == w { n = $2 } END { print n }'; }
end_testpmd() {
	tell quit
	within 30 not kill -0 "$PMD"
	wait "$PMD"
	PMD=
	exec {TO}>&-
}
frames_of() { echo "$(host_stat "$NIC" frames_to_guest) $(host_stat "$NIC" frames_from_guest)"; }
# grown BEFORE AFTER: two lines of frames_of
grown() { echo "$1 $2" | awk '{ print $3 - $1, $4 - $2 }'; }
all_back() { gives "$COUNT 0" sink_got; }
sink_got() { host_do gen.expect count=$COUNT timeout=$((10000 * SLOW)) | jq -r '"\(.received) \(.corrupt + .duplicates)"'; }
# generate [KEY=VALUE]...: COUNT frames to testpmd
generate() { host_do gen.reset && host_do gen.send dst="$MAC" count=$COUNT size=60-1514 "$@"; } >/dev/null
echoes() { e2e_limit 60 ping -q -c "$1" -i 0.05 -W 3 -I eth0 $ECHO4; }
peer_echoes() { host_do peer -- ping -q -c 20 -i 0.05 -W 3 $ECHO4; }
# many_echoes: from addresses whose hashes differ
many_echoes() {
	local n bad=0
	for n in 1 2 3 4 5 6; do e2e_limit 20 ping -q -c 10 -i 0.05 -W 3 "192.168.88.$n" || bad=1; done
	return $bad
}
# none_lost NAME: testpmd sent what it got, once each
none_lost() { equal "$1: testpmd sent what it received" "$TX $LOST" "$RX 0"; }

# io: the frame comes back to the port that it went to, where the switch ends it; the host counts.
io() {
	local was
	was=$(frames_of)
	check "$1: it forwards" forward io || return
	check "$1: the generator sends" generate
	within 10 gives_at_least $COUNT came_back "$was"
	check "$1: it stops" stop_forwarding
	figures "$1"
	none_lost "$1"
	at_least "$1: all came back to the host" "$(came_back "$was")" $COUNT
}
came_back() { local diff; read -r _ diff < <(grown "$1" "$(frames_of)"); echo "$diff"; }

macswap() {
	check "$1: it forwards" forward macswap || return
	check "$1: the generator sends" generate "${@:2}"
	check "$1: all came back whole" all_back
	sniff eth0 120 $OWN
	check "$1: eth0 sends" e2e_limit 60 python3 "$FRAMES" numbered eth0 $OWN 60-1514 - "$MAC"
	equal "$1: all came back whole to the kernel's driver" "$(sniffed_good)" $OWN
	check "$1: it stops" stop_forwarding
	figures "$1"
	none_lost "$1"
	at_least "$1: testpmd counted them" "$RX" $((COUNT + OWN))
}
sniffed_good() { sniffer_lines | awk '$NF == "good" { n += $1 } END { print n + 0 }'; }

icmpecho() {
	check "$1: it forwards" forward icmpecho || return
	check "$1: it answers the kernel's driver" echoes 40
	check "$1: it answers the peer" peer_echoes
	check "$1: it answers for many addresses" many_echoes
	check "$1: it stops" stop_forwarding
	figures "$1"
	at_least "$1: testpmd counted its answers" "$TX" 120
}

# once: there and back
once() {
	hand_over && start_testpmd 1 && forward icmpecho && within 10 echoes 3 && stop_forwarding &&
		[ "$TX" -ge 3 ] && end_testpmd && hand_back && DEV=$(nic_with_mac "$MAC") &&
		ip link set "$DEV" up && within 10 carrier_is "$DEV" 1 && hears_peer
}
# hears_peer: the kernel's driver again: an ARP request there and its answer back
hears_peer() { within 10 arping -q -c 1 -w 2 -I "$DEV" -s 0.0.0.0 $PEER4; }

if [ ! -x "$DPDK/bin/dpdk-testpmd" ]; then
	skip "testpmd" "$(cat "$(dirname "$0")/no-testpmd" 2>/dev/null || echo "tests/e2e/run did not bring it")"
	finish
fi
check "eth0 reaches the peer" to_peer eth0 60
check "a NIC with a monitor" add_nic monitor=on queues=2
ID=$(basename "$(readlink -f "/sys/class/net/$DEV/device")") MAC=$OFFERED_MAC
check "a route to other addresses" in_turn ip neigh replace $ECHO4 lladdr "$MAC" dev eth0 , ip route add 192.168.88.0/24 via $ECHO4 dev eth0
check "huge pages" huge_pages || finish
check "the user space driver's kernel part" modprobe uio_hv_generic || finish
hvctl violations | jq -e '.total + .style == 0' >/dev/null || not_ok "no violation so far"

for queues in 1 2; do
	check "$queues: hand-over" hand_over || break
	before=$(frames_of)
	each_to=$(queue_stats "$NIC" frames_to_guest) each_from=$(queue_stats "$NIC" frames_from_guest)
	check "$queues: testpmd starts" start_testpmd $queues || { tail -n 30 $LOG; break; }
	io "$queues io"
	macswap "$queues macswap" queue=$((queues - 1))
	icmpecho "$queues icmpecho"
	read -r to from < <(grown "$before" "$(frames_of)")
	note "$queues: the host sent $to frames and got $from"
	if [ $queues = 2 ]; then
		equal "2: frames came by both queues" "$(busy "$each_to" "$(queue_stats "$NIC" frames_to_guest)" 10)" 2
		equal "2: and went by both" "$(busy "$each_from" "$(queue_stats "$NIC" frames_from_guest)" 10)" 2
	fi
	equal "$queues: no signal was a hypercall" "$(host_stat "$NIC" signals_by_hypercall)" 0
	check "$queues: testpmd ends" end_testpmd
	check "$queues: the NIC is the kernel's again" hand_back
done
for round in $(seq "$(e2e_times 10)"); do
	check "hand-over $round, there and back" once || break
done
[ "$KTAP_BAD" = 0 ] || tail -n 30 $LOG | sed 's/^/    # /'

# Its manners are not ours, and real hosts take them: transaction id 0, no HALT before it closes.
hvctl violations >/tmp/violations
equal "the host saw no violation" "$(jq -c '[.list[] | select(.class != "style").name]' /tmp/violations)" "[]"
equal "and of style what is known" "$(jq -r '.list[].name' /tmp/violations | sort | paste -sd' ')" \
	"netvsp.close.without_halt netvsp.transid.zero"
hvctl violations clear=1 >/dev/null
from_peer eth0
check "the NIC leaves" leave_from_uio
finish
