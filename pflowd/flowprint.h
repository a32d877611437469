/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Flows as lines of text on stdout, the way pfctl -s state -v shows states.
 */

#ifndef FLOWPRINT_H
#define FLOWPRINT_H

#include <stdint.h>

#include "flow.h"

/* One line; time, in ms since the epoch, is when the state's end was told. */
void flowprint(const struct flow *, uint64_t time);

/* Let what was printed be seen.  -1 and errno when it could not be written. */
int flowprint_flush(void);

#endif
