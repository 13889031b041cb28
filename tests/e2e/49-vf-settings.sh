#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Settings with a VF: what the user set stays when the VF goes, a refusal changes neither side, what was the VF's is
# given back after a move, queues and classes fit, a link that flaps is shown once (R53, R62, R63, R65, R68).
# ONLY=NAME[,NAME]... runs some of the groups.
#
#   eth0 = synthetic NIC + VF (a second one waits) --- switch --- peer
#
# runs: 6.12:ours
# whole: debug-7.x:ours
# takes: 165 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vf.sh"
. "$(dirname "$0")/xdp-lib.sh"
modprobe -q sch_mqprio
my_cleanup() {
	host_do fault.clear
	[ -e /run/netns/v ] && { ip -n v link set eth0 netns 1; ip netns del v; }
	ip link set eth0 xdpgeneric off
	tc qdisc del dev eth0 root
	host_do vf.pull nic=1 how=eject
	pull how=eject
	host_do nic.set nic=0 vf_kind=ixgbevf vf_rss=off vf_queues=2
	host_do nic.offload nic=0 set=full
	host_do nic.link nic=0 state=up
	ip link set eth0 mtu 1500 gso_max_size "$gso"
	ethtool -K eth0 rxhash on tso on rx-gro-hw off
	rm -f /sys/fs/bpf/*
	from_peer eth0
} >/dev/null 2>&1
feature() { ethtool -k "$1" | sed -n "s/^$2: \([a-z]*\).*/\1/p"; }
both() { echo "$(feature eth0 "$1") $(feature "$vf" "$1")"; }	# both FEATURE: of eth0, of the VF
link_of() { ip -j -d link show dev "$1" | jq -r ".[0].$2"; }	# link_of DEV FIELD
mac=$(mac_of eth0)
gso=$(link_of eth0 gso_max_size)
KIND=none
# have_vf KIND: one of that kind is in use: virtio, with four queues, a table and a control queue; ixgbevf; or none.
have_vf() {
	[ "$KIND" != "$1" ] || return 0
	[ "$KIND" = none ] || leaves how=eject || return 1
	KIND=none
	[ "$1" != none ] || return 0
	case $1 in
	virtio) host_do nic.set nic=0 vf_kind=virtio vf_rss=on vf_queues=4 ;;
	*) host_do nic.set nic=0 vf_kind=ixgbevf vf_rss=off vf_queues=2 ;;
	esac >/dev/null
	plug && within 20 in_use && KIND=$1 && vf=$(vf_of eth0)
}

programs() { [ -e /sys/fs/bpf/pass ] || program drop count drop -- pass pass; }

features() {
	check "features: a VF with a control queue" have_vf virtio || return
	host_do nic.offload nic=0 set=full+rsc >/dev/null
	check "features: the host coalesces" within 10 ethtool -K eth0 lro off
	host_do fault.set nic=0 name=rndis.refuse what=set oid=0xfc01020c count=0 >/dev/null
	ethtool -K eth0 lro on tso off >/dev/null 2>&1
	equal "features: the host refuses LRO, the rest is changed" "$(feature eth0 large-receive-offload) $(feature eth0 tcp-segmentation-offload)" "off off"
	equal "features: and at the VF" "$(feature "$vf" tcp-segmentation-offload)" off
	host_do fault.clear >/dev/null
	ethtool -K eth0 lro off tso on >/dev/null 2>&1
	host_do nic.offload nic=0 set=full >/dev/null
	# What is wanted is asked for again with that.
	check "features: the host's news are in force" within 10 prints '^large-receive-offload: off .fixed' ethtool -k eth0
	sleep 2
	equal "features: receive hash, both" "$(both receive-hashing)" "on on"
	host_do fault.set nic=0 name=vf.refuse what=mq count=1 >/dev/null
	ethtool -K eth0 rxhash off >/dev/null 2>&1
	equal "features: the VF was asked and refused" "$(hits vf.refuse)" 1
	equal "features: unchanged at both" "$(both receive-hashing)" "on on"
	host_do fault.clear >/dev/null
	# The core keeps a wish that was refused, and asks again only when it changes.
	ethtool -K eth0 rxhash on
	check "features: without the refusal" ethtool -K eth0 rxhash off
	equal "features: off at both" "$(both receive-hashing)" "off off"
	ethtool -K eth0 rxhash on
	equal "features: on at both" "$(both receive-hashing)" "on on"
}

