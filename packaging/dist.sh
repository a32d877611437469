#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# dist.sh: the archive of a release and that of its ports, from the last commit,
# in the top folder.

set -eu
cd "$(dirname "$0")/.."
version=$(cat VERSION)

fail()
{
	echo "dist: $1" >&2
	exit 1
}

git rev-parse --verify -q HEAD >/dev/null || fail 'run it in a git repository'
[ -z "$(git status --porcelain --untracked-files=no)" ] ||
    fail 'commit the changes first: the archive is made of the last commit'
grep -q "^pflowd $version " CHANGES || fail "CHANGES has no entry for $version"

ports=$(mktemp -d)
trap 'rm -rf "$ports"' EXIT
git archive --prefix="pflowd-$version/" HEAD | gzip -9n \
    >"pflowd-$version.tar.gz"
git archive HEAD packaging | tar -xf - -C "$ports"
for makefile in "$ports"/packaging/*/Makefile; do
	sed "s/@VERSION@/$version/" "$makefile" >"$ports/makefile"
	cat "$ports/makefile" >"$makefile"
done
rm "$ports/makefile" "$ports/packaging/dist.sh"
mv "$ports/packaging" "$ports/pflowd-ports-$version"
tar -cf - -C "$ports" "pflowd-ports-$version" | gzip -9n \
    >"pflowd-ports-$version.tar.gz"
ls -l "pflowd-$version.tar.gz" "pflowd-ports-$version.tar.gz"
