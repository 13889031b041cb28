#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Bring-up with a host of each NVSP generation: the driver comes down from the
# newest version to the host's, and carries packets with it (netvsc-wire.md 3.1, 4.1).
#
#   guest ethN --- switch --- peer        N: hot-added NIC with its own NVSP maximum

. "$(dirname "$0")/lib.sh"

my_cleanup() { [ -z "${NIC-}" ] || host nic.remove nic="$NIC" >/dev/null 2>&1; }

before=$(nic_count)
for version in 1 2 4 5 6 6.1; do
	mac=00:15:5d:99:00:0${version%%.*}
	[ "$version" = 6.1 ] && mac=00:15:5d:99:00:61
	NIC=$(host_get nic nic.add nvsp=$version mac=$mac)
	if ! within 20 nic_with_mac $mac; then
		not_ok "NVSP $version: interface appears"
		host nic.remove nic="$NIC" >/dev/null
		within 20 nics_are "$before"
		continue
	fi
	dev=$(nic_with_mac $mac)
	equal "NVSP $version: negotiated with the host" "$(host_get nvsp stats nic="$NIC")" $version
	check "NVSP $version: reaches the peer" to_peer "$dev" 40
	check "NVSP $version: full-size frames" limit 10 ping -c 2 -M do -s 1472 -I "$dev" $PEER4
	if [ $version = 1 ]; then
		check "NVSP 1: MTU above 1500 is refused" eval "! ip link set $dev mtu 1600"
	fi
	host nic.remove nic="$NIC" >/dev/null
	NIC=
	check "NVSP $version: interface leaves with the NIC" within 20 nics_are "$before"
done
finish
