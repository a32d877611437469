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
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/memory.h"
#include "track_local.h"

struct copy {
	struct entry entries[SEGMENT];
	struct fixed fixed[SEGMENT];
	struct base bases[SEGMENT];
};

/*
 * OpenBSD has another memory for what is mapped than for what is read, and so
 * has to bring the one into the other first.
 */
int
track_read(int before, off_t from, void *to, size_t len)
{
	off_t page = from / TRACK_HEADER * TRACK_HEADER;
	size_t size = len + (size_t)(from - page);
	void *p = mmap(NULL, size, PROT_READ, MAP_SHARED, before, page);

	if (p != MAP_FAILED) {
		msync(p, size, MS_SYNC);
		munmap(p, size);
	}
	return pread(before, to, len, from) == (ssize_t)len ? 0 : -1;
}

/* Take in an entry, after the commit that may have been about to change it. */
static int
take_in(struct table *t, uint32_t number, struct copy *copy,
    const struct commit *last)
{
	struct entry *e = &copy->entries[number % SEGMENT];
	struct fixed *x = &copy->fixed[number % SEGMENT];
	struct base *b = &copy->bases[number % SEGMENT];

	if (e->status == ENTRY_FREE)
		return -1;
	commit_again(last, number, e, x, b);
	return entry_sound(e, x, b) ?
	    table_place(t, number, e, x, b, TRACK_DUMP_BEFORE) :
	    -1;
}

static void
take_in_all(struct table *t, struct copy *copy, const struct commit *last)
{
	uint32_t first = table_size(t) - SEGMENT, i;

	for (i = table_size(t); i > first; i--)
		if (take_in(t, i - 1, copy, last) == -1)
			table_give(t, i - 1);
}

/* Nobody has written so many entries; a copy would not be sparse. */
static int
is_too_large(const struct table *t, int before)
{
	uint64_t most = track_most(UINT64_MAX, memory_size());
	struct stat st;

	if (most < t->most)
		most = t->most;
	return fstat(before, &st) == -1 ||
	    (uint64_t)st.st_size >
	    TRACK_HEADER + (most / SEGMENT + 1) * sizeof(struct copy);
}

static void
read_all(struct table *t, int before, const struct commit *last)
{
	struct copy *copy = malloc(sizeof(*copy));
	uint32_t i;

	for (i = 0; copy != NULL && i < TRACK_MOST / SEGMENT &&
	     track_read(before, TRACK_HEADER + (off_t)i * (off_t)sizeof(*copy),
		 copy, sizeof(*copy)) == 0 &&
	     segments_add(&t->segments) == 0;
	     i++)
		take_in_all(t, copy, last);
	free(copy);
}

static int
is_pair(const struct table *t, const struct entry *e)
{
	const struct entry *twin;

	if (e->twin >= table_size(t))
		return 0;
	twin = table_entry(t, e->twin);
	return twin->status != ENTRY_FREE && twin->twin == e->number &&
	    table_fixed(t, e->number)->direction +
		table_fixed(t, e->twin)->direction ==
	    FLOW_IN + FLOW_OUT;
}

/* The last whole dump is the earliest that was the last to show a state. */
static void
recover_time(struct track *t, uint64_t seen)
{
	if (!t->following || track_before(seen, t->followed))
		t->followed = seen;
	t->following = 1;
}

/* What has ended waits no more if its twin was lost. */
static void
recover_entry(struct track *tr, struct entry *e)
{
	struct table *t = &tr->table;
	struct fixed *x = table_fixed(t, e->number);

	if (e->twin != ENTRY_NONE && !is_pair(t, e)) {
		e->twin = ENTRY_NONE;
		x->check = entry_check_fixed(x, table_base(t, e->number),
		    e->twin);
	}
	if (e->status == ENTRY_LIVE) {
		e->flags |= ENTRY_ATTEND;
		recover_time(tr, e->seen_begin);
	}
}

/* Returns how many entries there are. */
static uint64_t
recover(struct track *tr, int before, struct commit *last)
{
	struct table *t = &tr->table;
	uint64_t seen = 0;
	uint32_t i;

	if (before == -1 || is_too_large(t, before))
		return 0;
	if (commit_last(before, last) == -1)
		memset(last, 0, sizeof(*last));
	read_all(t, before, last);
	for (i = 0; i < table_size(t); i++)
		if (table_entry(t, i)->status != ENTRY_FREE) {
			seen = table_entry(t, i)->seen_begin;
			recover_entry(tr, table_entry(t, i));
		}
	if (t->n > 0 && !tr->following) /* none lives */
		recover_time(tr, seen);
	return t->n;
}

static uint64_t
most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Entries that are lost had octets, too. */
static void
recover_octets(struct track *t, const struct track_octets *last)
{
	struct track_octets *o = &t->counts.octets;
	uint64_t known;

	o->before_start = most(o->before_start, last->before_start);
	o->not_followed = most(o->not_followed, last->not_followed);
	o->reported = most(o->reported, last->reported);
	o->twin = most(o->twin, last->twin);
	o->cut = most(o->cut, last->cut);
	o->dropped_between = most(o->dropped_between, last->dropped_between);
	known = o->before_start + o->not_followed + o->reported + o->twin +
	    o->cut + track_open(t);
	if (o->shown > known)
		o->cut += o->shown - known;
	else
		o->shown = known;
}

/* Counts and entries were not written at once. */
void
track_resume(struct track *t, int before, const struct track_counts *counts)
{
	struct track_counts *c = &t->counts;
	struct commit last = { 0 };
	uint64_t tracked = recover(t, before, &last), known;
	unsigned int i;

	known = tracked + counts->lost;
	for (i = 0; i < FLOW_ENDS; i++)
		known += counts->ended[i];
	*c = *counts;
	c->tracked = tracked;
	if (c->first_seen > known)
		c->lost += c->first_seen - known;
	else
		c->first_seen = known;
	recover_octets(t, &last.octets);
}
