#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Everything at once, in random order, and the accounting adds up throughout.
#
# usage: sh tests/system/random/run.sh [frames]

. tests/lib.sh
. tests/firewall.sh
need_firewall random 1 python3

export PFLOWD TOOLS
python3 tests/system/random/random_run.py "$DIR" "$IF" "${1:-40000}" >"$DIR/out" 2>&1
is 'random: it adds up' 0 $?
cat "$DIR/out"
pkill -P $$ 2>/dev/null
:
