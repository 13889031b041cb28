#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A program and a VF: no frame gets past the program, whichever was there first (R45, R50).
#
#   generator, sink --- switch --- eth0 = synthetic NIC (program) + VF

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../vf.sh"
. "$(dirname "$0")/../xdp-lib.sh"
NIC=0
modprobe -qa ixgbevf
my_cleanup() {
	detach eth0 2>/dev/null
	pull how=surprise 2>/dev/null
	rm -f /sys/fs/bpf/*
	from_peer eth0
}
# dropped NAME: five frames, and the program had them and the stack none.
dropped() {
	local was
	was=$(figure "$1" 0)
	sniff eth0 3 1
	inject count=5 size=200
	within 10 eval '[ "$(figure '"$1"' 0)" = '$((was + 5))' ]' && [ -z "$(sniffed)" ]
}
passed() {
	sniff eth0 15 5
	inject count=5 size=200
	[ "$(sniffed)" = "5 - 200 good" ]
}

check "eth0 reaches the peer" to_peer eth0 10
check "a program on eth0" put_on eth0 drop count drop
check "VF arrives" plug
check "it joins" within 20 has_vf eth0
check "the log says that it is not used" within 10 logged "frames stay off"
check "the path stays synthetic" path_is synthetic
check "the program is in force" dropped drop
check "taken away" detach eth0
check "the VF carries the traffic then" within 20 in_use
check "without a program: frames pass" passed
check "a program while the VF carries the traffic" attach eth0 drop
check "the path is synthetic" within 10 path_is synthetic
check "the program is in force" dropped drop
check "taken away again" detach eth0
check "the VF carries the traffic again" within 20 in_use
check "VF leaves" pull how=eject
check "eth0 reaches the peer" within 10 reachable
finish
