#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The end of the daemon, milliseconds after that of a child: it ends as it
# should, and leaves nothing.  And what a child has to report while its link is
# full, or while another one takes its place: it is not lost.

. tests/lib.sh
. tests/firewall.sh
need_firewall children 20

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
CONF=$DIR/pflowd.conf
firewall

# Programs by paths of their own: their processes are found by these.
cp "$PFLOWD" "$DIR/pflowd"
cp "$TOOLS/badresolver" "$DIR/badresolver"
cp "$TOOLS/compromised" "$DIR/compromised"

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
	! pgrep -f "^$DIR/(pflowd|badresolver|compromised) " >/dev/null
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
		# A resolver may have reached its deadline.
		# shellcheck disable=SC2086
		kill -KILL $victims 2>/dev/null
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

# The parent meets both at the same time: the death came first, so it was not
# asked for.
conf '127.0.0.1 port 9'
for signal in SEGV KILL; do
	daemon pflowd
	engine=$(engine_of $PARENT)
	kill -STOP $PARENT
	kill -$signal "$engine"
	until_true 10 ended "$engine"
	kill -TERM $PARENT
	kill -CONT $PARENT
	until_true 10 ended $PARENT || kill -KILL $PARENT
	wait $PARENT
	leaves_nothing $signal $?
done >"$DIR/rounds" 2>&1
is 'engine dead, TERM at the same time: ends well' '' "$(cat "$DIR/rounds")"

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
for ms in 0 0 0 1 1 1 2 2 3 3 4 5 7 9 12 15 18 21 25 30 35 40; do
	"$DIR/pflowd" -d -f "$CONF" >"$DIR/out" 2>"$DIR/err" 8>&- &
	PARENT=$!
	started $PARENT
	# As soon as it has made anything.
	while ! [ -e "$DIR/sock" ]; do
		:
	done
	sleep "$(printf '0.%03d' $ms)"
	kill -TERM $PARENT
	until_true 10 ended $PARENT || kill -KILL $PARENT
	wait $PARENT
	leaves_nothing $ms $?
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

# The number of the attempt "fill" in tests/tools/compromised.c.
FILL=27

shows() {
	"$PFLOWCTL" -s "$DIR/sock" "$@" | grep -q "$WANTED"
}
# shown SECONDS PATTERN ARGUMENT ...: until pflowctl says so.
shown() {
	seconds=$1 WANTED=$2
	shift 2
	until_true "$seconds" shows "$@"
}
runs_again() {
	[ "$(grep -c 'engine is running again' "$DIR/err")" -ge "$1" ]
}

# The parent stands still, so that the engine's link is full.
conf '127.0.0.1 port 9'
daemon compromised
kill -STOP $PARENT
# Twice: of the first, the socket takes a part.
for n in 1 2; do
	frames <<-END
		frame version=3
		state id=$FILL dir=in af=24 packets=1,1 bytes=40,40
	END
	shown 5 "^states  *$n seen" show
	is "full link: the engine fills it, $n" 0 $?
done
# Lines are long: these messages fill what is left.
for n in $(seq 16); do
	"$PFLOWCTL" -s "$DIR/sock" log brief
	"$PFLOWCTL" -s "$DIR/sock" log verbose
done
is 'full link: log verbose' 0 $?
exec 8>&-
shown 10 'disappeared' show
is 'full link: the interface has gone' 0 $?
kill -CONT $PARENT
until_true 10 grep -q 'log lines were lost before this one' "$DIR/err"
is 'full link: lost lines are counted' 0 $?
firewall
until_true 10 runs_again 1
is 'full link: the engine is replaced when the interface is there' 0 $?
shown 5 '"log_level": *"verbose"' -j show summary
is 'full link: the next engine has the verbosity' 0 $?

# While there is no engine, the parent keeps what is to be shown.
kill -KILL "$(engine_of $PARENT)"
until_true 10 runs_again 2
shown 5 'killed by signal 9' -j show summary
is 'no engine: its death is shown by the next one' 0 $?
stop TERM $PARENT

# A collector that is down is looked up anew, also after the death of an engine.
# Neither address is the source of the other, by which getaddrinfo(3) sorts.
cp /etc/hosts "$DIR/hosts"
names() {
	{
		cat /etc/hosts
		for address; do
			echo "$address flows.pflowd.test"
		done
	} >"$DIR/hosts"
}
names 127.0.0.2 127.0.0.3
conf 'flows.pflowd.test port 9'
rm -f "$DIR/err"
unshare -m sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' \
    "$DIR/hosts" "$DIR/pflowd" -d -f "$CONF" >"$DIR/out" 2>"$DIR/err" 8>&- &
PARENT=$!
started $PARENT
until_true 10 grep -q 'listening on' "$DIR/err"
refused() {
	"$TOOLS/pfsyncgen" -r -n 30 -v 3 -k 6 -s 8 >&8
	grep -q 'Connection refused' "$DIR/err"
}
shown 5 '127.0.0.2:9' show collectors
until_true 10 refused
is 'down: the collector is down' 0 $?
kill -KILL "$(engine_of $PARENT)"
until_true 10 runs_again 1
sleep 0.5 # the name is asked for at once, before it changes
names 127.0.0.3 127.0.0.2
until_true 20 grep -q 'address changed' "$DIR/err"
is 'down: the next engine reports it' 0 $?
stop TERM $PARENT
