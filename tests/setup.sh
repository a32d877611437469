#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# setup.sh [qemu | cross | seen]: installs what the build and its tests need, or
# on Debian what "make check-qemu" or "make cross" needs, too, or Prometheus for
# the test of metrics.  Root also gets the user and the empty directory that live
# capture runs in.  With V=1 in the environment the package manager is heard.

set -eu

user=_pflowd
chroot=/var/empty/pflowd

# needed: without these, setup fails.  useful: tests and lint do less.
if command -v apt-get >/dev/null; then
	system=apt
	needed='gcc libc6-dev make bison pkg-config libpcap-dev libevent-dev
	    libbsd-dev libseccomp-dev libcmocka-dev nfdump python3 procps'
	useful='tshark pmacct mandoc bmake byacc clang clang-tools libclang-rt-dev llvm
	    clang-format cppcheck valgrind tcpdump iproute2 ethtool shellcheck strace
	    python3-prometheus-client python3-scapy'
	case ${1-} in
	qemu) needed="$needed gcc-s390x-linux-gnu qemu-user" ;;
	cross) needed="$needed npm flex file" ;;
	seen) needed="$needed prometheus prometheus-node-exporter" ;;
	esac
elif command -v pkgin >/dev/null; then
	system=pkgin
	needed='pkgconf cmocka nfdump'
	useful='wireshark pmacct cppcheck shellcheck'
elif command -v pkg_add >/dev/null; then
	system=pkg_add
	needed='libevent cmocka nfdump'
	useful='tshark cppcheck shellcheck'
elif command -v pkg >/dev/null; then
	system=pkg
	chroot=/var/empty
	needed='pkgconf libevent cmocka nfdump'
	useful='tshark pmacct cppcheck valgrind'
else
	echo "setup: no package manager that setup knows: install a C compiler," \
	    "pkg-config, libpcap, libevent 2, cmocka and nfdump by hand" >&2
	exit 1
fi

have()
{
	case $system in
	apt)
		# A name may be virtual, so the command counts too.
		dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null |
		    grep -q ' installed$' || command -v "$1" >/dev/null
		;;
	pkg) pkg info -e "$1" ;;
	pkgin) pkg_info -qe "$1" >/dev/null ;;
	pkg_add) pkg_info -qe "$1-*" >/dev/null ;;
	esac
}

# lacking PACKAGE ...: those that are not installed
lacking()
{
	for package; do
		have "$package" || echo "$package"
	done
}

# quietly COMMAND ...: show what it says only if it fails
quietly()
{
	[ "${V:-0}" != 1 ] || { "$@"; return; }
	said=$(mktemp)
	status=0
	"$@" >"$said" 2>&1 || status=$?
	[ $status = 0 ] || cat "$said" >&2
	rm -f "$said"
	return $status
}

add()
{
	case $system in
	apt)
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
		    --no-install-recommends -o Acquire::Retries=3 "$@"
		;;
	pkg) pkg install -y "$@" ;;
	pkgin) pkgin -y install "$@" ;;
	pkg_add) pkg_add -I "$@" ;;
	esac </dev/null
}

refresh()
{
	[ $system = apt ] || return 0
	for pause in 2 10 0; do
		quietly apt-get update -q && return 0
		sleep $pause
	done
	echo "setup: apt-get update failed; using the old package lists" >&2
}

add_user()
{
	! id "$user" >/dev/null 2>&1 || return 0
	if command -v pw >/dev/null; then
		pw useradd "$user" -d "$chroot" -s /usr/sbin/nologin
		return
	fi
	nologin=/usr/sbin/nologin
	[ -x $nologin ] || nologin=/sbin/nologin
	groupadd "$user" 2>/dev/null || :
	useradd -g "$user" -d "$chroot" -s $nologin "$user"
}

# shellcheck disable=SC2086
needs=$(lacking $needed)
# shellcheck disable=SC2086
wants=$(lacking $useful)

if [ "$(id -u)" != 0 ]; then
	[ -n "$needs$wants" ] || exit 0
	for as_root in sudo doas; do
		command -v $as_root >/dev/null || continue
		# Without a terminal there is nobody to give a password.
		[ -t 0 ] || as_root="$as_root -n"
		# shellcheck disable=SC2093
		exec $as_root sh "$0" "$@"
	done
	echo "setup: needs root; run as root:" >&2
	echo "sh tests/setup.sh $*    # installs" $needs $wants >&2
	exit 1
fi

if [ -n "$needs$wants" ]; then
	# shellcheck disable=SC2086
	echo "setup: installing" $needs $wants
	refresh
	# All at once is quick; if one of them cannot be had, one by one.
	# shellcheck disable=SC2086
	if ! quietly add $needs $wants; then
		[ -z "$needs" ] || quietly add $needs
		for package in $wants; do
			quietly add "$package" ||
			    echo "setup: cannot install $package; continuing without it" >&2
		done
	fi
fi

add_user
# FreeBSD has it, and lets nobody change it.
if [ $system != pkg ]; then
	mkdir -p "$chroot"
	chown 0:0 "$chroot"
	chmod 755 "$chroot"
fi
