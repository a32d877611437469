#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The unit tests: each program tests one file, and says which case failed.
#
# usage: [UNIT_LIMIT=300] sh tests/unit/run.sh [program ...]

. tests/lib.sh
unset ASAN_OPTIONS
LIMIT=${UNIT_LIMIT:-300}

CAPTURES=$DIR/captures
export CAPTURES
mkdir "$CAPTURES"
for script in tests/golden/pcap/*.in; do
	"$TOOLS/pfsyncgen" <"$script" \
	    >"$CAPTURES/$(basename "$script" .in).pcap"
done

[ $# -gt 0 ] || set -- tests/unit/*_test
for test; do
	name=$(basename "$test")
	limited "$LIMIT" "$test" >"$DIR/out" 2>&1
	status=$?
	case $status in
	0)
		cases=$(grep -c '^\[       OK' "$DIR/out")
		ok "$name ($cases cases)"
		;;
	124|137)
		failed "$name" "did not end within $LIMIT s: $(
		    sed -n 's/^\[ RUN  *\] //p' "$DIR/out" | tail -n 1)"
		;;
	*)
		failed "$name" "exit status $status"
		grep -v '^\[ RUN\|^\[       OK' "$DIR/out"
		;;
	esac
done
