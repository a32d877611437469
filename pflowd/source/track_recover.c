/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What an engine that died has left in shared memory.  It may have died while
 * it wrote, or have written anything: an entry that is not sound is dropped,
 * and nothing is believed that is not checked.
 */

#include "decode.h"
#include "track_local.h"

static void
drop(struct table *t, uint32_t number)
{
	table_entry(t, number)->status = ENTRY_FREE;
	table_fixed(t, number)->next = t->free;
	t->free = number;
}

/* Find the entry by its id from now on.  -1: the id is another's, or memory. */
static int
find_again(struct table *t, struct entry *e)
{
	if (index_find(t, e->id, e->creator) != ENTRY_NONE ||
	    index_add(t, e) == -1)
		return -1;
	if (e->status == ENTRY_MISSING)
		table_lost(t, e);
	return 0;
}

static void
take_in(struct table *t, uint32_t number, uint32_t shown)
{
	struct entry *e = table_entry(t, number);
	const struct fixed *x = table_fixed(t, number);
	struct flow f;

	e->number = number;
	if (!entry_sound(e, x) ||
	    (e->status != ENTRY_ENDED && find_again(t, e) == -1)) {
		drop(t, number);
		return;
	}
	entry_flow(e, x, &f);
	e->anomalies = decode_anomalies(&f);
	e->tuple = entry_tuple(t->keys, &f);
	*table_shown(t, number) = e->status == ENTRY_ENDED ? SHOWN_ENDED :
							     shown;
	t->n++;
}

uint32_t
table_recover(struct table *t, uint32_t shown)
{
	uint32_t left = segments_there(&t->segments), i;

	while (left-- > 0 && segments_take(&t->segments) == 0)
		continue;
	for (i = table_size(t); i > 0; i--)
		take_in(t, i - 1, shown);
	return t->n;
}

/* Counts and entries were not written at once. */
void
track_resume(struct track *t, const struct track_counts *before)
{
	struct track_counts *c = &t->counts;
	uint64_t tracked = c->tracked, known = tracked + before->lost;
	unsigned int i;

	for (i = 0; i < FLOW_LABELS; i++)
		known += before->ended[i];
	*c = *before;
	c->tracked = tracked;
	if (c->first_seen > known)
		c->lost += c->first_seen - known;
	else
		c->first_seen = known;
}
