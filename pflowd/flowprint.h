/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Flows as lines of text on stdout, the way pfctl -s state -v shows states.
 */

#ifndef FLOWPRINT_H
#define FLOWPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "flow.h"

struct ctl_flow;

/*
 * Zeroed to begin with.  Of a lossy one no reader can hold up the daemon: what
 * he does not take is left out, and he is told how much.
 */
struct flowprint {
	int lossy;
	int stuck;     /* its reader was waited for in vain */
	int error;     /* errno of a write that failed: nothing follows it */
	uint64_t lost; /* lines that were left out */
	size_t used;   /* of buffer, not written yet */
	char buffer[16384];
};

/* A flow as the control protocol has it. */
void flowprint_ctl(const struct flow *, uint64_t time, struct ctl_flow *);

/* One line; time, in ms since the epoch, is when the state's end was told. */
void flowprint(struct flowprint *, const struct flow *, uint64_t time);

/*
 * Let what was printed be seen, a lossy one as far as its reader takes it.  -1
 * and errno when it could not be written, now or before.
 */
int flowprint_flush(struct flowprint *);

#endif
