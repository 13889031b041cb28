# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Points of a group of tests/install, in the Debian to install into and in the guest.

export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
points=0 wrong=0
log=/tmp/log

# point NAME COMMAND...: good when the command is; its output is in $log
point()
{
	local name=$1
	shift
	points=$((points + 1))
	if "$@" >$log 2>&1; then
		echo "    ok $points - $name"
	else
		wrong=$((wrong + 1))
		echo "    not ok $points - $name"
		tail -n 12 $log | sed 's/^/    # /'
	fi
}

# refused SENTENCE COMMAND...: the command fails and says that
refused()
{
	local sentence=$1
	shift
	! "$@" >$log.2 2>&1 || { cat $log.2; return 1; }
	says "$sentence"
}

# says SENTENCE [COMMAND...]: the command is well and says that (without one: the last one did)
says()
{
	local sentence=$1 status=0
	shift
	[ $# = 0 ] || { "$@" >$log.2 2>&1; status=$?; }
	cat $log.2
	[ $status = 0 ] || return 1
	grep -qE -- "${sentence//+/\\+}" $log.2 && return 0
	echo "did not say: $sentence"
	return 1
}

is() { [ "$1" = "$2" ] && return 0; echo "is '$1', wanted '$2'"; return 1; }
not() { ! "$@"; }
finish() { echo "    1..$points"; [ "$wrong" = 0 ]; exit; }
