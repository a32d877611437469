#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# The sources of libevent and libpcap, as their authors released them (Debian's
# patches of libpcap are not for BSDs), from where this machine's apt has its
# packages; apt's own lists stay as they are.

set -eu
src=$CROSS_CACHE/src
[ ! -f "$src/complete" ] || exit 0
rm -rf "$src"
mkdir -p "$src/apt/sources" "$src/apt/lists/partial" "$src/apt/cache"

for list in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
	to=$src/apt/sources/${list##*/}
	case $list in
	*.sources) sed 's/^Types:.*/Types: deb-src/' "$list" >"$to" ;;
	*.list) [ ! -f "$list" ] || sed -n 's/^deb /deb-src /p' "$list" >"$to" ;;
	esac
done

apt()
{
	apt-get -q -o Dir::Etc::sourcelist=/dev/null \
	    -o Dir::Etc::sourceparts="$src/apt/sources" \
	    -o Dir::State::lists="$src/apt/lists" \
	    -o Dir::Cache="$src/apt/cache" -o APT::Sandbox::User="$(id -un)" \
	    -o Acquire::Retries=3 "$@"
}

# Some other's list may have no sources: what counts is what is found.
apt update || :
cd "$src"
apt source --download-only --tar-only libevent libpcap
for archive in ./*.orig.tar.*; do
	case $archive in
	*.asc) ;;
	*) tar -xf "$archive" ;;
	esac
done
rm -rf apt
touch complete
