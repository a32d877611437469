#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# pflowd is stopped and started while connections go on: what crossed before is
# reported, at the stop, and what follows; only what crossed meanwhile is not.

. tests/lib.sh
. tests/system/table/table.sh
. tests/system/table/collected.sh
need_collectors 'table, restart' 10

JOIN=yes
INTERIM=4

collected -s 11 -w fox
until_true 60 made
is 'restart: all connections are made' 0 $?
until_true 20 counted reports_interim 10
ctl -j show counters >"$DIR/before"
stop TERM "$PARENT"
is 'restart: exit status' 0 $?
daemon
until_true 10 counted dumps 2
is 'restart: dumps go on' 0 $?
is 'restart: octets from before the start are counted' 1 \
    "$([ "$(counter octets_before_start)" -gt 0 ] && echo 1)"
judge_collected restart restarted
