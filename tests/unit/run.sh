#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The unit tests: each program tests one file, and says which case failed.

. tests/lib.sh
unset ASAN_OPTIONS

CAPTURES=$DIR/captures
export CAPTURES
mkdir "$CAPTURES"
for script in tests/pcap/*.in; do
	"$TOOLS/pfsyncgen" <"$script" \
	    >"$CAPTURES/$(basename "$script" .in).pcap"
done

for test in tests/unit/*_test; do
	name=$(basename "$test")
	if "$test" >"$DIR/out" 2>&1; then
		cases=$(grep -c '^\[       OK' "$DIR/out")
		ok "$name ($cases cases)"
	else
		failed "$name" "says"
		grep -v '^\[ RUN\|^\[       OK' "$DIR/out"
	fi
done
