# SPDX-License-Identifier: GPL-2.0
#
# Jobs of a shell that runs for hours: sourced by what starts something in the background.
#
# Numbers of processes come round. When the shell's own next child gets the number of a
# job that has ended, bash forgets that job ("wait: pid N is not a child of this shell"),
# and "kill -0 N" speaks of a stranger. So nobody waits for a number here: each job has a
# keeper, who does nothing but wait for it and tells its end through a pipe that is the
# job's alone. A keeper who is gone without a word leaves the pipe's end: JOB_LOST.
# Waiting does not fork.
#
#	job_start NAME COMMAND...	in a process group of its own, without standard input
#	job_over NAME [SECONDS]		is it over? waits so long; then JOB_STATUS[NAME]
#	job_wait NAME			waits; its status
#	job_slot MOST [LEAST]		waits until fewer than MOST run and, unless fewer than LEAST do,
#					the processors have time to spare
#	job_stop [NAME...]		ends the groups of those (default: all) that run
# shellcheck shell=bash

declare -A JOB_PIPE=() JOB_GROUP=() JOB_STATUS=() JOB_PART=()
JOB_LOST=125

# What the job itself must not have: the pipes of others, the numbers of others.
job_body()	# STDOUT COMMAND...
{
	local out=$1 fd
	shift
	for fd in "${JOB_PIPE[@]}"; do exec {fd}<&-; done
	JOB_PIPE=() JOB_GROUP=() JOB_STATUS=() JOB_PART=()
	exec >&"$out" {out}>&-
	trap - HUP INT TERM
	declare -F "$1" >/dev/null || exec "$@"
	"$@"
}

# Between the job's start and the wait this shell has no other child. What ends the
# runner's group is not for the keeper: while the job runs, the runner can still end it.
job_keeper()	# STDOUT COMMAND...
{
	trap '' HUP INT TERM
	set -m
	(job_body "$@") </dev/null &
	set +m
	echo $!
	wait $!
	echo $?
}

job_start()
{
	local name=$1 out pipe group=
	shift
	[ -z "${JOB_PIPE[$name]-}" ] || { echo "jobs: $name runs already" >&2; return 1; }
	exec {out}>&1 {pipe}< <(job_keeper "$out" "$@")
	exec {out}>&-
	read -r group <&"$pipe"
	unset "JOB_STATUS[$name]"
	JOB_PIPE[$name]=$pipe JOB_GROUP[$name]=$group
}

# Time may run out between a status and the end of its line: what was read is kept.
job_over()
{
	local name=$1 pipe=${JOB_PIPE[$1]-} status
	if [ -n "$pipe" ]; then
		read -r -t "${2:-0.01}" status <&"$pipe"
		case $? in
		0) status=${JOB_PART[$name]-}$status ;;
		1) status=$JOB_LOST ;;
		*) JOB_PART[$name]=${JOB_PART[$name]-}$status; return 1 ;;
		esac
		exec {pipe}<&-
		unset "JOB_PIPE[$name]" "JOB_GROUP[$name]" "JOB_PART[$name]"
		JOB_STATUS[$name]=$status
	fi
	[ -n "${JOB_STATUS[$name]-}" ] || JOB_STATUS[$name]=$JOB_LOST
}

job_wait()
{
	until job_over "$1" 1; do :; done
	return "${JOB_STATUS[$1]}"
}

# job_running: in JOB_RUNNING, how many do; takes a moment for each.
job_running()
{
	local name
	JOB_RUNNING=0
	for name in "${!JOB_PIPE[@]}"; do
		job_over "$name" 0.2 || JOB_RUNNING=$((JOB_RUNNING + 1))
	done
}

# job_ticks: since the machine's start, in JOB_ALL those of all processors, in JOB_SPARE those that
# were idle. What gives way to others (nice) does not give way to more than one or two.
job_ticks()
{
	local user nice system idle wait rest
	read -r _ user nice system idle wait rest </proc/stat
	JOB_SPARE=$((idle + wait))
	JOB_ALL=$((JOB_SPARE + nice + user + system))
}

# A job that has just begun is busy with beginning: what counts is five seconds seen from here.
job_slot()
{
	local most=$1 least=${2:-$1} since=$SECONDS all spare
	job_ticks
	all=$JOB_ALL spare=$JOB_SPARE
	while job_running; [ "$JOB_RUNNING" -ge "$most" ] || [ "$JOB_RUNNING" -ge "$least" ]; do
		[ $((SECONDS - since)) -ge 5 ] || continue
		job_ticks
		[ "$JOB_RUNNING" -lt "$most" ] &&
			[ $(((JOB_SPARE - spare) * 4)) -ge $((JOB_ALL - all)) ] && return
		since=$SECONDS all=$JOB_ALL spare=$JOB_SPARE
	done
	return 0
}

job_stop()
{
	local name
	[ $# -gt 0 ] || set -- "${!JOB_PIPE[@]}"
	for name; do
		job_over "$name" || [ -z "${JOB_GROUP[$name]}" ] || kill -- -"${JOB_GROUP[$name]}" 2>/dev/null
	done
	return 0
}
