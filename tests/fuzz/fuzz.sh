#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# fuzz.sh DIR [NAME ...]: runs each harness, or those of these names, for
# FUZZ_SECONDS.  In DIR/NAME is what it finds to go on from (the next time,
# too), DIR/NAME.log is what it says, DIR/NAME-crash-* and the like are inputs
# that do harm.  To keep what a longer run has found:
#
#	tests/fuzz/NAME_fuzz -merge=1 tests/fuzz/corpus/NAME DIR/NAME
#
# AFL++ drives the same: CC=afl-clang-fast FUZZ=1 ./configure, make fuzzers,
# afl-fuzz -i tests/fuzz/corpus/NAME -o DIR -- tests/fuzz/NAME_fuzz.

set -u
seconds=${FUZZ_SECONDS:-60}
dir=$1
shift
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(ls tests/fuzz/*_fuzz.c | sed 's|.*/||; s|_fuzz.c$||')

# What a log says behind the last of these words.
last()
{
	tr ' ' '\n' <"$log" | grep -A 1 "^$1\$" | tail -n 1
}

status=0
format='%-10s %12s %8s %8s %9s\n'
# shellcheck disable=SC2059
printf "$format" target executions edges corpus findings
for name; do
	log=$dir/$name.log
	mkdir -p "$dir/$name"
	set --
	[ -f "tests/fuzz/$name.dict" ] && set -- "-dict=tests/fuzz/$name.dict"
	nice "tests/fuzz/${name}_fuzz" "$@" -max_total_time="$seconds" \
	    -timeout=10 -print_final_stats=1 \
	    -artifact_prefix="$dir/$name-" "$dir/$name" \
	    "tests/fuzz/corpus/$name" >"$log" 2>&1 || status=1
	findings=$(find "$dir" -name "$name-*" | grep -c .)
	# shellcheck disable=SC2059
	printf "$format" "$name" \
	    "$(sed -n 's/^stat::number_of_executed_units: //p' "$log")" \
	    "$(last cov:)" "$(last corp: | sed 's|/.*||')" "$findings"
	[ "$findings" = 0 ] || status=1
done
exit $status
