#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# pf is unloaded and loaded again: the dumper's descriptors are of no more use,
# and the next dumper has new ones.

. tests/lib.sh
. tests/system/table/table.sh
need_table 'table, gone' 4

judge -o hosts
conf
pf -L 3 -T 5 -n 300 -d 12 -s 5
daemon
until_true 10 counted dumps 2
before=$(child dumper)
pf_do fail "$(python3 -c 'import errno; print(errno.ENXIO)')"
until_true 10 logs 'pf is gone'
is 'table: pf is gone: the log says so' 0 $?
pf_do fail 0
dumps_go_on
is 'table: pf is back: dumps go on' 0 $?
[ "$(child dumper)" != "$before" ]
is 'table: pf is back: of another dumper' 0 $?
settle 60
is 'table: gone: exit status, and sums' 0 "$status"
cat "$DIR/sums"
