#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# A network that changes under pflowd: addresses, routes, links, names and MTUs.
# In the script's own namespace, with a second one for the collectors' host.

. tests/lib.sh
. tests/firewall.sh
COUNT=74
if [ "$APART" != yes ]; then
	for n in $(seq $COUNT); do
		skip "network $n of $COUNT" 'not root, or no namespaces'
	done
	exit 0
fi
need_firewall network $COUNT ip nsenter python3

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
	nsenter -n -t "$1" python3 tests/network/sink.py $PORT "$DIR/sink" 8>&- &
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
        'no_host', 'no_net', 'denied', 'too_big', 'failed'))
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

# The broadcast address of a network of ours is no collector.
"$TOOLS/pfsyncgen" <tests/pcap/v3.in >"$DIR/v3.pcap"
"$PFLOWD" -r "$DIR/v3.pcap" -e 10.9.0.255 2>"$DIR/err"
is 'broadcast: exit status' 1 $?
is 'broadcast: says so' 'pflowd: collector 10.9.0.255:2055: broadcast address: use the address of a host or a multicast group' \
    "$(cat "$DIR/err")"
"$PFLOWD" -r "$DIR/v3.pcap" -e 10.9.0.254 2>"$DIR/err"
is 'no broadcast: exit status' 0 $?


# An own address that is replaced, as by DHCP.
firewall
sink $THERE
conf "collector 10.9.0.2 port $PORT" 'hold 0'
daemon
load 60000
until_true 10 comes_from 10.9.0.1
is 'address replaced: before' 0 $?
ip addr del 10.9.0.1/24 dev em0
ip addr add 10.9.0.7/24 dev em0
until_true 15 comes_from 10.9.0.7
is 'address replaced: sending goes on within 15 s' 0 $?
is 'address replaced: is logged once' 1 "$(grep -c \
    "10.9.0.2:$PORT: source address is now 10.9.0.7, was 10.9.0.1" \
    "$DIR/err")"

# The same without an error: the old one stays as well.
ip addr add 10.9.1.1/24 dev em0
there ip addr add 10.9.1.2/24 dev em0x
there ip addr add 10.77.0.1/32 dev lo
ip route add default via 10.9.0.2
conf "collector 10.77.0.1 port $PORT" 'hold 0'
ctl reload
until_true 15 comes_from 10.9.0.7
is 'route replaced: before' 0 $?
ip route replace default via 10.9.1.2
until_true 15 comes_from 10.9.1.1
is 'route replaced: another source of one interface' 0 $?
link em1
ip addr add 10.8.0.1/24 dev em1
there ip addr add 10.8.0.2/24 dev em1x
ip route replace default via 10.8.0.2
until_true 15 comes_from 10.8.0.1
is 'route replaced: another interface' 0 $?
ip route del default
until_true 15 grep -q 'Network is unreachable' "$DIR/err"
is 'no route: says so' 0 $?
ip route add default via 10.9.0.2
until_true 15 comes_from 10.9.0.7
is 'no route, then another: sending goes on' 0 $?
end_load
adds_up 'route replaced'
is 'route replaced: said each time' 4 \
    "$(grep -c 'source address is now .*, was' "$DIR/err")"
end_daemon 'route replaced'

# What a path takes, as its route has it; 28 bytes are headers.
largest() {
	[ "$(tail -n 5 "$DIR/sink" | awk '$5 > n { n = $5 } END { print n + 0 }'
	    )" = "$1" ]
}
ip route add 10.77.0.1 via 10.9.0.2 mtu lock 1000
conf "collector 10.77.0.1 port $PORT" 'hold 60'
daemon
load 60000
until_true 15 largest $((24 + 48 * 19))
is 'mtu: of the route' 0 $?
ip route replace 10.77.0.1 via 10.9.0.2 mtu lock 600
until_true 20 largest $((24 + 48 * 11))
is 'mtu: of the route, less' 0 $?
ip link set em0 mtu 800
ip route replace 10.77.0.1 via 10.9.0.2
until_true 20 largest $((24 + 48 * 15))
is 'mtu: of the interface' 0 $?
ip link set em0 mtu 1500
until_true 20 largest $((24 + 48 * 30))
is 'mtu: as usual again' 0 $?
conf "collector 10.77.0.1 port $PORT { mtu 700" '}' 'hold 60'
ctl reload
until_true 20 largest $((24 + 48 * 13))
is 'mtu: as it is given' 0 $?
ip route replace 10.77.0.1 via 10.9.0.2 mtu lock 600
ctl show config >"$DIR/config"
has 'mtu: is shown where it is given' "$DIR/config" 'mtu 700'
end_load
adds_up mtu
is 'mtu: no record was refused' 0 \
    "$(json collectors "d['collectors'][0]['counters']['records_too_big']")"
