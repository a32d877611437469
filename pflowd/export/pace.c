/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <limits.h>

#include "pace.h"

#define SECOND 1000000U
#define BURST_MAX 16U

/* Most bursts per second: shorter timers cost too much CPU time. */
#define BURSTS 1250U

void
pace_init(struct pace *p, unsigned int rate)
{
	p->rate = rate;
	p->burst = rate / BURSTS;
	if (p->burst < 1)
		p->burst = 1;
	if (p->burst > BURST_MAX)
		p->burst = BURST_MAX;
	p->credit = 0;
	p->due = 0;
	p->interval = 0;
	if (rate > 0)
		p->interval = ((uint64_t)p->burst * SECOND + rate - 1) / rate;
}

/*
 * A burst that begins late delays the next one only by the time that it is more
 * than one interval late.  So late timers do not lower the rate.
 */
unsigned int
pace_allows(struct pace *p, uint64_t now)
{
	if (p->rate == 0)
		return UINT_MAX;
	if (p->credit == 0 && now >= p->due) {
		p->credit = p->burst;
		p->due += p->interval;
		if (p->due < now)
			p->due = now;
	}
	return p->credit;
}

void
pace_spend(struct pace *p, unsigned int n)
{
	if (p->rate > 0)
		p->credit -= n;
}

uint64_t
pace_wait(const struct pace *p, uint64_t now)
{
	return p->due > now ? p->due - now : 0;
}
