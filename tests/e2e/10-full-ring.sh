#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that stops reading: the ring fills, the queue stops, and all of it comes
# back when the host does; completions of received frames are never lost
# (R22, R23, R36, R37; users.md 3).

. "$(dirname "$0")/lib.sh"
my_cleanup() { host fault.clear >/dev/null; }
counter() { ethtool -S eth0 | sed -n "s/^ *$1: //p"; }

check "reaches the peer" to_peer eth0 10
# Byte queue limits would stop the stack long before the ring is full.
echo 1000000000 >/sys/class/net/eth0/queues/tx-0/byte_queue_limits/limit_min 2>/dev/null
stops=$(counter stop_queue)
host fault.set name=rx.stall nic=0 ms=$((3000 * SLOW)) count=1 >/dev/null
check "send into a ring that nobody empties" limit 30 python3 "$TRAFFIC" blast $PEER4 $((2 * SLOW)) 1400
at_least "the queue stopped" "$(counter stop_queue)" $((stops + 1))
check "tools answer meanwhile" limit 5 ip link
check "traffic returns by itself" within 20 ping -c 1 -W 1 $PEER4
equal "stopped as often as woken" "$(counter stop_queue)" "$(counter wake_queue)"
host fault.set name=tx.withhold_completions nic=0 ms=$((2000 * SLOW)) count=1 >/dev/null
check "send while the host withholds completions" limit 30 python3 "$TRAFFIC" blast $PEER4 $((2 * SLOW)) 200
check "traffic returns when they come" within 20 ping -c 1 -W 1 $PEER4
sleep 1
equal "every transaction was completed" "$(host_get outstanding_to_guest stats nic=0)" 0
from_peer eth0
finish