# What the VF has not is not asked of it.
gro_hw() {
	check "rx-gro-hw: a VF that has it" have_vf virtio || return
	host_do nic.offload nic=0 set=full+rsc >/dev/null
	# What such a VF has for LRO.
	check "rx-gro-hw: LRO here" within 10 ethtool -K eth0 lro on
	equal "rx-gro-hw: there, with LRO here" "$(both rx-gro-hw)" "off on"
	ethtool -K eth0 lro off
	equal "rx-gro-hw: off there, without" "$(both rx-gro-hw)" "off off"
	host_do fault.set name=vf.refuse nic=0 what=offloads count=0 >/dev/null
	check "rx-gro-hw: a VF that refuses: is not on" not ethtool -K eth0 rx-gro-hw on
	check "rx-gro-hw: a VF that refuses: LRO all the same" ethtool -K eth0 rx-gro-hw off lro on
	check "rx-gro-hw: a VF that refuses: LRO can go off all the same" ethtool -K eth0 lro off
	check "rx-gro-hw: a VF that refuses: it is off" prints '^large-receive-offload: off' ethtool -k eth0
	host_do fault.clear nic=0 >/dev/null
	ethtool -K eth0 rx-gro-hw off
	check "rx-gro-hw: the host coalesces" within 10 ethtool -K eth0 rx-gro-hw on
	equal "rx-gro-hw: on at both" "$(both rx-gro-hw)" "on on"
	ethtool -K eth0 rx-gro-hw off lro off
	equal "rx-gro-hw: off at both" "$(both rx-gro-hw)" "off off"
	ethtool -K eth0 rx-gro-hw on
	check "rx-gro-hw: a VF that lacks it" have_vf ixgbevf || return
	equal "rx-gro-hw: on here, not there" "$(both rx-gro-hw)" "on off"
	check "rx-gro-hw: off and on beside it" in_turn ethtool -K eth0 rx-gro-hw off , ethtool -K eth0 rx-gro-hw on
	equal "rx-gro-hw: on here, still not there" "$(both rx-gro-hw)" "on off"
	check "rx-gro-hw: the VF comes back to it" have_vf virtio || return
	equal "rx-gro-hw: on at both from the start" "$(both rx-gro-hw)" "on on"
	ethtool -K eth0 rx-gro-hw off lro off
	host_do nic.offload nic=0 set=full >/dev/null
}

gso() {
	check "gso: a VF" have_vf virtio || return
	check "gso: it leaves" have_vf none
	equal "gso: as before" "$(link_of eth0 gso_max_size)" "$gso"
	check "gso: a VF" have_vf ixgbevf || return
	ip link set eth0 gso_max_size 30000
	check "gso: it leaves" have_vf none
	equal "gso: what the user set stays" "$(link_of eth0 gso_max_size)" 30000
	ip link set eth0 gso_max_size "$gso"
}

says() {
	check "program: a VF" have_vf ixgbevf || return
	check "program: programs" programs
	check "program: one at the VF itself" attach "$vf" drop
	check "program: one at eth0 is refused with a reason" said "program of its own" attach eth0 pass
	check "program: the VF's is taken away" detach "$vf"
	check "program: the VF is used" within 20 in_use
}

# What a VF gets back is what it had before it was ours, wherever it has been meanwhile.
moved() {
	check "moved: a VF" have_vf ixgbevf || return
	check "moved: an MTU of ours" ip link set eth0 mtu 1400
	equal "moved: VF has it too" "$(cat "/sys/class/net/$vf/mtu")" 1400
	ip netns add v
	check "moved: eth0 goes into a namespace" ip link set eth0 netns v
	check "moved: its VF follows" within 20 prints SLAVE ip -n v link show master eth0
	check "moved: both come back" in_turn ip netns del v , within 20 test -e /sys/class/net/eth0 , within 20 has_vf eth0
	check "moved: eth0 reaches the peer" to_peer eth0 10
	check "moved: the VF is used" within 20 in_use
	vf=$(vf_of eth0)
	ip netns add v
	check "moved: the VF alone is fetched" in_turn ip link set "$vf" netns v , within 20 in_use
	ip netns del v
	vf=$(vf_of eth0)
	equal "moved: VF has our MTU" "$(cat "/sys/class/net/$vf/mtu")" 1400
	check "moved: module unloaded" e2e_limit 30 rmmod hv_netvsc
	equal "moved: VF has its own MTU again" "$(cat "/sys/class/net/$vf/mtu")" 1500
	check "moved: module loaded" in_turn modprobe hv_netvsc , within 20 nics_are 2
	check "moved: eth0 reaches the peer" to_peer eth0 10
	check "moved: the VF is used" within 20 in_use
	vf=$(vf_of eth0)
}

