# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the scripts about VFs stand on, beside lib.sh: the VF of NIC 0 at the host, the one that has joined eth0, a
# watcher that sees whether RTNL is held for long, uevents as they come.

modprobe -qa pci-hyperv virtio_pci virtio_net
modprobe -q ixgbevf
# The interface may be in another namespace: everything about it is asked by way of sysfs of the caller.
vf_of() { local l; for l in "/sys/class/net/$1"/lower_*; do [ -e "$l" ] && echo "${l##*/lower_}" && return 0; done; return 1; }
has_vf() { vf_of "$1" >/dev/null; }
has_no_vf() { ! vf_of "$1" >/dev/null; }
vfstat() { host_get "$1" vf nic=0; }		# vfstat FIELD
path_is() { [ "$(vfstat path)" = "$1" ] && [ "$(vfstat switching)" = false ]; }
# A long answer would keep a CPU busy with the serial port, just when the guest has news to act on.
plug() { host_get ms vf.plug nic=0 "$@" >/dev/null; }
pull() { host_get ms vf.pull nic=0 "$@" >/dev/null; }
in_use() { has_vf eth0 && path_is vf; }
reachable() { ping -c 1 -W $((2 * SLOW)) $PEER4; }
counter() { ethtool -S "$1" | sed -n "s/^ *$2: //p"; }	# counter DEV NAME
flags_of() { cat "/sys/class/net/$1/flags"; }
# What is logged, and what a uevent tells, may come a moment after the effect.
in_log() { dmesg | grep -qE "$1"; }
logged() { within 5 in_log "$1"; }
# The VF leaves, and the guest has seen it: a new one that comes at once is not taken for the old one.
leaves() { pull "$@" && within 20 has_no_vf eth0; }
arrives() { plug "$@" && within 20 in_use; }

# The PCI function of an interface.
fn_of() { readlink -f "/sys/class/net/$1/device" | grep -oE '[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]' | tail -n 1; }

# by_vf, not_by_vf: three pings, all by the VF or none. The host's word that it has switched may be earlier
# than the guest's next frame, so both are asked again for a few seconds.
pings_by_vf() {
	local was now
	was=$(counter eth0 vf_tx_packets)
	ping -c 3 -i 0.2 -W $((2 * SLOW)) $PEER4 || return 1
	now=$(counter eth0 vf_tx_packets)
	[ $((now - was)) -ge "$1" ] && [ $((now - was)) -le "$2" ]
}
by_vf() { within 5 pings_by_vf 3 1000; }
not_by_vf() { within 5 pings_by_vf 0 0; }

# watch_rtnl / rtnl_ms: the longest that "ip link" took since, in ms. Who repeats by hand (ROUNDS) on a quiet
# machine holds it against a second; otherwise a slow moment of the machine has room.
if [ -n "${ROUNDS-}" ]; then RTNL_MS=1000; else RTNL_MS=$((5000 * SLOW)); fi
# rtnl_limit OWN: what may be waited for where the VF's driver needs OWN ms to stop and start; on the debug kernel its probe
# and a migration take four times as long (8.3 s, own 1.9 s).
rtnl_limit() { echo $(($1 * SLOW + RTNL_MS)); }
watch_rtnl() {
	echo 0 >/tmp/rtnl.max
	(max=0; while :; do
		t=${EPOCHREALTIME/./}; ip link >/dev/null; t=$((${EPOCHREALTIME/./} - t))
		[ $t -le $max ] || { max=$t; echo $((max / 1000)) >/tmp/rtnl.max; }
		nap 0.3
	done) &
	WATCHER=$!
}
unwatch_rtnl() { [ -z "${WATCHER-}" ] || { kill "$WATCHER"; wait "$WATCHER"; } 2>/dev/null; WATCHER=; return 0; }
rtnl_ms() { cat /tmp/rtnl.max; }

# stream_during COMMAND...: a stream to the peer meanwhile; what became of it: see end_stream.
stream_during() {
	start_stream $PEER4
	nap 0.5
	"$@"
	nap 0.3
	end_stream
	note "$*: $(tail -n 1 /tmp/stream)"
}

# uevents FILE: each uevent of an interface, with the flags that the interface has when it is heard of. FILE may be
# emptied meanwhile.
uevents() {
	: >"$1"
	python3 -u -c '
import socket
s = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15)
s.bind((0, 1))
print("ready", flush=True)
while True:
    e = dict(x.split("=", 1) for x in s.recv(8192).decode("latin1").split("\0") if "=" in x)
    if e.get("SUBSYSTEM") == "net":
        try:
            flags = open("/sys/class/net/" + e["INTERFACE"] + "/flags").read().strip()
        except OSError:
            flags = "-"
        print(e["ACTION"], e["INTERFACE"], flags, flush=True)' >>"$1" &
	UEVENTS=$!
	within 30 grep -q ready "$1"
}
heard() { within 20 grep -qE "$1" /tmp/uevents; }
no_uevents() { kill $UEVENTS; wait $UEVENTS 2>/dev/null; }
