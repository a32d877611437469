#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What is wrong with the state table is shown while it lasts, and logged when it
# begins and ends.

. tests/lib.sh
. tests/system/table/table.sh
need_table 'table, conditions' 25

PORT=9
conf
pf -T 4 -n 20 -d 120
daemon

sources() {
	ctl show sources >"$DIR/sources" 2>&1 && grep -q -e "$1" "$DIR/sources"
}

# problem NAME REQUEST PATTERN STATUS END OVER: pf is asked to have a problem;
# check exits with this status, and pf is asked to have it no more.
problem() {
	pf_do "$2"
	until_true 15 shows "$3"
	is "table: $1: show has it" 0 $?
	sources "condition  .*$3"
	is "table: $1: show sources has it" 0 $?
	ctl check >"$DIR/check"
	is "table: $1: exit status of check" "$4" $?
	has "table: $1: check has it" "$DIR/check" "$3"
	is "table: $1: logged once" 1 "$(grep -c -e "$3" "$DIR/err")"
	pf_do "$5"
	until_true 15 logs "$6"
	is "table: $1: the log says when it is over" 0 $?
}

until_true 10 sources '^  pf  *enabled'
is 'table: pf is enabled' 0 $?
has 'table: no condition' "$DIR/sources" "reads  *pf's state table (FreeBSD, version 2)"
is 'table: no condition' 0 "$(grep -c condition "$DIR/sources")"
problem disabled 'enabled 0' 'pf is disabled: pfctl -e' 2 'enabled 1' \
    'pf is enabled again'
problem failed 'fail 12' "dumps of pf's state table failed (" 2 'fail 0' \
    "dumps of pf's state table succeed again"
problem slow 'slow 1500' '% of the time between dumps' 1 'slow 0' \
    "dumps of pf's state table are fast again"
is 'table: conditions: what is logged' '' \
    "$(grep -v -e "pf's state table" -e 'pf is' -e '% of' "$DIR/err" |
	grep -e error -e dumper)"
INTERVAL=3600
conf
ctl reload
is 'table: a long interval' 0 $?
until_true 10 sources '^  interval  *1 h\|3600'
before=$(counter dumps)
INTERVAL=1
conf
ctl reload
until_true 10 counted dumps $((before + 2))
is 'table: a short one is not after the long one' 0 $?
stop TERM $PARENT
is 'table: conditions: exit status' 0 $?
stop TERM $PF
