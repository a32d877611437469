/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * For tools that make states at a rate: many at once, every so often.
 */

#ifndef PACING_H
#define PACING_H

#include <stdint.h>
#include <time.h>

#define SLICE_US 2000

struct pacing {
	int64_t rate; /* states a second */
	int64_t begin;
	int64_t slice; /* microseconds, when the last one began */
	int64_t made;
};

static inline int64_t
pacing_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static inline void
pacing_start(struct pacing *p, int64_t rate)
{
	p->rate = rate;
	p->begin = p->slice = pacing_clock();
	p->made = 0;
}

/* So many more were made; whether it is time to wait. */
static inline int
pacing_due(struct pacing *p, unsigned int n)
{
	int64_t at;

	p->made += n;
	at = p->begin + p->made * 1000000 / p->rate;
	if (at < p->slice + SLICE_US)
		return 0;
	p->slice = at;
	return 1;
}

static inline void
pacing_wait(const struct pacing *p)
{
	int64_t left = p->slice - pacing_clock();
	struct timespec ts;

	if (left <= 0)
		return;
	ts.tv_sec = (time_t)(left / 1000000);
	ts.tv_nsec = (long)(left % 1000000 * 1000);
	nanosleep(&ts, NULL);
}

#endif
