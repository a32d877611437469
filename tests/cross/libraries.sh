#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# libraries.sh TARGET: libevent_core and libpcap for it, in a folder of the
# cache, unless these very ones are there.

set -eu
target=$1
system=${target#*-} system=${system%%.*}
stage=$CROSS_CACHE/stage/$target
work=$CROSS_CACHE/work/$target
log=$CROSS_CACHE/log/$target
event=$(echo "$CROSS_CACHE"/src/libevent-*/)
pcap=$(echo "$CROSS_CACHE"/src/libpcap-*/)

made="$(zig version) $event $pcap $(cksum <"$0")"
[ ! -f "$stage/made" ] || [ "$(cat "$stage/made")" != "$made" ] || exit 0
rm -rf "$stage" "$work" "$ZIG_GLOBAL_CACHE_DIR"
mkdir -p "$stage" "$work/event" "$work/pcap"

# Where zig has not the libc of a release it goes on with that of another, and
# says so when it first makes it, in a cache that is new.
echo 'int main(void) { return 0; }' >"$work/try.c"
zig cc -target "$target" -o "$work/try" "$work/try.c" >"$log" 2>&1
[ ! -s "$log" ] || exit 1

# prepare NAME SOURCE OPTION ...: its configure, in a folder of its own
prepare()
{
	cd "$work/$1"
	source=$2
	shift 2
	"$source/configure" --host="${target%%-*}-unknown-$system" \
	    --prefix="$stage" --disable-shared CC="zig cc -target $target" \
	    AR='zig ar' RANLIB=true CFLAGS='-O2 -fPIC' "$@"
}

# The core alone, of its four libraries.  FreeBSD's libc has the function that
# is answered for, but for old programs only.
build_event()
{
	prepare event "$event" --disable-openssl --disable-samples \
	    --disable-libevent-regress --disable-thread-support \
	    --disable-dependency-tracking --disable-debug-mode \
	    ac_cv_func_arc4random_addrandom=no &&
	    make -j"$JOBS" LTLIBRARIES=libevent_core.la \
		lib_LTLIBRARIES=libevent_core.la install
}

# What is linked statically needs no path, and that would be this machine's.
build_pcap()
{
	prepare pcap "$pcap" --with-pcap=bpf --without-libnl --disable-dbus \
	    --disable-rdma --disable-bluetooth --disable-usb &&
	    make -j"$JOBS" install &&
	    sed -i 's/-Wl,-rpath,[^ ]*//' "$stage/lib/pkgconfig/libpcap.pc"
}

build_event >"$log.event" 2>&1 &
if ! build_pcap >"$log" 2>&1; then
	wait || :
	exit 1
fi
if ! wait $!; then
	mv "$log.event" "$log"
	exit 1
fi
rm -rf "$work"
echo "$made" >"$stage/made"
