#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What clang's static analyzer says of the sources, in a tree of its own that
# is configured: nothing.

set -u

if ! command -v scan-build >/dev/null; then
	echo "analyze: no scan-build (make setup)" >&2
	exit 1
fi
log=$(mktemp "${TMPDIR:-/tmp}/pflowd-analyze.XXXXXX")
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
trap 'rm -rf "$log" "$log.reports"' EXIT
if ! scan-build -o "$log.reports" make -f build.mk -j"$jobs" all tools \
    fuzzers >"$log" 2>&1; then
	cat "$log"
	exit 1
fi
if grep ' warning: ' "$log"; then
	exit 1
fi
echo 'analyze: nothing'
