/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What an engine that died has left in shared memory.  It may have died while
 * it wrote, have written anything, or have left a process that still writes: so
 * entries are copied, and those that are not sound are dropped.
 */

#include <sys/types.h>
#include <sys/mman.h>

#include <stdlib.h>
#include <unistd.h>

#include "track_local.h"

struct copy {
	struct entry entries[SEGMENT];
	struct fixed fixed[SEGMENT];
};

/* Returns how many entries of the copy are there again. */
static uint32_t
take_in(struct table *t, const struct copy *copy)
{
	uint32_t i, n = 0;

	for (i = 0; i < SEGMENT; i++)
		if (entry_sound(&copy->entries[i], &copy->fixed[i]) &&
		    table_restore(t, &copy->entries[i], &copy->fixed[i],
			TRACK_DUMP_BEFORE) == 0)
			n++;
	return n;
}

/*
 * Read a segment.  OpenBSD has another memory for what is mapped than for what
 * is read, and so has to bring the one into the other first.
 */
static int
read_copy(int before, uint32_t i, struct copy *copy)
{
	off_t from = (off_t)i * (off_t)sizeof(*copy);
	void *p = mmap(NULL, sizeof(*copy), PROT_READ, MAP_SHARED, before,
	    from);

	if (p != MAP_FAILED) {
		msync(p, sizeof(*copy), MS_SYNC);
		munmap(p, sizeof(*copy));
	}
	return pread(before, copy, sizeof(*copy), from) ==
		(ssize_t)sizeof(*copy) ?
	    0 :
	    -1;
}

static uint32_t
recover(struct table *t, int before)
{
	struct copy *copy = malloc(sizeof(*copy));
	uint32_t i, n = 0;

	for (i = 0; copy != NULL && i < TRACK_MOST / SEGMENT &&
	     read_copy(before, i, copy) == 0;
	     i++)
		n += take_in(t, copy);
	free(copy);
	return n;
}

/* Counts and entries were not written at once. */
void
track_resume(struct track *t, int before, const struct track_counts *counts)
{
	struct track_counts *c = &t->counts;
	uint64_t tracked = before == -1 ? 0 : recover(&t->table, before);
	uint64_t known = tracked + counts->lost;
	unsigned int i;

	for (i = 0; i < FLOW_ENDS; i++)
		known += counts->ended[i];
	*c = *counts;
	c->tracked = tracked;
	if (c->first_seen > known)
		c->lost += c->first_seen - known;
	else
		c->first_seen = known;
}
