#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the host can see: in all that the driver shares with it there are frames and protocol, and nothing else of the guest's
# memory (R18, SECURITY.md). That memory is full of a pattern, in use and given back, while the driver takes and returns
# what it shares; the host looks for it each time, and in what it is told to send. In a confidential VM
# (--host isolation=vbs) it looks at each page that is shown to it, else at rings and buffers.
#
#   canary.ko (slab, pages, socket buffers) . eth0 --- switch --- peer, sink
#
# whole: 6.12:ours 6.1:ours
# takes: 120 s

. "$(dirname "$0")/lib.sh"
MEMORY=/sys/module/canary/parameters/memory
# As in canary.c.
PATTERN=c511a7f39e026bd84de9338c71be05fa962fd147e07a1cb45883ee29cd60973a
my_cleanup() {
	host_do nic.watch nic=0 >/dev/null
	[ ! -e $MEMORY ] || rmmod canary
	[ -e /sys/module/hv_netvsc ] || modprobe hv_netvsc
	within 40 nics_are 2
}
memory() { local word; for word in "$@"; do echo "$word" >$MEMORY || return; done; }
shared() { host_get "$1" scan pattern=$PATTERN; }
everywhere() { host_get found scan pattern=$PATTERN all=1; }
# unseen NAME: what is free is full of the pattern once more; what is shared has it not.
unseen() {
	memory sown || note "memory could not be filled"
	equal "$1: nothing of it is seen" "$(shared found)" 0 || note "$(shared places | jq -c .)"
}
# frames_with HEX COUNT SIZE...: of each size so many to the sink; behind the header HEX, over and over.
frames_with() {
	python3 - eth0 "$@" <<-'EOF'
		import socket, sys
		dev, word, count, sizes = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
		with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
		    s.bind((dev, 0))
		    mac = s.getsockname()[4]
		    for size in (int(n) for n in sizes):
		        for _ in range(count):
		            s.send((bytes.fromhex("02687667656e") + mac + b"\x88\xb5" + word * (1 + size // len(word)))[:size])
	EOF
}
sent() { gives_at_least "$1" host_stat 0 frames_from_guest; }
late_frames() { host_get frames gen.frames | jq -r '.[]'; }

if ! insmod /run/job/canary.ko; then
	skip "what the host can see" "tests/e2e/run --only 6.12:ours 65-canary brings the module"
	finish
fi
modprobe -r hv_netvsc
check "memory is full of the pattern" memory planted halved sown
at_least "control: it is in memory" "$(everywhere)" 10000
check "the driver comes" modprobe hv_netvsc
check "with its NICs" within 40 nics_are 2
note "the host sees $(shared pages) pages"
unseen "loaded"
check "eth0 carries packets" to_peer eth0 10
unseen "up"
check "an echo server at the peer" serve_peer
check "bytes there and back" e2e_limit 60 python3 "$TRAFFIC" tcp $PEER4 300000
unseen "after traffic"
start_stream $PEER4
unseen "in traffic"
ethtool -X eth0 equal 1
ip link set eth0 promisc on
unseen "in traffic, other table and filter"
ip link set eth0 promisc off
ethtool -X eth0 default
for step in "-G eth0 rx 512" "-G eth0 rx 1024 tx 300" "-L eth0 combined 1" "-L eth0 combined 2"; do
	memory sown
	# shellcheck disable=SC2086 # words
	check "ethtool $step" e2e_limit 40 ethtool $step
	unseen "in traffic, after $step"
done
for mtu in 9000 1500; do
	memory sown
	check "MTU $mtu" e2e_limit 40 ip link set eth0 mtu $mtu
	unseen "in traffic, after MTU $mtu"
done
end_stream

# What the host is told to send.
host_do nic.watch nic=0 hex=$PATTERN >/dev/null
frames=$(host_stat 0 frames_from_guest)
check "control: frames of the pattern" frames_with $PATTERN 20 1400
check "control: they are sent" within 20 sent $((frames + 20))
at_least "control: the host is told to send it" "$(host_stat 0 watched)" 1
check "control: and shorter ones" frames_with $PATTERN 20 200
at_least "control: the host finds them in what is shared" "$(shared found)" 1
watched=$(host_stat 0 watched) frames=$(host_stat 0 frames_from_guest)
host_do gen.reset >/dev/null
memory sown
check "short frames" frames_with 55 10 15 16 17 23 31 42 59 60 61 63 64 65 99 101
check "short frames are sent" within 20 sent $((frames + 140))
equal "no request has more than its frames" "$(host_stat 0 watched)" "$watched"
equal "nor what arrives" "$(late_frames | grep -ci "${PATTERN:0:16}")" 0
at_least "of what arrived" "$(late_frames | wc -l)" 30
from_peer eth0

check "the driver goes" modprobe -r hv_netvsc
memory planted halved
unseen "unloaded"
check "the driver comes again" modprobe hv_netvsc
check "with its NICs again" within 40 nics_are 2
unseen "loaded again"
check "the memory is cleared" memory gone
check "eth0 carries packets" to_peer eth0 10
from_peer eth0
finish
