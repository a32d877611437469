#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# A network that changes under pflowd: addresses, routes, links, names and MTUs.
# In namespaces of its own, with a second one for the collectors' host.

if [ "${PFLOWD_NETWORK:-}" != own ] && [ "$(id -u)" = 0 ] &&
    unshare -n -m true 2>/dev/null; then
	PFLOWD_NETWORK=own
	export PFLOWD_NETWORK
	exec unshare -n -m sh "$0" "$@"
fi

. tests/lib.sh
. tests/firewall.sh
COUNT=18
if [ "${PFLOWD_NETWORK:-}" != own ]; then
	for n in $(seq $COUNT); do
		skip "network $n of $COUNT" 'not root, or no namespaces'
	done
	exit 0
fi
need_firewall network $COUNT ip nsenter python3

PFLOWCTL=${PFLOWCTL:-pflowctl/pflowctl}
CONF=$DIR/pflowd.conf
PORT=9995
mount -t tmpfs tmpfs /var/run
ip link set lo up

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

# A process of pflowd's that ended: the parent has waited for it.
gone() {
	! kill -0 "$1" 2>/dev/null
}

# The broadcast address of a network of ours is no collector.
"$TOOLS/pfsyncgen" <tests/pcap/v3.in >"$DIR/v3.pcap"
"$PFLOWD" -r "$DIR/v3.pcap" -e 10.9.0.255 2>"$DIR/err"
is 'broadcast: exit status' 1 $?
is 'broadcast: says so' 'pflowd: collector 10.9.0.255:2055: a broadcast address: give that of one host, or of a multicast group' \
    "$(cat "$DIR/err")"
"$PFLOWD" -r "$DIR/v3.pcap" -e 10.9.0.254 2>"$DIR/err"
is 'no broadcast: exit status' 0 $?

# A resolver that an attacker has: it answers as it likes, and never ends.
firewall
"$TOOLS/badresolver" -r "$DIR/v3.pcap" -e sleep.test 2>"$DIR/replay.err" &
REPLAY=$!
started $REPLAY
conf 'collector junk.test' 'collector text.test' 'collector link.test' \
    'collector family.test'
daemon "$TOOLS/badresolver"
for what in text link family; do
	until_true 10 grep -q "collector $what.test:2055: the resolver broke" \
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
    'collector sleep.test:2055: no answer from the resolver'
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
    'sleep.test:2055: no answer from the resolver'
is 'bad resolver, replay: none outlives it' '' \
    "$(pgrep -f -- '^tests/tools/badresolver -X')"
