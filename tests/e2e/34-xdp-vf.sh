#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A program and a VF: it is met whichever way a frame comes, and follows the data path away
# and back; a VF that does not run it carries nothing (R45, R50).
#
#   generator, sink --- switch --- eth0 = synthetic NIC (program) + VF (the same program)
#
# runs: 6.12:ours
# whole: 6.1:ours debug-7.x:ours
# takes: 170 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
. "$(dirname "$0")/xdp-lib.sh"
NIC=0
XSK=$E2E_PY/xsk.pyc
my_cleanup() {
	[ -z "${USER_PID-}" ] || kill "$USER_PID" 2>/dev/null
	detach eth0 2>/dev/null
	ip link del v0 2>/dev/null
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
	within 10 gives $((was + 5)) figure "$1" 0 && [ -z "$(sniffed)" ] &&
		[ "$(figure "$1" 0)" = $((was + 5)) ]
}
passed() {
	sniff eth0 15 5
	inject count=5 size=200
	[ "$(sniffed)" = "5 - 200 good" ]
}
# each WHERE "DROPPED REDIRECTED SENT": every verdict in turn, with five frames each; the program sees five and the
# stack those that are passed. Counted by eth0, which knows of none that the VF's driver had.
each() {
	local where=$1 size=100 verdict was before
	before=$(stats_now)
	host_do gen.reset >/dev/null
	sniff eth0 60 5
	for verdict in drop aborted tx; do
		attach eth0 $verdict && within 20 path_is "$3"
		was=$(figure $verdict 0)
		inject count=5 size=$((size++))
		check "$where: $verdict: the program saw five" within 10 gives $((was + 5)) figure "$verdict" 0
	done
	equal "$where: tx: all came back" "$(back 5)" "5 lost 0 corrupt 0 reordered 0"
	attach eth0 pass
	inject count=5 size=200
	equal "$where: pass: these reach the stack and no other" "$(sniffed)" "5 - 200 good"
	becomes "$where: eth0 counts" "$2" since "$before"
	attach eth0 drop
}
mode_of() { ip -j link show dev "$1" | jq -r '.[0].xdp.mode // 0'; }

check "eth0 reaches the peer" to_peer eth0 10
check "a veth pair" in_turn ip link add v0 type veth peer name v1 , ip link set v0 up , ip link set v1 up , ethtool -K v1 gro on
check "programs" in_turn program drop count drop -- aborted count aborted -- tx count swap tx -- pass pass -- far count devmap=v0 , \
	attach eth0 drop
each "without a VF" "10 0 5" synthetic
check "VF arrives" arrives
each "by the VF" "0 0 0" vf
vf=$(vf_of eth0)
check "host goes back by itself" host_do vf.fallback nic=0
check "by the NIC: in force" dropped drop
check "the host has gone back: the VF is used again" within 20 in_use
check "by the VF: in force" dropped drop
check "VF down" ip link set "$vf" down
check "the path is synthetic" within 10 path_is synthetic
each "VF down" "10 0 5" synthetic
check "VF up" ip link set "$vf" up
check "the VF is used again" within 20 in_use
each "by the VF again" "0 0 0" vf
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

if [ "$DRIVER" = stock ]; then
	# A VF's refusal costs stock a reference: the program is freed, and the next attachment crashes (R46, seen).
	# It hands on what the VF cannot do, leaves sockets without frames, and with a VF that vanishes ixgbevf crashes.
	skip "what a VF cannot do, sockets, a VF that vanishes" "stock crashes or has no answer"
	finish
fi
# Which frames a driver can give to a program is its own affair.
check "taken away" detach eth0
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

# ixgbevf redirects nothing: it would drop what such a program wants elsewhere.
check "a program that redirects by a map" attach eth0 far
check "the VF, which cannot, is not used" within 10 path_is synthetic
was=$(stats_now)
sniff v1 20 5
inject count=5 size=200
equal "they arrive" "$(sniffed)" "5 - 200 good"
becomes "by the NIC" "0 5 0" since "$was"
check "another one" attach eth0 drop
check "the VF is used" within 20 in_use
check "by the VF: in force" dropped drop

# The socket is one of eth0's, a frame of the VF's cannot get there.
check "taken away for a socket" detach eth0
for mode in driver copy; do
	: >/tmp/xsk
	python3 "$XSK" rx eth0 0 5 $((60 * SLOW)) $mode >/tmp/xsk 2>&1 &
	USER_PID=$!
	check "$mode mode: a socket with its program" within 25 grep -q "ready $mode" /tmp/xsk
	check "$mode mode: the frames come its way" within 10 path_is synthetic
	for _ in 1 2 3 4 5 6 7 8; do
		kill -0 $USER_PID 2>/dev/null || break
		inject count=5 size=200
		sleep 1
	done
	check "$mode mode: it got what it waited for" in_turn ended $USER_PID , grep -q "done 5" /tmp/xsk
	USER_PID=
	check "$mode mode: without it the VF is used" within 20 in_use
done
check "its program is taken away" detach eth0

check "a program again" attach eth0 drop
check "the VF is used" within 20 in_use
check "VF leaves by surprise" leaves how=surprise
check "by the NIC: in force" dropped drop
check "taken away" detach eth0
check "eth0 reaches the peer" within 10 reachable
finish
