# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What 51 and 56 stand on, beside lib.sh: frames that eth0 sends by the VF, the way they took, and what can hold,
# see or change them there, in groups.

. "$(dirname "${BASH_SOURCE[0]}")/vf.sh"
HOOKS=$(dirname "${BASH_SOURCE[0]}")/hooks.py
T=/sys/kernel/tracing
# Frames in a burst, and as many datagrams. BRIEF=1: what stands behind at_length is left out.
N=${N:-20}
[ -e $T/events ] || mount -t tracefs tracefs $T
[ -d /tmp/prio ] || mkdir /tmp/prio
clear_hooks() {
	drop_jobs
	nft delete table netdev egress51 2>/dev/null
	ip link del dummy51 2>/dev/null
	{ ip xfrm state flush; ip xfrm policy flush; } 2>/dev/null
	pull how=surprise 2>/dev/null
	from_peer eth0
	umount /tmp/prio 2>/dev/null
	return 0
}
drop_jobs() {
	local p
	for p in ${TAP-} ${TCX-} ${BURSTS-}; do kill "$p" 2>/dev/null; wait "$p" 2>/dev/null; done
	TAP='' TCX='' BURSTS=''
}

# ---- frames, and the way they took

# see_layer: how many frames of each length the device layer queued for the VF, in SEEN. layer FROM TO: of these lengths.
# The file is made anew whenever a line is read, so what is shorter than any frame of a test (a stream's datagrams) is left out.
see_layer() {
	local -a line
	SEEN=()
	while read -ra line; do
		[ "${line[1]-}" != len: ] || SEEN[line[2]]=${line[5]}
	done <$T/events/net/net_dev_queue/hist
}
layer() {
	local bytes sum=0
	see_layer
	for bytes in "${!SEEN[@]}"; do
		[ "$bytes" -lt "$1" ] || [ "$bytes" -gt "$2" ] || sum=$((sum + SEEN[bytes]))
	done
	echo $sum
}
SHORTEST=1360
watch_layer() { vf=$(vf_of eth0) && layer_trigger ""; }
unwatch_layer() { layer_trigger "!"; }
layer_trigger() { echo "$1hist:keys=len if name == \"$vf\" && len >= $SHORTEST" >$T/events/net/net_dev_queue/trigger; }