end_daemon mtu
ip route del 10.77.0.1

# What a path takes, as a router says that comes before a narrow link.
unshare -n sleep 3600 &
BEYOND=$!
started $BEYOND
beyond() {
	nsenter -n -t $BEYOND "$@"
}
other_namespace() {
	[ "$(readlink /proc/$BEYOND/ns/net)" != "$(readlink /proc/self/ns/net)" ]
}
until_true 10 other_namespace
there ip link add em9 mtu 1000 type veth peer name em9x mtu 1000 netns $BEYOND
there ip link set em9 up
beyond ip link set em9x up
there ip addr add 10.66.0.1/24 dev em9
beyond ip addr add 10.66.0.2/24 dev em9x
beyond ip route add default via 10.66.0.1
there sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
ip route add 10.66.0.0/24 via 10.9.0.2
kill $SINK
rm -f "$DIR/sink"
sink $BEYOND
conf "collector 10.66.0.2 port $PORT" 'hold 60'
daemon
load 60000
until_true 15 largest $((24 + 48 * 19))
is 'narrow path: datagrams are cut to it' 0 $?
has 'narrow path: says so, and names mtu' "$DIR/err" \
    "10.66.0.2:$PORT: Message too long: .* set mtu"
is 'narrow path: said once' 1 "$(grep -c 'too long' "$DIR/err")"
end_load
is 'narrow path: the collector is not down' True \
    "$(json collectors "d['collectors'][0]['up']")"
is 'narrow path: is counted' True "$(json collectors \
    "0 < d['collectors'][0]['counters']['errors_too_big'] < 10")"
adds_up 'narrow path'
end_daemon 'narrow path'
kill $SINK
rm -f "$DIR/sink"
sink $THERE

# A link-local address whose interface is made anew.
local_link() {
	link em2
	there ip addr add fe80::2/64 dev em2x nodad
	ip addr add fe80::1/64 dev em2 nodad
	ip addr flush dev em2 scope link to fe80::/64 2>/dev/null
	ip addr add fe80::1/64 dev em2 nodad
}
local_link
conf "collector fe80::2%em2 port $PORT" 'hold 0'
daemon
load 60000
until_true 10 comes_from fe80::1
is 'link-local: before' 0 $?
ip link del em2
until_true 15 grep -q 'interface does not exist' "$DIR/err"
is 'link-local: its interface has gone: says so' 0 $?
rm -f "$DIR/sink"
kill $SINK
local_link
sink $THERE
until_true 15 comes_from fe80::1
is 'link-local: its interface is made anew' 0 $?
has 'link-local: says so' "$DIR/err" 'ready now'
end_load
adds_up 'link-local'
end_daemon 'link-local'

# Sources that are not there yet.
conf "collector 10.9.0.2 port $PORT { source 10.9.0.99" '}' \
    'collector 10.9.0.2 port 9' \
    "collector fe80::2%em2 port $PORT { source fe80::99%em2" '}' \
    "collector 2001:db8::2 port 9 { source fe80::1%em3" '}' 'hold 0'
"$PFLOWD" -r "$DIR/v3.pcap" -f "$CONF" 2>"$DIR/err"
is 'no such source, replay: exit status' 1 $?
has 'no such source, replay: says so' "$DIR/err" \
    "10.9.0.2:$PORT: source 10.9.0.99 is not an address of this host"
daemon
load 60000
has 'no such source: says so' "$DIR/err" \
    "10.9.0.2:$PORT: source 10.9.0.99 is not an address of this host"
has 'no such source: says so, link-local' "$DIR/err" \
    ":$PORT: source fe80::99%em2 is not an address of this host"
has 'no such source: nor such an interface' "$DIR/err" \
    ':9: source fe80::1%em3: interface does not exist'
sent_to_second() {
	[ "$(json collectors "d['collectors'][1]['counters']['records_sent']")" \
	    -gt 0 ]
}
until_true 10 sent_to_second
is 'no such source: others go on' 0 $?
ctl reload >"$DIR/reload" 2>&1
is 'no such source: is no error of a reload' 0 $?
is 'no such source: reload says nothing' '' "$(cat "$DIR/reload")"
ip addr add 10.9.0.99/24 dev em0
until_true 15 comes_from 10.9.0.99
is 'source came: is sent from' 0 $?
has 'source came: says so' "$DIR/err" "10.9.0.2:$PORT: ready now"
ip addr add fe80::99/64 dev em2 # tentative at first
until_true 15 grep -q '^fe80::99 ' "$DIR/sink"
is 'source came: link-local' 0 $?
link em3
ip addr add fe80::1/64 dev em3 nodad
ip -6 route add 2001:db8::/64 dev em3
until_true 15 grep -q ':9: ready now' "$DIR/err"
is 'source came: with its interface' 0 $?

