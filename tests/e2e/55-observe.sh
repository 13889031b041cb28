#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What an operator sees of the inside: the self-test (ethtool -t), with traffic, with a host that
# does not answer and with one that completes nothing; the state of the queues in debugfs, whatever
# happens to the interface while it is read; trace points with names instead of numbers.
#
#   eth0 (+ VF) --- switch --- peer
#
# runs: 6.12:ours
# whole: debug:ours 6.1:ours
# takes: 100 s, debug 500 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
READER=
my_cleanup() { host_do fault.clear >/dev/null; trace_off; pull how=surprise; [ -z "$READER" ] || kill "$READER"; from_peer eth0; } 2>/dev/null

if [ "$DRIVER" = stock ]; then
	skip "self-test, state of the queues, trace points" "stock has none"
	finish
fi

NICS=$(nic_count)
TRACE=/sys/kernel/debug/tracing
trace_off() { [ ! -e $TRACE/events/hv_netvsc ] || echo 0 >$TRACE/events/hv_netvsc/enable; }
reaches() { ping -c 1 -W $((2 * SLOW)) -I eth0 $PEER4; }

# ---- ethtool -t
# self_test [online|offline]: what it says stays in /tmp/self-test.
self_test() { e2e_limit 30 ethtool -t eth0 "$@" >/tmp/self-test 2>&1; }
# result WORDS: 0 or 1, of the test whose name begins so.
result() { sed -n "s/^$1.*[[:space:]]\([01]\)\$/\1/p" /tmp/self-test; }
results() { echo "$(result "Host round trip") $(result "Ring indices") $(result "Send sections") $(result "Queues at rest")"; }
attachments() { dmesg | grep -c "re-attaching"; }

check "eth0 reaches the peer" to_peer eth0 10
check "online" self_test online
equal "online: each result" "$(results)" "0 0 0 0"
check "offline" self_test offline
equal "offline: each result" "$(results)" "0 0 0 0"
check "offline: traffic goes on" reaches
# Frames to be sent wait for the end of the test.
ping -i 0.02 -c $((200 * SLOW)) -W $((5 * SLOW)) -I eth0 $PEER4 >/tmp/observe-ping 2>&1 &
pinger=$!
for _ in 1 2 3; do
	check "with traffic: online" self_test online
	check "with traffic: offline" self_test offline
done
check "with traffic: it ends" within 60 not kill -0 $pinger
check "with traffic: no frame is lost" grep -q " 0% packet loss" /tmp/observe-ping
tail -n 2 /tmp/observe-ping | sed 's/^/    # /'

before=$(attachments)
host_do fault.set nic=0 name=rndis.no_answer what=query count=0 >/dev/null
start=$SECONDS
check "no answer: the test is bad" not self_test online
at_least "no answer: in time, seconds left" $((10 * SLOW - (SECONDS - start))) 0
equal "no answer: what is bad" "$(results)" "1 0 0 0"
check "no answer: offline is bad, too" not self_test offline
check "no answer: the interface carries packets" reaches
host_do fault.clear >/dev/null
check "the host answers: good" self_test offline
equal "the host answers: nothing was attached anew" "$(attachments)" "$before"

# Nothing is completed for longer than anybody waits, and then all at once.
host_do fault.set nic=0 name=tx.withhold_completions ms=$((8000 * SLOW * SLOW)) >/dev/null
ping -c 2 -W 1 -I eth0 $PEER4 >/dev/null
check "no completions: the test is bad" not self_test offline
equal "no completions: what is bad" "$(results)" "0 0 0 1"
check "completions are back: good" within 60 self_test offline
host_do fault.clear >/dev/null
check "completions are back: traffic" within 10 reaches

ip link set eth0 down
check "down: good" self_test offline
ip link set eth0 up
check "up again: traffic" within 10 reaches

