#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What goes wrong between pf and the engine: the log names it, pflowctl shows
# it, pflowd goes on by itself, and no octet of a dump that it had is missing.

. tests/lib.sh
. tests/system/table/table.sh
need_table 'table, faults' 19

# goes_on NAME: with two more whole dumps.
goes_on() {
	until_true 20 dumped
	is "table: $1: dumps go on" 0 $?
	before=$(whole)
}

whole() {
	echo $(($(counter dumps) - $(counter dumps_void)))
}

dumped() {
	[ "$(whole)" -ge $((before + 2)) ]
}

sources() {
	ctl show sources >"$DIR/sources" && grep -q -e "$1" "$DIR/sources"
}

judge -o hosts
conf
daemon
before=0
has 'table: no pf: the log says so' "$DIR/err" \
    "$DIR/pf: No such file or directory .*; will retry"
shows 'the first dump has not come yet'
is 'table: no pf: shown' 0 $?
pf -T 4 -n 100 -w ox
goes_on 'pf comes'
has 'table: pf comes: the log says so' "$DIR/err" \
    "pf's state table can be read now"

pf_do hang 1
until_true 20 logs 'dumper does not answer; killing it'
is 'table: a dump hangs: the dumper is killed' 0 $?
pf_do hang 0
goes_on 'a dump hangs'
sources 'dumpers replaced  *1'
is 'table: a dump hangs: shown' 0 $?
shows 'last error'
is 'table: a dump hangs: no error is left' 1 $?

pf_do fail 12
until_true 10 counted dumps_void $(($(counter dumps_void) + 2))
is 'table: dumps fail: counted' 0 $?
pf_do fail 0
goes_on 'dumps fail'

pf_do unknown 1
goes_on 'settings unknown'
pf_do unknown 0

pf_do enabled 0
until_true 10 sources 'pf  *disabled'
is 'table: pf disabled: shown' 0 $?
pf_do enabled 1

unknown='states in a layout that this pflowd does not know'
for what in 'layout 9' 'version 20250101'; do
	before=$(whole)
	pf_do "$what"
	until_true 10 shows "$unknown"
	is "table: $what: shown" 0 $?
	pf_do layout 5
	pf_do version 20230404
	goes_on "$what"
done
has 'table: an unknown layout: the log says so' "$DIR/err" "$unknown"
logs 'dumper exited'
is 'table: an unknown layout: no other reason is logged' 1 $?

pf_do quiet
settle 40
is 'table: faults: exit status, and sums' 0 "$status"
cat "$DIR/sums"
