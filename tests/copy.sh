#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# copy.sh DIR: a copy of this tree in it, anew, without other such copies.

set -eu
rm -rf "$1"
mkdir "$1"
for f in *; do
	case $f in
	build-*) ;;
	*) cp -R "$f" "$1/" ;;
	esac
done
