#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that is slow or silent for a while, as it is when it gets paused or migrated:
# tools go on answering, and when it returns everything does, without help (R22, R23,
# R70; users.md 3). A host that completes nothing at all is left and attached to anew.
#
#   ns a: eth0: the host does not read its rings ----.
#   ns b: eth1: its sends are not completed ---------+-- switch --- peer
#   ethN: nothing is delivered, answers come late ---+
#   ethM: its sends are lost, until it attaches anew +
#   ethX: likewise, and it hears of a send that was none: it attaches anew soon
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 100 s

. "$(dirname "$0")/lib.sh"
my_cleanup() {
	host_do fault.clear >/dev/null
	for ns in d x; do [ ! -e /run/netns/$ns ] || ip netns del $ns; done
}
# A NIC each, all at the same time; the wait is that of a clock.
long=30
[ "$DRIVER" = ours ] || long=12
if [ "$DRIVER" = ours ] && [[ "$(uname -r)" = 6.1.* ]]; then
	# Its transmit watchdog prints a WARNING with a trace, and that ends a run.
	long=4
fi
counter() { ip netns exec "$1" ethtool -S "$2" | sed -n "s/^ *$3: //p"; }
alone() {	# alone NS DEV N: in a namespace of its own, with an address at the peer's network
	setup_ns "$2" "$1" "192.168.77.$3" "fd77::$3" && within 15 ip netns exec "$1" ping -c 1 -W 1 $PEER4
}
answer() { e2e_limit 20 ip netns exec a ethtool -S eth0 && e2e_limit 20 ip netns exec b ethtool -l eth1 && e2e_limit 20 ip -s link show "$DEV"; }

watchdog=on
# The witness has no transmit watchdog; that of 6.1 prints a trace, and that ends a run.
[ "$DRIVER" = ours ] && [[ "$(uname -r)" != 6.1.* ]] || watchdog=
if [ -n "$watchdog" ]; then
	check "a NIC whose sends will be lost" add_nic
	# In namespaces of their own both may have one name; the log says the bus's, too.
	in_log() { echo "$(basename "$(readlink -f "/sys/class/net/$1/device")") $1"; }
	lost_nic=$NIC lost_dev=$DEV lost_log=$(in_log "$DEV")
	check "it reaches the peer" alone d $lost_dev 64
	in_d() { ip netns exec d "$@"; }
	anew() { dmesg | grep -q "$lost_log: re-attaching"; }
	# The line comes first; what is lost behind it would be too much for one recovery.
	lose_until_anew() {	# lose_until_anew NIC NAME-IN-LOG
		host_do fault.set name=tx.lose_completion nic="$1" count=0 >/dev/null
		{
			grep -q -m 1 "$2: re-attaching" < <(timeout $((120 * SLOW)) dmesg --follow)
			host_do fault.clear name=tx.lose_completion nic="$1" >/dev/null
		} &
	}
	lose_until_anew "$lost_nic" "$lost_log"
	in_d python3 "$TRAFFIC" blast $PEER4 60 1000 >/dev/null 2>&1 &
	lost_blast=$!
	check "a NIC whose sends will be lost, by a host that errs" add_nic
	spoilt_nic=$NIC spoilt_dev=$DEV spoilt_log=$(in_log "$DEV")
	check "it reaches the peer" alone x $spoilt_dev 65
	lose_until_anew "$spoilt_nic" "$spoilt_log"
	ip netns exec x python3 "$TRAFFIC" blast $PEER4 40 1000 >/dev/null 2>&1 &
	spoilt_blast=$!
	check "it hears of a send that was none" within 10 host_do nic.inject nic="$spoilt_nic" kind=completion trans=0x7ffffff0 hex=00
	anew_soon() { dmesg | grep -q "$spoilt_log: re-attaching: the host does not complete what was sent"; }
	# Twice the time of the watchdog, which looks that often; with patience it were 40 s at least.
	check "it is attached anew soon" within 35 anew_soon
	kill $spoilt_blast 2>/dev/null; wait $spoilt_blast
	check "its traffic returns" within 30 ip netns exec x ping -c 1 -W 1 $PEER4
	# What its host did wrong before is no reason to wait less long for a new attachment.
	check "it hears of another one" within 10 host_do nic.inject nic="$spoilt_nic" kind=completion trans=0x7ffffff0 hex=00
	check "a new attachment after that" e2e_limit 30 ip netns exec x ethtool -G $spoilt_dev rx 900
	check "it carries packets" within 30 ip netns exec x ping -c 1 -W 1 $PEER4
	host_do fault.set name=tx.withhold_completions nic="$spoilt_nic" ms=24000 count=1 >/dev/null
	ip netns exec x python3 "$TRAFFIC" blast $PEER4 23 1000 >/dev/null 2>&1 &
	spoilt_blast=$!
