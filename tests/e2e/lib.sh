# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every e2e script stands on: KTAP output, waiting with a limit, the two
# usual topologies, the host's view through hvctl.
#
# A script sources this file, calls check/ok/not_ok/skip for each behaviour and
# ends with "finish". It runs as root in a guest of the test host and puts back
# what it changed; the runner checks the host's violations after each script.

set -u
KTAP_N=0
KTAP_BAD=0
# Everything that waits is multiplied by this (the debug kernel is slow).
SLOW=${SLOW:-1}
DRIVER=${DRIVER:-ours}

ok() { KTAP_N=$((KTAP_N + 1)); echo "    ok $KTAP_N - $*"; }
not_ok() {
	KTAP_N=$((KTAP_N + 1)); KTAP_BAD=$((KTAP_BAD + 1))
	echo "    not ok $KTAP_N - $*"
}
# skip NAME REASON: for what this kernel or driver cannot do, with a true reason.
skip() { KTAP_N=$((KTAP_N + 1)); echo "    ok $KTAP_N - $1 # SKIP $2"; }
note() { echo "    # $*"; }
finish() { echo "    1..$KTAP_N"; cleanup; trap - EXIT; [ "$KTAP_BAD" -eq 0 ]; exit $?; }

# check NAME COMMAND...: one test point; output is shown when it goes wrong.
# It runs in this shell, so that what it starts (serve) is known here.
check() {
	local name=$1 rc
	shift
	"$@" >/tmp/check.out 2>&1; rc=$?
	if [ "$rc" -eq 0 ]; then ok "$name"; else
		not_ok "$name"
		note "$* -> $rc"
		tail -n 15 /tmp/check.out | sed 's/^/    # /'
	fi
	return "$rc"
}
# equal NAME GOT WANTED
equal() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1"; note "got '$2', wanted '$3'"; return 1; fi
}
# at_least NAME GOT MINIMUM
at_least() {
	if [ "$2" -ge "$3" ] 2>/dev/null; then ok "$1"; else
		not_ok "$1"; note "got '$2', wanted at least $3"; return 1
	fi
}
# nap SECONDS: waits without a process of its own, which costs a guest as much as what is asked next.
exec {NAP}<> <(:)
nap() { read -rt "$1" <&$NAP; return 0; }
# within SECONDS COMMAND...: true as soon as COMMAND is, polled; what takes its time is asked less often.
within() {
	local start=$SECONDS end=$((SECONDS + $1 * SLOW)) step=0.2
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		[ $((SECONDS - start)) -lt $((4 * SLOW)) ] || step=0.8
		nap $step
	done
}
# said TEXT COMMAND...: it fails, with that text.
said() {
	local text=$1
	shift
	! "$@" >/tmp/said 2>&1 && grep -q "$text" /tmp/said
}
# What a check or a wait says in words: not COMMAND...; in_turn COMMAND... , COMMAND...: each, as
# long as they go well; gives WANTED COMMAND..., gives_at_least NUMBER COMMAND..., gives_at_most, any_bit MASK
# COMMAND...: of what it prints; prints PATTERN COMMAND...: a line of it has the (extended) pattern.
not() { ! "$@"; }
gives() { local wanted=$1; shift; [ "$("$@")" = "$wanted" ]; }
gives_at_least() { local least=$1; shift; [ "$("$@")" -ge "$least" ]; }
gives_at_most() { local most=$1; shift; [ "$("$@")" -le "$most" ]; }
any_bit() { local mask=$1; shift; [ $(($("$@") & mask)) != 0 ]; }
prints() { local pattern=$1; shift; "$@" | grep -qE -e "$pattern"; }
in_turn() {
	local -a step=()
	local word
	for word in "$@" ","; do
		if [ "$word" != , ]; then step+=("$word"); continue; fi
		"${step[@]}" || return
		step=()
	done
}
# e2e_times N [WITNESS]: how often to repeat: in full with our driver on Debian's kernels, a
# fifth (or WITNESS) with the stock one, a tenth on the debug kernel; twice at least. ROUNDS in the
# environment replaces N.
e2e_times() {
	local n=${ROUNDS:-$1}
	[ "$DRIVER" = ours ] || n=${2:-$((n / 5))}
	[ "$SLOW" = 1 ] || n=$((n / 10))
	echo $((n < 2 ? 2 : n))
}
e2e_limit() { local s=$(($1 * SLOW)); shift; timeout -k 5 "$s" "$@"; }

# ---- sleep: as far towards hibernation as freezing all devices, and back ------------------

