#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Interim is changed, switched off and on, and join and rules are changed, by
# reloads while connections go on: no octet is reported twice, and none is
# missing but for those that a rule ignored, which are counted.

. tests/lib.sh
. tests/system/table/table.sh
. tests/system/table/collected.sh
need_collectors 'table, reloads' 23

JOIN=yes
INTERIM=4

# reload NAME LINE ...: and two more whole dumps.
reload() {
	name=$1
	shift
	collected_conf "$@"
	ctl reload >"$DIR/reload" 2>&1
	is "reloads: $name: exit status" 0 $?
	cat "$DIR/reload"
	dumps_go_on 20
	is "reloads: $name: dumps go on" 0 $?
}

collected -s 9 -w fox
until_true 20 counted reports_interim 10
INTERIM=0
reload 'interim off'
pieces=$(counter reports_interim)
until_true 20 counted dumps $(($(counter dumps) + 5))
is 'reloads: interim off: no pieces' "$pieces" "$(counter reports_interim)"
INTERIM=3
reload 'interim on'
until_true 20 counted reports_interim $((pieces + 10))
is 'reloads: interim on: pieces' 0 $?
INTERIM=8
reload 'interim changed'
reload 'a rule' 'ignore proto udp'
reload 'without the rule'
from=$(date +%s)
JOIN=no
reload 'join off'
until_true 10 counted dumps $(($(counter dumps) + 3))
JOIN=yes
reload 'join on'
to=$(date +%s)
until_true 120 made
is 'reloads: all connections are made' 0 $?
INTERIM=30 # there were none for a while
judge_collected reloads ignored single "${from}000" "${to}999"
