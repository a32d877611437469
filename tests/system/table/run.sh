#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The daemon on a pf whose traffic is known: each state that expired is exact
# to the byte, and one that was removed is as its last dump showed it.

. tests/lib.sh
. tests/system/table/table.sh
need_table table 5

monitored() {
	ctl -j show | grep -q '"clients": 2'
}

# A monitor that has not read all when pflowd ends misses the rest.
all_printed() {
	all_ended && [ "$(wc -l <"$DIR/flows")" -ge "$(counter states)" ]
}

judge -o hosts
conf
pf -T 4 -n 60 -d 8 -w fox
daemon
"$PFLOWCTL" -s "$DIR/sock" -j monitor >"$DIR/flows" 2>"$DIR/monitor.err" &
MONITOR=$!
started $MONITOR
until_true 5 monitored
is 'table: monitored' 0 $?
until_true 40 all_printed
settle 5
is 'table: exit status, and sums' 0 "$status"
cat "$DIR/sums"
wait $MONITOR
python3 tests/model/judge.py "$DIR/truth" strict <"$DIR/flows" \
    >"$DIR/faults" 2>"$DIR/counts"
is 'table: each state, by its label' 0 $?
cat "$DIR/faults" "$DIR/counts"
has 'table: it says what it reads' "$DIR/err" \
    "reading pf's state table for 1 collector"
is 'table: no dumper and no engine died' 0 \
    "$(grep -c -e 'dumper' -e 'running again' "$DIR/err")"
