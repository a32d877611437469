#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# With "join yes", a live capture gives one flow for both states of a forwarded
# connection; a state alone waits for 12 s, or until a reload, a stop, the end
# of the interface or of the engine.  The counters add up all the while.

. tests/lib.sh
. tests/firewall.sh
need_firewall joined 31 python3

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
CONF=$DIR/pflowd.conf

# conf YES-OR-NO
conf() {
	cat >"$CONF" <<-END
		interface $IF linktype pfsync
		socket "$DIR/sock"
		hold 0
		join $1
		collector 127.0.0.1 port $PORT
	END
}

daemon() {
	start_daemon "$CONF" -v -v
	ENGINE=$(pgrep -P $PARENT -f -- '-X engine')
	started "$ENGINE"
}

# counter NAME: its value
counter() {
	"$PFLOWCTL" -j -s "$DIR/sock" show counters | python3 -c "
import json, sys
print(json.load(sys.stdin)['counters']['$1'])"
}
counts() {
	[ "$(counter "$1")" = "$2" ]
}
add_up() {
	is "$1: all adds up" '' "$("$PFLOWCTL" -j -s "$DIR/sock" show counters |
	    python3 tests/system/random/sums.py)"
}

# state in|out PORT: a frame of one of the states of a client's connection
state() {
	case $1 in
	in)	hosts="lan=198.51.100.9:443 ext=192.168.1.20:$2" ;;
	out)	hosts="lan=192.168.1.20:$2 gwy=192.0.2.1:6300 ext=198.51.100.9:443" ;;
	esac
	echo "frame version=3"
	echo "state id=$2 dir=$1 if=all $hosts proto=tcp packets=3,4" \
	    'bytes=300,400 age=100 timeout=5 levels=9,9'
}
deleted() {
	state "$@" | frames
}
# flows_of PORT: lines of the flows of it
flows_of() {
	grep -c "192.168.1.20:$1 " "$DIR/out"
}
shown() {
	[ "$(flows_of "$1")" = 1 ]
}
# waits PORT: a state is read, and is no flow yet
waits() {
	frames=$(counter frames)
	deleted in "$1"
	until_true 5 counts frames $((frames + 1))
	is "$2: waits" 0 "$(flows_of "$1")"
	add_up "$2, while it waits"
}
now() {
	date +%s
}

firewall
judge -o sum
conf yes

# A pipe whose writer is silent is as a live capture; meanwhile the rest is
# tried.
mkfifo "$DIR/pipe"
"$PFLOWD" -v -v -f "$CONF" -r - <"$DIR/pipe" >"$DIR/piped" 2>"$DIR/piped.err" \
    8>&- &
PIPED=$!
started $PIPED
exec 9>"$DIR/pipe"
state in 5000 | "$TOOLS/pfsyncgen" >&9

daemon
deleted in 1001
deleted out 1001
until_true 5 shown 1001
is 'twins: one flow' 1 "$(flows_of 1001)"
has 'twins: joined' "$DIR/out" '192.168.1.20:1001 (192.0.2.1:6300) .* joined'
add_up twins
is 'twins: two announced' 2 "$(counter states_announced)"
is 'twins: one joined' 1 "$(counter states_joined)"

begun=$(now)
waits 1002 'alone'
until_true 16 shown 1002
is 'alone: comes in time' 0 $?
took=$(($(now) - begun))
is 'alone: comes after 12 s' yes \
    "$(test $took -ge 11 && echo yes || echo "$took s")"
add_up alone

waits 1003 reload
conf no
"$PFLOWCTL" -s "$DIR/sock" reload
until_true 5 shown 1003
is 'reload: ends the wait' 0 $?
deleted in 1004
deleted out 1004
until_true 5 counts states_exported 5
is 'reload: two flows' 2 "$(flows_of 1004)"
add_up reload

conf yes
"$PFLOWCTL" -s "$DIR/sock" reload
waits 1005 'engine killed'
kill -KILL "$ENGINE"
until_true 5 grep -q 'engine is running again' "$DIR/err"
until_true 5 counts states_crashed 1
is 'engine killed: the state is lost' 0 $?
add_up 'engine killed'
is 'engine killed: no flow' 0 "$(flows_of 1005)"

waits 1006 stop
stop TERM $PARENT
is 'stop: exit status' 0 $?
is 'stop: ends the wait' 1 "$(flows_of 1006)"
is 'stop: states seen' 6 "$(row "$DIR/err" 'states seen')"

daemon
waits 1007 'interface destroyed'
exec 8>&-
until_true 5 shown 1007
is 'interface destroyed: ends the wait' 0 $?
stop TERM $PARENT
stop TERM "$JUDGE"
is 'live: no gap' 0 "$(sed -n 's/^gaps //p' "$DIR/judge.out")"

until_true 16 test -s "$DIR/piped"
is 'pipe: comes though it is open' 1 "$(grep -c ':5000 ' "$DIR/piped")"
exec 9>&-
wait $PIPED
is 'pipe: exit status' 0 $?
