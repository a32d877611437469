#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Reloads that change the source: from pfsync to the state table of a pf of the
# tests (tools/pfsim), and back; and an interval, which changes in place.

. tests/lib.sh
. tests/firewall.sh
need_firewall sources 35 python3

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
CONF=$DIR/pflowd.conf
PFSIM=$DIR/pf
export PFSIM
PFLOWD=$TOOLS/pflowd_sim
firewall
"$TOOLS/pfsim" -l "$PFSIM" -n 50 -T 3 -t "$DIR/truth" 8>&- &
started $!
until_true 10 test -S "$PFSIM"

ctl() {
	"$PFLOWCTL" -s "$DIR/sock" "$@"
}
# conf STATEMENT ...: of the source.
conf() {
	{
		printf '%s\n' "$@"
		printf 'socket "%s"\nhold 0\ncollector 127.0.0.1 port 9\n' \
		    "$DIR/sock"
	} >"$CONF"
}
reload() {
	ctl reload >"$DIR/reload" 2>&1
	is "$1: exit status" 0 $?
	is "$1: silent" '' "$(cat "$DIR/reload")"
}
count() {
	ctl show counters | sed -n "s/^ *$1  *//p"
}
at_least() {
	[ "$(count "$1")" -ge "$2" ]
}
child() {
	pgrep -P $PARENT -f -- "-X $1"
}
no_child() {
	! child "$1"
}
interface() {
	ctl -j show summary | python3 -c "
import json, sys
print(json.load(sys.stdin)['status']['interface'])"
}
# Sockets of captures, in this network namespace.
captures() {
	sed 1d /proc/net/packet | wc -l | tr -d ' '
}
state() {
	printf 'frame version=3\nstate dir=in if=em0 packets=3,3 bytes=300,300\n' |
	    "$TOOLS/pfsyncgen" -r
}

# Where only an interface says what the source is.
conf "interface $IF linktype pfsync"
start_daemon "$CONF"
has 'pfsync: logged' "$DIR/err" "listening on $IF for 1 collector"
state >&8
until_true 5 at_least 'states seen' 1
is 'pfsync: is read' 0 $?
is 'pfsync: is captured' 1 "$(captures)"
is 'pfsync: no dumper' 1 "$(child dumper >/dev/null; echo $?)"

# The table.
first=$(child engine)
conf 'source table' 'interval 1'
reload 'to the table'
until_true 10 grep -q "reading pf's state table now" "$DIR/err"
is 'to the table: logged' 0 $?
until_true 10 at_least 'dumps of the state table' 2
is 'to the table: is read' 0 $?
is 'to the table: a new engine' 0 "$([ "$(child engine)" != "$first" ]; echo $?)"
is 'to the table: counters go on' 0 "$(at_least 'states seen' 1; echo $?)"
is 'to the table: no interface' None "$(interface)"
is 'to the table: nobody captures' 0 "$(captures)"
ctl show config >"$DIR/config"
has 'to the table: show config' "$DIR/config" '^source table$'

has 'to the table: timeouts of pf' "$DIR/config" \
    '^# timeout tcp.first 3: as pf has it$'

# What changes in place.
first=$(child engine)
dumper=$(child dumper)
conf 'source table' 'interval 2' 'states 100000'
reload 'an interval'
until_true 10 grep -q 'configuration reloaded' "$DIR/err"
before=$(count 'dumps of the state table')
until_true 10 at_least 'dumps of the state table' $((before + 2))
is 'an interval: the same engine' "$first" "$(child engine)"
is 'an interval: the same dumper' "$dumper" "$(child dumper)"
ctl show config >"$DIR/config"
has 'an interval: show config' "$DIR/config" '^interval 2$'

# And back.
conf "source pfsync" "interface $IF linktype pfsync"
reload 'to pfsync'
until_true 10 grep -q "listening on $IF now" "$DIR/err"
is 'to pfsync: logged' 0 $?
until_true 10 no_child dumper
is 'to pfsync: no dumper' 0 $?
seen=$(count 'states seen')
state >&8
until_true 5 at_least 'states seen' $((seen + 1))
is 'to pfsync: is read' 0 $?

# An interface that is missing is not looked for when the table is read.
conf 'interface absent0'
reload 'a missing interface'
until_true 10 grep -q '^pflowd: listening on absent0' "$DIR/err"
has 'a missing interface: logged' "$DIR/err" \
    'listening on absent0, once the interface appears'
conf 'source table' 'interval 1'
reload 'to the table again'
before=$(count 'dumps of the state table')
until_true 10 at_least 'dumps of the state table' $((before + 2))
is 'to the table again: is read' 0 $?
is 'to the table again: no condition of an interface' '' \
    "$(ctl show | grep absent0)"

stop TERM $PARENT
is 'exit status' 0 $?
is 'nothing died' 0 "$(grep -c 'unexpectedly\|killed' "$DIR/err")"

# Where there is no pf.
PFLOWD=pflowd/pflowd
conf "interface $IF linktype pfsync"
start_daemon "$CONF"
conf 'source table'
ctl reload >"$DIR/reload" 2>&1
is 'no pf: exit status' 1 $?
has 'no pf: says so' "$DIR/reload" 'this system has no pf'
is 'no pf: the last one is read' "$IF" "$(interface)"
stop TERM $PARENT
