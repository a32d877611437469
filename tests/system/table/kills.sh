#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Engines and dumpers are killed while pf's table is read: the next ones go on
# with what is known of each state, and nothing is reported twice.

. tests/lib.sh
. tests/system/table/table.sh
need_table 'table, kills' 7

judge -o hosts
conf
pf -L 6 -T 5 -n 300 -d 16 -s 3
daemon

for n in 1 2; do
	dumps_go_on
	kill -KILL "$(child dumper)"
	dumps_go_on
	is "table: dumper killed, $n: dumps go on" 0 $?
	kill -KILL "$(child engine)"
	until_true 10 dumps_go_on
	is "table: engine killed, $n: dumps go on" 0 $?
done
has 'table: dumper killed: the log says so' "$DIR/err" \
    'dumper killed by signal 9'
has 'table: engine killed: the log says so' "$DIR/err" \
    'engine killed by signal 9'
settle 60 killed
is 'table: killed: exit status, and sums' 0 "$status"
cat "$DIR/sums"
