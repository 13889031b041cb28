# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# DOC: apt without touching the machine's package state.
#
# Sourced by tests/kernels/fetch, tests/kernels/foreign and tests/guest/build-image.
# Everything is read from the machine's own apt sources.  The package lists are the
# machine's when it has some; when it has none, or a listed package is no longer on
# the mirror, a private copy of the lists is fetched into the cache, which needs no
# root.  A newer Debian's lists are fetched from the same mirror.

cache=${HVNETVSC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hv_netvsc}

APT_OPTS=(-q -o APT::Sandbox::User=root -o "Dir::Cache=$cache/apt/cache"
	-o Acquire::Retries=2 -o APT::Install-Recommends=false)

say() { echo "${0##*/}: $*" >&2; }
die() { say "$*"; exit 1; }

# Directory of the machine's (or our own) lists.
apt_begin()
{
	mkdir -p "$cache/apt/cache/archives/partial" ||
		die "cannot write the cache $cache: set HVNETVSC_CACHE to a writable directory"
	if [ -e "$cache/apt/lists/ok" ]; then
		apt_use_private
	elif ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
		apt_refresh || return 1
	fi
}

apt_use_private()
{
	APT_OPTS+=(-o "Dir::State::lists=$cache/apt/lists")
}

# Fetch our own copy of the lists; 1 when the mirror cannot be reached.
apt_refresh()
{
	[ -z "${apt_unreachable-}" ] || return 1
	mkdir -p "$cache/apt/lists/partial"
	rm -f "$cache/apt/lists/ok"
	say "fetching fresh package lists"
	if ! apt-get "${APT_OPTS[@]}" -o "Dir::State::lists=$cache/apt/lists" \
		-o APT::Update::Error-Mode=any update \
		>"$cache/apt/update.log" 2>&1 &&
	   ! compgen -G "$cache/apt/lists/*bookworm-security*_Packages*" >/dev/null; then
		say "the package lists cannot be fetched: is there a network? ($(tail -n 1 "$cache/apt/update.log"))"
		apt_unreachable=1
		return 1
	fi
	touch "$cache/apt/lists/ok"
	apt_use_private
}

# ---- a newer Debian, for kernels that this one does not have ----

NEWER=trixie
newer=$cache/foreign/apt
# shellcheck disable=SC2034 # for those who source this
APT_NEWER=(-q -o APT::Sandbox::User=root -o Acquire::Retries=2 -o APT::Install-Recommends=false
	-o Acquire::Languages=none -o APT::Architectures::=amd64 -o APT::Architectures::=arm64
	-o "Dir::Etc::sourcelist=$newer/sources.list" -o Dir::Etc::sourceparts=-
	-o "Dir::State::lists=$newer/lists" -o "Dir::Cache=$newer/cache" -o Dir::State::status=/dev/null)

# Where the machine has Debian 12 from, the newer one is as well.
newer_mirror()
{
	grep -rhsE '^(deb|URIs:) .*debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d/ |
		grep -oE '[a-z+]+://[^ ]*debian/?' | grep -v security | head -n 1 || true
}

# Its package lists, asked for once a day; 1 when there are none to be had.
newer_lists()
{
	local from
	[ -z "${newer_listed-}" ] || return 0
	newer_listed=1
	[ -z "$(find "$newer/ok" -mmin -1440 2>/dev/null)" ] || return 0
	from=$(newer_mirror)
	[ -n "$from" ] || { say "no Debian mirror among apt's sources"; return 1; }
	mkdir -p "$newer/lists/partial" "$newer/cache/archives/partial"
	printf "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $from %s main\n" \
		"$NEWER" "$NEWER-backports" >"$newer/sources.list"
	say "fetching package lists of $NEWER"
	apt-get "${APT_NEWER[@]}" update >"$newer/log" 2>&1 || { say "they cannot be fetched: $(tail -n 1 "$newer/log")"; return 1; }
	touch "$newer/ok"
}

# candidate PACKAGE: version apt would install, nothing when there is none.
candidate()
{
	apt-cache "${APT_OPTS[@]}" policy "$1" 2>/dev/null |
		awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

# sha of this script and its inputs, the "how" part of a stamp
recipe_hash() { cat "$@" | sha256sum | cut -c1-16; }
