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

/* Bytes of a frame of one state; version 2 has less of both. */
#define FRAME_HEADER 20
#define FRAME (FRAME_HEADER + STATE_MAX)

/* A frame of n states that are deleted; returns its length. */
size_t make_frame(uint8_t *frame, unsigned int version, const struct state *,
    unsigned int n);

/* A TCP connection that has nothing odd about it. */
extern const struct state plain_state;

#endif
