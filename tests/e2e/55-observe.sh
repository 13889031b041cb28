#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What an operator sees of the inside: the self-test (ethtool -t), with traffic, with a host that
# does not answer and with one that completes nothing.
#
#   eth0 --- switch --- peer
#
# runs: 6.12:ours debug:ours 6.1:ours
# takes: 60 s, debug 200 s

. "$(dirname "$0")/lib.sh"
my_cleanup() { host_do fault.clear >/dev/null; from_peer eth0; }

if [ "$DRIVER" = stock ]; then
	skip "self-test" "stock has none"
	finish
fi

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
host_do fault.set nic=0 name=tx.withhold_completions ms=$((8000 * SLOW)) >/dev/null
ping -c 2 -W 1 -I eth0 $PEER4 >/dev/null
check "no completions: the test is bad" not self_test offline
equal "no completions: what is bad" "$(results)" "0 0 0 1"
check "completions are back: good" within 40 self_test offline
host_do fault.clear >/dev/null
check "completions are back: traffic" within 10 reaches

ip link set eth0 down
check "down: good" self_test offline
ip link set eth0 up
check "up again: traffic" within 10 reaches

finish
