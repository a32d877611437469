/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * For the tests of pfsync(4): states as its frames have them.  They are written
 * by tests/tools/frames.h, with nothing of what reads them.
 */

#ifndef STATES_H
#define STATES_H

#include "unit.h"

#include "tests/tools/frames.h"

/* A TCP connection that has nothing odd about it. */
extern const struct state plain_state;

#endif