fi
check "a third NIC" add_nic
check "three NICs reach the peer" in_turn alone a eth0 61 , alone b eth1 62 , to_peer $DEV 63
host_do fault.set name=rx.stall nic=0 ms=$((long * 1000)) count=1 >/dev/null
host_do fault.set name=tx.withhold_completions nic=1 ms=$((long * 1000)) count=1 >/dev/null
host_do fault.set name=rx.hold nic="$NIC" ms=$((long * 1000)) count=1 >/dev/null
start=$SECONDS
in_a python3 "$TRAFFIC" blast $PEER4 $((long - 1)) 1000 >/tmp/blast.a &
blast_a=$!
in_b python3 "$TRAFFIC" blast $PEER4 $((long - 1)) 1000 >/tmp/blast.b &
blast_b=$!
ping -i 0.5 -w $((long - 1)) -I "$DEV" $PEER4 >/tmp/ping.c 2>&1 &
ping_c=$!
sleep 2
for fault in rx.stall tx.withhold_completions rx.hold; do
	check "$fault: the host did it" within 10 gives_at_least 1 hits $fault
done
check "tools answer meanwhile" answer
sleep $((long / 3))
check "tools answer still" answer
wait $blast_a $blast_b $ping_c
note "sent meanwhile: $(cat /tmp/blast.a) and $(cat /tmp/blast.b) datagrams"
while [ $((SECONDS - start)) -lt $((long + 1)) ]; do sleep 0.5; done
check "rings not read for $long s: traffic returns" within 40 in_a ping -c 1 -W 1 $PEER4
check "sends not completed for $long s: traffic returns" within 40 in_b ping -c 1 -W 1 $PEER4
check "nothing delivered for $long s: traffic returns" within 40 ping -c 1 -W 1 -I "$DEV" $PEER4
host_do fault.clear >/dev/null
serve_for_a() {
	start_peer_server &&
		within 60 in_a timeout $((10 * SLOW)) python3 "$TRAFFIC" tcp $PEER4 1
}
check "server at the peer" serve_for_a
for ns in a b; do
	check "in $ns: TCP at full speed" e2e_limit 40 ip netns exec $ns python3 "$TRAFFIC" tcp $PEER4 $((200000 / SLOW))
done
equal "eth0: stopped as often as woken" "$(counter a eth0 stop_queue)" "$(counter a eth0 wake_queue)"
equal "eth1: stopped as often as woken" "$(counter b eth1 stop_queue)" "$(counter b eth1 wake_queue)"
for nic in 0 1 "$NIC"; do
	check "NIC $nic: every transaction was completed" within 5 gives 0 host_stat $nic outstanding_to_guest
done

# Answers that come late, but come.
for what in "rndis.delay what=set" "rndis.delay what=query" "nvsp.delay what=recv_buf" "nvsp.delay what=subchannel"; do
	# shellcheck disable=SC2086
	host_do fault.set name=$what nic="$NIC" ms=3000 count=1 >/dev/null
done
check "answers three seconds late: an MTU change ends well" e2e_limit 60 ip link set "$DEV" mtu 3000
check "answers three seconds late: traffic" within 30 ping -c 1 -W 1 -I "$DEV" $PEER4
host_do fault.clear >/dev/null
equal "answers three seconds late: the MTU is the new one" "$(cat "/sys/class/net/$DEV/mtu")" 3000
# Each send completes late: slow, but steady.
host_do fault.set name=tx.delay_completions nic="$NIC" ms=20 count=0 >/dev/null
check "each send completed 20 ms late: traffic" e2e_limit 30 python3 "$TRAFFIC" udp $PEER4 10
host_do fault.clear >/dev/null
if [ -n "$watchdog" ]; then
	kill $spoilt_blast 2>/dev/null; wait $spoilt_blast
	check "the attachment after that: its traffic returns" within 30 ip netns exec x ping -c 1 -W 1 $PEER4
	at_least "the attachment after that: it stood" "$(counter x "$spoilt_dev" tx_timeout)" 2
	equal "the attachment after that: not given up" "$(dmesg | grep -c "$spoilt_log: re-attaching: the host does not complete what was sent")" 1
	check "no send completed: attached anew" within 90 anew
	kill $lost_blast 2>/dev/null; wait $lost_blast
	check "no send completed: traffic returns" within 60 in_d ping -c 1 -W 1 $PEER4
	check "no send completed: TCP at full speed" e2e_limit 40 ip netns exec d python3 "$TRAFFIC" tcp $PEER4 $((200000 / SLOW))
	at_least "no send completed: counted" "$(counter d "$lost_dev" tx_timeout)" 4
	equal "no send completed: its log says what it did" "$(dmesg | grep -c "$lost_log: re-attaching: the host does not complete what was sent")" 1
else
	skip "no send completed: attached anew" "stock has no watchdog; that of 6.1 warns with a trace, which ends a run"
fi
unserve_peer
from_peer "$DEV"
finish
