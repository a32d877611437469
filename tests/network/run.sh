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
COUNT=3
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

# The broadcast address of a network of ours is no collector.
"$TOOLS/pfsyncgen" <tests/pcap/v3.in >"$DIR/v3.pcap"
"$PFLOWD" -r "$DIR/v3.pcap" -e 10.9.0.255 2>"$DIR/err"
is 'broadcast: exit status' 1 $?
is 'broadcast: says so' 'pflowd: collector 10.9.0.255:2055: a broadcast address: give that of one host, or of a multicast group' \
    "$(cat "$DIR/err")"
"$PFLOWD" -r "$DIR/v3.pcap" -e 10.9.0.254 2>"$DIR/err"
is 'no broadcast: exit status' 0 $?
