/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * How many states lived between two dumps and were never seen: what pf counted
 * as inserted, less what the dumps showed.  A dump takes time, so the number
 * lies in a range.
 */

#ifndef UNSEEN_H
#define UNSEEN_H

#include <stdint.h>

struct unseen {
	int counted;	 /* pf's counters in this dump: none, before, after */
	uint64_t before; /* states that pf inserted until this dump began */
	uint64_t after;	 /* ... ended */
	int based;	 /* the following are of the first whole dump */
	uint64_t first_before;
	uint64_t first_after;
	uint64_t least; /* the result */
	uint64_t most;
};

/* A dump begins. */
void unseen_begin(struct unseen *);

/* pf's counter, before the states of the dump and after them. */
void unseen_inserts(struct unseen *, uint64_t inserts);

/*
 * A whole dump has ended; made: states that were first seen, and made, since
 * the first one.  complete: no state was without room.  Returns 1 if this is
 * the first one, from which made must be counted: also if the numbers cannot be
 * compared any more.
 */
int unseen_end(struct unseen *, uint64_t made, int complete);

#endif
