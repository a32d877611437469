#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What the order of bytes touches, with programs for a machine of the other one:
# s390x, by Debian's cross compiler and emulator.  The libraries are Debian's
# packages, unpacked into PFLOWD_QEMU_ROOT (build-qemu-root); the programs are
# built and run in build-qemu.

set -eu

TARGET=s390x
CC=$TARGET-linux-gnu-gcc
TESTS='tests/protocols/flowsets/run.sh tests/unit/run.sh tests/protocols/collectors/run.sh
    tests/golden/ctl/run.sh tests/golden/config/run.sh tests/golden/captures/run.sh
    tests/golden/pcap/run.sh tests/fuzz/run.sh'
MAKE=${MAKE:-make}

give_up()
{
	echo "check-qemu: $*" >&2
	exit 1
}

for program in apt-get dpkg-deb $CC qemu-$TARGET; do
	command -v "$program" >/dev/null ||
	    give_up "no $program: on Debian, run \"sh tests/setup.sh qemu\""
done

# unpacked DIR: the target's libraries in it, from where this machine has its
# own packages.  Nothing of this machine's is changed.
unpacked()
{
	rm -rf "$1" "$1.apt"
	mkdir -p "$1.apt/lists/partial" "$1.apt/archives/partial"
	: >"$1.apt/status"
	cat >"$1.apt/conf" <<-END
		APT::Architecture "$TARGET";
		APT::Architectures { "$TARGET"; };
		APT::Install-Recommends "false";
		APT::Sandbox::User "";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Dir::State::status "$1.apt/status";
		Dir::State::lists "$1.apt/lists";
		Dir::Cache "$1.apt";
		Dir::Cache::archives "$1.apt/archives";
	END
	APT_CONFIG=$1.apt/conf
	export APT_CONFIG
	apt-get -q update
	apt-get -q -y --download-only install libpcap-dev libevent-dev \
	    libbsd-dev libcmocka-dev ||
	    give_up "no packages for $TARGET: is there a network, and a mirror" \
		"with that architecture?"
	unset APT_CONFIG
	mkdir "$1.apt/root"
	for package in "$1.apt"/archives/*.deb; do
		dpkg-deb -x "$package" "$1.apt/root"
	done
	mv "$1.apt/root" "$1"
	rm -rf "$1.apt"
}

# start FILE COUNT: so many bytes of its beginning, in hexadecimal
start()
{
	od -A n -t x1 -N "$2" "$1" | tr -d ' \n'
}

# Puts the emulator before each program.  One that starts itself again does so
# by its own name.
emulated()
{
	find pflowd pflowctl tests -type f -perm -100 ! -name '*.so' |
	    sort >programs
	count=0
	while read -r program; do
		[ "$(start "$program" 4)" = 7f454c46 ] || continue
		if [ "$(start "$program" 6)" != 7f454c460202 ]; then
			give_up "$program: not for a big-endian machine of" \
			    "64 bits"
		fi
		mv "$program" "$program.$TARGET"
		cat >"$program" <<-END
			#!/bin/sh
			exec qemu-$TARGET -0 "\$0" -L "$ROOT" \\
			    "$PWD/$program.$TARGET" "\$@"
		END
		chmod 755 "$program"
		count=$((count + 1))
	done <programs
	echo "check-qemu: $count programs for $TARGET"
	[ -x "pflowd/pflowd.$TARGET" ] && [ -x "pflowctl/pflowctl.$TARGET" ]
}

ROOT=${PFLOWD_QEMU_ROOT:-$PWD/build-qemu-root}
[ -d "$ROOT" ] || unpacked "$ROOT"

sh tests/copy.sh build-qemu
cd build-qemu
PKG_CONFIG_SYSROOT_DIR=$ROOT
PKG_CONFIG_LIBDIR=$ROOT/usr/lib/$TARGET-linux-gnu/pkgconfig
export PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR
CC="$CC --sysroot=$ROOT" WERROR=1 ./configure ||
    give_up "if the libraries are damaged: rm -r $ROOT, and again"
unset PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR
$MAKE -f build.mk clean
# The emulator does not turn the bytes of what UDP_SEGMENT comes with.
$MAKE -f build.mk AR=$TARGET-linux-gnu-ar SEND=send_mmsg \
    all tools unit fuzzers
emulated

# What it is that runs the programs: some tests can do with less.
EMULATOR=qemu-$TARGET
export EMULATOR
# shellcheck disable=SC2086
sh tests/check.sh $TESTS
