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
struct report;

/*
 * Zero it before first use.  With lossy set, a slow reader cannot block the
 * daemon: lines that do not fit are dropped, and their number is printed.
 */
struct flowprint {
	int lossy;
	int json;  /* an object in each line */
	int stuck; /* the last wait for the reader timed out */
	int error; /* errno of a failed write; nothing is written after it */
	uint64_t lost; /* lines dropped */
	size_t used;   /* bytes in buffer */
	char buffer[16384];
};

/*
 * Convert a living state, or a report, for the control protocol.  twin: the
 * out-state of a pair; else NULL.  time: of its last packet, or of the report,
 * ms since the epoch.
 */
void flowprint_state(const struct flow *, const struct flow *twin,
    uint64_t time, struct ctl_flow *);
void flowprint_report(const struct report *, uint64_t time, struct ctl_flow *);

/* Print a line; likewise. */
void flowprint(struct flowprint *, const struct report *, uint64_t time);

/*
 * Write the buffer; with lossy set, as far as the reader reads.  Returns -1 and
 * sets errno if this or an earlier write failed.
 */
int flowprint_flush(struct flowprint *);

#endif
