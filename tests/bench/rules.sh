#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Instructions for each rule that is looked at, as callgrind counts them.

set -eu

# instructions RULES: of the whole program
instructions() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
	    tests/bench/rulecost "$1" 2>&1 >/dev/null |
	    sed -n 's/.*Collected : //p'
}

command -v valgrind >/dev/null || {
	echo "rules: no valgrind (make setup)"
	exit 0
}
few=$(instructions 100)
many=$(instructions 500)
echo "instructions for each rule looked at:" \
    "$(awk -v a="$few" -v b="$many" 'BEGIN {
	printf "%.1f", (b - a) / 400 / 10000 }')"
