#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Every check that is installed.  Sizes are told, and fail nothing.

set -u
cd "$(dirname "$0")/.." || exit 1

status=0
sources=$(find common pflowd pflowctl tests/tools tests/unit tests/bench \
    tests/fuzz tests/cross -name '*.[ch]' ! -path pflowd/conf/parse.c 2>/dev/null |
    sort)
scripts=$(find configure .ci/run tests -name node_modules -prune -o -type f \
    \( -name '*.sh' -o -name configure -o -name run \) -print | sort)

# check TOOL ARGUMENT ...
check()
{
	if ! command -v "$1" >/dev/null; then
		echo "lint: no $1 (make setup): skipped"
	elif ! "$@"; then
		echo "lint: $1 complains" >&2
		status=1
	fi
}

# shellcheck disable=SC2086
check clang-format --dry-run -Werror $sources
# shellcheck disable=SC2086
check cppcheck --quiet --std=c11 --enable=warning,performance,portability \
    --inline-suppr --error-exitcode=1 -D__GNUC__=10 -I. -Ipflowd \
    $sources
check mandoc -T lint -W warning man/*.[58]
# Which manuals this machine has does not matter.
if mandoc -T lint -W style man/*.[58] 2>/dev/null | grep STYLE |
    grep -v 'referenced manual not found'; then
	status=1
fi
# What is wider than a terminal wraps, and an example cannot be pasted.
wide=$(for page in man/*.[58]; do
	mandoc -T ascii -O width=80 "$page" 2>/dev/null | col -bx |
	    awk -v page="$page" 'length > 80 { print "lint: " page \
		": wider than 80 columns: " $0 }'
done)
if [ -n "$wide" ]; then
	echo "$wide" >&2
	status=1
fi
# shellcheck disable=SC2086
check shellcheck -S warning $scripts
# Their rc.subr reads and sets variables.
check shellcheck -S warning -e SC2034,SC2154 rc.d/pflowd.*
check shellcheck -S warning tests/system/rc/rc.subr.*
check sh tests/layers.sh

# V=1 alone shows commands.
if grep -n '^	\$(\(CC\|LINK\|AR\|YACC\))' build.mk; then
	echo "lint: build.mk: begin this command with \$(AT)" >&2
	status=1
fi

# shellcheck disable=SC2086
awk '
FNR == 1 { start = 0 }
FNR == 501 { print "lint: " FILENAME ": more than 500 lines" }
/^[a-z_][a-z0-9_]*\(/ { name = $0; sub(/\(.*/, "", name) }
/^\{/ { start = FNR }
/^\}/ && start {
	if (FNR - start - 1 > 60)
		print "lint: " FILENAME ":" start ": " name ": " \
		    FNR - start - 1 " lines"
	start = 0
}' $sources
exit $status
