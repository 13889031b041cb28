#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Asks the kernel at hand what it has: each file of probe/ is one question, and the
# answer is yes if it compiles with the kernel's own flags. Distributions change
# interfaces within a version and wrap members in macros: the compiler knows, and
# neither the version nor a look at the headers' text does.
#
# usage: probe.sh FOLDER COMPILER FLAG...    in the folder that kbuild compiles in
# Answers are kept in FOLDER/.probe-answers, one "question yes" or "question no" a
# line, until the kernel's release, its configuration, its symbols, the compiler or a question
# is another. On stdout: "answered", and a flag -DNETVSC_COMPAT_NO_QUESTION for each no.
# Nothing, if nothing can be compiled or a question was not answered: why is in
# FOLDER/.probe-log.
export LC_ALL=C
set -u
probes=$(dirname "$0")/probe
folder=$1
shift
kept=$folder/.probe-answers
log=$folder/.probe-log

# What the answers depend on. The tree is the one that the flags name.
made_of()
{
	"$1" --version
	echo "$*"
	cat "$0" "$probes"/*.c
	for word in "$@"; do
		case $word in
		*/generated/autoconf.h | */linux/kconfig.h) cat "${word%/include/*}/include/generated/autoconf.h" ;;
		-I*/include)
			cat "${word#-I}/generated/autoconf.h" "${word#-I}/generated/utsrelease.h" \
				"${word#-I}/../Module.symvers"
			;;
		esac
	done 2>/dev/null
}

# Each as a job of its own, as many at a time as there are processors. It is a "no" only if
# the compiler finds an error in the question's own lines: one that was stopped, or stopped at
# something else, has not answered. What it warns of in the kernel's headers is no error.
ask()
{
	for file in "$probes"/*.c; do echo "$file"; done |
		xargs -P "$(nproc 2>/dev/null || echo 2)" -I @question@ sh -c '
			file=$1
			shift
			name=$(basename "$file" .c)
			answer=lost
			if said=$("$@" -Wno-unused -Werror=implicit-function-declaration \
				-Werror=incompatible-pointer-types -fsyntax-only "$file" 2>&1 </dev/null); then
				answer=yes
			elif printf "%s\n" "$said" | grep -F "$file:" | grep -v "internal compiler error" |
				grep -q "error: "; then
				answer=no
			fi
			echo "$name $answer"
			[ "$answer" = yes ] || printf "%s: %s\n" "$name" "$said" >&2
			' sh @question@ "$@" 2>"$log" | sort
}

key=$(made_of "$@" | cksum)
if [ "$(sed -n 's/^# //p' "$kept" 2>/dev/null)" != "$key" ]; then
	answers=$(ask "$@")
	case $answers in
	*" lost"*) exit 1 ;;
	*"always yes"*) ;;
	*) exit 1 ;;
	esac
	printf '# %s\n%s\n' "$key" "$answers" >"$kept.$$" && mv "$kept.$$" "$kept"
fi
sed -n '1s/.*/answered/p; s/^\([a-z0-9_]*\) no$/\1/p' "$kept" |
	sed '2,$y/abcdefghijklmnopqrstuvwxyz/ABCDEFGHIJKLMNOPQRSTUVWXYZ/; 2,$s/^/-DNETVSC_COMPAT_NO_/'
