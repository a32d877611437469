/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * So many datagrams a second at most, in bursts of at most 16.  Times are
 * microseconds of a clock that never goes back.
 */

#ifndef PACE_H
#define PACE_H

#include <stdint.h>

struct pace {
	unsigned int rate;   /* a second; 0: no limit */
	unsigned int burst;  /* may go at once, every interval */
	unsigned int credit; /* of the present burst */
	uint64_t interval;   /* microseconds */
	uint64_t due;	     /* when the next burst may begin */
};

void pace_init(struct pace *, unsigned int rate);

/* How many may go now.  now is not looked at without a limit. */
unsigned int pace_allows(struct pace *, uint64_t now);

/* So many went, no more than were allowed. */
void pace_spend(struct pace *, unsigned int n);

/* Microseconds until some may go, after pace_allows() gave none at now. */
uint64_t pace_wait(const struct pace *, uint64_t now);

#endif
