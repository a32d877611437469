#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Replays what the fuzzer has found so far: inputs that reach all the code that
# any has reached, and those that once did harm.

. tests/lib.sh
unset ASAN_OPTIONS

for target in tests/fuzz/*_fuzz; do
	name=$(basename "$target" _fuzz)
	set -- tests/fuzz/corpus/"$name"/*
	if "$target" "$@" >"$DIR/out" 2>&1; then
		ok "fuzz/$name ($# inputs)"
		continue
	fi
	failed "fuzz/$name" "says"
	head -n 40 "$DIR/out"
	for input; do
		"$target" "$input" >/dev/null 2>&1 || echo "by $input"
	done
done

# What the sanitizers do not see: a byte that was never set is looked at.
if grep -q fsanitize config.mk || [ -n "${EMULATOR-}" ] ||
    ! command -v valgrind >/dev/null; then
	skip 'fuzz/valgrind' \
	    'there is none, or this build has sanitizers or an emulator'
	exit 0
fi
for name in frame statetable recording capture export take; do
	# valgrind 3.19 cannot read what clang 14 writes for debuggers.
	strip -g -o "$DIR/$name" "tests/fuzz/${name}_fuzz"
	if valgrind -q --error-exitcode=9 --leak-check=full \
	    "$DIR/$name" tests/fuzz/corpus/"$name"/* \
	    >"$DIR/out" 2>&1; then
		ok "fuzz/$name, valgrind"
	else
		failed "fuzz/$name, valgrind" says
		head -n 40 "$DIR/out"
	fi
done
