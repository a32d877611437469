#!/bin/sh
# Copyright (c) 2026 The pflowd authors
# SPDX-License-Identifier: ISC
#
# Engines that cannot be started, a daemon that is ended while it starts, and
# processes that outlive their engine.
#
# usage: sh tests/system/service/starts.sh [name ...]

. tests/lib.sh
COUNT=10
. tests/system/faults/apart.sh
python3 tests/system/service/starts_run.py "$DIR" "$IF" "$@"
