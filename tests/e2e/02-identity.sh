#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What user space expects of the driver's names (users.md, part b): treated as ABI.
#
# runs: 6.12:ours debug:ours 6.1:ours 7.x:ours 6.12:stock 6.1:stock
# takes: 10 s, debug 40 s

. "$(dirname "$0")/lib.sh"

equal "driver behind the interface" "$(basename "$(readlink /sys/class/net/eth0/device/driver)")" hv_netvsc
info=$(ethtool -i eth0)
field() { sed -n "s/^$1: *//p" <<<"$info"; }
equal "ethtool -i driver" "$(field driver)" hv_netvsc
equal "ethtool -i version is the kernel's" "$(field version)" "$(uname -r)"
equal "ethtool -i firmware-version" "$(field firmware-version)" N/A
# The field holds 31 characters of the GUID's 36.
guid=$(basename "$(readlink -f /sys/class/net/eth0/device)")
equal "ethtool -i bus-info is the device" "$(field bus-info)" "${guid:0:31}"
equal "ethtool -i statistics" "$(field supports-statistics)" yes
equal "ethtool -i register dump" "$(field supports-register-dump)" yes
equal "ethtool -i private flags" "$(field supports-priv-flags)" no

# Which driver runs (Documentation/install.md): the in-tree one has no version, and comes with its kernel.
here=/sys/module/hv_netvsc
if [ "$DRIVER" = ours ]; then
	check "version in sysfs: it is ours" grep -qE '^[0-9]+\.[0-9]+\.[0-9]+$' $here/version
	check "tainted as from out of tree" grep -q O $here/taint
else
	check "no version in sysfs: it is the in-tree one" test ! -e $here/version
	equal "not tainted" "$(cat $here/taint)" ""
fi

equal "MAC of eth0 is the host's" "$(mac_of eth0)" "$(host_get mac stats nic=0)"
equal "MAC of eth1 is the host's" "$(mac_of eth1)" "$(host_get mac stats nic=1)"
equal "permanent MAC too" "$(ethtool -P eth0)" "Permanent address: $(host_get mac stats nic=0)"

# 16 MB of now 31 MB for receiving, 1 MB of 15 MB for sending, in the host's pieces (users.md 11).
ring_counts() { ethtool -g "$1" | awk '/^RX:|^TX:/ { printf "%s ", $2 }'; }
equal "ethtool -g: max and now, pieces of 1806 bytes" "$(ring_counts eth0)" "17998 2560 9289 170 "
mac=00:15:5d:02:17:28
NIC=$(host_get nic nic.add mac=$mac suballoc=1728)
check "a NIC of a host with pieces of 1728 bytes" within 20 nic_with_mac $mac
equal "ethtool -g: max and now, pieces of 1728 bytes" "$(ring_counts "$(nic_with_mac $mac)")" "18811 2560 9709 170 "
nic_leave "$NIC"
within 20 nics_are 2
channels=$(ethtool -l eth0 | awk '/^Combined:/ { printf "%s ", $2 }')
at_least "ethtool -l: combined maximum" "${channels%% *}" 1
check "ethtool -l: no separate RX or TX" not prints '^(RX|TX):[[:space:]]*[1-9]' ethtool -l eth0

names=$(ethtool -S eth0 | sed -n 's/^ *\([a-z0-9_]*\):.*/\1/p')
wanted="tx_scattered tx_no_memory tx_no_space tx_too_big tx_busy tx_send_full rx_comp_busy rx_no_memory stop_queue wake_queue vlan_error"
equal "ethtool -S: the global counters come first, in order" "$(head -n 11 <<<"$names" | xargs)" "$wanted"
equal "ethtool -S: then the VF's" "$(sed -n 12,16p <<<"$names" | xargs)" \
	"vf_rx_packets vf_rx_bytes vf_tx_packets vf_tx_bytes vf_tx_dropped"
equal "ethtool -S: then the queue's" "$(grep -E '^[rt]x_queue_0_' <<<"$names" | sort | xargs)" \
	"rx_queue_0_bytes rx_queue_0_packets rx_queue_0_xdp_drop rx_queue_0_xdp_redirect rx_queue_0_xdp_tx tx_queue_0_bytes tx_queue_0_packets tx_queue_0_xdp_xmit"
equal "ethtool -S: then each CPU's" "$(grep -E '^cpu0_' <<<"$names" | sort | xargs)" \
	"cpu0_rx_bytes cpu0_rx_packets cpu0_tx_bytes cpu0_tx_packets cpu0_vf_rx_bytes cpu0_vf_rx_packets cpu0_vf_tx_bytes cpu0_vf_tx_packets"

check "message level can be set by number" ethtool -s eth0 msglvl 0x7
check "message level reads back" prints 0x00000007 ethtool eth0
ethtool -s eth0 msglvl 0x36 2>/dev/null
check "register dump" ethtool -d eth0
check "software time stamps" prints '[Ss]oftware' ethtool -T eth0
equal "ring_size parameter" "$(cat /sys/module/hv_netvsc/parameters/ring_size)" 128
check "bind and unbind are there" test -e /sys/bus/vmbus/drivers/hv_netvsc/unbind
check "no predictable-name attributes" not prints . cat /sys/class/net/eth0/phys_port_name
alarms() { dmesg | grep -E 'hv_netvsc|eth[01]' | grep -v 'module verification' | grep -wiE 'fail|failed|error|warning'; }
check "boot log of the driver has no alarming words" not alarms
finish
