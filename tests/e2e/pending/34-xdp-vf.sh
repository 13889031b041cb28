#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A program and a VF: it is met whichever way a frame comes, and follows the data path away
# and back; a VF that does not run it carries nothing (R45, R50).
#
#   generator, sink --- switch --- eth0 = synthetic NIC (program) + VF (the same program)

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../vf.sh"
. "$(dirname "$0")/../xdp-lib.sh"
NIC=0
XSK=$(dirname "$XDP")/xsk.py
my_cleanup() {
	[ -z "${USER_PID-}" ] || kill "$USER_PID" 2>/dev/null
	detach eth0 2>/dev/null
	pull how=eject 2>/dev/null
	ip link set eth0 mtu 1500
	rm -f /sys/fs/bpf/*
	from_peer eth0
}
# dropped NAME: five frames, and the program had them and the stack none.
dropped() {
	local was
	was=$(figure "$1" 0)
	sniff eth0 3 1
	inject count=5 size=200
	within 10 eval '[ "$(figure '"$1"' 0)" = '$((was + 5))' ]' && [ -z "$(sniffed)" ] &&
		[ "$(figure "$1" 0)" = $((was + 5)) ]
}
passed() {
	sniff eth0 15 5
	inject count=5 size=200
	[ "$(sniffed)" = "5 - 200 good" ]
}
mode_of() { ip -j link show dev "$1" | jq -r '.[0].xdp.mode // 0'; }

check "eth0 reaches the peer" to_peer eth0 10
check "a program on eth0" put_on eth0 drop count drop
check "VF arrives" arrives
check "by the VF: the program is in force" dropped drop
vf=$(vf_of eth0)
check "host goes back by itself" host vf.fallback nic=0
check "by the NIC: in force" dropped drop
check "the VF is used again" within 20 in_use
check "by the VF: in force" dropped drop
check "VF down" ip link set "$vf" down
check "the path is synthetic" within 10 path_is synthetic
check "by the NIC: in force" dropped drop
check "VF up" ip link set "$vf" up
check "the VF is used again" within 20 in_use
check "by the VF: in force" dropped drop
program pass pass
check "another program" attach eth0 pass
check "by the VF: it lets pass" passed
check "the first one again" attach eth0 drop
check "by the VF: in force" dropped drop
check "VF leaves" leaves how=eject
check "by the NIC: in force" dropped drop
check "it comes back" arrives
check "by the VF: in force" dropped drop
check "taken away" detach eth0
check "the VF is used" within 20 in_use
check "by the VF: frames pass" passed
check "the path stays there" in_use
check "set while the VF carries the traffic" attach eth0 drop
check "the VF is used" within 20 in_use
check "by the VF: in force" dropped drop

# The socket is one of eth0's, a frame of the VF's cannot get there.
check "taken away for a socket" detach eth0
for mode in driver copy; do
	python3 "$XSK" rx eth0 0 5 $((60 * SLOW)) $mode >/tmp/xsk 2>&1 &
	USER_PID=$!
	check "$mode mode: a socket with its program" within 25 grep -q "ready $mode" /tmp/xsk
	check "$mode mode: the frames come its way" within 10 path_is synthetic
	for _ in 1 2 3 4 5 6 7 8; do
		kill -0 $USER_PID 2>/dev/null || break
		inject count=5 size=200
		sleep 1
	done
	check "$mode mode: it got what it waited for" eval 'ended $USER_PID; grep -q "done 5" /tmp/xsk'
	USER_PID=
	check "$mode mode: without it the VF is used" within 20 in_use
done
check "its program is taken away" detach eth0

# Which frames a driver can give to a program is its own affair.
check "MTU 3400 for both" ip link set eth0 mtu 3400
check "the VF is used" within 20 in_use
check "a program that the VF cannot run with it is refused" refused eth0 drop
equal "it is set nowhere" "$(mode_of eth0)" 0
check "the VF is used" within 20 in_use
check "VF leaves" leaves how=eject
check "without the VF it is welcome" attach eth0 drop
check "VF comes back" plug
check "it joins" within 20 has_vf eth0
check "the log says that it is not used" within 10 logged "frames stay off"
check "the path stays synthetic" path_is synthetic
check "by the NIC: in force" dropped drop
check "taken away" detach eth0
check "the VF is used" within 20 in_use
check "MTU 1500 for both" ip link set eth0 mtu 1500
check "a program again" attach eth0 drop
check "the VF is used" within 20 in_use
check "VF leaves by surprise" leaves how=surprise
check "by the NIC: in force" dropped drop
check "taken away" detach eth0
check "eth0 reaches the peer" within 10 reachable
finish
