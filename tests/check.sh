#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# check.sh [script ...]: all tests, or these, several at a time, and how many
# of them passed.  JOBS in the environment is how many at a time, TIME_LIMIT
# how many seconds a script may take.

# Paths below it stand in configurations and scripts.
case ${TMPDIR:-/tmp} in
*[!A-Za-z0-9_./+,:=~-]*)
	echo "check: TMPDIR=$TMPDIR: use letters, digits and _./+,:=~- alone" >&2
	exit 1
	;;
esac

# Long ones first.  What packages and rc.d scripts do is the same with sanitizers.
PACKAGING='tests/packaging/run.sh tests/packaging/words.sh tests/system/rc/run.sh'
! grep -q fsanitize config.mk || PACKAGING=
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $PACKAGING tests/system/faults/run.sh \
    tests/system/network/run.sh tests/system/faults/memory.sh \
    tests/system/service/run.sh tests/system/network/names.sh \
    tests/system/network/sources.sh tests/protocols/flowsets/run.sh \
    tests/system/table/joined.sh tests/system/table/reloads.sh \
    tests/system/table/restart.sh \
    tests/system/faults/load.sh tests/system/random/run.sh \
    tests/model/connections.sh tests/protocols/judges/run.sh \
    tests/system/sandbox/engine.sh \
    tests/system/table/faults.sh tests/system/table/kills.sh \
    tests/system/table/run.sh tests/system/table/gone.sh \
    tests/system/faults/wide.sh tests/system/faults/limits.sh \
    tests/protocols/collectors/run.sh tests/system/live/run.sh \
    tests/protocols/prometheus/run.sh tests/system/service/monitor.sh \
    tests/system/service/tested.sh tests/system/live/joined.sh \
    tests/system/table/conditions.sh \
    tests/system/table/states.sh tests/system/table/settings.sh \
    tests/system/sandbox/trace.sh tests/system/sandbox/dumper.sh \
    tests/system/service/children.sh \
    tests/system/service/answers.sh tests/system/service/starts.sh \
    tests/system/service/reopens.sh tests/system/service/sources.sh \
    tests/fuzz/run.sh tests/unit/run.sh tests/system/cli/run.sh \
    tests/golden/ctl/run.sh tests/check/run.sh tests/golden/pcap/run.sh \
    tests/golden/captures/run.sh tests/golden/states/run.sh \
    tests/golden/recordings/run.sh tests/model/run.sh \
    tests/golden/config/run.sh \
    tests/system/table/recording.sh tests/system/sandbox/run.sh tests/layers.sh

# Most of them wait most of the time.
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
JOBS=${JOBS:-$((cores + 2))}
TIME_LIMIT=${TIME_LIMIT:-600}

# Of the script N: N.out is what it said, N.results has a line for each case,
# N.tmp are its temporary files, N.status is its exit status and its seconds.
WORK=$(mktemp -d "${TMPDIR:-/tmp}/pflowd-check.XXXXXX") || exit 1
chmod 755 "$WORK"
mkfifo "$WORK/ended" || exit 1
workers=
trap 'rm -rf "$WORK"' EXIT
trap '[ -z "$workers" ] || kill $workers; wait; exit 1' HUP INT TERM

limit=
! command -v timeout >/dev/null || limit="timeout -k 10 $TIME_LIMIT"

# run N SCRIPT
run() {
	mkdir "$WORK/$1.tmp"
	: >"$WORK/$1.results"
	began=$(date +%s)
	RESULTS=$WORK/$1.results TMPDIR=$WORK/$1.tmp \
	    $limit sh "$2" >"$WORK/$1.out" 2>&1 </dev/null 3>&- &
	script=$!
	wait $script
	status=$?
	script=
	echo $status $(($(date +%s) - began)) >"$WORK/$1.status"
	rm -rf "$WORK/$1.tmp"
	echo "$1" >&3
}

# worker SCRIPT ...: runs each that no other does.
worker() {
	script=
	trap '[ -z "$script" ] || kill $script; wait; exit 1' HUP INT TERM
	n=0
	for file; do
		n=$((n + 1))
		! mkdir "$WORK/$n" 2>/dev/null || run $n "$file"
	done
}

fail() {
	echo "FAIL  $1" | tee -a "$WORK/$n.out"
	echo fail >>"$WORK/$n.results"
}

# ended SCRIPT STATUS SECONDS: of the script $n.
ended() {
	echo "== $1 ($3 s)"
	cat "$WORK/$n.out"
	case $2 in
	0)
		# One that counts no cases of its own is a case.
		[ -s "$WORK/$n.results" ] || {
			echo "ok    $1"
			echo ok >"$WORK/$n.results"
		}
		;;
	124|137)
		last=$(grep -a . "$WORK/$n.out" | tail -n 1)
		fail "$1: did not end within $TIME_LIMIT s, after \"$last\""
		;;
	*)
		fail "$1: exit status $2"
		;;
	esac
}

n=0
while [ $n -lt "$JOBS" ]; do
	worker "$@" 3>"$WORK/ended" &
	workers="$workers $!"
	n=$((n + 1))
done
shown=0
while [ $shown -lt $# ] && read -r n; do
	shown=$((shown + 1))
	eval "file=\${$n}"
	read -r status seconds <"$WORK/$n.status"
	ended "$file" "$status" "$seconds"
done <"$WORK/ended"
# One that came too late to run anything still waits for a reader.
# shellcheck disable=SC2086
kill $workers 2>/dev/null
wait
workers=

count() {
	cat "$WORK"/*.results | grep -c "^$1\$"
}
if [ "$(count fail)" != 0 ]; then
	echo
	n=0
	for file; do
		n=$((n + 1))
		grep -a '^FAIL' "$WORK/$n.out" | sed "s|^|$file: |"
	done
fi
echo "$(count ok) passed, $(count fail) failed, $(count skip) skipped"
[ "$(count fail)" = 0 ] && [ "$(count ok)" -gt 0 ] &&
    [ $shown = $# ]
