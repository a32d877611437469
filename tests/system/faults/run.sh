#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Harm, and what becomes of it.
#
# usage: [FAULT_SECONDS=60] sh tests/system/faults/run.sh [name ...]

. tests/lib.sh
COUNT=17
. tests/system/faults/apart.sh
python3 tests/system/faults/faults_run.py "$DIR" "$IF" "${FAULT_SECONDS:-2}" "$@"
