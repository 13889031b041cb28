#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A VF that cannot be like us is not used, and tools can read why; what made it so is tried again; a VF that is
# restarted loses nothing, and a planned leave is no flap (R54, R56, R61, R63, R67).
#
#   eth0 = synthetic NIC + VF --- switch --- peer
#
# ONLY=NAME[,NAME]... runs some of the groups.
#
# runs: 6.12:ours
# whole: debug-7.x:ours
# takes: 100 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
my_cleanup() {
	host_do fault.clear >/dev/null
	unserve_peer
	ip link del eth0.7 2>/dev/null
	ip link del br0 2>/dev/null
	ip link del bond9 2>/dev/null
	ethtool -X eth0 default 2>/dev/null
	pull how=eject 2>/dev/null
	within 20 has_no_vf eth0
	host_do nic.set nic=0 vf_kind=ixgbevf vf_rss=off >/dev/null
	ip link set eth0 mtu 1500 address "$mac" 2>/dev/null
	from_peer eth0
}
mac=$(mac_of eth0)
other=00:15:5d:77:77:77
group() { [ -z "${ONLY-}" ] || [[ ,$ONLY, == *,$1,* ]]; }
refuse() { host_do fault.set nic=0 name=vf.refuse what="$1" count="${2:-0}" >/dev/null; }
obey() { host_do fault.clear >/dev/null; }
mtu_of() { cat "/sys/class/net/$1/mtu"; }
fn() { vfstat "function.$1"; }
# unused REASON: is it counted that the VF was not used for it, and by how much
unused() { counter eth0 "vf_unused_$1"; }
joins() { plug "$@" && within 20 has_vf eth0; }
# stays_unused: it is up, has its carrier and all the time that it needs, and the path is the synthetic one.
stays_unused() {
	within 20 has_carrier && sleep 1 && path_is synthetic
}
has_carrier() { carrier_is "$(vf_of eth0)" 1; }
not_used_for() { logged "not used by eth0: $1"; }
used_again() { within 20 in_use; }

check "eth0 reaches the peer" to_peer eth0 10

if group mac; then
	# A VF whose physical function does not allow another address.
	check "another address" ip link set eth0 address $other
	dmesg -C
	refuse mac
	check "a VF that refuses it joins" joins
	check "it is not used" stays_unused
	check "the log says why" not_used_for "it refuses the address"
	equal "once" "$(dmesg | grep -c 'not used by eth0')" 1
	at_least "tools can read it" "$(unused mac)" 1
	check "traffic goes on" not_by_vf
	check "an address that it does not take is ours all the same" ip link set eth0 address 00:15:5d:77:77:78
	check "and back" ip link set eth0 address $other
	obey
	check "it is used as soon as it takes the address" used_again
	equal "its address is ours" "$(mac_of "$(vf_of eth0)")" $other
	check "by the VF" by_vf

	# Its driver takes the address of the physical function at each restart.
	vf=$(vf_of eth0)
	check "another MTU" ip link set eth0 mtu 1400
	check "it is used again" used_again
	equal "with our address" "$(mac_of "$vf")" $other
	equal "at the device too" "$(fn mac)" $other
	check "by the VF" by_vf
	check "VF down and up" in_turn ip link set "$vf" down , within 10 path_is synthetic , ip link set "$vf" up
	check "it is used again" used_again
	equal "with our address" "$(fn mac)" $other
	check "by the VF" by_vf
	check "a smaller MTU of its own" in_turn ip link set "$vf" mtu 1300 , within 10 path_is synthetic
	check "the log says why" not_used_for "its MTU is smaller"
	check "a larger one" ip link set "$vf" mtu 1500
	check "it is used again" used_again
	equal "with our address" "$(fn mac)" $other
	check "by the VF" by_vf
	refuse mac
	check "it refuses our address after a restart" ip link set eth0 mtu 1450
	check "it is not used" stays_unused
	check "traffic goes on" not_by_vf
	obey
	check "it is used as soon as it takes the address" used_again
	check "somebody gives it another address" ip link set "$vf" address 00:15:5d:77:77:79
	check "it gets ours again" within 20 gives "$other" fn mac
	check "by the VF" in_turn used_again , by_vf
	check "VF leaves" leaves how=eject
	check "the usual settings" ip link set eth0 mtu 1500 address "$mac"
fi

if group vlan; then
	ip link add link eth0 name eth0.7 type vlan id 7
	ip link set eth0.7 up
	dmesg -C
	refuse vlan
	check "a VF that refuses our VLAN joins" joins
	check "it is not used" stays_unused
	check "the log says why" not_used_for "it refuses the VLANs"
	at_least "tools can read it" "$(unused vlan)" 1
	check "traffic goes on" not_by_vf
	check "another VLAN is no matter of its" in_turn ip link add link eth0 name eth0.8 type vlan id 8 , ip link del eth0.8
	check "without the VLAN it is used" in_turn ip link del eth0.7 , used_again , by_vf
	check "a VLAN that it refuses while it is used is refused" not ip link add link eth0 name eth0.7 type vlan id 7
	obey
	check "one that it takes" ip link add link eth0 name eth0.7 type vlan id 7
	check "the VF has it" within 10 gives_at_least 1 fn vlans
	check "it is used" in_turn used_again , by_vf
	ip link del eth0.7
	check "VF leaves" leaves how=eject
