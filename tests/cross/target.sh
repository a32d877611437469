#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# target.sh TARGET: pflowd and pflowctl for it, in a tree of its own.  Its last
# line is a row of the table of cross.sh.

set -eu
target=$1
system=${target#*-} version=${system#*.} system=${system%%.*}
words=$(awk -v target="$target" '$1 == target { sub(/[^\t]*\t/, ""); print }' \
    tests/cross/targets)
tree=$CROSS_CACHE/tree/$target
PKG_CONFIG_LIBDIR=$CROSS_CACHE/stage/$target/lib/pkgconfig
export PKG_CONFIG_LIBDIR

mkdir -p "${tree%/*}"
sh tests/copy.sh "$tree"
cd "$tree"

./configure CC="zig cc -target $target" CFLAGS=-O2 LDFLAGS=-s RCD="$system" \
    WERROR=1

# A probe that fails for another reason than it should changes this.
{
	for word in PFLOWD_USERADD PFLOWD_GROUPADD PFLOWD_SIGINFO \
	    PFLOWD_SOURCE; do
		sed -n "s/^#define $word /$word = /p" config.h
	done
	grep -E '^(HARDENING|LINK_HARDENING|BSD_LIBS|ACCEPT|SEND|SETIDS) =' \
	    config.mk
	grep -E '^(CAPTURE_[A-Z]*|MEMORY) =' config.mk
	grep -E '^(SANDBOX|PFTIMEOUT|STATEDUMP|PATHMTU|RCD) =' config.mk
} | sed 's/ *$//' >chosen
diff "tests/cross/$system.expected" chosen

"$MAKE" -f build.mk clean
"$MAKE" -f build.mk -j"$JOBS" AR='zig ar' all "tests/cross/layout_$system.o" \
    >build.log 2>&1 || {
	cat build.log
	exit 1
}
cat build.log
warnings=$(grep -c 'warning: ' build.log) || :

for program in pflowd/pflowd pflowctl/pflowctl; do
	file -b $program
	file -b $program | grep -qE "^$words\$" || {
		echo "not what was wanted: $words"
		exit 1
	}
done
[ "$warnings" = 0 ]

case $system in
netbsd) name=NetBSD ;;
freebsd) name=FreeBSD ;;
openbsd) name=OpenBSD ;;
esac
printf '%-24s %-14s %8d %8d %8d\n' "$target" "$name $version" \
    "$(wc -c <pflowd/pflowd)" "$(wc -c <pflowctl/pflowctl)" "$warnings"
