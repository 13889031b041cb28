#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that does not answer what hv_vmbus asks for us (opening a channel, sharing memory,
# taking it back) or answers when nobody waits any more: whoever holds RTNL comes back in
# bounded time, the other interfaces go on, what can work works, nothing is lost for good
# (R4, R70).
#
#   eth0 and a NIC in trouble --- switch --- peer
#
# runs: 6.12:ours
# whole: 6.1:ours
# takes: 170 s

. "$(dirname "$0")/lib.sh"
n=$(nic_count)
my_cleanup() { host_do fault.clear >/dev/null; }

if [ "$DRIVER" = stock ]; then
	skip "silent bus" "stock waits for ever and holds RTNL: R4, R70"
	finish
fi

acted() { [ "$(hits "$1")" -ge 1 ]; }
answers() { e2e_limit 40 ip -br link show eth0 >/dev/null; }
gone() { check "$1: it leaves" remove_nics; host_do fault.clear >/dev/null; }
unloads() { e2e_limit 30 rmmod hv_netvsc; }
# A bus call that is out holds the module.
waits_in_bus() { local n; read -r n </sys/module/hv_netvsc/refcnt && [ "$n" -gt 0 ]; }

# The probe: rings, the channel, the receive buffer.
for what in "gpadl" "open" "gpadl after=1"; do
	# shellcheck disable=SC2086 # words
	check "$what: a NIC" faulty_nic vmbus.no_answer count=1 what=$what
	check "$what: the host kept silent" within 20 acted vmbus.no_answer
	check "$what: tools answer" answers
	check "$what: eth0 carries packets" to_peer eth0 10
	from_peer eth0
	equal "$what: no interface of it" "$(nic_count)" "$n"
	gone "$what"
done
check "nothing waits for a host that is gone" within 20 not waits_in_bus

# A sub-channel.
check "sub-channel: a NIC" faulty_nic vmbus.no_answer count=1 what=subopen -- queues=8
check "sub-channel: there is an interface" within 30 nic_with_mac "$OFFERED_MAC"
DEV=$(nic_with_mac "$OFFERED_MAC")
check "sub-channel: the host kept silent" within 20 acted vmbus.no_answer
check "sub-channel: tools answer" answers
check "sub-channel: carries packets" to_peer "$DEV" 45
equal "sub-channel: one queue" "$(ls -d "/sys/class/net/$DEV/queues/rx-"* | wc -l)" 1
check "sub-channel: rmmod is refused meanwhile" in_turn waits_in_bus , not rmmod hv_netvsc
from_peer "$DEV"
gone "sub-channel"

# Late: the opening takes five seconds, and the NIC has all its queues.
check "slow: a NIC" faulty_nic vmbus.delay count=1 ms=5000 what=subopen -- queues=8
check "slow: there is an interface" within 30 nic_with_mac "$OFFERED_MAC"
DEV=$(nic_with_mac "$OFFERED_MAC")
check "slow: carries packets" to_peer "$DEV" 45
check "slow: all queues" within 20 test -e "/sys/class/net/$DEV/queues/rx-1"
from_peer "$DEV"
gone "slow"

# Taking memory back, with the NIC in use: its new set-up fails, the answer comes later.
check "teardown: a NIC" add_nic
check "teardown: carries packets" to_peer "$DEV" 45
host_do fault.set nic="$NIC" name=vmbus.delay ms=30000 count=1 what=teardown >/dev/null
ethtool -G "$DEV" rx 900 2>/tmp/ethtool.err &
check "teardown: the host kept silent" within 20 acted vmbus.delay
check "teardown: tools answer" answers
wait $!
note "ethtool: $? $(cat /tmp/ethtool.err)"
check "teardown: eth0 carries packets" to_peer eth0 10
from_peer eth0
check "teardown: the answer is taken in the end" within 40 not waits_in_bus
from_peer "$DEV"
gone "teardown"

check "the module can be unloaded" unloads
check "and loaded" in_turn modprobe hv_netvsc , within 20 nics_are $n
check "and it carries packets" to_peer eth0 10
from_peer eth0
finish
