# shellcheck shell=sh disable=SC2034
#
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Two hosts: this script's namespace, and a second one for the collectors'.  After
# tests/lib.sh; $COUNT is how many tests there are.

. tests/firewall.sh

[ "$APART" = yes ] || skip_all network "$COUNT" 'not root, or no namespaces'
need_firewall network "$COUNT" ip nsenter python3

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
CONF=$DIR/pflowd.conf
PORT=9995

# The other host.
unshare -n sleep 3600 &
THERE=$!
started $THERE
there() {
	nsenter -n -t $THERE "$@"
}
other_namespace() {
	[ "$(readlink /proc/$THERE/ns/net)" != "$(readlink /proc/self/ns/net)" ]
}
until_true 10 other_namespace

# link NAME: a link to the other host, which calls its end the same with an x.
link() {
	ip link add "$1" type veth peer name "$1x" netns $THERE
	ip link set "$1" up
	there ip link set "$1x" up
}

there ip link set lo up
link em0
ip addr add 10.9.0.1/24 dev em0
there ip addr add 10.9.0.2/24 dev em0x

# conf LINE ...: the configuration, but for what is always in it.
conf() {
	{
		echo "interface $IF linktype pfsync"
		echo "socket \"$DIR/sock\""
		for line; do
			echo "$line"
		done
	} >"$CONF"
}

# daemon [PROGRAM]: with the configuration.
daemon() {
	rm -f "$DIR/err"
	"${1:-$PFLOWD}" -d -f "$CONF" >"$DIR/out" 2>"$DIR/err" 8>&- &
	PARENT=$!
	started $PARENT
	until_true 10 grep -q 'listening on' "$DIR/err"
}

ctl() {
	"$PFLOWCTL" -s "$DIR/sock" "$@"
}

# json WHAT EXPRESSION: a value of pflowctl's JSON of it, in python's words.
json() {
	ctl -j show "$1" | python3 -c "
import json, sys
d = json.load(sys.stdin)
print($2)"
}

# load STATES: so many, 500 a second, in the background.
load() {
	"$TOOLS/pfsyncgen" -r -n "$1" -v 3 -k 6 -s 7 |
	    "$TOOLS/pacer" 500 >&8 &
	LOAD=$!
	started $LOAD
}

end_load() {
	kill $LOAD 2>/dev/null
	wait $LOAD 2>/dev/null
}

# sink PID: a collector in that process' namespace.
sink() {
	nsenter -n -t "$1" python3 tests/system/network/sink.py $PORT "$DIR/sink" 8>&- &
	SINK=$!
	started $SINK
	until_true 10 grep -q ready "$DIR/sink"
}

# comes_from ADDRESS: whether the last datagram did.
comes_from() {
	tail -n 1 "$DIR/sink" | grep -q "^$1 "
}

# Every record that was built is accounted for.
adds_up() {
	is "$1: no record uncounted" 0 "$(json collectors "sum(
    c['counters']['records'] - c['records_queued'] -
    sum(c['counters']['records_' + k] for k in ('sent', 'dropped', 'refused',
        'host_unreachable', 'network_unreachable', 'not_permitted', 'too_big',
        'failed_other'))
    for c in d['collectors'])")"
}

end_daemon() {
	stop TERM $PARENT
	is "$1: exit status" 0 $?
}

# A process of pflowd's that ended: the parent has waited for it.
gone() {
	! kill -0 "$1" 2>/dev/null
}

"$TOOLS/pfsyncgen" <tests/golden/pcap/v3.in >"$DIR/v3.pcap"