# burst [WORDS]: N frames to the sink and N datagrams to the peer, through eth0. ARRIVED: frames at the sink, those out
# of order, twice, broken. BY_LAYER: frames and datagrams that took the long way. STAMPS.
burst() {
	local raw udp
	host_do gen.reset >/dev/null
	see_layer
	raw=${SEEN[1400]:-0} udp=${SEEN[1450]:-0}
	echo "$*" >&"${BURST[1]}"
	read -r -t $((20 * SLOW)) _ STAMPS <&"${BURST[0]}" || { note "no frames were sent"; return 1; }
	arrivals
	see_layer
	BY_LAYER="$((${SEEN[1400]:-0} - raw)) $((${SEEN[1450]:-0} - udp))"
}
# Read here, not by jq: it is asked over and over.
arrivals() {
	local -A got=()
	local line
	while read -r line; do
		line=${line//[\" ,]/}
		got[${line%%:*}]=${line#*:}
	done < <(host_do gen.expect count=$N timeout=$((PATIENCE * SLOW)))
	ARRIVED="${got[received]-} ${got[reordered]-} ${got[duplicates]-} ${got[corrupt]-}"
}
ALL="$N 0 0 0" NONE="0 0 0 0"
# Milliseconds that the sink is given; few where nothing is to come.
PATIENCE=5000
# Without the short way each frame takes the other.
short() { if [ "$DIRECT" = 1 ]; then echo "0 0"; else echo "$N $N"; fi; }
by_short_way() {
	check "$1: a burst" burst "${@:2}"
	equal "$1: it arrives in order" "$ARRIVED" "$ALL"
	equal "$1: by the short way, if there is one" "$BY_LAYER" "$(short)"
}
at_length() { [ -n "${BRIEF-}" ] || "$@"; }
grew_by() { [ $(($("$1") - $2)) -eq "$3" ]; }

# hook NAME COUNTER FATE ADD...: ADD puts it there while frames go by; COUNTER is what it saw, "-" if it does not tell;
# FATE of the burst: all arrives; it is held behind the tracepoint, or dropped in front of it. "gone" takes it away, and is
# made by the caller.
hook() {
	local name=$1 counter=$2 wanted=$ALL layer="$N $N" before=0
	[ "$3" = all ] || wanted=$NONE
	[ "$3" != dropped ] || layer="0 0"
	shift 3
	check "$name: comes in traffic" "$@" || { gone >/dev/null 2>&1; return 1; }
	[ "$counter" = - ] || before=$("$counter")
	[ "$wanted" = "$ALL" ] || PATIENCE=300
	check "$name: a burst" burst
	PATIENCE=5000
	[ "$counter" = - ] || check "$name: it saw each frame" within 5 grew_by "$counter" "$before" $((2 * N)) ||
		note "$(($("$counter") - before)) of $((2 * N))"
	equal "$name: what becomes of them" "$ARRIVED" "$wanted"
	equal "$name: frames that the device layer queued" "$BY_LAYER" "$layer"
	check "$name: goes" gone
	at_length by_short_way "$name is gone"
}

# ---- the hooks

# What tc counted of a classifier's action, or a qdisc.
tc_packets() { sed -n 's/^[[:space:]]*Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p' | head -n 1; }
filter_seen() { tc -s filter show dev "$vf" egress | tc_packets; }
qdisc_seen() { tc -s qdisc show dev "$vf" root | tc_packets; }
dummy_seen() { cat /sys/class/net/dummy51/statistics/tx_packets; }
nft_seen() { nft list table netdev egress51 | sed -n 's/.*counter packets \([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'; }
tap_seen() { tail -n 1 /tmp/tap; }
# Classic BPF: frames of our two lengths.
OURS='5,128 0 0 0,21 1 0 1400,21 0 1 1450,6 0 0 4294967295,6 0 0 0'

clsact() { tc qdisc add dev "$vf" clsact && tc filter add dev "$vf" egress protocol all prio 1 bpf bytecode "$OURS" "$@"; }
no_clsact() { tc qdisc del dev "$vf" clsact; }
nft_counts() {
	nft -f - <<-NFT
	table netdev egress51 {
		chain out {
			type filter hook egress device "$vf" priority 0;
			${1-} meta length { 1400, 1450 } counter
		}
	}
	NFT
}
no_nft() { nft delete table netdev egress51; }
start_tap() { python3 "$HOOKS" tap "$vf" "$@" >/tmp/tap & TAP=$!; within 60 grep -q . /tmp/tap; }
stop_tap() { kill $TAP; wait $TAP 2>/dev/null; TAP=''; return 0; }
start_tcx() { python3 "$HOOKS" tcx "$vf" >/tmp/tcx 2>&1 & TCX=$!; within 60 grep -q attached /tmp/tcx || { cat /tmp/tcx; return 1; }; }
stop_tcx() { kill $TCX; wait $TCX; TCX=''; return 0; }
has_tcx() { local v; IFS=.- read -r -a v < <(uname -r); [ "${v[0]}" -gt 6 ] || [ "${v[1]}" -ge 6 ]; }
root_qdisc() { tc qdisc replace dev "$vf" root handle 51: "$@"; }
no_root_qdisc() { tc qdisc del dev "$vf" root; }

# Each of these comes for itself; at length with a stream of datagrams going by.
# What dummy51 sends by itself would be counted, too.
add_dummy() { ip link add dummy51 type dummy && sysctl -qw net.ipv6.conf.dummy51.disable_ipv6=1 && ip link set dummy51 up; }
clsact_group() {
	modprobe -qa sch_ingress cls_bpf act_mirred act_gact dummy || { skip "clsact" "this kernel is built without it"; return; }
	gone() { no_clsact; }
	at_length clsact_that_copies
	hook "clsact that passes" filter_seen all clsact action pass
	hook "clsact that drops" filter_seen dropped clsact action drop
}
clsact_that_copies() {
	check "a dummy to send copies to" add_dummy
	hook "clsact that copies" dummy_seen all clsact action mirred egress mirror dev dummy51
	ip link del dummy51
}
tcx_group() {
	has_tcx || { skip "tcx" "this kernel is older than 6.6"; return; }
	gone() { stop_tcx; }
	hook "tcx that drops" - dropped start_tcx
}
netfilter_group() {
	modprobe -q nf_tables || { skip "netfilter" "this kernel is built without nf_tables"; return; }
	gone() { no_nft; }
	hook "netfilter" nft_seen all nft_counts
}
taps_group() {
	gone() { stop_tap; }
	hook "a tap at the VF" tap_seen all start_tap
	hook "a tap at all interfaces" tap_seen all start_tap any
}
qdiscs_group() {
	gone() { no_root_qdisc; }
	hook "a qdisc with a size table" - all root_qdisc stab linklayer ethernet overhead 24 pfifo limit 1000
	modprobe -q sch_tbf || { skip "a qdisc with a rate" "no sch_tbf"; return; }
	hook "a qdisc with a rate" - all root_qdisc tbf rate 400mbit burst 64k limit 4m
}

# What waits in a qdisc leaves it in order, and nothing overtakes it.
held_group() {
	modprobe -q sch_plug || { skip "a qdisc that holds" "no sch_plug"; return; }
	gone() { tc qdisc change dev "$vf" root plug release_indefinite && arrivals && [ "$ARRIVED" = "$ALL" ] && no_root_qdisc; }
	hook "a qdisc that holds" - held root_qdisc plug limit 4000000
}

counted_group() {
	local before
	check "a pfifo at the VF" root_qdisc pfifo limit 1000
	before=$(qdisc_seen)
	by_short_way "pfifo"
	at_least "pfifo: it counted each frame" $(($(qdisc_seen) - before)) $((2 * N))
	no_root_qdisc
}

# What the VF is not to do is done by the device layer.
cannot_group() {
	check "a VF that adds up nothing" ethtool -K "$vf" tx off
	check "a burst" burst
	equal "datagrams without sums: the device layer adds up" "$BY_LAYER" "$([ "$DIRECT" = 1 ] && echo 0 || echo $N) $N"
	at_length check "sums are right at the peer" e2e_limit 40 python3 "$TRAFFIC" udp $PEER4 4 1400
	check "it does again" ethtool -K "$vf" tx on tso on
	at_length by_short_way "sums by the VF"
	at_length cuts_nothing
}
cuts_nothing() {
	local cut
	check "a VF that cuts nothing" ethtool -K "$vf" tso off
	cut=$(layer 1515 70000)
	check "TCP goes by it" e2e_limit 60 python3 "$TRAFFIC" tcp $PEER4 300000
	at_least "the device layer cuts" $(($(layer 1515 70000) - cut)) 1
	check "it does again" ethtool -K "$vf" tso on
}

stamps_group() {
	check "stamps of the qdisc layer are asked for: a burst" burst stamp
	equal "each datagram has two: of eth0 and of the VF" "$STAMPS" $((2 * N))
	equal "they took the device layer" "$BY_LAYER" "$([ "$DIRECT" = 1 ] && echo 0 || echo $N) $N"
}

# The most frames that one of the states has seen.
xfrm_packets() { ip -s xfrm state | sed -n 's/.* \([0-9]*\)(packets).*/\1/p' | sort -n | tail -n 1; }
# The frames are encrypted by the device layer, on behalf of a device that cannot.
esp_group() {
	local end before key=0x0102030405060708090a0b0c0d0e0f1011121314
	modprobe -qa esp4 esp4_offload xfrm_user || { skip "IPsec" "the modules of ESP and xfrm_user are not there"; return; }
	check "another host behind the switch" setup_ns eth1 b 192.168.77.20 fd77::20
	for end in "10 20" "20 10"; do
		set -- "${end% *}" "${end#* }"
		set -- "192.168.77.$1" "192.168.77.$2"
		for ns in "" "-n b"; do
			# shellcheck disable=SC2086 # two words or none
			ip $ns xfrm state add src "$1" dst "$2" proto esp spi 0x51 mode transport aead 'rfc4106(gcm(aes))' $key 128
		done
	done
	ip xfrm policy add src 192.168.77.10 dst 192.168.77.20 dir out tmpl proto esp mode transport
	ip -n b xfrm policy add src 192.168.77.20 dst 192.168.77.10 dir out tmpl proto esp mode transport
	check "IPsec: it answers" within 10 ping -c 1 -W 2 192.168.77.20
	before=$(layer $SHORTEST 1399)
	check "IPsec: ten pings" ping -c 10 -i 0.1 -W $((5 * SLOW)) -s 1320 192.168.77.20
	equal "IPsec: the device layer had each" $(($(layer $SHORTEST 1399) - before)) 10
	check "IPsec: each left encrypted" gives_at_least 11 xfrm_packets
	ip xfrm state flush; ip xfrm policy flush
	unpair
}

queue_seen() { ethtool -S "$vf" | sed -n "s/^ *tx_queue_$1_packets: //p"; }
# to_queue NAME QUEUE WORDS...: a burst leaves by that queue of the VF.
to_queue() {
	local was other=$((1 - $2)) was_other
	was=$(queue_seen "$2") was_other=$(queue_seen $other)
	check "$1: a burst" burst "${@:3}"
	check "$1: leaves by queue $2" within 5 gives_at_least $((was + 2 * N)) queue_seen "$2" ||
		note "$(($(queue_seen "$2") - was)), by the other $(($(queue_seen $other) - was_other))"
	at_least "$1: and not by the other" $((N - 1)) $(($(queue_seen $other) - was_other))
}
queues_group() {
	local xps="/sys/class/net/$vf/queues/tx-" old0 old1 cpu queue
	prints . queue_seen 1 && [ -e "${xps}1/xps_cpus" ] || { skip "queues of the VF" "it has one"; return; }
	old0=$(cat "${xps}0/xps_cpus") old1=$(cat "${xps}1/xps_cpus")
	for cpu in 0 1; do
		echo 1 >"${xps}$cpu/xps_cpus"; echo 2 >"${xps}$((1 - cpu))/xps_cpus"
		to_queue "CPU 0 to queue $cpu" "$cpu" cpu=0
		equal "CPU 0 to queue $cpu: by the short way, if there is one" "$BY_LAYER" "$(short)"
		to_queue "CPU 1 to queue $((1 - cpu))" $((1 - cpu)) cpu=1
	done
	echo "$old0" >"${xps}0/xps_cpus"; echo "$old1" >"${xps}1/xps_cpus"
	modprobe -q act_skbedit || { skip "queues by a filter" "no act_skbedit"; return; }
	for queue in 1 0; do
		check "a filter chooses queue $queue" clsact action skbedit queue_mapping $queue
		to_queue "queue $queue by a filter" $queue
		no_clsact
	done
}

set_priority() { echo "$vf $1" >/tmp/prio/51/net_prio.ifpriomap; }
priorities_group() {
	mount -t cgroup -o net_prio net_prio /tmp/prio 2>/dev/null && mkdir -p /tmp/prio/51 || { skip "priorities" "no net_prio"; return; }
	echo "$BURSTS" >/tmp/prio/51/cgroup.procs
	at_length by_short_way "a group without priority"
	check "a priority for what the group sends by the VF" set_priority 5
	check "priority: a burst" burst
	equal "priority: the device layer had all" "$BY_LAYER" "$N $N"
	at_length priority_is_seen
	echo "$BURSTS" >/tmp/prio/cgroup.procs
	rmdir /tmp/prio/51
	umount /tmp/prio
	at_length without_priorities
}
priority_is_seen() {
	local before
	modprobe -q nf_tables && nft_counts "meta priority 0:5" || return 0
	before=$(nft_seen)
	check "priority: a burst past netfilter" burst
	equal "priority: each frame has it" $(($(nft_seen) - before)) $((2 * N))
	no_nft
}
# A map, once there, stays with the interface.
without_priorities() {
	unwatch_layer
	check "the VF leaves" leaves
	check "a VF arrives" arrives
	watch_layer
	by_short_way "a VF without priorities"
}

# ---- what a script does

# bring_vf: eth0 has a VF that the bursts take.
bring_vf() {
	check "eth0 reaches the peer" to_peer eth0 10
	check "VF arrives, and is used" arrives || finish
	check "the device layer is watched at the VF" watch_layer || finish
	coproc BURST { exec python3 "$HOOKS" burst eth0 $N $PEER4; }
	BURSTS=$BURST_PID
	check "sender" read -r -t $((30 * SLOW)) _ <&"${BURST[0]}"
	by_short_way "nothing at the VF"
}
# run_groups GROUP...: those that ONLY asks for.
run_groups() {
	local group
	for group in "$@"; do
		[ -n "${ONLY-}" ] && [[ ,$ONLY, != *,$group,* ]] || "${group}_group"
	done
}
# DIRECT=1: this driver has the short way.
look_for_short_way() {
	DIRECT=0
	! grep -q '\bnetvsc_vf_send_direct\b' /proc/kallsyms || DIRECT=1
	[ "$DRIVER:$DIRECT" != ours:0 ] || not_ok "this kernel's driver has the short way"
	note "the short way: $DIRECT"
}
