#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Names of collectors: ones that move, and a resolver that means it no good.

. tests/lib.sh
COUNT=27
. tests/system/network/hosts.sh

firewall
ip addr add 10.9.1.1/24 dev em0
ip addr add 10.8.0.1/24 dev em0

# Names that move.
resolvers() {
	pgrep -P $PARENT -f -- '-X resolver'
}
none() {
	[ -z "$(resolvers)" ]
}
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
    "collector second.pflowd.test port $PORT" \
    'collector flows.pflowd.test port 9'
daemon
until_true 10 address 0 "10.9.0.2:$PORT"
is 'name: before' 0 $?
until_true 10 address 2 10.9.0.2:9
is 'name: another collector of it' 0 $?
names 10.9.0.2 10.9.1.2
until_true 8 address 0 "10.9.1.2:$PORT"
is 'name moved: is seen within lookup' 0 $?
until_true 8 address 2 10.9.1.2:9
is 'name moved: is seen by another collector of it' 0 $?
names 10.8.0.2 10.8.0.2 10.9.1.2
until_true 8 address 1 "10.8.0.2:$PORT"
# They are looked up together.
until_true 5 none
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
until_true 20 none
is 'bad resolver: none outlives its answer' 0 $?
conf 'collector sleep.test' 'collector sleep.test port 9'
kill -HUP $PARENT
until_true 10 resolvers
FIRST=$(resolvers)
is 'bad resolver: one for a name' 1 "$(echo "$FIRST" | wc -l)"
for n in 1 2 3 4 5; do
	ctl reload
done
is 'bad resolver: goes on at reloads' "$FIRST" "$(resolvers)"
conf 'collector 127.0.0.1'
ctl reload
until_true 10 gone "$FIRST"
is 'bad resolver: none outlives its name' 0 $?
conf 'collector sleep.test'
ctl reload
until_true 10 resolvers
SECOND=$(resolvers)
until_true 30 gone "$SECOND"
is 'bad resolver: none outlives its deadline' 0 $?
has 'bad resolver: says so' "$DIR/err" \
    'collector sleep.test:2055: resolver does not answer'
until_true 10 resolvers
THIRD=$(resolvers)
# Many names, and two collectors of each; the others wait for their turn.
many() {
	for name in $(seq "$1" "$2"); do
		echo "collector sleep$name.test"
		echo "collector sleep$name.test port 9"
	done
}
# kept N: whether there are eight, and so many of them are those of before.
kept() {
	NOW=$(resolvers)
	[ "$(echo "$NOW" | wc -l)" = 8 ] &&
	    [ "$(echo "$NOW" | grep -c -x -F "$EIGHT")" = "$1" ]
}
EIGHT=$THIRD
conf "$(many 1 32)"
ctl reload
until_true 10 kept 0
is 'bad resolver: eight at once' 0 $?
EIGHT=$(resolvers)
for n in $(seq 25); do
	ctl reload
done
is 'bad resolver: the same ones go on' "$EIGHT" "$(resolvers)"
conf "$(many 33 40)"
ctl reload
until_true 10 kept 0
is 'bad resolver: others follow those whose names went' 0 $?
EIGHT=$(resolvers)
conf "$(many 37 64)"
ctl reload
until_true 10 kept 4
is 'bad resolver: those whose names stay go on' 0 $?
conf 'collector sleep.test'
ctl reload
one() {
	[ "$(resolvers | wc -l)" = 1 ]
}
until_true 10 one
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
