#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# A network that changes under pflowd: links, and the sources of datagrams.

. tests/lib.sh
COUNT=24
. tests/system/network/hosts.sh

firewall
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
	[ "$(grep -c "10.9.0.2:$PORT: source 10.9.0.99 is no" "$DIR/err")" = 2 ]
}
until_true 15 says_it_is_gone
is 'source went: says so' 0 $?
no_net() {
	json collectors "d['collectors'][0]['counters']['records_network_unreachable']"
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
is 'no such source: said once, and when it went' 2 \
    "$(grep -c 'source 10.9.0.99 is not an address' "$DIR/err")"
end_daemon 'source came'
ip addr del 10.9.0.99/24 dev em0