# Whatever the host does with the question: the test ends in time, and the next one is good.
asked() { host_do fault.set nic="${2:-0}" name=rndis."$1" what=query count=1 "${@:3}" >/dev/null; }
asked refuse
check "refused: an answer, good" self_test online
asked twice
check "answered twice: good" self_test online
check "answered twice: the next one is good" self_test online
asked delay 0 ms=7000
check "late: bad" not self_test online
check "late: the next one is good" within 20 self_test online
asked no_answer
ethtool -t eth0 online >/dev/null 2>&1 &
waiting=$!
nap 1
kill -KILL $waiting
check "killed: it is gone in time" within 10 not kill -0 $waiting
check "killed: tools answer" e2e_limit 10 ip -br link show eth0
host_do fault.clear >/dev/null
check "killed: the next one is good" within 20 self_test online
check "taken away: a NIC" add_nic
asked rescind "$NIC"
check "taken away: the test ends, bad" not e2e_limit 15 ethtool -t "$DEV" online
unset 'ADDED[-1]'
check "taken away: the interface is gone" within 20 nics_are "$NICS"
host_do fault.clear >/dev/null
if e2e_can_sleep; then
	check "to sleep and awake again" e2e_sleep
	check "after sleep: good" within 20 self_test offline
	check "after sleep: traffic" within 20 reaches
else
	skip "sleep" "this kernel is built without hibernation"
fi
equal "nothing was attached anew but by sleep" "$(attachments)" "$before"

# ---- debugfs
FILE=/sys/kernel/debug/hv_netvsc/$(basename "$(readlink -f /sys/class/net/eth0/device)")/queues
shows() { grep -qE "$1" "$FILE"; }
queue_lines() { grep -cE '^ *[0-9]+ ' "$FILE"; }
# column_of NAME: its values. sum_of NAME; least_of NAME: of those that are not negative.
column_of() { awk -v name="$1" '/^queue/ { for (i = 1; i <= NF; i++) if ($i == name) at = i } at && /^ *[0-9]/ { print $at }' "$FILE"; }
sum_of() { column_of "$1" | awk '{ n += $1 } END { print n + 0 }'; }
least_of() { column_of "$1" | sort -n | grep -m 1 -v '^-'; }
# in_ms MOST COMMAND...
in_ms() {
	local t=${EPOCHREALTIME/./}
	"${@:2}" >/dev/null || return
	t=$(((${EPOCHREALTIME/./} - t) / 1000))
	echo "$t ms"
	[ $t -le "$1" ]
}

check "debugfs: attached" shows '^attached: yes$'
equal "debugfs: the interface" "$(sed -n 's/^ifindex: //p' "$FILE")" "$(cat /sys/class/net/eth0/ifindex)"
equal "debugfs: a line for each queue" "$(queue_lines)" "$(ethtool -l eth0 | awk '/^Combined/ { n = $2 } END { print n }')"
check "debugfs: nothing is out" within 10 gives 0 sum_of requests
before=$(sum_of rx_packets)
check "debugfs: traffic" reaches
at_least "debugfs: frames are counted" $(($(sum_of rx_packets) - before)) 1
at_least "debugfs: one was completed just now, ms" 20000 "$(least_of done_ms)"
check "debugfs: no PPI that is unknown" not shows '^unknown ppis'
host_do fault.set name=recv.ppi_extra nic=0 count=3 >/dev/null
host_do fault.set name=recv.ppi_extra nic=0 value=2147483650 count=2 >/dev/null
check "debugfs: frames with PPIs of types that are unknown arrive" e2e_limit 20 ping -c 8 -i 0.1 -W 2 $PEER4
check "debugfs: which those were" shows '^unknown ppis: 13=3 15[+]=2 $'
host_do fault.clear >/dev/null
host_do fault.set nic=0 name=tx.withhold_completions ms=$((8000 * SLOW * SLOW)) >/dev/null
ping -c 1 -W 1 -I eth0 $PEER4 >/dev/null &
check "debugfs: requests that are out" within 5 gives_at_least 1 sum_of requests
wait $!
check "debugfs: they come back" within 60 gives 0 sum_of requests
host_do fault.clear >/dev/null

ip link set eth0 down
ip link set eth0 name renamed0
check "debugfs: another name for the interface" shows '^attached: yes$'
ip link set renamed0 name eth0
ip link set eth0 up
check "debugfs: traffic again" within 10 reaches

# The self-test holds RTNL while it waits for a host that says nothing.
host_do fault.set nic=0 name=rndis.no_answer what=query count=0 >/dev/null
ethtool -t eth0 online >/dev/null 2>&1 &
waiting=$!
nap 1
check "debugfs: a silent host delays no reader" in_ms $((1500 * SLOW)) cat "$FILE"
check "debugfs: it was silent all the time" kill -0 $waiting
wait $waiting
host_do fault.clear >/dev/null
check "the host answers again" self_test online

