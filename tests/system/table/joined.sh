#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Forwarded connections, half of which last longer than ten dumps, some states
# of which are killed or used again, while engines and dumpers are killed: at
# each collector, octets are what crossed the firewall, once.  CONNECTIONS says
# how many (tests/system/table/collected.sh).

. tests/lib.sh
. tests/system/table/table.sh
. tests/system/table/collected.sh
need_collectors 'table, joined' 11

JOIN=yes
INTERIM=4

collected -s 7 -w fox
until_true 20 counted reports_interim 10
is 'joined: pieces before all connections are made' 0 $?
for n in 1 2; do
	dumps_go_on 20
	kill -KILL "$(child dumper)"
	dumps_go_on 20
	is "joined: dumper killed, $n: dumps go on" 0 $?
	kill -KILL "$(child engine)"
	until_true 10 dumps_go_on 20
	is "joined: engine killed, $n: dumps go on" 0 $?
done
until_true 120 made
is 'joined: all connections are made' 0 $?
judge_collected joined
