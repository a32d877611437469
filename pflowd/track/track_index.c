/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The index of entries.  A part of it doubles when it is half full, which takes
 * as long as its own entries need, not those of all.
 */

#include <stdlib.h>

#include "track_local.h"

#define SLOTS 16 /* of a part, at first */

static uint64_t
hash(const struct table *t, uint64_t id, uint32_t creator)
{
	return mix(mix(t->seed, id), creator);
}

static struct part *
part_of(struct table *t, uint64_t hash)
{
	return &t->index[hash >> 32 & (PARTS - 1)];
}

/* The slot of an id: its entry's, or the free one where it would be. */
static uint32_t
slot_of(const struct table *t, const struct part *p, uint64_t hash, uint64_t id,
    uint32_t creator)
{
	uint32_t slot = (uint32_t)hash & p->mask;
	const struct entry *e;

	for (; p->slots[slot] != 0; slot = (slot + 1) & p->mask) {
		e = table_entry(t, p->slots[slot] - 1);
		if (e->id == id && e->creator == creator)
			break;
	}
	return slot;
}

uint32_t
index_find(const struct table *t, uint64_t id, uint32_t creator)
{
	uint64_t h = hash(t, id, creator);
	const struct part *p = &t->index[h >> 32 & (PARTS - 1)];

	if (p->n == 0)
		return ENTRY_NONE;
	/* of a free slot: 0 - 1 */
	return p->slots[slot_of(t, p, h, id, creator)] - 1;
}

/* Each entry into a part of twice the size. */
static int
grow(struct table *t, struct part *p)
{
	uint32_t size = p->slots == NULL ? SLOTS : 2 * (p->mask + 1), i;
	struct part larger = { .mask = size - 1, .n = p->n };
	const struct entry *e;
	uint64_t h;

	if ((larger.slots = calloc(size, sizeof(*larger.slots))) == NULL)
		return -1;
	for (i = 0; p->slots != NULL && i <= p->mask; i++) {
		if (p->slots[i] == 0)
			continue;
		e = table_entry(t, p->slots[i] - 1);
		h = hash(t, e->id, e->creator);
		larger.slots[slot_of(t, &larger, h, e->id, e->creator)] =
		    p->slots[i];
	}
	free(p->slots);
	*p = larger;
	return 0;
}

int
index_add(struct table *t, const struct entry *e)
{
	uint64_t h = hash(t, e->id, e->creator);
	struct part *p = part_of(t, h);

	if ((p->slots == NULL || p->n > p->mask / 2) && grow(t, p) == -1)
		return -1;
	p->slots[slot_of(t, p, h, e->id, e->creator)] = e->number + 1;
	p->n++;
	return 0;
}

/* Move entries behind a free slot into it, where their hashes allow it. */
static void
close_gap(struct table *t, struct part *p, uint32_t gap)
{
	uint32_t slot = gap, home;
	const struct entry *e;

	while (p->slots[slot = (slot + 1) & p->mask] != 0) {
		e = table_entry(t, p->slots[slot] - 1);
		home = (uint32_t)hash(t, e->id, e->creator) & p->mask;
		if (((slot - home) & p->mask) >= ((slot - gap) & p->mask)) {
			p->slots[gap] = p->slots[slot];
			gap = slot;
		}
	}
	p->slots[gap] = 0;
}

void
index_remove(struct table *t, const struct entry *e)
{
	uint64_t h = hash(t, e->id, e->creator);
	struct part *p = part_of(t, h);

	close_gap(t, p, slot_of(t, p, h, e->id, e->creator));
	p->n--;
}

void
index_free(struct table *t)
{
	unsigned int i;

	for (i = 0; i < PARTS; i++)
		free(t->index[i].slots);
}
