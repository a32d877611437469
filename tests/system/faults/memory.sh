#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Memory that is refused: each allocation, or every FAULT_STRIDEth of a start.
#
# usage: [FAULT_STRIDE=1] sh tests/system/faults/memory.sh [name ...]

. tests/lib.sh
COUNT=8
. tests/system/faults/apart.sh
if [ ! -f "$TOOLS/faults.so" ]; then
	skip 'memory refused' 'no faults.so'
	exit 0
fi
python3 tests/system/faults/memory_run.py "$DIR" "$IF" "${FAULT_STRIDE:-5}" "$@"