(while :; do cat /sys/kernel/debug/hv_netvsc/*/queues; done) >/dev/null 2>&1 &
READER=$!
for mtu in 3000 1500; do check "read all the time: MTU $mtu" ip link set eth0 mtu $mtu; done
for queues in 1 2; do check "read all the time: $queues queues" ethtool -L eth0 combined $queues; done
check "read all the time: a NIC comes" add_nic
check "read all the time: its file" within 5 test -r "/sys/kernel/debug/hv_netvsc/$(basename "$(readlink -f "/sys/class/net/$DEV/device")")/queues"
check "read all the time: it goes" remove_nics
exec 9<"$FILE"
check "held open: read" in_turn head -c 10 /dev/fd/9
check "held open: the module can be unloaded" e2e_limit 60 rmmod hv_netvsc
check "held open: nothing more to read" not cat <&9
check "unloaded: no files" not test -e /sys/kernel/debug/hv_netvsc
exec 9<&-
check "loaded again" in_turn modprobe hv_netvsc , within 20 nics_are "$NICS"
check "read all the time: it still is" kill -0 $READER
kill $READER; READER=
check "loaded again: the file" within 10 shows '^attached: yes$'
check "loaded again: traffic" to_peer eth0 10

# ---- trace points
traced() { grep -qE "$1" $TRACE/trace; }
events() { cd $TRACE/events/hv_netvsc && printf '%s ' netvsc_*; }
equal "trace: what there is" "$(events)" "netvsc_attach netvsc_detach netvsc_nvsp_received netvsc_nvsp_sent netvsc_rndis_received netvsc_rndis_sent netvsc_rndis_status netvsc_vf_switch "
echo >$TRACE/trace
echo 1 >$TRACE/events/hv_netvsc/enable
check "trace: an attachment to look at" ip link set eth0 mtu 3000
# saw WORDS PATTERN
saw() { check "trace: $1" within 10 traced "$2"; }
saw "the old one ends" 'netvsc_rndis_sent: eth0: HALT id=[0-9]+ .* result=0$'
saw "it has ended" 'netvsc_detach: eth0:$'
saw "NVSP sent" 'netvsc_nvsp_sent: eth0: type=1 INIT result=0$'
saw "NVSP received" 'netvsc_nvsp_received: eth0: type=2 INIT_COMPLETE result=0$'
saw "buffers" 'netvsc_nvsp_sent: eth0: type=104 SEND_SEND_BUF result=0$'
saw "a question" 'netvsc_rndis_sent: eth0: QUERY id=[0-9]+ oid=01010101 802_3_PERMANENT_ADDRESS result=0$'
saw "its answer" 'netvsc_rndis_received: eth0: QUERY_CMPLT id=[0-9]+ status=00000000 SUCCESS$'
saw "the new one" 'netvsc_attach: eth0: nvsp=60001 result=0$'
saw "the filter" 'netvsc_rndis_sent: eth0: SET id=[0-9]+ oid=0001010e GEN_CURRENT_PACKET_FILTER result=0$'
host_do nic.link nic=0 state=down >/dev/null
saw "an indication" 'netvsc_rndis_status: eth0: status=4001000c MEDIA_DISCONNECT'
host_do nic.link nic=0 state=up >/dev/null
check "trace: the link is back" within 10 carrier_is eth0 1
host_do fault.set nic=0 name=rndis.refuse what=query count=1 >/dev/null
ethtool -t eth0 online >/dev/null
saw "a refusal" 'netvsc_rndis_received: eth0: QUERY_CMPLT id=[0-9]+ status=c0000001 FAILURE$'
host_do fault.clear >/dev/null
check "trace: a VF arrives" plug
check "trace: it is used" within 40 in_use
saw "the host's notice" 'netvsc_nvsp_received: eth0: type=128 SEND_VF_ASSOCIATION result=0$'
saw "the path" 'netvsc_vf_switch: eth0: to VF [a-z0-9]+$'
check "trace: it leaves" leaves
saw "and back" 'netvsc_vf_switch: eth0: from VF [a-z0-9]+$'
check "trace: traffic" within 10 reaches
trace_off
grep -E 'netvsc_' $TRACE/trace | sed 's/^.*: netvsc_/    # netvsc_/' | head -n 12
ip link set eth0 mtu 1500

finish
