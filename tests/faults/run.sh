#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Harm, and what becomes of it.
#
# usage: [FAULT_SECONDS=60] [LOAD_SECONDS=10] sh tests/faults/run.sh [name ...]

. tests/lib.sh
. tests/firewall.sh
need_firewall faults 29 python3 prlimit ip unshare

if [ "$APART" != yes ]; then
	skip faults 'no namespaces'
	exit 0
fi
export PFLOWD TOOLS RESULTS
status=0
python3 tests/faults/faults_run.py "$DIR" "$IF" "${FAULT_SECONDS:-2}" "$@" ||
    status=1
if [ -f "$TOOLS/faults.so" ]; then
	python3 tests/faults/memory_run.py "$DIR" "$IF" "${FAULT_STRIDE:-5}" \
	    "$@" || status=1
else
	skip 'memory refused' 'no faults.so'
fi
# A sanitizer keeps what was freed for a while, which is not growth.
ASAN_OPTIONS=${ASAN_OPTIONS-}:quarantine_size_mb=0
ASAN_OPTIONS=$ASAN_OPTIONS:thread_local_quarantine_size_kb=0
export ASAN_OPTIONS
python3 tests/faults/load_run.py "$DIR" "$IF" "${LOAD_SECONDS:-1}" "$@" ||
    status=1
exit $status
