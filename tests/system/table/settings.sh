#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# A reload changes interim and join in the engine that runs, and warns of a rule
# with "out" while join is in force.

. tests/lib.sh
. tests/system/table/table.sh
need_table 'table, settings' 11

PORT=9
OUT="$DIR/conf:7: rule with .*out.* decides single states only"
conf
pf -T 4 -n 20 -d 120 -w fox
daemon
engine=$(child engine)

in_force() {
	ctl show config >"$DIR/config" &&
	    grep -q "^interim $1\$" "$DIR/config" &&
	    grep -q "^join $2\$" "$DIR/config"
}

last_error() {
	ctl -j show | grep -q "\"last_error\": \".*$OUT"
}

no_error() {
	ctl -j show | grep -q '"last_error": null'
}

# reloads INTERIM JOIN LINE ...
reloads() {
	INTERIM=$1 JOIN=$2
	shift 2
	conf "$@"
	ctl reload
	is "table: reload of interim $INTERIM, join $JOIN" 0 $?
	until_true 10 in_force "$INTERIM" "$JOIN"
	is "table: interim $INTERIM, join $JOIN: in force" 0 $?
}

reloads 0 no 'ignore out'
is 'table: without join, no warning' 0 "$(grep -c "$OUT" "$DIR/err")"
reloads 60 yes 'ignore out'
is 'table: join beside a rule with out: one warning' 1 \
    "$(grep -c "pflowd: $OUT" "$DIR/err")"
until_true 10 last_error
is 'table: join beside a rule with out: show has it' 0 $?
reloads 60 no 'ignore out'
until_true 10 no_error
is 'table: without join, show has no warning' 0 $?
is 'table: the same engine' "$engine" "$(child engine)"
stop TERM $PARENT
stop TERM $PF
