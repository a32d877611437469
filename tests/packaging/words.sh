#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What make says: of the demo what it does, the flows, an account and what is
# next, and commands only with V=1.

. tests/lib.sh

if ! command -v nfcapd >/dev/null || ! command -v nfdump >/dev/null; then
	skip 'words: demo' 'no nfdump: make setup'
else
	make demo >"$DIR/demo" 2>&1
	is 'demo: exit status' 0 $?
	is 'demo: begins with what it does' 'building pflowd' "$(head -n 1 "$DIR/demo")"
	is 'demo: every flow' 20 "$(grep -c -- ' -> ' "$DIR/demo")"
	is 'demo: every state' 12 "$(row "$DIR/demo" 'states announced')"
	is 'demo: no rows of 0' '' "$(grep ' 0$' "$DIR/demo")"
	has 'demo: what is next' "$DIR/demo" '^Next:$'
	is 'demo: short' 1 "$(($(wc -l <"$DIR/demo") < 70))"
	is 'demo: nothing else' '' "$(grep -E '^(cc|gcc|clang|make|sh|ar|rm|  tests)' "$DIR/demo")"
fi

# A tree in which one object and the program are to be made.
mkdir "$DIR/tree"
cp -Rp common pflowd pflowctl Makefile GNUmakefile build.mk configure config.* \
    VERSION "$DIR/tree"
cd "$DIR/tree" || exit 1
for make in make bmake; do
	command -v $make >/dev/null || continue
	rm -f pflowd/pflowd.o pflowd/pflowd
	$make >"$DIR/out" 2>&1
	is "$make: exit status" 0 $?
	is "$make: what is built" '  pflowd/pflowd' "$(cat "$DIR/out")"
	rm -f pflowd/pflowd.o pflowd/pflowd
	$make V=1 >"$DIR/out" 2>&1
	has "$make V=1: the compiler" "$DIR/out" '-c -o pflowd/pflowd.o'
	has "$make V=1: the linker" "$DIR/out" '-o pflowd/pflowd pflowd/pflowd.o'
done
