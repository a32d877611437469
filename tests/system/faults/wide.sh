#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Forged counters so wide that a frame makes millions of records: whatever is
# asked meanwhile is answered within a second.
#
# usage: sh tests/system/faults/wide.sh [name ...]

. tests/lib.sh
COUNT=2
. tests/system/faults/apart.sh
python3 tests/system/faults/wide_run.py "$DIR" "$IF" "$@"
