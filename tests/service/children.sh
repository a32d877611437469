#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The end of the daemon, milliseconds after that of a child: it ends as it
# should, and leaves nothing.

. tests/lib.sh
. tests/firewall.sh
need_firewall children 9

CONF=$DIR/pflowd.conf
firewall

# Programs by paths of their own: their processes are found by these.
cp "$PFLOWD" "$DIR/pflowd"
cp "$TOOLS/badresolver" "$DIR/badresolver"

# conf COLLECTOR
conf() {
	cat >"$CONF" <<-END
		interface $IF linktype pfsync
		socket "$DIR/sock"
		collector $1
	END
	chmod 600 "$CONF"
}

# daemon PROGRAM: in the foreground.
daemon() {
	rm -f "$DIR/err"
	"$DIR/$1" -d -f "$CONF" >"$DIR/out" 2>"$DIR/err" 8>&- &
	PARENT=$!
	started $PARENT
	until_true 10 grep -q 'listening on' "$DIR/err"
}

engine_of() {
	pgrep -P "$1" -f -- '-X engine'
}
resolver_of() {
	pgrep -P "$1" -f -- '-X resolver'
}
none_left() {
	! pgrep -f "^$DIR/(pflowd|badresolver) " >/dev/null
}

# leaves_nothing ROUND STATUS: whether it ended so, and what of it is there.
leaves_nothing() {
	[ "$2" = 0 ] || echo "round $1: exit status $2"
	until_true 2 none_left || echo "round $1: a process is left"
	! [ -e "$DIR/sock" ] || echo "round $1: the socket is left"
	! [ -e /var/run/pflowd.pid ] || echo "round $1: the pid file is left"
	rm -f "$DIR/sock" /var/run/pflowd.pid
}

# rounds PROGRAM CHILDREN DELAY ...: kill the children of these roles, and end
# the parent after so many milliseconds.
rounds() {
	program=$1 roles=$2
	shift 2
	for ms; do
		daemon "$program"
		victims=
		for role in $roles; do
			until_true 10 "${role}_of" $PARENT
			victims="$victims $("${role}_of" $PARENT)"
		done
		# shellcheck disable=SC2086
		kill -KILL $victims
		sleep "$(printf '0.%03d' "$ms")"
		kill -TERM $PARENT
		until_true 10 ended $PARENT || kill -KILL $PARENT
		wait $PARENT
		leaves_nothing "$roles $ms" $?
	done >"$DIR/rounds" 2>&1
	cat "$DIR/rounds"
}

# Even with a dead engine, the end was asked for.
conf '127.0.0.1 port 9'
is 'engine killed, TERM after 0 to 5 ms: ends well' '' \
    "$(rounds pflowd engine 0 1 2 3 4 5 0 1 2 3 4 5 0 1 2 3 4 5 0 1 2 3 4 5 \
    0 1 2 3 4 5 0 1 2 3 4 5 0 1 2 3)"
# While the next one starts.
is 'engine killed, TERM after 6 to 90 ms: ends well' '' \
    "$(rounds pflowd engine 6 7 8 9 10 12 14 16 18 20 25 30 40 50 70 90)"

conf 'sleep.test port 9'
is 'resolver killed, TERM after 0 to 5 ms: ends well' '' \
    "$(rounds badresolver resolver 0 1 2 3 4 5 0 1 2 3 4 5)"
is 'both killed, TERM after 0 to 5 ms: ends well' '' \
    "$(rounds badresolver 'engine resolver' 0 1 2 3 4 5 0 1 2 3 4 5)"

# In the background, with a pid file.
conf '127.0.0.1 port 9'
for ms in 0 1 2 3 4 5; do
	"$DIR/pflowd" -f "$CONF" >"$DIR/err" 2>&1 8>&-
	PARENT=$(cat /var/run/pflowd.pid)
	started "$PARENT"
	kill -KILL "$(engine_of "$PARENT")"
	sleep 0.00$ms
	kill -TERM "$PARENT"
	until_true 10 ended "$PARENT"
	leaves_nothing $ms 0
done >"$DIR/rounds" 2>&1
is 'background, engine killed, TERM: leaves nothing' '' "$(cat "$DIR/rounds")"

# TERM at any moment of the start.
for ms in 0 1 2 3 4 5 7 9 12 15 18 21 25 30 35 40; do
	"$DIR/pflowd" -d -f "$CONF" >"$DIR/out" 2>"$DIR/err" 8>&- &
	PARENT=$!
	started $PARENT
	until_true 5 test -e "$DIR/sock"
	sleep "$(printf '0.%03d' $ms)"
	kill -TERM $PARENT
	until_true 10 ended $PARENT || kill -KILL $PARENT
	wait $PARENT
	status=$?
	# Before it waits for signals, it ends as any program does.
	if [ $status = 143 ]; then
		rm -f "$DIR/sock"
		status=0
	fi
	leaves_nothing $ms $status
done >"$DIR/rounds" 2>&1
is 'TERM while it starts: ends well' '' "$(cat "$DIR/rounds")"

# An engine that stands still is killed when it should have stopped, and one
# that has not even begun at once.
daemon pflowd
kill -STOP "$(engine_of $PARENT)"
kill -TERM $PARENT
until_true 8 ended $PARENT
is 'engine stands still, TERM: ends in time' 0 $?
stop KILL $PARENT
is 'engine stands still: ended with an error' 1 $?
is 'engine stands still: leaves nothing' '' "$(leaves_nothing still 0)"
