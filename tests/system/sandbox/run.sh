#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What a process can do in its sandbox, and what it cannot: each attempt is a
# process of its own, for most end it.

. tests/lib.sh

sandbox=$("$PFLOWD" -V | sed -n 's/^sandbox: //p')
is 'the sandbox is the one that pflowd has' "$sandbox" "$("$TOOLS/breakout")"

# tries PROCESS ATTEMPT: succeeds, refused, killed or the exit status.
tries() {
	(
		# One that is killed leaves a core where that is the custom.
		cd "$DIR" || exit 1
		# shellcheck disable=SC3045
		ulimit -c 0 2>/dev/null
		"$BREAKOUT" "$1" "$2" >out 2>&1
		exit $?
	) 2>/dev/null
	status=$?
	case $status in
	0) outcome=succeeds ;;
	3) outcome=refused ;;
	134) outcome=aborted ;;
	*) outcome=killed ;;
	esac
	[ $status = 3 ] || [ $status = 0 ] || [ $status -gt 128 ] ||
	    outcome="exit status $status: $(cat "$DIR/out")"
}

# Whatever the way, it must not be done.
cannot() {
	process=$1
	shift
	for attempt; do
		tries "$process" "$attempt"
		case $outcome in
		refused|killed|aborted) ok "$process: no $attempt ($outcome)" ;;
		*) failed "$process: no $attempt" "$outcome" ;;
		esac
	done
}

can() {
	process=$1
	shift
	for attempt; do
		tries "$process" "$attempt"
		is "$process: $attempt" succeeds "$outcome"
	done
}

case $TOOLS in
/*) BREAKOUT=$TOOLS/breakout ;;
*) BREAKOUT=$PWD/$TOOLS/breakout ;;
esac

if [ "$sandbox" = none ]; then
	skip 'what a process can do' 'this build has no sandbox'
	exit 0
fi

# Nothing but the sandbox is in the way.
can free open create unlink create socket connect bind fork exec ptrace kill \
    setuid mmap-exec mprotect-exec memory send accept receive wait duplicate \
    address pass owner flags ioctl tcp alarm resolve
[ "$(id -u)" != 0 ] || can free raw

can engine memory send accept receive wait
cannot engine open create unlink connect bind exec kill
can resolver memory send resolve
case $sandbox in
seccomp|pledge)
	# Capsicum is about names: these have none.
	cannot engine socket fork ptrace setuid mmap-exec mprotect-exec
	cannot resolver create unlink exec fork ptrace kill setuid
	;;
esac
if [ "$sandbox" = seccomp ]; then
	cannot engine address pass owner flags duplicate ioctl tcp raw alarm
	cannot resolver owner ioctl tcp raw alarm
	can dumper memory wait
	cannot dumper open socket create unlink connect bind exec fork kill \
	    ptrace setuid mmap-exec mprotect-exec address pass owner flags \
	    duplicate ioctl tcp raw alarm
	# An assertion that fails is not mistaken for an escape.
	tries engine abort
	is 'engine: abort(3) is told from a kill' aborted "$outcome"
	# What libraries try and can do without ends nothing.
	for attempt in open socket connect bind; do
		tries engine "$attempt"
		is "engine: $attempt is harmless" refused "$outcome"
	done
fi
