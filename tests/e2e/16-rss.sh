#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Receive scaling and hash levels: key and table are in force only when the host
# agreed, they survive whatever the interface goes through, frames come where the table
# says, and the fragments of a datagram stay together (R73, R75; users.md 12, 14).
#
#   guest ethN (queues=8) --- switch --- peer
#
# runs: 6.12:ours 7.x:ours
# whole: 6.1:ours debug-7.x:ours
# takes: 65 s

. "$(dirname "$0")/lib.sh"
cpus=$(nproc)
bytes=$((40000 / SLOW))
RSS_PARAMETERS=0x00010204

channels_are() { [ "$(ethtool -l "$DEV" | awk '/^Combined:/ { n = $2 } END { print n }')" = "$1" ]; }
key() { ethtool -x "$DEV" | awk '/^RSS hash key:/ { getline; print $1 }'; }
# Tables as runs, "32x0 96x1".
runs() { uniq -c | awk '{ printf "%sx%s ", $1, $2 }'; }
table() { ethtool -x "$DEV" | awk '/^RX flow hash ind/ { on = 1; next } /^RSS/ { on = 0 } on { for (i = 2; i <= NF; i++) print $i }' | runs; }
host_key() { host_get rss.key stats nic="$NIC" | sed 's/../&:/g; s/:$//'; }
host_table() { host_get rss.table stats nic="$NIC" | jq -r '.[]' | runs; }
flows() { e2e_limit 60 python3 "$TRAFFIC" flows $PEER4 12 $bytes; }
rx_queue() { ethtool -S "$DEV" | sed -n "s/^ *rx_queue_$1_packets: //p"; }
level() { if ethtool -n "$DEV" rx-flow-hash "$1" | grep -q 'L4 bytes'; then echo sdfn; else echo sd; fi; }
other_key=$(printf '%02x:' $(seq 11 4 167) | sed 's/:$//')

if [ "$cpus" -lt 2 ]; then
	skip "receive scaling" "one CPU has one channel"
	finish
fi
check "a NIC with several queues" add_nic queues=8
check "one for each CPU" within 10 channels_are "$cpus"
check "reaches the peer" to_peer "$DEV" 48
check "server at the peer" serve_peer
equal "40 bytes of key" "$(key | tr ':' '\n' | wc -l)" 40
equal "128 entries of table" "$(table | tr ' ' '\n' | awk -Fx '{ n += $1 } END { print n }')" 128
equal "the host has this key" "$(host_key)" "$(key)"
equal "the host has this table" "$(host_table)" "$(table)"
check "hash function" prints "toeplitz: on" ethtool -x "$DEV"

# What is set is what the host has, and what is shown.
check "another key" ethtool -X "$DEV" hkey "$other_key"
equal "is shown" "$(key)" "$other_key"
equal "and the host's" "$(host_key)" "$other_key"
check "a table with weights" ethtool -X "$DEV" weight 1 3
equal "is the host's" "$(host_table)" "$(table)"
equal "three of four entries name queue 1" "$(table)" "32x0 96x1 "
user_table=$(table)
check "a queue that does not exist: refused" not ethtool -X $DEV equal $((cpus + 1))
check "another hash function: refused" not ethtool -X $DEV hfunc xor

# The host says no: all stays as it was.
for what in "hkey $(tr : '\n' <<<"$other_key" | tac | paste -sd:)" "equal 1"; do
	host_do fault.set name=rndis.refuse what=set oid=$RSS_PARAMETERS nic="$NIC" count=0 >/dev/null
	# shellcheck disable=SC2086
	check "host refuses ${what%% *}: an error" not ethtool -X $DEV $what
	host_do fault.clear >/dev/null
	equal "host refuses ${what%% *}: the key is shown as it was" "$(key)" "$other_key"
	equal "host refuses ${what%% *}: the table is shown as it was" "$(table)" "$user_table"
done
check "traffic goes on" within 10 ping -c 1 -W 1 $PEER4

