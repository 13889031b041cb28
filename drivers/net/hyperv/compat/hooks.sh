#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What can hold, see or change a frame on its way out of a device, as the kernel's
# headers tell it. The short way to the VF (vf_direct.c) does what the device layer
# does for a frame that none of this is for; hooks.list has the kernels for which the
# two were compared. Documentation/design/vf.md, "The short way", has the reasons.
#
# usage: hooks.sh check INCLUDE VERSION   says "same", or in one line what is not as in hooks.list
#        hooks.sh sums INCLUDE VERSION    prints the lines of hooks.list for these headers
#        hooks.sh show INCLUDE PART       prints what a sum is made of
# INCLUDE is the folder with linux/ and net/, VERSION is 6.12 or the like.
export LC_ALL=C
set -u
list=$(dirname "$0")/hooks.list

# Members of a device, of its queues, of a qdisc; of a frame and what is kept beside it;
# of a CPU's state. Names that tell of egress anywhere, or of transmit in the core;
# switches that are patched into the code; marks of frames and qdiscs; what the short
# way does like the core, to the letter.
parts="net_device netdev_queue Qdisc sk_buff skb_shared_info softnet_data
egress xmit keys flags qdisc_run_begin qdisc_run_end qdisc_is_running
nolock_qdisc_is_empty netdev_start_xmit HARD_TX_LOCK"

# plain FILE: without comments and preprocessor lines but #define, one blank between words
plain()
{
	awk '
	{
		line = in_comment ? "/*" $0 : $0
		in_comment = 0
		while ((start = index(line, "/*"))) {
			rest = substr(line, start + 2)
			end = index(rest, "*/")
			if (!end) {
				line = substr(line, 1, start - 1)
				in_comment = 1
				break
			}
			line = substr(line, 1, start - 1) " " substr(rest, end + 2)
		}
		sub(/\/\/.*/, "", line)
		gsub(/[ \t]+/, " ", line)
		gsub(/^ | $/, "", line)
		if (line != "" && (line !~ /^#/ || line ~ /^# ?define/))
			print line
	}' "$1" 2>/dev/null
}

# block FILE START: from the line that matches START to its last brace
block()
{
	plain "$1" | awk -v start="$2" '
	!on && $0 ~ start && !/;$/ { on = 1 }
	on {
		print
		depth += gsub(/{/, "{") - gsub(/}/, "}")
		if (/}/ && depth <= 0)
			exit
	}'
}

words() { grep -RhowE "$@" 2>/dev/null | sort -u; }

show()
{
	core="$1/linux/netdevice.h $1/linux/skbuff.h $1/linux/rtnetlink.h $1/net/sch_generic.h"
	core="$core $1/net/pkt_sched.h $1/net/pkt_cls.h $1/net/sock.h $1/net/xfrm.h"
	# shellcheck disable=SC2086 # a list of files
	case $2 in
	net_device | netdev_queue | softnet_data) block "$1/linux/netdevice.h" "^struct $2 ?[{]" ;;
	sk_buff | skb_shared_info) block "$1/linux/skbuff.h" "^struct $2 ?[{]" ;;
	Qdisc) block "$1/net/sch_generic.h" "^struct $2 ?[{]" ;;
	egress) words '[A-Za-z0-9_]*egress[A-Za-z0-9_]*' "$1"/linux/*.h "$1/net" ;;
	xmit) words '[A-Za-z0-9_]*xmit[A-Za-z0-9_]*' $core ;;
	keys) words 'DECLARE_STATIC_KEY[A-Z_]*\([a-z0-9_]*' "$1/net" $core ;;
	flags) words '(SKBTX|SKB_EXT|TCQ_F|__QDISC_STATE)_[A-Z0-9_]*' $core ;;
	HARD_TX_LOCK) plain "$1/linux/netdevice.h" | grep -A 9 'define HARD_TX_LOCK' ;;
	netdev_start_xmit) block "$1/linux/netdevice.h" "^static inline netdev_tx_t _*$2\\(" ;;
	*) block "$1/net/sch_generic.h" "^static inline (bool|void) $2\\(" ;;
	esac
}

sums()
{
	for part in $parts; do
		echo "$2 $part $(show "$1" "$part" | cksum | tr ' ' -)"
	done
}

check()
{
	if ! grep -q "^$2 " "$list"; then
		echo "egress hooks of kernel $2 were not compared with vf_direct.c"
		return
	fi
	differ=
	for part in $parts; do
		grep -qxF "$2 $part $(show "$1" "$part" | cksum | tr ' ' -)" "$list" || differ="$differ $part"
	done
	echo "${differ:+egress hooks of this kernel $2 are not those compared:}${differ:-same}"
}

case $#:${1-} in
3:check | 3:sums | 3:show) "$@" ;;
*) sed -n '9,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
