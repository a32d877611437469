#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The living states of a pf, as pflowctl shows them.

. tests/lib.sh
. tests/system/table/table.sh
need_table 'table, states' 12

PORT=9
conf "socket \"$DIR/ro\" restricted"
pf -T 60 -n 2000 -d 120
daemon
until_true 30 counted states_tracked 2000

# states N WORD ...: so many rows, sorted by octets.
states() {
	rows=$1
	shift
	ctl -j "$@" >"$DIR/states"
	python3 -c '
import json, sys
s = json.load(sys.stdin)["states"]
octets = [x["bytes"] + x["bytes_back"] for x in s]
assert octets == sorted(octets, reverse=True), octets
assert all(x["label"] == "alive" for x in s), s
assert len({x["id"] for x in s}) == len(s)
print(len(s), *sorted({x["protocol"] for x in s}))' <"$DIR/states" \
	    >"$DIR/sum" 2>&1
	[ "$(cut -d' ' -f1 "$DIR/sum")" = "$rows" ]
}

states 20 show states
is 'table: the states with most octets' 0 $?
states 1000 -n 1000 show states
is 'table: many states' 0 $?
states 5 -n 5 show states proto udp
is 'table: states of a protocol' 0 $?
is 'table: ... are of that' '5 udp' "$(cat "$DIR/sum")"
states 0 show states from 10.255.0.0/16
is 'table: states of a network that has none' 0 $?
ctl -n 3 show states age >"$DIR/text"
is 'table: states as text' 3 "$(grep -c ' age .* pkts, .* bytes' "$DIR/text")"
timeout 20 "$PFLOWCTL" -s "$DIR/ro" show states >"$DIR/text" 2>&1
is 'table: states on a restricted socket' 0 $?

# More clients than a search, which ask for different things.
for n in $(seq 12); do
	ctl -n "$n" show states >"$DIR/many.$n" 2>&1 &
done
ctl -t 1 show >"$DIR/text"
is 'table: another client is answered meanwhile' 0 $?
wanted=
for n in $(seq 12); do
	until_true 10 sh -c "test \$(wc -l <'$DIR/many.$n') = $n" ||
	    wanted="$wanted $n"
done
is 'table: each has as many as it asked for' '' "$wanted"
stop TERM $PARENT
is 'table: states: exit status' 0 $?
stop TERM $PF

JOIN=yes
conf
pf -T 60 -n 200 -d 120
daemon
until_true 30 counted pairs 200
ctl -j -n 1000 show states >"$DIR/states"
python3 -c '
import json, sys
s = json.load(sys.stdin)["states"]
connections = [(x["protocol"],) + ((x["ext"], x["ext_port"])
    if x["direction"] == "in" else (x["lan"], x["lan_port"])) for x in s]
assert len(set(connections)) == len(s), "a connection twice"
pairs = [x for x in s if x["joined"]]
assert len(pairs) > len(s) / 3, len(pairs)
assert all(x["interface"] == "em0" and x["out_interface"] == "em1"
    for x in pairs), pairs
assert any(x["nat"] for x in pairs)' <"$DIR/states" >"$DIR/sum" 2>&1
is 'table: each connection once' '' "$(cat "$DIR/sum")"
ctl show states >"$DIR/text"
has 'table: ... as text' "$DIR/text" ' em0->em1 .* bytes.*, rule 0, joined$'
stop TERM $PARENT
stop TERM $PF
