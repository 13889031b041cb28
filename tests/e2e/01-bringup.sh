#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Bring-up with a host of each NVSP generation: the driver comes down from the
# newest version to the host's, and carries packets with it (netvsc-wire.md 3.1, 4.1).
#
#   guest ethN --- switch --- peer        N: hot-added NIC with its own NVSP maximum
#
# runs: 6.12:ours 6.12:stock 6.1:stock
# whole: 6.1:ours debug:ours
# takes: 31 s, debug 50 s

. "$(dirname "$0")/lib.sh"

# Which is which says its address; they are offered, brought up and taken away together.
mac_for() { case $1 in 6.1) echo 00:15:5d:99:00:61 ;; *) echo 00:15:5d:99:00:0$1 ;; esac }
versions="1 2 4 5 6 6.1"
[ "$SLOW" = 1 ] || versions="1 4 6.1"	# the others differ in no path of the driver
declare -A number

before=$(nic_count)
NICS=$before
for version in $versions; do
	number[$version]=$(host_get nic nic.add nvsp=$version mac="$(mac_for $version)")
	ADDED+=("${number[$version]}")
done
for version in $versions; do
	check "NVSP $version: interface appears" within 40 nic_with_mac "$(mac_for $version)" || continue
	dev=$(nic_with_mac "$(mac_for $version)")
	equal "NVSP $version: negotiated with the host" "$(host_stat "${number[$version]}" nvsp)" $version
	check "NVSP $version: reaches the peer" to_peer "$dev" 40
	check "NVSP $version: full-size frames" e2e_limit 10 ping -c 2 -i 0.2 -M do -s 1472 -I "$dev" $PEER4
	if [ $version = 1 ]; then
		check "NVSP 1: MTU above 1500 is refused" not ip link set $dev mtu 1600
	fi
	from_peer "$dev"
done
check "interfaces leave with the NICs" remove_nics
finish
