/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * When to ask a dumper for the next dump of the state table, and when one is
 * overdue.  All times are ms of a monotonic clock.
 */

#ifndef POLLER_H
#define POLLER_H

#include <stdint.h>

#define POLLER_NEVER UINT64_MAX

struct poller {
	int connected;	       /* there is a dumper */
	int running;	       /* a dump, which was asked for: */
	int overdue;	       /* and takes too long */
	uint64_t asked;	       /* when */
	uint64_t next;	       /* when to ask again, if none runs */
	uint64_t longest;      /* that a dump took */
	uint64_t patience;     /* longest that one may take now */
	unsigned int replaced; /* dumpers, as they were overdue */
};

void poller_init(struct poller *);

/* A dumper is there, and is asked at once. */
void poller_connect(struct poller *, uint64_t now);

/* It is gone. */
void poller_disconnect(struct poller *);

/* True if it is time to ask. */
int poller_due(const struct poller *, uint64_t now);

/* It was asked. */
void poller_asked(struct poller *, uint64_t now);

/* The dump has ended, and the next one is due `interval` ms after this one. */
void poller_ended(struct poller *, uint64_t now, uint64_t interval);

/* The interval has changed: it counts from the last dump. */
void poller_interval(struct poller *, uint64_t interval);

/* True if the dump takes too long: replace the dumper. */
int poller_overdue(struct poller *, uint64_t now);

/* ms until it is time to ask, or a dump is overdue; POLLER_NEVER. */
uint64_t poller_wait(const struct poller *, uint64_t now);

/*
 * s between dumps: at least so many, and as the load allows, by the CPU time of
 * the last dump.
 */
unsigned int poller_load(unsigned int least, uint64_t cpu_us);

#endif
