#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that stops reading: the ring fills, the queue stops, and all of it comes
# back when the host does; completions of received frames are never lost
# (R22, R23, R36, R37; users.md 3). Until it does, the frame is its socket's, whose
# limit is what keeps one sender from filling the ring.
#
# runs: 6.12:ours
# whole: 6.1:ours 6.1:stock debug:ours 6.12:stock
# takes: 40 s, debug 80 s

. "$(dirname "$0")/lib.sh"
my_cleanup() { host_do fault.clear >/dev/null; rmmod pktgen 2>/dev/null; }
counter() { ethtool -S eth0 | sed -n "s/^ *$1: //p"; }

# pktgen DEV MAC COUNT SIZE: past queue disciplines and byte limits; returns when all are sent.
pktgen() {
	local dir=/proc/net/pktgen line
	modprobe pktgen || return 1
	echo "rem_device_all" >$dir/kpktgend_0
	echo "add_device $1" >$dir/kpktgend_0 || return 1
	for line in "dst_mac $2" "dst $PEER4" "count $3" "pkt_size $4" "udp_dst_min 9" "udp_dst_max 9"; do
		echo "$line" >"$dir/$1" || return 1
	done
	# "start" comes back early where the generator's thread does not get to run for an eighth of a second.
	echo start >$dir/pgctrl
	within 60 grep 'Result: OK' "$dir/$1" && grep 'Result: ' "$dir/$1"
}

# in_socket BYTES: what a socket is charged with after it has sent a datagram, and 4 seconds later.
in_socket() {
	python3 - $PEER4 "$1" $((4 * SLOW)) <<-'EOF'
		import fcntl, socket, struct, sys, termios, time
		with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
		    sender.sendto(bytes(int(sys.argv[2])), (sys.argv[1], 9))
		    for pause in 1, int(sys.argv[3]):
		        time.sleep(pause)
		        charged, = struct.unpack("i", fcntl.ioctl(sender, termios.TIOCOUTQ, bytes(4)))
		        print("charged" if charged else "free", end=" ")
	EOF
}

check "reaches the peer" to_peer eth0 10
peer_mac=$(ip neigh show $PEER4 dev eth0 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')
stops=$(counter stop_queue)
host_do fault.set name=rx.stall nic=0 ms=$((4000 * SLOW)) count=1 >/dev/null
messages=12000
[ "$SLOW" = 1 ] || messages=3000
check "send more messages than the ring holds, while nobody reads" pktgen eth0 "$peer_mac" $messages 60
at_least "the queue stopped" "$(counter stop_queue)" $((stops + 1))
check "traffic returns by itself" within 20 ping -c 1 -W 1 $PEER4
equal "stopped as often as woken" "$(counter stop_queue)" "$(counter wake_queue)"
for bytes in 20 1000; do
	host_do fault.set name=tx.withhold_completions nic=0 ms=$((3000 * SLOW)) count=1 >/dev/null
	equal "a socket is charged until the host has completed its datagram of $bytes bytes" "$(in_socket $bytes)" "charged free "
done
host_do fault.set name=tx.withhold_completions nic=0 ms=$((2000 * SLOW)) count=1 >/dev/null
check "send while the host withholds completions" e2e_limit 90 python3 "$TRAFFIC" blast $PEER4 $((2 * SLOW)) 200
check "tools answer meanwhile" e2e_limit 5 ip link
check "traffic returns when they come" within 20 ping -c 1 -W 1 $PEER4
sleep 1
check "every transaction was completed" within 10 gives 0 host_stat 0 outstanding_to_guest
from_peer eth0
finish
