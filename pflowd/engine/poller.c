/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "poller.h"

/* A dumper may take this long, or this many times the longest dump so far. */
#define PATIENCE 10000
#define PATIENCE_TIMES 3

/* A dump may use this part of one processor: 5 %. */
#define CPU_SHARE 20

#define INTERVAL_MOST 3600 /* s, as pflowd.conf allows */

void
poller_init(struct poller *p)
{
	memset(p, 0, sizeof(*p));
	p->patience = PATIENCE;
}

void
poller_connect(struct poller *p, uint64_t now)
{
	p->connected = 1;
	p->running = 0;
	p->next = now;
}

/* The next one may need longer: the kernel may be slow, not the dumper. */
void
poller_disconnect(struct poller *p)
{
	if (p->overdue) {
		p->patience *= 2;
		p->replaced++;
	}
	p->connected = p->running = p->overdue = 0;
	p->asked = 0;
}

int
poller_due(const struct poller *p, uint64_t now)
{
	return p->connected && !p->running && now >= p->next;
}

void
poller_asked(struct poller *p, uint64_t now)
{
	p->running = 1;
	p->asked = now;
}

void
poller_ended(struct poller *p, uint64_t now, uint64_t interval)
{
	uint64_t took = now - p->asked;

	if (!p->running)
		return;
	p->running = p->overdue = 0;
	p->next = p->asked + interval;
	if (took > p->longest)
		p->longest = took;
	p->patience = p->longest * PATIENCE_TIMES;
	if (p->patience < PATIENCE)
		p->patience = PATIENCE;
}

void
poller_interval(struct poller *p, uint64_t interval)
{
	if (p->asked != 0)
		p->next = p->asked + interval;
}

int
poller_overdue(struct poller *p, uint64_t now)
{
	p->overdue |= p->running && now - p->asked >= p->patience;
	return p->overdue;
}

uint64_t
poller_wait(const struct poller *p, uint64_t now)
{
	uint64_t when = p->running ? p->asked + p->patience : p->next;

	if (!p->connected || p->overdue)
		return POLLER_NEVER;
	return when > now ? when - now : 0;
}

/* The CPU time is the dumper's, which may send any number. */
unsigned int
poller_load(unsigned int least, uint64_t cpu_us)
{
	uint64_t s = cpu_us / (1000000 / CPU_SHARE);

	if (s > INTERVAL_MOST)
		s = INTERVAL_MOST;
	return s > least ? (unsigned int)s : least;
}
