#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# AF_XDP: receive, transmit and forward in driver mode (one copy) and in copy mode,
# beside ordinary traffic; what cannot be is refused or falls back to copy mode, and
# a reconfiguration keeps the socket (features.md 1.3, 1.6).
#
#   generator, sink --- switch --- ethN (socket on queue 0)
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 85 s

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/xdp-lib.sh"
XSK=$E2E_PY/xsk.pyc
my_cleanup() {
	[ -z "${USER_PID-}" ] || kill "$USER_PID" 2>/dev/null
	ip link set dev "$DEV" xdpdrv off 2>/dev/null
	rm -f /sys/fs/bpf/*
}
# user VERB COUNT SECONDS MODE [busy]: a socket's user in the background; its words are in /tmp/xsk.
user() {
	: >/tmp/xsk
	python3 "$XSK" "$1" "$DEV" 0 "$2" $(($3 * SLOW)) "${@:4}" >/tmp/xsk 2>&1 &
	USER_PID=$!
	within 60 grep -q "ready $4" /tmp/xsk
}
used() { ended "$USER_PID"; tail -n 1 /tmp/xsk; }
lro() { ethtool -k "$DEV" | sed -n 's/^large-receive-offload: //p' | cut -d' ' -f1; }

check "a NIC" add_nic rsc=on queues=2
check "it reaches the peer" to_peer "$DEV" 50
ethtool -K "$DEV" lro off
modes=copy
[ "$DRIVER" = stock ] || modes="driver copy"
for mode in $modes; do
	check "$mode: a socket that receives" user rx 30 25 "$mode"
	inject count=30 size=60-1514/50 queue=0
	check "$mode: others have their traffic beside it" ping -c 2 -i 0.3 -W 2 $PEER4
	equal "$mode: receives all" "$(used)" "done 30"
	equal "$mode: as they were sent" "$(grep -c good /tmp/xsk) $(grep -c bad /tmp/xsk)" "30 0"
	host_do gen.reset >/dev/null
	check "$mode: a socket that sends" user tx 200 25 "$mode"
	equal "$mode: the host has all of them" "$(back 200)" "200 lost 0 corrupt 0 reordered 0"
	equal "$mode: and the socket its memory" "$(used)" "done 200"
	host_do gen.reset >/dev/null
	check "$mode: a socket that sends back" user forward 100 25 "$mode"
	inject count=100 size=60-1514/50 queue=0
	equal "$mode: all came back" "$(back 100)" "100 lost 0 corrupt 0 reordered 0"
	equal "$mode: it is done" "$(used)" "done 100"
	detach "$DEV"
done
[ "$DRIVER" = stock ] && finish

# Kernels free a chunk for which there was no room, or leave it to the driver: it is used once all the same.
check "driver: a socket that does not look" user late 50 60 driver
inject count=100 size=100 queue=0
check "driver: its ring is full" within 30 grep -q "full 64" /tmp/xsk
inject count=50 size=200 queue=0
equal "driver: no frame comes into a chunk that is the user's" "$(used)" "done 114"
detach "$DEV"

# Its user looks himself, and the interrupt stays masked: what nobody looks for would lie for twenty seconds.
lazy() { echo "$1" >"/sys/class/net/$DEV/napi_defer_hard_irqs" && echo "$2" >"/sys/class/net/$DEV/gro_flush_timeout"; }
lazy 2 $((20000000000 * SLOW))
for mode in driver copy; do
	host_do gen.reset >/dev/null
	check "$mode, busy polling: a socket that sends back" user forward 60 25 "$mode" busy
	was=$(host_stat "$NIC" interrupts)
	for part in 1 2 3 4 5 6; do
		inject count=10 size=60-1514/50 queue=0
		host_do gen.expect count=$((part * 10)) timeout=$((8000 * SLOW)) >/dev/null
	done
	equal "$mode, busy polling: all came back" "$(back 60)" "60 lost 0 corrupt 0 reordered 0"
	check "$mode, busy polling: with hardly an interrupt" [ $(($(host_stat "$NIC" interrupts) - was)) -le 4 ]
	equal "$mode, busy polling: it is done" "$(used)" "done 60"
	detach "$DEV"
done

# A busy poll ends with a last look, and the kernel has a timer for what comes later. If that went off during a look that took all
# it may, nobody comes any more: so one that left nothing must not say so. Here each of two looks sends its 64 frames, the
# interrupt is masked, and the timer always too early.
GO=/tmp/go
received() { cat "/sys/class/net/$DEV/statistics/rx_packets"; }
rm -f "$GO"
lazy 2 $((20000000000 * SLOW))
check "the last look of a busy poll: a socket" user leave 128 40 driver busy "$GO"
inject count=1 size=100 queue=0
nap 1
lazy 2 1000
: >"$GO"
equal "the last look of a busy poll: it is done" "$(used)" "done 128"
was=$(received)
inject count=5 size=100 queue=0 ethertype=0x88b6
check "the last look of a busy poll: the stack still has its frames" within 5 gives_at_least $((was + 5)) received
lazy 0 0
detach "$DEV"

host_do gen.reset >/dev/null
check "a new attachment under a socket" user forward 60 40 driver
inject count=30 size=100 queue=0
equal "30 before it" "$(host_do gen.expect count=30 timeout=$((8000 * SLOW)) --get received)" 30
ip link set "$DEV" mtu 2000
within 15 carrier_is "$DEV" 1
inject count=30 size=1900 queue=0
equal "30 behind it" "$(host_do gen.expect count=60 timeout=$((8000 * SLOW)) --get received)" 60
ip link set "$DEV" mtu 9000 2>/dev/null
equal "no MTU beyond a chunk" "$(cat "/sys/class/net/$DEV/mtu")" 2000
ethtool -K "$DEV" lro on >/dev/null 2>&1
equal "no LRO under it" "$(lro)" off
equal "it is done" "$(used)" "done 60"
ip link set "$DEV" mtu 1500
within 15 carrier_is "$DEV" 1

host_do nic.link nic="$NIC" state=down >/dev/null
check "without a link" within 15 carrier_is "$DEV" 0
host_do gen.reset >/dev/null
check "a socket that sends all the same, and waits" user leave 40 40 driver
check "its frames are in the ring" within 10 grep -q "left 40" /tmp/xsk
host_do nic.link nic="$NIC" state=up >/dev/null
equal "they go out with the link, nobody wakes the kernel" "$(host_do gen.expect count=40 timeout=$((20000 * SLOW)) --get received)" 40
equal "and the socket has its memory" "$(used)" "done 40"
check "gone with its user" detach "$DEV"
lro_is() { [ "$(lro)" = "$1" ]; }
# It was wanted while the socket was there; the kernel lets a socket's memory go a little later.
check "then comes the LRO that was wanted" within 10 lro_is on
python3 "$XSK" rx "$DEV" 0 1 1 driver >/tmp/xsk 2>&1
check "driver mode with LRO: refused" grep -q "Operation not supported" /tmp/xsk
detach "$DEV" 2>/dev/null
check "the peer still" ping -c 2 -i 0.3 -W 2 $PEER4
becomes "every transaction was completed" 0 host_stat "$NIC" outstanding_to_guest
finish
