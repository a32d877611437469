/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A limit of datagrams per second, sent in bursts of at most 16.  Times are
 * microseconds of a monotonic clock.
 */

#ifndef PACE_H
#define PACE_H

#include <stdint.h>

struct pace {
	unsigned int rate;   /* datagrams per second; 0: no limit */
	unsigned int burst;  /* datagrams per interval */
	unsigned int credit; /* left of the current burst */
	uint64_t interval;   /* microseconds */
	uint64_t due;	     /* when the next burst may begin */
};

void pace_init(struct pace *, unsigned int rate);

/* Datagrams that may be sent now.  Without a limit, now is not used. */
unsigned int pace_allows(struct pace *, uint64_t now);

/* Report n datagrams as sent; n must not exceed pace_allows(). */
void pace_spend(struct pace *, unsigned int n);

/* Microseconds to the next burst, after pace_allows() returned 0. */
uint64_t pace_wait(const struct pace *, uint64_t now);

#endif
