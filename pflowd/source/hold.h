/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Joins the twins among states that have ended: the first one waits for the
 * second.  pf removes both in the same second, or apart by the interval of its
 * purges and a second more.
 */

#ifndef HOLD_H
#define HOLD_H

#include <stdint.h>

#include "flow/record.h"

struct counters;
struct hold;

#define HOLD_MS UINT64_C(12000) /* that a state waits at most */
#define HOLD_STATES (1 << 16)	/* ... at a time */

enum hold_result {
	HOLD_SINGLE, /* report it as it is */
	HOLD_WAITS,  /* it is kept, with its report */
	HOLD_PAIR    /* its twin waited: the report is of both */
};

/* Pairs are counted in these counters.  NULL: out of memory. */
struct hold *hold_new(struct counters *);
void hold_free(struct hold *);

/* Set the time, in ms, at which states arrive from now on. */
void hold_clock(struct hold *, uint64_t now);

/*
 * Look for the twin of a state whose deletion was announced at this time (ms,
 * of which its age is counted back): that of the same creation second before
 * one of the next or previous, and then that of the nearest id.  If two are
 * equally near, it stays single.  A pair's report points to this state and to
 * *twin, which is set to the other one.
 */
enum hold_result hold_state(struct hold *, struct report *, uint64_t time,
    struct flow *twin);

/* The number of states that wait. */
unsigned int hold_count(const struct hold *);

/* When the first of them has waited long enough; UINT64_MAX: there is none. */
uint64_t hold_due(const struct hold *);

/* All that wait are due now. */
void hold_release(struct hold *);

/*
 * Give the state that has waited longest, if it is due, and its report.  0:
 * none is.
 */
int hold_next(struct hold *, struct flow *, struct report *);

#endif
