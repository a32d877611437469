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

#define FRAME_HEADER 20 /* bytes, of version 3 */
#define FRAME (FRAME_HEADER + STATE_MAX)

/* A frame of n states, of version 3; returns its length. */
size_t make_frame(uint8_t *frame, const struct state *, unsigned int n);

/* A TCP connection that has nothing odd about it. */
extern const struct state plain_state;

#endif