warned() { dmesg | grep -c "received packet on queue"; }
# The VF may have more queues than we.
queues() {
	local was
	was=$(warned)
	echo 1 >/sys/kernel/debug/clear_warn_once
	check "queues: a VF" have_vf virtio || return
	check "queues: it has four" ethtool -L "$vf" combined 4
	check "queues: all to its last" ethtool -X "$vf" weight 0 0 0 1
	check "queues: a generic program at eth0" in_turn programs , ip -force link set dev eth0 xdpgeneric pinned /sys/fs/bpf/pass
	check "queues: by the VF" by_vf
	equal "queues: the stack was told of queues that there are" "$(warned)" "$was"
	ip link set dev eth0 xdpgeneric off
}

# class_counts: frames that passed each class's queue of eth0.
class_counts() { tc -s -j qdisc show dev eth0 | jq -r '[.[] | select(.parent) | {p: .parent, n: .packets}] | sort_by(.p) | map(.n) | join(" ")'; }
# send_as PRIORITY COUNT: a datagram from each of COUNT sockets.
send_as() {
	python3 -c '
import socket, sys
for i in range(int(sys.argv[2])):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, int(sys.argv[1]))
    s.sendto(b"x", ("'$PEER4'", 9))' "$1" "$2"
}
# classes WHERE: each priority by the queues of its class.
each_class() {
	local was now i
	for i in 0 1; do
		read -ra was <<<"$(class_counts)"
		send_as $i 30
		read -ra now <<<"$(class_counts)"
		at_least "classes: $1: priority $i by its own queue" $((now[i] - was[i])) 30
		at_least "classes: $1: priority $i not by the other" 12 $((now[1 - i] - was[1 - i]))
	done
}
classes() {
	check "classes: a VF" have_vf ixgbevf || return
	check "classes: the peer is known" reachable
	check "classes: two of one queue each" tc qdisc replace dev eth0 root mqprio num_tc 2 \
		map 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 queues 1@0 1@1 hw 0
	each_class "by the VF"
	check "classes: it leaves" have_vf none
	each_class "by the NIC"
	tc qdisc del dev eth0 root
}