fi

mtus() { ip link set eth0 mtu 1400 && used_again && ip link set eth0 mtu 1500 && used_again; }
# The VF has a moment's frames in its queues: a loss counts when it is there three times in a row (as in 26).
if group mtu; then
	check "server" serve_peer
	check "VF arrives" arrives
	for i in 1 2 3; do
		stream_during mtus
		[ "$LOST" != 0 ] || break
	done
	equal "two changes of the MTU lose nothing" "$LOST" 0
	check "the VF is used" in_use
	unserve_peer
fi

if group open; then
	in_use || check "VF arrives" arrives
	dmesg -C
	refuse reset
	check "eth0 down" ip link set eth0 down
	check "up, while the VF cannot be opened" ip link set eth0 up
	check "the log says so" not_used_for "it cannot be opened"
	at_least "tools can read it" "$(unused open)" 1
	obey
	check "it is opened as soon as it can be" used_again
	check "by the VF" by_vf
	vf=$(vf_of eth0)
	check "one that the user took down" ip link set "$vf" down
	sleep 2
	check "stays down" not any_bit 1 flags_of "$vf"
	ip link set "$vf" up
	check "VF leaves" leaves how=eject
fi

# The module comes late: the VF is in use by somebody else.
unload() { e2e_limit 30 rmmod hv_netvsc; }
load() { modprobe hv_netvsc && within 20 nics_are 2 && ip link set eth0 up && to_peer eth0 10; }
if group upper; then
	check "VF arrives" arrives
	vf=$(vf_of eth0)
	for kind in bridge bond; do
		check "module unloaded" unload
		ip link add br0 type $kind
		ip link set "$vf" down
		check "VF in a $kind" ip link set "$vf" master br0
		ip link set "$vf" up
		dmesg -C
		check "module loaded" load
		check "the VF does not join" has_no_vf eth0
		check "the log says why" not_used_for "it is in a bridge or bond"
		at_least "tools can read it" "$(unused join)" 1
		check "out of the $kind" ip link set "$vf" nomaster
		check "it joins" within 20 has_vf eth0
		check "and is used" in_turn used_again , by_vf
		ip link del br0
	done
	check "VF leaves" leaves how=eject
fi

if group address; then
	check "VF arrives" arrives
	vf=$(vf_of eth0)
	check "module unloaded" unload
	check "VF with an address of its own" in_turn ip addr add 192.168.77.66/24 dev "$vf" , ip link set "$vf" up
	dmesg -C
	check "module loaded" load
	check "the VF joins" within 20 has_vf eth0
	check "the log says what it has" not_used_for "it has an IPv4 address"
	at_least "tools can read it" "$(unused address)" 1
	equal "the route is eth0's" "$(ip route get $PEER4 | grep -o 'dev [^ ]*')" "dev eth0"
	check "the peer is reached" within 10 reachable
	check "the address is taken away" ip addr flush dev "$vf"
	check "the VF is used" in_turn used_again , by_vf
	check "VF leaves" leaves how=eject
fi

# A virtio VF: its driver need not restart it for another MTU, and its table can be seen.
virtio_vf() { in_use || { host_do nic.set nic=0 vf_kind=virtio vf_rss=on vf_queues=2 >/dev/null && arrives; }; }

# away: how long the path was away from the VF, in ms, by the log.
away() {
	dmesg | sed -n 's/^\[ *\([0-9]*\)\.\([0-9]\{3\}\).*Data path switched \(from\|to\) VF.*/\1\2 \3/p' |
		awk '/from/ { at = $1 } /to/ { print $1 - at }' | tail -n 1
}
was_away() { [ -n "$(away)" ]; }
# What is held against a VF that was lost eight times is 6.4 s.
if group flaps; then
	check "a virtio VF arrives" virtio_vf
	vf=$(vf_of eth0)
	for i in 1 2 3 4 5 6 7 8; do
		dmesg -C
		ip link set "$vf" mtu 1400
		ip link set "$vf" mtu 1500
		within 20 was_away || break
		note "$i: $(away) ms"
	done
	at_least "what is done on purpose is not held against it" $((5000 * SLOW)) "$(away)"
	check "it is used" used_again
fi

if group rss; then
	ones=$(printf '1%.0s' {1..64})
	check "a VF with a table arrives" virtio_vf
	vf=$(vf_of eth0)
	# refused_while_down WHOM COMMAND...: WHOM is down, and the VF refuses its table then
	refused_while_down() {
		ip link set "$1" down && refuse rss && "${@:2}" && obey && ip link set "$1" up
	}
	check "a table of ours, eth0 down" refused_while_down eth0 ethtool -X eth0 weight 0 1
	check "it is used" used_again
	equal "and has our table" "$(fn rss_table)" "$ones"
	check "another one, VF down" refused_while_down "$vf" ethtool -X eth0 weight 1 0
	check "it is used" used_again
	equal "and has it" "$(fn rss_table)" "${ones//1/0}"
	check "the usual table" ethtool -X eth0 default
	equal "the VF has its own again" "$(fn rss_table | cut -c 1-4)" 0101
	check "VF leaves" leaves how=eject
fi
finish