# It survives.
ethtool -X "$DEV" hkey "$other_key" weight 1 3 >/dev/null 2>&1
survives() {	# survives LABEL COMMAND...
	local label=$1
	shift
	check "$label" e2e_limit 60 "$@"
	check "$label: channels are back" within 20 channels_are "$cpus"
	equal "$label: key" "$(key) $(host_key)" "$other_key $other_key"
	equal "$label: table" "$(table)| $(host_table)" "$user_table| $user_table"
}
survives "MTU 9000" ip link set "$DEV" mtu 9000
survives "MTU 1500" ip link set "$DEV" mtu 1500
survives "-G rx" ethtool -G "$DEV" rx 3000
survives "down and up" sh -c "ip link set $DEV down && ip link set $DEV up"
check "-L 1 while the table names queue 1: refused" not ethtool -L $DEV combined 1
[ "$DRIVER" = ours ] || ethtool -L "$DEV" combined "$cpus"	# stock has lost the table (R73) and does it
ip addr add fd77::48/64 dev "$DEV" nodad	# going down takes the addresses of IPv6 along
check "reaches the peer again" in_turn within 10 ping -c 1 -W 1 $PEER4 , within 10 ping -c 1 -W 1 $PEER6

# Frames come where the table says, and are counted there.
count_both() {	# count_both QUEUE: what host and guest have counted, nothing having come in between
	local i was
	for i in 1 2 3 4 5 6 7 8 9 10; do
		was=$(queue_stats "$NIC" frames_to_guest)
		LOOK_GUEST=$(rx_queue "$1") LOOK_HOST=$(queue_stats "$NIC" frames_to_guest)
		[ "$was" != "$LOOK_HOST" ] || break
	done
}
for queue in 0 1; do
	if [ $queue = 0 ]; then set -- weight 1 0; else set -- weight 0 1; fi
	check "all to queue $queue" ethtool -X "$DEV" "$@"
	count_both $queue
	host0=$LOOK_HOST guest0=$LOOK_GUEST
	check "all to queue $queue: many connections" flows
	host1=$(queue_stats "$NIC" frames_to_guest)
	equal "all to queue $queue: host delivered over one" "$(busy "$host0" "$host1" 5)" 1
	read -ra was <<<"$host0"; read -ra now <<<"$host1"
	same_there() {
		local -a host_now
		count_both $queue
		read -ra host_now <<<"$LOOK_HOST"
		GUEST=$((LOOK_GUEST - guest0)) HOST=$((host_now[queue] - was[queue]))
		[ $GUEST = $HOST ]
	}
	within 5 same_there
	equal "all to queue $queue: guest counted the same there" "$GUEST" "$HOST"
	at_least "all to queue $queue: they were many" $((now[queue] - was[queue])) 40
done
check "spread again" ethtool -X "$DEV" default
in=$(queue_stats "$NIC" frames_to_guest)
check "spread again: many connections" flows
at_least "spread again: over several" "$(busy "$in" "$(queue_stats "$NIC" frames_to_guest)" 5)" 2

# Hash levels of what is sent.
for proto in tcp4 tcp6 udp4 udp6; do
	equal "$proto: ports count by default" "$(level $proto)" sdfn
	check "$proto: addresses only" ethtool -N "$DEV" rx-flow-hash $proto sd
	equal "$proto: addresses only, shown" "$(level $proto)" sd
done
hash_by_mac() { ethtool -N "$DEV" rx-flow-hash tcp4 m 2>&1; }
check "tcp4: the MAC address does not count: refused" prints Cannot hash_by_mac
one_queue() {	# one_queue LABEL WANTED COMMAND...: over how many channels the frames of COMMAND went
	local label=$1 wanted=$2 out
	shift 2
	out=$(queue_stats "$NIC" frames_from_guest)
	check "$label" "$@"
	out=$(busy "$out" "$(queue_stats "$NIC" frames_from_guest)" 5)
	if [ "$wanted" = one ]; then equal "$label: sent over one channel" "$out" 1; else
		at_least "$label: sent over several channels" "$out" 2
	fi
}
ports() { e2e_limit 60 python3 "$TRAFFIC" ports "$@"; }
one_queue "udp4 by addresses" one ports $PEER4 24 200
one_queue "udp6 by addresses" one ports $PEER6 24 200
for proto in tcp4 tcp6 udp4 udp6; do ethtool -N "$DEV" rx-flow-hash $proto sdfn >/dev/null 2>&1; done
equal "ports count again" "$(level tcp4) $(level tcp6) $(level udp4) $(level udp6)" "sdfn sdfn sdfn sdfn"
one_queue "udp4 by ports" several ports $PEER4 24 200
one_queue "udp6 by ports" several ports $PEER6 24 200
# The first fragment alone has ports: by them the others would go another way.
one_queue "udp4 by ports, in fragments" one ports $PEER4 12 5000
# With IPv6 a socket's flow label counts too: it is the same in all fragments.
for i in 1 2 3; do one_queue "udp6 by ports, datagram $i in fragments" one ports $PEER6 1 20000; done
unserve_peer
from_peer "$DEV"
finish