changes() { cat /sys/class/net/eth0/carrier_changes; }
settled() { local was; was=$(changes); sleep 4.5; [ "$(changes)" = "$was" ]; }
# at_once "VERB [KEY=VALUE]..."...: one after the other, so many ms apart that all are over in 1.5 s. hvctl would need longer
# to ask for each than a storm is to last, so all go to its port in one run.
at_once() {
	e2e_limit 60 python3 -c '
import fcntl, json, os, sys, tty
fd = os.open("/dev/ttyS1", os.O_RDWR | os.O_NOCTTY)
fcntl.flock(fd, fcntl.LOCK_EX)
tty.setraw(fd)
verbs = sys.argv[1:]
text = ""
for i, verb in enumerate(verbs):
    cmd, *keys = verb.split()
    ask = {"id": 9000 + i, "cmd": cmd, "nic": 0, "later": 3000 + i * 1400 // len(verbs)}
    ask.update(k.split("=") for k in keys)
    text += json.dumps(ask) + "\n"
left = text.encode()
while left:
    left = left[os.write(fd, left):]
got = b""
while got.count(b"\n") < len(verbs):
    got += os.read(fd, 4096)
sys.exit(got.count(b"\"ok\":true") < len(verbs))' "$@"
}
# storm NAME "VERB [KEY=VALUE]..."...: how often the carrier changed until it is still.
storm() {
	local name=$1 was
	shift
	was=$(changes)
	check "storm: $name: the host is told" at_once "$@"
	within 20 not gives "$was" changes
	within 40 settled
	equal "storm: $name: one down and up" $(($(changes) - was)) 2
	check "storm: $name: carrier" carrier_is eth0 1
}
storms() {
	local n=nic.netchange down="nic.link state=down" up="nic.link state=up"
	check "storm: no VF" have_vf none
	sleep 2.2
	storm "network changes" $n $n $n $n $n $n $n $n $n $n
	storm "all kinds" "$down" "$up" $n "$down" "$up" $n "$down" "$up" $n "$down" "$up"
	check "storm: traffic" within 10 reachable
}

# The VF of the other NIC, with our address.
second() {
	local d
	for d in /sys/class/net/*; do
		d=${d##*/}
		[ "$d" = eth0 ] || [ "$d" = "$vf" ] || [ "$(mac_of "$d")" != "$mac" ] || { echo "$d"; return 0; }
	done
	return 1
}
is_marked() { [ $(($(flags_of "$1") & 0x800)) != 0 ]; }
seconds() {
	local other
	check "second VF: the first one" have_vf ixgbevf || return
	check "second VF: one more with its address" in_turn host_get ms vf.plug nic=1 mac=$mac , within 30 second
	other=$(second) || return
	check "second VF: is marked, and waits" is_marked "$other"
	check "second VF: the log says so" logged "eth0: VF waiting: $other"
	check "second VF: module unloaded" e2e_limit 30 rmmod hv_netvsc
	check "second VF: nobody's: no mark" not is_marked $other
	check "second VF: nor at the first" not is_marked $vf
	check "second VF: module loaded" in_turn modprobe hv_netvsc , within 20 nics_are 2
	check "second VF: one joins" within 20 has_vf eth0
	vf=$(vf_of eth0)
	[ "$(second)" = "$other" ] || note "it is the other one"
	check "second VF: the first goes" in_turn pull how=eject , within 20 test ! -e "/sys/class/net/$vf"
	check "second VF: the other one joins" within 20 gives "$other" vf_of eth0
	host_do vf.pull nic=1 how=eject >/dev/null
	check "second VF: none" within 20 has_no_vf eth0
	KIND=none
	check "eth0 reaches the peer" to_peer eth0 10
}

# lost QDISC: what a VF with that qdisc throws away when its ring is full for up to two seconds. The sender has an
# ordinary socket, that waits while what it sent is held somewhere.
lost() {
	local was sent
	tc qdisc replace dev "$vf" root "$@" || return 1
	was=$(counter eth0 vf_tx_dropped)
	sent=$(e2e_limit 60 python3 -c '
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("'$PEER4'", 7778))
end, n = time.monotonic() + 5, 0
while time.monotonic() < end:
    try:
        n += s.send(bytes(300)) > 0
    except OSError:
        pass
print(n)')
	LOST=$(($(counter eth0 vf_tx_dropped) - was))
	note "qdisc of the VF: $*: $LOST of $sent frames lost"
}
# tx_rests MS: the VF takes back what it has sent no more often than that.
tx_rests() {
	echo $(($1 ? 100000 : 0)) >"/sys/class/net/$vf/napi_defer_hard_irqs"
	echo $(($1 * 1000000)) >"/sys/class/net/$vf/gro_flush_timeout"
}
qdisc() {
	check "qdisc: a VF" have_vf ixgbevf || return
	check "qdisc: a short ring" ethtool -G "$vf" tx 64
	check "qdisc: the VF is used" within 20 in_use
	tx_rests 2000
	lost fq_codel
	equal "qdisc: fq_codel at the VF loses nothing" "$LOST" 0
	lost pfifo_fast
	equal "qdisc: pfifo_fast at the VF loses nothing" "$LOST" 0
	lost noqueue
	tx_rests 0
	tc qdisc del dev "$vf" root
	check "qdisc: traffic by the VF" by_vf
}

check "eth0 reaches the peer" to_peer eth0 10
for group in features gro_hw queues gso says moved qdisc classes storms seconds; do
	[ -z "${ONLY-}" ] || [[ ,$ONLY, == *,$group,* ]] || continue
	start=$SECONDS
	"$group"
	note "$group: $((SECONDS - start)) s"
done
finish