# Gone again: what comes waits, and does not fail.
ip addr del 10.9.0.99/24 dev em0
says_it_is_gone() {
	[ "$(grep -c "10.9.0.2:$PORT: source 10.9.0.99 is no" "$DIR/err")" = 3 ]
}
until_true 15 says_it_is_gone
is 'source went: says so' 0 $?
no_net() {
	json collectors "d['collectors'][0]['counters']['records_no_net']"
}
queued() {
	[ "$(json collectors "d['collectors'][0]['records_queued']")" -ge "$1" ]
}
before=$(no_net)
until_true 15 queued 1000
is 'source went: records wait' "0 $before" "$? $(no_net)"
ip addr add 10.9.0.99/24 dev em0
empties() {
	! queued 300
}
until_true 15 empties
is 'source came again: what waited is sent' 0 $?
end_load
adds_up 'source came'
is 'no such source: said once, after a reload, and when it went' 3 \
    "$(grep -c 'source 10.9.0.99 is not an address' "$DIR/err")"
end_daemon 'source came'
ip addr del 10.9.0.99/24 dev em0

# Names that move.
address() {
	[ "$(json collectors "d['collectors'][$1]['address']")" = "$2" ]
}

# names ADDRESS ADDRESS ...: of a second one, and of the first.
names() {
	{
		cat "$DIR/hosts.before"
		echo "$1 second.pflowd.test"
		shift
		for host; do
			echo "$host flows.pflowd.test"
		done
	} >"$DIR/hosts"
}
cp /etc/hosts "$DIR/hosts.before"
names 10.9.0.2 10.9.0.2
mount --bind "$DIR/hosts" /etc/hosts
conf "collector flows.pflowd.test port $PORT" 'lookup 5' \
    "collector second.pflowd.test port $PORT"
daemon
until_true 10 address 0 "10.9.0.2:$PORT"
is 'name: before' 0 $?
names 10.9.0.2 10.9.1.2
until_true 8 address 0 "10.9.1.2:$PORT"
is 'name moved: is seen within lookup' 0 $?
names 10.8.0.2 10.8.0.2 10.9.1.2
until_true 8 address 1 "10.8.0.2:$PORT"
sleep 0.5 # they are looked up together
address 0 "10.9.1.2:$PORT"
is 'name turned round: stays' 0 $?
sed -i 's/lookup 5/lookup 3600/' "$CONF"
ctl reload
names 10.8.0.2 10.8.0.2
ctl reload
until_true 5 address 0 "10.8.0.2:$PORT"
is 'name moved: is seen at a reload' 0 $?
end_daemon names

# A resolver that an attacker has: it answers as it likes, and never ends.
"$TOOLS/badresolver" -r "$DIR/v3.pcap" -e sleep.test 2>"$DIR/replay.err" &
REPLAY=$!
started $REPLAY
conf 'collector junk.test' 'collector text.test' 'collector link.test' \
    'collector family.test'
daemon "$TOOLS/badresolver"
for what in text link family; do
	until_true 10 grep -q "collector $what.test:2055: resolver sent an invalid" \
	    "$DIR/err"
	is "bad resolver: $what: is found out" 0 $?
done
until_true 10 grep -q 'collector junk.test:2055: unknown error' "$DIR/err"
is 'bad resolver: a code that there is not' 0 $?
resolvers() {
	pgrep -P $PARENT -f -- '-X resolver'
}
none() {
	[ -z "$(resolvers)" ]
}
until_true 20 none
is 'bad resolver: none outlives its answer' 0 $?
conf 'collector sleep.test'
kill -HUP $PARENT
until_true 10 resolvers
FIRST=$(resolvers)
is 'bad resolver: one for a name' 1 "$(echo "$FIRST" | wc -l)"
kill -HUP $PARENT
until_true 10 gone "$FIRST"
is 'bad resolver: none outlives a reload' 0 $?
until_true 10 resolvers
SECOND=$(resolvers)
until_true 30 gone "$SECOND"
is 'bad resolver: none outlives its deadline' 0 $?
has 'bad resolver: says so' "$DIR/err" \
    'collector sleep.test:2055: resolver does not answer'
until_true 10 resolvers
THIRD=$(resolvers)
stop TERM $PARENT
is 'bad resolver: exit status of the parent' 0 $?
until_true 5 ended "$THIRD"
is 'bad resolver: none outlives the parent' 0 $?
is 'bad resolver: nothing of it is in the log' '' \
    "$(grep -a -e evil -e eee "$DIR/err")"
wait $REPLAY
is 'bad resolver, replay: exit status' 1 $?
has 'bad resolver, replay: says so' "$DIR/replay.err" \
    'sleep.test:2055: resolver does not answer'
is 'bad resolver, replay: none outlives it' '' \
    "$(pgrep -f -- '^tests/tools/badresolver -X')"
