# shellcheck shell=sh disable=SC2034
#
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# What the tests of harm share, after tests/lib.sh; $COUNT is how many there are.

. tests/firewall.sh
need_firewall faults "$COUNT" python3 prlimit ip unshare
[ "$APART" = yes ] || skip_all faults "$COUNT" 'no namespaces'
export PFLOWD TOOLS RESULTS