e2e_can_sleep() { [ -e /sys/power/pm_test ] && grep -qw disk /sys/power/state; }
# The kernel waits five seconds there in a loop that counts turns, on a busy machine up to half a minute: no lockup.
e2e_sleep() {
	local rc thresh=/proc/sys/kernel/watchdog_thresh was
	was=$(cat $thresh) && echo 60 >$thresh
	echo shutdown >/sys/power/disk
	echo platform >/sys/power/pm_test
	e2e_limit 120 sh -c 'echo disk >/sys/power/state'; rc=$?
	echo none >/sys/power/pm_test
	[ -z "$was" ] || echo "$was" >$thresh
	return $rc
} 2>/dev/null

# ---- the host's view -------------------------------------------------------

# A confidential VM (tests/vm --host isolation=vbs)?
isolated() { dmesg | grep -q 'Isolation Config: .*Group B 0x[1-9a-f]'; }
host_do() { hvctl "$@"; }
host_get() { local path=$1; shift; hvctl "$@" --get "$path"; }	# host_get PATH VERB [k=v]...

host_stat() { host_get "$2" stats nic="$1"; }	# host_stat NIC FIELD
# hits NAME: how often the faults of that name acted. It is asked over and over: read here, not by jq.
hits() {
	local line name='' sum=0
	while read -r line; do
		case $line in
		'"name": '*) name=$line ;;
		'"hits": '*) [[ $name != *"\"$1\""* ]] || { line=${line#*: }; sum=$((sum + ${line%,})); } ;;
		esac
	done < <(host_do fault.list)
	echo $sum
}
# queue_stats NIC FIELD: what the host counted on each channel, as "12 0 7".
queue_stats() {
	local answer all=''
	answer=$(host_get queues stats nic="$1") || return
	while [[ $answer =~ \"$2\":([0-9]+) ]]; do
		all+=" ${BASH_REMATCH[1]}"
		answer=${answer#*"${BASH_REMATCH[0]}"}
	done
	echo "${all# }"
}
# host_figures NAME... -- VERB [KEY=VALUE]...: those of the answer, as "12 0 7"; in it, not in a part of it. To start a jq
# takes a guest several times as long as the question.
host_figures() {
	local -a figures=()
	local -A found=()
	local line
	while [ "$1" != -- ]; do figures+=("$1"); shift; done
	shift
	while IFS= read -r line; do
		[[ ! $line =~ ^" \""([a-z_]+)"\": "([^ ,]+),?$ ]] || found[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
	done < <(host_do "$@")
	for line in "${!figures[@]}"; do figures[line]=${found[${figures[line]}]-null}; done
	echo "${figures[*]}"
}
# busy BEFORE AFTER [MINIMUM]: how many of the figures grew by at least MINIMUM.
busy() {
	local -a figs_was figs_now
	read -ra figs_was <<<"$1"
	read -ra figs_now <<<"$2"
	local i n=0
	for i in "${!figs_now[@]}"; do [ $((figs_now[i] - ${figs_was[i]:-0})) -lt "${3:-1}" ] || n=$((n + 1)); done
	echo $n
}

# ---- NICs and namespaces ---------------------------------------------------

PEER4=192.168.77.1
PEER6=fd77::1
A4=10.9.0.1 A6=fd09::1
B4=10.9.0.2 B6=fd09::2

in_a() { ip netns exec a "$@"; }
in_b() { ip netns exec b "$@"; }

# These are asked over and over: a process for each look would slow down what is waited for.
nics() { local n; for n in /sys/bus/vmbus/drivers/hv_netvsc/*-*/net/*; do [ ! -e "$n" ] || echo "${n##*/}"; done; }
nics_are() {
	local n=0 d
	for d in /sys/bus/vmbus/drivers/hv_netvsc/*-*/net/*; do [ ! -e "$d" ] || n=$((n + 1)); done
	[ "$n" -eq "$1" ]
}
nic_count() { nics | wc -l; }
carrier_is() { local c; { read -r c <"/sys/class/net/$1/carrier"; } 2>/dev/null || c=; [ "$c" = "$2" ]; }
mac_of() { cat "/sys/class/net/$1/address"; }
# e2e_table PROGRAM CELLS: runs these cells of a generated table. Its points are the script's.
e2e_table() {
	local line
	while IFS= read -r line; do
		case $line in
		"    1.."*) KTAP_N=${line#*..} ;;
		"    not ok "*) KTAP_BAD=$((KTAP_BAD + 1)) ;;
		esac
		[[ $line == "    1.."* ]] || echo "$line"
	done < <(python3 "$1" run "$2" 2>&1 || echo "    # ends with $?")
	at_least "the table was run to its end, points" "$KTAP_N" 1
}
# e2e_rebind ID FROM OVERRIDE: the device leaves the driver FROM for the one that OVERRIDE names, or, if empty, for ours.
e2e_rebind() {
	echo "$1" >"/sys/bus/vmbus/drivers/$2/unbind" &&
		echo "$3" >"/sys/bus/vmbus/devices/$1/driver_override" &&
		echo "$1" >"/sys/bus/vmbus/drivers/${3:-hv_netvsc}/bind"
}
nic_with_mac() {
	local d mac
	for d in /sys/bus/vmbus/drivers/hv_netvsc/*-*/net/*; do
		{ read -r mac <"$d/address"; } 2>/dev/null && [ "$mac" = "$1" ] && echo "${d##*/}" && return 0
	done
	return 1
}

# add_nic [KEY=VALUE]...: a NIC more; its number at the host is in NIC, its name in DEV.
ADDED=()
add_nic() {
	local mac
	offer_nic "$@" || return 1
	mac=$OFFERED_MAC
	within 20 nic_with_mac "$mac" || return 1
	DEV=$(nic_with_mac "$mac")
}
# offer_nic [KEY=VALUE]...: the same without waiting for the interface; its address in OFFERED_MAC.
offer_nic() {
	printf -v OFFERED_MAC '00:15:5d:e2:%02x:%02x' $((RANDOM % 256)) $((RANDOM % 256))
	NIC=$(host_get nic nic.add mac="$OFFERED_MAC" "$@") || return 1
	ADDED+=("$NIC") LAST_NIC=$NIC
}
# faulty_nic FAULT [KEY=VALUE]... [-- KEY=VALUE...]: a NIC whose fault is armed before it is offered
# (numbers are given one after the other); behind -- the keys of the NIC. The caller waits for it.
faulty_nic() {
	local -a fault=("$1") keys=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do fault+=("$1"); shift; done
	[ $# -gt 0 ] && shift && keys=("$@")
	if [ -z "${LAST_NIC-}" ]; then
		offer_nic && within 20 nics_are $((${NICS:-2} + 1)) &&
			nic_leave "$NIC" && unset 'ADDED[-1]' || return 1
		within 20 nics_are "${NICS:-2}"
	fi
	host_do fault.set nic=$((LAST_NIC + 1)) name="${fault[0]}" "${fault[@]:1}" >/dev/null && offer_nic "${keys[@]}"
}
# nic_leave NIC: hot removal, where the way of it is not what is tested. The stock driver waits for
# ever, with the RTNL, for the completion of a transmit that crosses the rescind (R70,
# netvsc-wire.md 4.7): there the interface goes down first.
nic_leave() {
	local dev
	[ "$DRIVER" = ours ] || ! dev=$(nic_with_mac "$(host_stat "$1" mac)") || e2e_limit 20 ip link set "$dev" down
	host_do nic.remove nic="$1" >/dev/null 2>&1
}
remove_nics() {
	local nic
	for nic in "${ADDED[@]}"; do nic_leave "$nic"; done
	ADDED=()
	within 40 nics_are "${NICS:-2}"
}

# setup_ns DEV NS IPV4 IPV6: DEV moved into a new namespace, up, addressed.
setup_ns() {
	ip netns add "$2" || return 1
	ip -n "$2" link set lo up
	ip link set "$1" netns "$2" &&
		ip -n "$2" link set "$1" up &&
		ip -n "$2" addr add "$3/24" dev "$1" &&
		ip -n "$2" addr add "$4/64" dev "$1" nodad
}
# pair: eth0 in namespace a, eth1 in namespace b, across the host's switch.
pair() {
	setup_ns eth0 a $A4 $A6 && setup_ns eth1 b $B4 $B6 &&
		within 10 in_a ping -c 1 -W 1 $B4
}
# unpair: interfaces come home; physical devices of a deleted namespace return.
unpair() {
	local n
	for n in a b; do
		[ -e /run/netns/$n ] || continue
		local d
		for d in $(ip -n $n -o link show | sed -n 's/^[0-9]*: \(eth[0-9]*\)[:@].*/\1/p'); do
			ip -n $n link set "$d" down
			ip -n $n link set "$d" netns 1
		done
		ip netns del $n
	done
	return 0
}
# to_peer DEV NUMBER: DEV up in this namespace with an address of the peer's network.
to_peer() {
	ip link set "$1" up && ip addr add "192.168.77.$2/24" dev "$1" &&
		ip addr add "fd77::$2/64" dev "$1" nodad &&
		within 10 ping -c 1 -W 1 -I "$1" $PEER4
}
from_peer() { ip addr flush dev "$1" 2>/dev/null; ip link set "$1" down 2>/dev/null; return 0; }

# ---- traffic ---------------------------------------------------------------

# What is started again and again is compiled once in a boot: to compile costs a guest as much as the rest of a start.
E2E_PY=/run/e2e-python
e2e_compile() {
	[ ! -d $E2E_PY ] || return 0
	mkdir -p $E2E_PY.new && python3 -c '
import os, py_compile, sys
for name in sys.argv[3:]:
    py_compile.compile(os.path.join(sys.argv[1], name + ".py"), os.path.join(sys.argv[2], name + ".pyc"), doraise=True)
' "$1" $E2E_PY.new traffic frames xdp xsk && mv -T $E2E_PY.new $E2E_PY
}
e2e_compile "$(dirname "${BASH_SOURCE[0]}")"
TRAFFIC=$E2E_PY/traffic.pyc
FRAMES=$E2E_PY/frames.pyc
export SLOW
# serve PREFIX...: echo server under PREFIX (e.g. in_b); its pid is in SERVER.
serve() {
	"$@" python3 "$TRAFFIC" serve >/dev/null 2>&1 &
	SERVER=$!
	within 40 "$@" sh -c 'ss -Hltn "sport = 7777" | grep -q .'
}
unserve() { [ -z "${SERVER-}" ] || { pkill -P "$SERVER"; kill "$SERVER"; wait "$SERVER"; SERVER=; } 2>/dev/null; return 0; }
server_answers() { timeout $((30 * SLOW)) python3 "$TRAFFIC" tcp $PEER4 1; }
# The peer is another machine, perhaps with another Python.
start_peer_server() { PEER_SERVER=$(hvctl peer bg=1 --get pid -- python3 -c "$(cat "$(dirname "${BASH_SOURCE[0]}")/traffic.py")" serve); }
serve_peer() {
	start_peer_server || return 1
	within 60 server_answers
}
# start_stream ADDRESS [PREFIX...]: a datagram each STREAM_MS (2) there and back. end_stream: SENT, LOST, GAP (ms, the longest).
start_stream() {
	: >/tmp/stream
	"${@:2}" python3 "$TRAFFIC" stream "$1" 600 "${STREAM_MS:-2}" >/tmp/stream &
	STREAM=$!
	within 60 grep -q ready /tmp/stream
}
end_stream() {
	kill "$STREAM"; wait "$STREAM"
	STREAM=
	read -r _ SENT _ LOST _ GAP < <(tail -n 1 /tmp/stream)
}
unserve_peer() { [ -z "${PEER_SERVER-}" ] || hvctl peer.kill pid="$PEER_SERVER" >/dev/null 2>&1; PEER_SERVER=; return 0; }

# sniff DEV SECONDS COUNT [PREFIX...]: listens at DEV for numbered frames of the generator; trains: for what its gen.tcp
# sends. Behind it the socket hears all that comes. sniffed, trained: wait for the end; what came, counted.
sniff() { start_sniffer sniff "$@"; }
trains() { start_sniffer trains "$@"; }
start_sniffer() {
	: >/tmp/sniff	# an old "ready" is none
	"${@:5}" python3 "$FRAMES" "$1" "$2" $(($3 * SLOW)) "$4" >/tmp/sniff &
	SNIFFER=$!
	within 60 grep -q ready /tmp/sniff && return
	kill "$SNIFFER"
	printf '%s\n' "not ready" "nobody listened" >/tmp/sniff
	return 1
}
# ended PID: waits for its end; in $(...) it is no child, and "wait" would not.
ended() { while kill -0 "$1" 2>/dev/null; do nap 0.1; done; }
sniffer_lines() { ended "$SNIFFER"; sed 1d /tmp/sniff | sort | uniq -c; }
sniffed() { sniffer_lines | sed 's/^ *//' | paste -sd,; }
trained() { sniffer_lines | awk '{ printf "%s%s", sep, $1 " x " $2 " " $3 " " $4; sep = ", " }'; }

cleanup() { [ -z "${STREAM-}" ] || kill "$STREAM" 2>/dev/null; unserve; unserve_peer; unpair; declare -F my_cleanup >/dev/null && my_cleanup; [ ${#ADDED[@]} = 0 ] || remove_nics; return 0; }
trap cleanup EXIT
