# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the XDP scripts have in common; sourced behind lib.sh. Programs are put
# together by xdp.py, and met by numbered frames of the host's generator.

XDP=$E2E_PY/xdp.pyc

# program NAME WORD... VERDICT [-- NAME ...]: loaded and pinned; a process for many takes little longer than for one.
program() { e2e_limit 60 python3 "$XDP" load "$@"; }
attach() { ip -force link set dev "$1" xdpdrv pinned "/sys/fs/bpf/$2"; }	# attach DEV NAME
detach() { ip link set dev "$1" xdpdrv off; }
put_on() { local dev=$1 name=$2; shift 2; program "$name" "$@" && attach "$dev" "$name"; }	# put_on DEV NAME WORD...
refused() { ! attach "$@"; }
figure() { python3 "$XDP" map "$1" | cut -d' ' -f$(($2 + 1)); }	# figure NAME INDEX
figures() { python3 "$XDP" map "$1" | cut -d' ' -f"$2"; }	# figures NAME FIRST-LAST, the first is 1
# counter DEV NAME: an ethtool counter, or with N for the number of the queue the sum of all queues.
counter() { ethtool -S "$1" | awk -v n="^${2//_N_/_[0-9]+_}\$" '{ sub(":", "", $1) } $1 ~ n { s += $2 } END { print s + 0 }'; }
counts() { local dev=$1 names; shift; for names in "$@"; do counter "$dev" "$names"; done | paste -sd' '; }
# stats_now: frames that eth0 dropped, redirected, sent back; since BEFORE: how much they grew.
stats_now() { counts eth0 rx_queue_N_xdp_drop rx_queue_N_xdp_redirect rx_queue_N_xdp_tx; }
since() {
	local -a then now
	read -ra then <<<"$1"
	read -ra now <<<"$(stats_now)"
	echo "$((now[0] - then[0])) $((now[1] - then[1])) $((now[2] - then[2]))"
}
grew() { [ "$(counter "$1" "$2")" -ge "$3" ]; }	# grew DEV NAME VALUE
# becomes NAME WANTED COMMAND...: what COMMAND says gets to be WANTED. A poll counts what it did
# after the host was told, so the host, and who asks it, may know first.
becomes() {
	local name=$1 wanted=$2 end=$((SECONDS + 5 * SLOW)) got
	shift 2
	while got=$("$@"); [ "$got" != "$wanted" ] && [ "$SECONDS" -lt "$end" ]; do nap 0.2; done
	equal "$name" "$got" "$wanted"
}
inject() { host_do gen.send dst="nic$NIC" "$@" >/dev/null; }
back() {
	local -a got
	read -ra got <<<"$(host_figures received lost corrupt reordered -- gen.expect count="$1" timeout=$((8000 * SLOW)))"
	echo "${got[0]} lost ${got[1]} corrupt ${got[2]} reordered ${got[3]}"
}
# The host coalesces on NIC: true or false. Programs in driver mode on DEV.
host_rsc() { [ "$(host_stat "$NIC" offloads.rsc4)" = "$1" ]; }
mode() { ip -d link show "$DEV" | grep -c 'prog/xdp '; }

SINK=02:68:76:67:65:6e
# pktgen QUEUE COUNT: frames of 60 bytes past queue disciplines and byte limits, each a request of its own, which the
# sink does not count; returns when all are sent.
pktgen() {
	local line
	echo rem_device_all >/proc/net/pktgen/kpktgend_0
	echo "add_device $DEV" >/proc/net/pktgen/kpktgend_0 || return 1
	for line in "dst_mac $SINK" "dst $PEER4" "count $2" "pkt_size 60" "queue_map_min $1" "queue_map_max $1"; do
		echo "$line" >"/proc/net/pktgen/$DEV" || return 1
	done
	# "start" comes back early where the generator's thread does not get to run for an eighth of a second.
	echo start >/proc/net/pktgen/pgctrl
	within 60 grep -q 'Result: OK' "/proc/net/pktgen/$DEV"
}
