#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What another implementation of the host does (profile=openvmm of the test host; R24, R53, R70, R74, R75, R77,
# R80): a channel that dies with the bus alive, a receive buffer that is too small for it, news of the VF with
# the answer to INITIALIZE, and more.
# ONLY=NAME[,NAME]... runs some of the groups.
#
#   eth0 and a NIC (profile=openvmm) for each group --- switch --- peer
#
# runs: 6.12:ours
# takes: 150 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trouble.sh"
LONG=
my_cleanup() { [ -z "$LONG" ] || kill "$LONG"; unwatch_rtnl; host_do fault.clear >/dev/null; } 2>/dev/null

here() { good_nic profile=openvmm "$@"; }
feature() { ethtool -k "$DEV" | sed -n "s/^[[:space:]]*$1: \([a-z]*\).*/\1/p"; }
rx_pieces() { ethtool -g "$DEV" | awk '/^RX:/ { n = $2 } END { print n }'; }
mtu() { cat "/sys/class/net/$DEV/mtu"; }
rx_count() { cat "/sys/class/net/$DEV/statistics/rx_packets"; }
has_received() { [ $(($(rx_count) - $1)) -ge "$2" ]; }
tx_of_primary() { ethtool -S "$DEV" | sed -n 's/^ *tx_queue_0_packets: //p'; }
# Frames of so many flows that some are sent by each channel (all echo requests are one flow), whether the neighbour answers or not.
send_flows() {
	ip neigh replace $PEER4 lladdr "$(peer_mac)" nud permanent dev "$DEV" || return
	python3 - "$DEV" $PEER4 >/dev/null 2>&1 <<-'END' &
		import socket, sys, time
		socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(16)]
		for sock in socks:
		    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, sys.argv[1].encode())
		    sock.connect((sys.argv[2], 9))
		while True:
		    for sock in socks:
		        try:
		            sock.send(bytes(1000))
		        except OSError:
		            pass
		        time.sleep(0.1)
	END
	LONG=$!
}
peer_mac() { ip neigh show $PEER4 dev "$DEV" | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p'; }
nothing_out() { [ "$(host_stat "$NIC" outstanding_to_guest)" = 0 ]; }

# The channel dies while frames are sent: it is attached anew, without help. It takes a minute, so the other groups
# run meanwhile; dead_sending_ends looks what came of it.
dead_sending() {
	check "dead while sending: a NIC" add_nic profile=openvmm || return
	LONG_DEV=$DEV LONG_NIC=$NIC LONG_START=$SECONDS
	check "dead while sending: what comes in comes by the primary channel" ethtool -X "$DEV" equal 1
	check "dead while sending: it carries packets" to_peer "$DEV" 46
	LONG_OPENS=$(host_stat "$NIC" opens)
	check "dead while sending: frames of many flows" send_flows
	check "dead while sending: some go by the primary channel" within 10 gives_at_least $(($(tx_of_primary) + 10)) tx_of_primary
	fault channel.die what=primary
	check "dead while sending: the channel dies" within 30 acted channel.die
	# It stays.
	unset 'ADDED[-1]'
	NICS=$((n + 1))
}
dead_sending_ends() {
	[ -n "${LONG_DEV-}" ] || return
	check "dead while sending: it is attached anew by itself" within 150 reaches "$LONG_DEV"
	note "dead while sending: $((SECONDS - LONG_START)) s"
	equal "dead while sending: once" $(($(host_stat "$LONG_NIC" opens) - LONG_OPENS)) 1
	kill "$LONG"; LONG=
	ADDED+=("$LONG_NIC")
	NICS=$n
}

# The channel is dead when somebody takes the interface down and up.
dead_open() {
	check "dead at open: a NIC" here || return
	check "dead at open: what comes in comes by the primary channel" ethtool -X "$DEV" equal 1
	fault channel.die what=primary
	# It dies of the request, or of what completes the answer when the request went by the other channel.
	reaches "$DEV" >/dev/null
	check "dead at open: the channel is dead" within 30 acted channel.die
	check "dead at open: no answer" not reaches $DEV
	check "dead at open: down" e2e_limit "$RTNL_SECONDS" ip link set "$DEV" down
	check "dead at open: up" e2e_limit "$RTNL_SECONDS" ip link set "$DEV" up
	check "dead at open: it carries packets" within 10 reaches "$DEV"
}

# A question to a dead channel while nothing is sent.
dead_asked() {
	check "dead when asked: a NIC" here || return
	fault channel.die what=primary
	check "dead when asked: another key is not taken" not e2e_limit $RTNL_SECONDS ethtool -X $DEV equal 1
	check "dead when asked: it is attached anew by itself" within 90 reaches "$DEV"
}

# No buffer that such a host cannot work with, whoever asks for it.
tiny() {
	local rx
	for rx in 10 15 16; do
		check "tiny: -G rx $rx" e2e_limit "$RTNL_SECONDS" ethtool -G "$DEV" rx $rx
		check "tiny: -G rx $rx: traffic" within 10 reaches "$DEV"
		at_least "tiny: -G rx $rx: pieces at the host" "$(host_stat "$NIC" suballoc_count)" 18
		equal "tiny: -G rx $rx: channels" "$(host_stat "$NIC" channels)" 2
		at_least "tiny: -G rx $rx: what is shown" "$(rx_pieces)" 18
	done
	check "tiny: MTU 9000" e2e_limit "$RTNL_SECONDS" ip link set "$DEV" mtu 9000
	check "tiny: MTU 9000: traffic" within 10 reaches "$DEV"
	at_least "tiny: MTU 9000: pieces at the host" "$(host_stat "$NIC" suballoc_count)" 18
	check "tiny: -G rx 10 with it" e2e_limit "$RTNL_SECONDS" ethtool -G "$DEV" rx 10
	at_least "tiny: -G rx 10 with it: pieces at the host" "$(host_stat "$NIC" suballoc_count)" 18
	check "tiny: -L 1" e2e_limit "$RTNL_SECONDS" ethtool -L "$DEV" combined 1
	check "tiny: -L 1: one channel" within 40 gives 1 host_stat "$NIC" channels
	check "tiny: -G rx 10 with one channel" e2e_limit "$RTNL_SECONDS" ethtool -G "$DEV" rx 10
	check "tiny: -L 2" e2e_limit "$RTNL_SECONDS" ethtool -L "$DEV" combined 2
	check "tiny: -L 2: traffic" within 10 reaches "$DEV"
	equal "tiny: -L 2: channels" "$(host_stat "$NIC" channels)" 2
}

# A larger MTU than the host has is answered with the least one: that is no reason to shrink.
refused_mtu() {
	check "refused MTU: 4000" e2e_limit "$RTNL_SECONDS" ip link set "$DEV" mtu 4000
	check "refused MTU: 9500 is an error" not e2e_limit $RTNL_SECONDS ip link set $DEV mtu 9500
	equal "refused MTU: the old one is in force" "$(mtu)" 4000
	equal "refused MTU: at the host too" "$(host_stat "$NIC" mtu)" 4000
	check "refused MTU: traffic" within 10 reaches "$DEV"
	check "refused MTU: 9202 is granted" e2e_limit "$RTNL_SECONDS" ip link set "$DEV" mtu 9202
	equal "refused MTU: 9202 is in force" "$(mtu)" 9202
	check "refused MTU: 1500" ip link set "$DEV" mtu 1500
}

# A table that is in force already is not set again.
same_table() {
	local sets
	check "same table: -X to one queue" ethtool -X "$DEV" equal 1
	sets=$(host_stat "$NIC" rss_sets)
	check "same table: once more" ethtool -X "$DEV" equal 1
	check "same table: MTU in place" ip link set "$DEV" mtu 1400
	equal "same table: the host was not told again" "$(host_stat "$NIC" rss_sets)" "$sets"
	check "same table: -X to two queues" ethtool -X "$DEV" equal 2
	equal "same table: the host was told" "$(host_stat "$NIC" rss_sets)" $((sets + 1))
	check "same table: traffic" within 10 reaches "$DEV"
	ethtool -X "$DEV" default
	ip link set "$DEV" mtu 1500
}

# Capabilities in another form than they were asked for.
newest_caps() {
	local version
	for version in 2 4; do
		check "newest form: a NIC with NVSP $version" add_nic profile=openvmm nvsp=$version
		check "newest form: NVSP $version: traffic" to_peer "$DEV" 45
		equal "newest form: NVSP $version: sums and large sends" \
			"$(feature tx-checksum-ipv4) $(feature tx-tcp-segmentation)" "on on"
		check "newest form: NVSP $version: it leaves" remove_nics
	done
	check "newest form: a NIC" here || return
	equal "newest form: the NIC's name is no alias" "$(cat "/sys/class/net/$DEV/ifalias")" ""
}

# Many frames in a packet; a ring that is full until a quarter of it is free.
many_frames() {
	local mac before packets
	mac=$(mac_of "$DEV")
	before=$(rx_count) packets=$(host_stat "$NIC" rx_packets)
	host_do gen.send dst="$mac" count=3750 burst=375 queue=0 >/dev/null
	check "many frames: all of them come" within 20 has_received "$before" 3750
	packets=$(($(host_stat "$NIC" rx_packets) - packets))
	at_least "many frames: in few packets" 40 "$packets"
	host_do nic.set nic="$NIC" batch=1 >/dev/null
	before=$(rx_count)
	host_do gen.send dst="$mac" count=12000 burst=4000 queue=1 >/dev/null
	check "many frames: all of them come by a ring that is full" within 30 has_received "$before" 12000
	at_least "many frames: it was full" "$(host_stat "$NIC" ring_full_writes)" 1
	check "many frames: each of them was completed" within 10 nothing_out
	equal "many frames: none was dropped" "$(host_get drops stats nic="$NIC" | jq .fifo_full)" 0
}

vf_is() { [ "$(host_get "$1" vf nic="$NIC")" = "$2" ]; }
on_vf() { has_vf "$DEV" && vf_is path vf && vf_is switching false; }
# The guest hears of the VF with the answer to INITIALIZE, of the function two and a half seconds later; a switch before that
# is completed and forgotten.
early_vf() {
	local answered
	check "early VF: a NIC" here vf=on vf_queues=2 vf_delay=2500 || return
	check "early VF: it is used" within 30 on_vf
	check "early VF: traffic" within 10 reaches "$DEV"
	at_least "early VF: the association was answered" "$(host_get notices_answered vf nic="$NIC")" 1
	answered=$(host_get notices_answered vf nic="$NIC")
	host_do vf.fallback nic="$NIC" >/dev/null
	check "early VF: the host goes back with eight bytes: they are answered" within 10 vf_is notices_answered $((answered + 1))
	check "early VF: the host goes back: traffic" within 10 reaches "$DEV"
	check "early VF: it is used again" within 30 on_vf
	check "early VF: a new attachment" e2e_limit 30 ethtool -G "$DEV" rx 900
	check "early VF: traffic with it" within 10 reaches "$DEV"
	check "early VF: it is used in the end" within 30 on_vf
	check "early VF: traffic by it" within 10 reaches "$DEV"
}

# One NIC is enough for these.
settings() {
	check "settings: a NIC" here fifo=8192 || return
	same_table
	many_frames
	refused_mtu
	tiny
}

trouble dead_sending dead_open dead_asked settings newest_caps early_vf dead_sending_ends
check "the module can be unloaded" e2e_limit 60 rmmod hv_netvsc
check "and loaded" in_turn modprobe hv_netvsc , within 20 nics_are $n
finish
