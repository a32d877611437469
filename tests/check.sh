#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# check.sh [script ...]: all tests, or these, and how many of them passed.

# Paths below it stand in configurations and scripts.
case ${TMPDIR:-/tmp} in
*[!A-Za-z0-9_./+,:=~-]*)
	echo "check: TMPDIR=$TMPDIR: use letters, digits and _./+,:=~- alone" >&2
	exit 1
	;;
esac

RESULTS=$(mktemp "${TMPDIR:-/tmp}/pflowd-results.XXXXXX") || exit 1
export RESULTS
trap 'rm -f "$RESULTS"' EXIT
trap 'exit 1' HUP INT TERM

[ $# -gt 0 ] || set -- tests/layers.sh tests/unit/run.sh tests/config/run.sh \
    tests/pcap/run.sh tests/captures/run.sh tests/fuzz/run.sh \
    tests/cli/run.sh tests/ctl/run.sh tests/collectors/run.sh \
    tests/network/run.sh tests/flowsets/run.sh tests/judges/run.sh \
    tests/live/run.sh tests/sandbox/run.sh tests/sandbox/engine.sh \
    tests/sandbox/trace.sh tests/service/run.sh tests/random/run.sh \
    tests/faults/run.sh tests/rc/run.sh tests/packaging/run.sh

for script; do
	echo "== $script"
	before=$(wc -l <"$RESULTS")
	if ! sh "$script"; then
		echo "FAIL  $script"
		echo fail >>"$RESULTS"
	elif [ "$(wc -l <"$RESULTS")" = "$before" ]; then
		# One that counts no cases of its own is a case.
		echo "ok    $script"
		echo ok >>"$RESULTS"
	fi
done

count() {
	grep -c "^$1\$" "$RESULTS"
}
echo "$(count ok) passed, $(count fail) failed, $(count skip) skipped"
[ "$(count fail)" = 0 ] && [ "$(count ok)" -gt 0 ]
