#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# More load than there is time for.
#
# usage: [LOAD_SECONDS=10] sh tests/system/faults/load.sh [name ...]

. tests/lib.sh
COUNT=4
. tests/system/faults/apart.sh
# A sanitizer keeps what was freed for a while, which is not growth.
ASAN_OPTIONS=${ASAN_OPTIONS-}:quarantine_size_mb=0
ASAN_OPTIONS=$ASAN_OPTIONS:thread_local_quarantine_size_kb=0
export ASAN_OPTIONS
python3 tests/system/faults/load_run.py "$DIR" "$IF" "${LOAD_SECONDS:-1}" "$@"
