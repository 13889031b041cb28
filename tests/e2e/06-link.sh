#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Link state, speed and network-change indications of the host (R68, R69; netvsc-wire.md 5.6).
#
# runs: 6.12:ours 6.12:stock
# whole: 6.1:ours 6.1:stock debug:ours
# takes: 15 s, debug 30 s

. "$(dirname "$0")/lib.sh"
my_cleanup() { host_do nic.link nic=0 state=up >/dev/null; host_do nic.speed nic=0 mbps=10000 >/dev/null; }

check "reaches the peer" to_peer eth0 10
check "carrier is on" carrier_is eth0 1
equal "speed is the host's" "$(cat /sys/class/net/eth0/speed)" "$(host_get speed_mbps stats nic=0)"
equal "duplex" "$(cat /sys/class/net/eth0/duplex)" full
host_do nic.link nic=0 state=down >/dev/null
check "host takes the link down: carrier goes" within 10 carrier_is eth0 0
sleep 2.2
host_do nic.link nic=0 state=up >/dev/null
check "host brings it back: carrier returns" within 10 carrier_is eth0 1
check "and traffic" within 10 ping -c 1 -W 1 $PEER4
host_do nic.speed nic=0 mbps=25000 >/dev/null
check "speed change is shown" within 8 gives 25000 cat /sys/class/net/eth0/speed
sleep 2.2
changes=$(cat /sys/class/net/eth0/carrier_changes)
host_do nic.netchange nic=0 >/dev/null
check "network change: link goes down and up for DHCP clients" within 15 \
	gives_at_least $((changes + 2)) cat /sys/class/net/eth0/carrier_changes
check "and traffic goes on" within 10 ping -c 1 -W 1 $PEER4
from_peer eth0
check "down: no frames are delivered" carrier_is eth0 ""
check "up again" to_peer eth0 10
from_peer eth0
finish
