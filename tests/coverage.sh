#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Which lines the tests run, in a tree that "make coverage" has built for it.
# Counters are in mapped files, so that a process that can open none any more,
# or is killed, has its own.  What an attacker reaches first must be run nearly
# whole.

set -u
WELL='pflowd/source/pfsync.c pflowd/source/pfsync_state.c pflowd/engine/control.c'
WELL="$WELL pflowd/engine/control_listen.c common/msg.c"
LEAST=95

tool()
{
	for name in "$1" "$1-14" "$1-16" "$1-19"; do
		command -v "$name" && return
	done
	echo "coverage: no $1 (make setup)" >&2
	exit 1
}
profdata=$(tool llvm-profdata) || exit 1
cov=$(tool llvm-cov) || exit 1

mkdir -p profiles
chmod 1777 profiles
export LLVM_PROFILE_FILE
# Each script has process ids of its own, and faults' library its own file.
for test in unit fuzz golden/config golden/pcap golden/ctl \
    protocols/collectors system/cli system/live system/service system/faults; do
	LLVM_PROFILE_FILE=$PWD/profiles/${test#*/}.%p.%m.%c.profraw
	sh tests/$test/run.sh | grep -v '^ok'
done
# One that was killed at its very beginning has an empty file.
"$profdata" merge -sparse -failure-mode=all -o all.profdata profiles/ || exit 1

set -- pflowd/pflowd -object pflowctl/pflowctl
for program in tests/unit/*_test tests/fuzz/*_fuzz; do
	set -- "$@" -object "$program"
done
"$cov" report "$@" -instr-profile=all.profdata 2>/dev/null |
    awk -v well="$WELL" -v least=$LEAST '
	BEGIN { split(well, list); for (i in list) must[list[i]] = 1 }
	$1 ~ /^(common|pflowd|pflowctl)\/.*\.c$/ {
		short = $1 in must && $10 + 0 < least
		failed += short
		printf "%-28s %5d of %5d lines %7s%s\n", $1, $8 - $9, $8, $10,
		    short ? "  too few" : ""
	}
	END { exit failed > 0 }'
