#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# A network that changes under pflowd: addresses, routes and MTUs.

. tests/lib.sh
COUNT=30
. tests/system/network/hosts.sh

# The broadcast address of a network of ours is no collector.
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
is 'narrow path: the collector is not down' up \
    "$(json collectors "d['collectors'][0]['state']")"
is 'narrow path: is counted' True "$(json collectors \
    "0 < d['collectors'][0]['counters']['errors_too_big'] < 10")"
adds_up 'narrow path'
end_daemon 'narrow path'
