#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Reloads that only a new engine can apply: another interface, another group or
# mode of a control socket.  Counters and sequences go on; and an interface that
# cannot be used changes nothing.

. tests/lib.sh
. tests/firewall.sh
need_firewall reopens 18 python3

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
CONF=$DIR/pflowd.conf
firewall

# A second one, whose frames are written to descriptor 9.
OTHER=$(echo "pfother$$" | cut -c1-15)
mkfifo "$DIR/other"
"$TOOLS/tunplay" -i "$OTHER" <"$DIR/other" >/dev/null 2>&1 8>&- &
started $!
exec 9>"$DIR/other"
until_true 5 test -e "/sys/class/net/$OTHER"
until_true 5 grep -q 0x1 "/sys/class/net/$OTHER/flags"

ctl() {
	"$PFLOWCTL" -s "$DIR/sock" "$@"
}
# conf INTERFACE [OPTION-OF-SOCKET ...]
conf() {
	interface=$1
	shift
	cat >"$CONF" <<-END
		interface $interface
		socket "$DIR/sock" $*
		hold 0
		collector 127.0.0.1 port $PORT
	END
}
shown() {
	ctl -j show "$1" 2>/dev/null | python3 -c "
import json, sys
print(json.load(sys.stdin)$2)" 2>/dev/null
}
states_are() {
	[ "$(shown counters "['counters']['states']")" = "$1" ]
}
listens_on() {
	[ "$(shown summary "['status']['interface']")" = "$1" ]
}
engine() {
	pgrep -P $PARENT -f -- '-X engine'
}
judged() {
	sed -n "s/^$1 //p" "$DIR/judge.out"
}
state() {
	printf 'frame version=3\nstate dir=in if=em0 packets=3,3 bytes=300,300\n' |
	    "$TOOLS/pfsyncgen" -r
}

judge -o sum
conf "$IF linktype pfsync"
start_daemon "$CONF"
state >&8
until_true 5 states_are 1

# Another interface.
first=$(engine)
conf "$OTHER linktype pfsync"
ctl reload >"$DIR/reload" 2>&1
is 'another interface: exit status' 0 $?
is 'another interface: silent' '' "$(cat "$DIR/reload")"
until_true 10 grep -q "listening on $OTHER now" "$DIR/err"
is 'another interface: logged' 0 $?
until_true 5 listens_on "$OTHER"
is 'another interface: shown' 0 $?
is 'another interface: a new engine' 0 "$([ "$(engine)" != "$first" ]; echo $?)"
is 'another interface: counters go on' 1 \
    "$(shown counters "['counters']['states']")"
state >&9
until_true 5 states_are 2
is 'another interface: is read' 0 $?
is 'another interface: the reload is shown' 0 \
    "$([ "$(shown summary "['status']['reloaded']")" != None ]; echo $?)"

# One that is no pfsync: the last one stays.
conf lo
ctl reload >"$DIR/reload" 2>&1
until_true 10 grep -q "cannot start listening on lo: listening on $OTHER again" \
    "$DIR/err"
is 'a wrong interface: says so' 0 $?
has 'a wrong interface: why' "$DIR/err" 'lo: link type is EN10MB (1), not pfsync'
until_true 10 listens_on "$OTHER"
state >&9
until_true 5 states_are 3
is 'a wrong interface: the last one is read' 0 $?

# Another group and mode.
mode_is() {
	[ "$(stat -c '%a %G' "$DIR/sock" 2>/dev/null)" = "$1" ]
}
mode_is '660 root'
is 'a socket before' 0 $?
conf "$OTHER linktype pfsync" group daemon
ctl reload >"$DIR/reload" 2>&1
is 'another group: exit status' 0 $?
until_true 10 mode_is '660 daemon'
is 'another group: the socket has it' 0 $?
until_true 10 states_are 3
is 'another group: served' 0 $?
is 'no engine died' 0 "$(grep -c 'unexpectedly\|killed' "$DIR/err")"

state >&9
until_true 5 states_are 4
stop TERM $PARENT
is 'exit status' 0 $?
stop TERM "$JUDGE"
is 'no gap in the sequence' 0 "$(judged gaps)"
