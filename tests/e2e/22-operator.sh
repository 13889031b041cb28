#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What an operator and his tools do to an interface: address, filter, name, link
# settings, message level, dumps, the tuning guide's rule at the add event, netconsole;
# and the counters of each queue against the host's (users.md b; R80, R82, R86).
#
#   eth0, ethN --- switch --- peer, generator
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 45 s

. "$(dirname "$0")/lib.sh"
my_cleanup() {
	[ "$(mac_of eth0)" = "$home" ] || { ip link set eth0 down; ip link set eth0 address "$home"; }
	host_do fault.clear >/dev/null
	rmmod netconsole 2>/dev/null
}
home=$(mac_of eth0)
filter() { host_stat 0 filter; }
filter_is() { [ "$(filter)" = $(($1)) ]; }

check "eth0 reaches the peer" to_peer eth0 10
# ---- address
other=02:00:5e:10:20:30
set_mac() {	# while up where the driver can: stock wants the interface down
	[ "$DRIVER" = ours ] || ip link set "$1" down
	ip link set "$1" address "$2" || return 1
	ip link set "$1" up
}
check "another address" set_mac eth0 $other
equal "the host has it" "$(host_stat 0 mac)" $other
equal "the permanent one is still shown" "$(ethtool -P eth0)" "Permanent address: $home"
check "traffic with it" within 10 ping -c 1 -W 1 $PEER4
check "a multicast address: refused" not ip link set eth0 address 01:00:5e:00:00:01
check "MTU 2000" ip link set eth0 mtu 2000
check "the address survives it: traffic" within 15 ping -c 1 -W 1 $PEER4
equal "the address survives it" "$(mac_of eth0) $(host_stat 0 mac)" "$other $other"
ip link set eth0 mtu 1500
check "the first one again" set_mac eth0 "$home"
check "traffic with it" within 10 ping -c 1 -W 1 $PEER4
check "a NIC whose host forbids it" add_nic spoof=off
old=$(mac_of "$DEV")
check "host forbids it: refused" not ip link set $DEV address $other
equal "host forbids it: the old one is in force" "$(mac_of "$DEV") $(host_stat "$NIC" mac)" "$old $old"
check "host forbids it: reaches the peer" in_turn from_peer eth0 , to_peer "$DEV" 52
from_peer "$DEV"

# ---- receive filter: directed 1, multicast 2, all multicast 4, broadcast 8, promiscuous 32
check "eth0 again" to_peer eth0 10
up=$(filter)
at_least "up: directed and broadcast frames" $((up & 9)) 9
ip link set eth0 promisc on
check "promiscuous: the host is told" within 5 any_bit 32 filter
rx() { cat /sys/class/net/eth0/statistics/rx_packets; }
frames=$(rx)
host_do gen.send dst=00:15:5d:00:00:99 count=20 size=100 >/dev/null
check "promiscuous: foreign frames arrive" within 5 gives_at_least $((frames + 20)) rx
check "promiscuous: MTU 2000" ip link set eth0 mtu 2000
check "promiscuous: told again" within 5 any_bit 32 filter
ip link set eth0 mtu 1500
ip link set eth0 promisc off
check "promiscuous no more: the host is told" within 5 filter_is "$up"
drops=$(host_get drops.filter stats nic=0)
host_do gen.send dst=00:15:5d:00:00:99 count=20 size=100 >/dev/null
at_least "promiscuous no more: the host keeps foreign frames" "$(host_get drops.filter stats nic=0)" $((drops + 20))
ip link set eth0 allmulticast on
check "all multicast: the host is told" within 5 any_bit 4 filter
ip link set eth0 allmulticast off
frames=$(rx)
ip maddr add 01:00:5e:00:00:77 dev eth0
check "a multicast group: the host lets it in" within 5 any_bit 6 filter
host_do gen.send dst=01:00:5e:00:00:77 count=10 size=100 >/dev/null
check "a multicast group: its frames arrive" within 5 gives_at_least $((frames + 10)) rx
ip maddr del 01:00:5e:00:00:77 dev eth0
from_peer eth0
equal "down: nothing is let in" "$(filter)" 0
check "up again" to_peer eth0 10
check "up again: as before" within 5 filter_is "$up"

# ---- name
equal "alias is the host's name" "$(cat /sys/class/net/eth0/ifalias)" "hvhost NIC 0"
check "alias can be set" ip link set eth0 alias "front door"
ip link set eth0 mtu 2000; ip link set eth0 mtu 1500
equal "and stays over a reconfiguration" "$(cat /sys/class/net/eth0/ifalias)" "front door"
ip link set eth0 alias "hvhost NIC 0"
remove_nics
check "a NIC without a name" add_nic name=
equal "no name: no alias" "$(cat "/sys/class/net/$DEV/ifalias")" ""
remove_nics

