#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# All tests, and how many of them passed.

RESULTS=$(mktemp "${TMPDIR:-/tmp}/pflowd-results.XXXXXX")
export RESULTS
trap 'rm -f "$RESULTS"' EXIT

for script in tests/layers.sh tests/unit/run.sh tests/pcap/run.sh \
    tests/cli/run.sh tests/collectors/run.sh tests/live/run.sh; do
	echo "== $script"
	before=$(wc -l <"$RESULTS")
	sh "$script"
	status=$?
	# One that counts no cases of its own is a case.
	[ "$(wc -l <"$RESULTS")" = "$before" ] || continue
	if [ $status = 0 ]; then
		echo "ok    $script"
		echo ok >>"$RESULTS"
	else
		echo "FAIL  $script"
		echo fail >>"$RESULTS"
	fi
done

count() {
	grep -c "^$1\$" "$RESULTS"
}
echo "$(count ok) passed, $(count fail) failed, $(count skip) skipped"
[ "$(count fail)" = 0 ] && [ "$(count ok)" -gt 0 ]
