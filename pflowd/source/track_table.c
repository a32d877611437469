/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "track_local.h"

#define SEGMENT (1 << 12) /* entries */
#define BUCKETS (1 << 16) /* of missing entries */

#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio */

struct entry *
table_entry(const struct table *t, uint32_t number)
{
	return &t->segments[number / SEGMENT][number % SEGMENT];
}

/* A power of 2, at least twice the entries. */
static uint32_t
index_size(uint32_t most)
{
	uint32_t size = 64;

	while (size / 2 < most)
		size *= 2;
	return size;
}

int
table_init(struct table *t, unsigned int most)
{
	uint32_t size = index_size(most);
	uint32_t segments = (most + SEGMENT - 1) / SEGMENT;

	memset(t, 0, sizeof(*t));
	t->most = most;
	t->mask = size - 1;
	t->free = t->last = ENTRY_NONE;
	t->seed = (uint64_t)arc4random() << 32 | arc4random();
	t->segments = calloc(segments, sizeof(struct entry *));
	t->shown = calloc(most, sizeof(*t->shown));
	t->index = malloc(size * sizeof(*t->index));
	t->missing = malloc(BUCKETS * sizeof(*t->missing));
	if (t->segments == NULL || t->shown == NULL || t->index == NULL ||
	    t->missing == NULL) {
		table_free(t);
		return -1;
	}
	memset(t->index, 0xff, size * sizeof(*t->index));
	memset(t->missing, 0xff, BUCKETS * sizeof(*t->missing));
	return 0;
}

void
table_free(struct table *t)
{
	uint32_t i;

	for (i = 0; t->segments != NULL && i * SEGMENT < t->most; i++)
		free(t->segments[i]);
	free(t->segments);
	free(t->shown);
	free(t->index);
	free(t->missing);
}

static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * MULTIPLIER;
	return h ^ h >> 32;
}

static uint32_t
hash_id(const struct table *t, const struct flow *f)
{
	return (uint32_t)mix(mix(t->seed, f->id), f->creator);
}

static uint64_t
mix_host(uint64_t h, const struct flow_host *host)
{
	h = mix(h, get_be64(host->addr));
	h = mix(h, get_be64(host->addr + 8));
	return mix(h, host->port);
}

/*
 * By all that table_missing() compares: entries of one tuple, however many, do
 * not lengthen the way to others.
 */
static uint32_t *
bucket(const struct table *t, const struct flow *f)
{
	uint64_t h = mix(t->seed, (uint64_t)f->proto << 8 | f->direction);

	h = mix_host(mix_host(mix_host(h, &f->lan), &f->gwy), &f->ext);
	h = mix(h, get_be64((const uint8_t *)f->ifname));
	h = mix(h, get_be64((const uint8_t *)f->ifname + 8));
	return &t->missing[h % BUCKETS];
}

static int
has_id(const struct entry *e, const struct flow *f)
{
	return e->flow.id == f->id && e->flow.creator == f->creator;
}

/* The slot of an id: its entry's, or the free one where it would be. */
static uint32_t
slot_of(const struct table *t, const struct flow *f)
{
	uint32_t slot = hash_id(t, f) & t->mask;

	while (t->index[slot] != ENTRY_NONE &&
	    !has_id(table_entry(t, t->index[slot]), f))
		slot = (slot + 1) & t->mask;
	return slot;
}

/* Kernels dump in a stable order: what followed before is likely to follow. */
static struct entry *
follower(const struct table *t, const struct flow *f)
{
	uint32_t number = t->last == ENTRY_NONE ?
	    0 :
	    table_entry(t, t->last)->follower;
	struct entry *e;

	if (number >= t->used)
		return NULL;
	e = table_entry(t, number);
	if ((e->status == ENTRY_LIVE || e->status == ENTRY_MISSING) &&
	    has_id(e, f))
		return e;
	return NULL;
}

static void
follow(struct table *t, const struct entry *e)
{
	if (t->last != ENTRY_NONE)
		table_entry(t, t->last)->follower = e->number;
	t->last = e->number;
}

void
table_begin(struct table *t)
{
	t->last = ENTRY_NONE;
}

struct entry *
table_find(struct table *t, const struct flow *f)
{
	struct entry *e = follower(t, f);
	uint32_t number;

	if (e == NULL) {
		if ((number = t->index[slot_of(t, f)]) == ENTRY_NONE)
			return NULL;
		e = table_entry(t, number);
	}
	follow(t, e);
	return e;
}

struct entry *
table_missing(const struct table *t, const struct flow *f)
{
	uint32_t number;
	struct entry *e;

	for (number = *bucket(t, f); number != ENTRY_NONE; number = e->next) {
		e = table_entry(t, number);
		if (track_same_tuple(&e->flow, f) &&
		    memcmp(e->flow.ifname, f->ifname, FLOW_IFNAME) == 0)
			return e;
	}
	return NULL;
}

/* Take a free entry, or one that was never used. */
static struct entry *
take(struct table *t)
{
	struct entry **segment = &t->segments[t->used / SEGMENT], *e;

	if (t->free != ENTRY_NONE) {
		e = table_entry(t, t->free);
		t->free = e->next;
		return e;
	}
	if (t->used == t->most)
		return NULL;
	if (*segment == NULL &&
	    (*segment = calloc(SEGMENT, sizeof(**segment))) == NULL)
		return NULL;
	e = table_entry(t, t->used);
	e->number = t->used++;
	return e;
}

struct entry *
table_add(struct table *t, const struct flow *f)
{
	struct entry *e = take(t);

	if (e == NULL)
		return NULL;
	e->flow = *f;
	t->index[slot_of(t, f)] = e->number;
	follow(t, e);
	return e;
}

void
table_lost(struct table *t, struct entry *e)
{
	uint32_t *head = bucket(t, &e->flow);

	e->previous = ENTRY_NONE;
	e->next = *head;
	if (e->next != ENTRY_NONE)
		table_entry(t, e->next)->previous = e->number;
	*head = e->number;
}

void
table_found(struct table *t, struct entry *e)
{
	if (e->next != ENTRY_NONE)
		table_entry(t, e->next)->previous = e->previous;
	if (e->previous != ENTRY_NONE)
		table_entry(t, e->previous)->next = e->next;
	else
		*bucket(t, &e->flow) = e->next;
}

/* Move entries behind a free slot into it, where their hashes allow it. */
static void
close_gap(struct table *t, uint32_t gap)
{
	uint32_t slot = gap, home;

	while (t->index[slot = (slot + 1) & t->mask] != ENTRY_NONE) {
		home = hash_id(t, &table_entry(t, t->index[slot])->flow);
		if (((slot - home) & t->mask) >= ((slot - gap) & t->mask)) {
			t->index[gap] = t->index[slot];
			gap = slot;
		}
	}
	t->index[gap] = ENTRY_NONE;
}

void
table_forget(struct table *t, struct entry *e)
{
	if (e->status == ENTRY_MISSING)
		table_found(t, e);
	close_gap(t, slot_of(t, &e->flow));
}

void
table_remove(struct table *t, struct entry *e)
{
	e->status = ENTRY_FREE;
	t->shown[e->number] = SHOWN_FREE;
	e->next = t->free;
	t->free = e->number;
}