# ---- link settings, message level, dumps
check "speed can be set" ethtool -s eth0 speed 40000 duplex full
equal "and is shown" "$(cat /sys/class/net/eth0/speed)" 40000
ethtool -s eth0 speed 10000 duplex full 2>/dev/null
check "message level by name" ethtool -s eth0 msglvl rx_err on tx_err on
message_level() { ethtool eth0 | grep -A2 'message level'; }
check "message level is shown by name" prints "rx_err tx_err" message_level
ethtool -s eth0 msglvl 0x36 2>/dev/null
equal "register dump: 16 entries" "$(python3 "$FRAMES" register eth0 | wc -w)" 16
check "time stamps: software" prints 'software-receive|software-transmit' ethtool -T eth0
if [ "$(nproc)" -gt 1 ]; then
	equal "send table spreads over the channels" "$(python3 "$FRAMES" register eth0 | tr ' ' '\n' | sort -un | paste -sd' ')" \
		"$(seq -s' ' 0 $(($(nproc) - 1)))"
fi
deferred() {
	echo 2 >/sys/class/net/eth0/napi_defer_hard_irqs && echo 200000 >/sys/class/net/eth0/gro_flush_timeout &&
		e2e_limit 20 ping -c 20 -i 0.05 -q $PEER4
}
check "busy polling, deferred interrupts" deferred
echo 0 >/sys/class/net/eth0/napi_defer_hard_irqs; echo 0 >/sys/class/net/eth0/gro_flush_timeout

# ---- what the tuning guide's udev rule does: a resize at the add event
check "-G rx 1024 tx 1024" ethtool -G eth0 rx 1024 tx 1024
equal "-G: shown as set" "$(ethtool -g eth0 | awk '/^RX:|^TX:/ { v[NR] = $2; n++; if (n > 2) printf "%s ", $2 }')" "1024 1024 "
check "-G: traffic" within 15 ping -c 1 -W 1 $PEER4
from_peer eth0
offer_nic queues=8
for ((i = 0; i < 200 * SLOW; i++)); do
	dev=$(nic_with_mac "$OFFERED_MAC") && ethtool -G "$dev" rx 1024 tx 1024 2>/tmp/g.err && break
	sleep 0.02
done
dev=$(nic_with_mac "$OFFERED_MAC") || dev=none
shown() { ethtool "$1" "$dev" | awk -v what="$2:" '$1 == what { n = $2 } END { print n }'; }
check "at once after a NIC came: -G" gives 1024 shown -g RX
check "at once after a NIC came: its channels" within 20 gives "$(nproc)" shown -l Combined
check "at once after a NIC came: reaches the peer" to_peer "$dev" 53
from_peer "$dev"
remove_nics
check "eth0 back to its rings" ethtool -G eth0 rx 9289 tx 170

# ---- netconsole: frames sent with interrupts off
check "eth0 again" to_peer eth0 10
peer_mac=$(ip neigh show $PEER4 dev eth0 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')
sent=$(host_stat 0 frames_from_guest)
check "netconsole on eth0" modprobe netconsole "netconsole=6665@192.168.77.10/eth0,6666@$PEER4/${peer_mac:-ff:ff:ff:ff:ff:ff}"
for i in 1 2 3 4 5 6 7 8 9 10; do echo "<4>hv_netvsc test: line $i" >/dev/kmsg; done
check "netconsole: lines leave" within 10 gives_at_least $((sent + 10)) host_stat 0 frames_from_guest
check "netconsole: unload" rmmod netconsole
check "netconsole: traffic goes on" within 10 ping -c 1 -W 1 $PEER4

# ---- counters of each queue are the host's
guest_counts() { ethtool -S eth0 | awk '/^ *[rt]x_queue_[0-9]+_packets:/ { sub(":", "", $1); v[$1] = $2; n += $1 ~ /^tx/ }
	END { for (i = 0; i < n; i++) printf "%d ", v["tx_queue_" i "_packets"]; for (i = 0; i < n; i++) printf "%d ", v["rx_queue_" i "_packets"] }'; }
host_counts() { echo "$(queue_stats 0 frames_from_guest) $(queue_stats 0 frames_to_guest)"; }
minus() {	# minus NOW BEFORE: figure by figure
	local -a figs_now figs_was
	read -ra figs_now <<<"$1"
	read -ra figs_was <<<"$2"
	local i
	for i in "${!figs_now[@]}"; do printf '%d ' $((figs_now[i] - figs_was[i])); done
}
# Both are read at a moment when nothing is on its way between them.
read_counts() {
	GUEST=$(guest_counts) HOST=$(host_counts)
	sleep 0.2
	[ "$GUEST $HOST" = "$(guest_counts) $(host_counts)" ]
}
check "server at the peer" serve_peer
check "quiet before the traffic" within 60 read_counts
guest=$GUEST host=$HOST
check "many connections" e2e_limit 60 python3 "$TRAFFIC" flows $PEER4 12 $((40000 / SLOW))
unserve_peer
check "quiet after the traffic" within 60 read_counts
equal "frames sent and received on each queue = what the host counted" "$(minus "$GUEST" "$guest")" "$(minus "$HOST" "$host")"
from_peer eth0
finish
