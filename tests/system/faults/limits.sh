#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Limits of open descriptors that are lower than a configuration needs.
#
# usage: sh tests/system/faults/limits.sh [name ...]

. tests/lib.sh
COUNT=4
. tests/system/faults/apart.sh
python3 tests/system/faults/limits_run.py "$DIR" "$IF" "$@"
