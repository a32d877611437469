/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "common/cold.h"
#include "flow/anomaly.h"
#include "track_local.h"

#define BUCKETS (1 << 16) /* of missing entries */
#define CHAINS (1 << 18)  /* of entries without a twin */

int
table_init(struct table *t, unsigned int most, int memory)
{
	memset(t, 0, sizeof(*t));
	t->most = most;
	t->segments.memory = memory;
	t->free = t->last = ENTRY_NONE;
	arc4random_buf(&t->seed, sizeof(t->seed));
	arc4random_buf(t->keys, sizeof(t->keys));
	t->missing = calloc(BUCKETS, sizeof(*t->missing));
	t->twins = calloc(CHAINS, sizeof(*t->twins));
	return t->missing == NULL || t->twins == NULL ? -1 : 0;
}

void
table_free(struct table *t)
{
	segments_free(&t->segments);
	index_free(t);
	free(t->missing);
	free(t->twins);
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
static uint64_t
hash_tuple(uint64_t seed, const struct flow_host *lan,
    const struct flow_host *gwy, const struct flow_host *ext, uint8_t proto,
    uint8_t direction, const char *ifname)
{
	uint64_t h = mix(seed, (uint64_t)proto << 8 | direction);

	h = mix_host(mix_host(mix_host(h, lan), gwy), ext);
	h = mix(h, get_be64((const uint8_t *)ifname));
	return mix(h, get_be64((const uint8_t *)ifname + 8));
}

static uint32_t *
bucket(const struct table *t, const struct fixed *x)
{
	uint64_t h = hash_tuple(t->seed, &x->lan, &x->gwy, &x->ext, x->proto,
	    x->direction, x->ifname);

	return &t->missing[h % BUCKETS];
}

/* The first entry of a list.  Of an empty list: 0 - 1 */
static uint32_t
list_first(const uint32_t *head)
{
	return *head - 1;
}

static void
list_add(const struct table *t, uint32_t *head, const struct entry *e)
{
	struct fixed *x = table_fixed(t, e->number);

	x->previous = ENTRY_NONE;
	x->next = list_first(head);
	if (x->next != ENTRY_NONE)
		table_fixed(t, x->next)->previous = e->number;
	*head = e->number + 1;
}

static void
list_remove(const struct table *t, uint32_t *head, const struct entry *e)
{
	const struct fixed *x = table_fixed(t, e->number);

	if (x->next != ENTRY_NONE)
		table_fixed(t, x->next)->previous = x->previous;
	if (x->previous != ENTRY_NONE)
		table_fixed(t, x->previous)->next = x->next;
	else
		*head = x->next + 1;
}

struct entry *
table_missing(const struct table *t, const struct flow *f)
{
	uint64_t h = hash_tuple(t->seed, &f->lan, &f->gwy, &f->ext, f->proto,
	    f->direction, f->ifname);
	uint32_t number = list_first(&t->missing[h % BUCKETS]);
	const struct fixed *x;

	for (; number != ENTRY_NONE; number = x->next) {
		x = table_fixed(t, number);
		if (entry_same_tuple(x, f) &&
		    memcmp(x->ifname, f->ifname, FLOW_IFNAME) == 0)
			return table_entry(t, number);
	}
	return NULL;
}

void
table_lost(struct table *t, struct entry *e)
{
	list_add(t, bucket(t, table_fixed(t, e->number)), e);
}

void
table_found(struct table *t, struct entry *e)
{
	list_remove(t, bucket(t, table_fixed(t, e->number)), e);
}

void
table_chain(struct table *t, struct entry *e, uint64_t hash)
{
	list_add(t, &t->twins[hash % CHAINS], e);
	e->flags |= ENTRY_CHAINED;
}

void
table_unchain(struct table *t, struct entry *e, uint64_t hash)
{
	list_remove(t, &t->twins[hash % CHAINS], e);
	e->flags &= (uint8_t)~ENTRY_CHAINED;
}

uint32_t
table_chained(const struct table *t, uint64_t hash)
{
	return list_first(&t->twins[hash % CHAINS]);
}

/* Kernels dump in a stable order: what followed before is likely to follow. */
static struct entry *
follower(const struct table *t, const struct flow *f)
{
	uint32_t number = t->last == ENTRY_NONE ?
	    0 :
	    table_entry(t, t->last)->follower;
	struct entry *e;

	if (number >= table_size(t))
		return NULL;
	e = table_entry(t, number);
	if ((e->status == ENTRY_LIVE || e->status == ENTRY_MISSING) &&
	    e->id == f->id && e->creator == f->creator)
		return e;
	return NULL;
}

/* Inline, as gcc removes calls of a function without effects. */
ALWAYS_INLINE static void
prefetch(const struct table *t, uint32_t number)
{
	if (number >= table_size(t))
		return;
	PREFETCH(table_entry(t, number));
	PREFETCH(&table_entry(t, number)->last);
}

static void
follow(struct table *t, const struct entry *e)
{
	uint32_t *recent = &t->recent[t->nrecent % AHEAD];

	if (t->last != ENTRY_NONE)
		table_entry(t, t->last)->follower = e->number;
	if (t->nrecent++ >= AHEAD)
		table_entry(t, *recent)->ahead = e->number;
	*recent = t->last = e->number;
	prefetch(t, e->ahead);
}

void
table_begin(struct table *t)
{
	t->last = ENTRY_NONE;
	t->nrecent = 0;
	t->full = 0;
}

struct entry *
table_find(struct table *t, const struct flow *f)
{
	struct entry *e = follower(t, f);
	uint32_t number;

	if (e == NULL) {
		number = index_find(t, f->id, f->creator);
		if (number == ENTRY_NONE)
			return NULL;
		e = table_entry(t, number);
	}
	follow(t, e);
	return e;
}

/* The last segment's entries are free; the first one is found first. */
static void
add_free(struct table *t)
{
	uint32_t first = table_size(t) - SEGMENT, i;

	for (i = table_size(t); i > first; i--) {
		table_fixed(t, i - 1)->next = t->free;
		t->free = i - 1;
	}
}

/* A try that fails writes as much as there is room for: one in each dump. */
static int
add_segment(struct table *t)
{
	if (!t->full && segments_add(&t->segments) == 0) {
		add_free(t);
		return 0;
	}
	t->full = 1;
	return -1;
}

/* Take a free entry; the segment is zero, and so are the statuses in it. */
static struct entry *
take(struct table *t)
{
	struct entry *e;

	if (t->free == ENTRY_NONE && add_segment(t) == -1)
		return NULL;
	e = table_entry(t, t->free);
	e->number = t->free;
	t->free = table_fixed(t, t->free)->next;
	t->n++;
	return e;
}

struct entry *
table_add(struct table *t, const struct flow *f)
{
	struct entry *e;

	if (t->n >= t->most || (e = take(t)) == NULL)
		return NULL;
	entry_set(e, table_fixed(t, e->number), f);
	e->tuple = entry_tuple(t->keys, f);
	if (index_add(t, e) == -1) {
		table_remove(t, e);
		return NULL;
	}
	follow(t, e);
	return e;
}

/* An entry that has ended is found no more. */
static int
find_again(struct table *t, struct entry *e)
{
	if (e->status == ENTRY_ENDED)
		return 0;
	if (index_find(t, e->id, e->creator) != ENTRY_NONE ||
	    index_add(t, e) == -1)
		return -1;
	if (e->status == ENTRY_MISSING)
		table_lost(t, e);
	return 0;
}

int
table_place(struct table *t, uint32_t number, const struct entry *old,
    const struct fixed *fixed, const struct base *base, uint32_t shown)
{
	struct entry *e = table_entry(t, number);
	struct flow f;

	*e = *old;
	*table_fixed(t, number) = *fixed;
	*table_base(t, number) = *base;
	e->number = number;
	e->follower = e->ahead = ENTRY_NONE;
	e->flags &= ENTRY_REPORTED;
	entry_flow(e, fixed, &f);
	e->anomalies = flow_anomalies(&f);
	e->tuple = entry_tuple(t->keys, &f);
	*table_shown(t, number) = e->status == ENTRY_ENDED ? SHOWN_ENDED :
							     shown;
	if (find_again(t, e) == -1)
		return -1;
	t->n++;
	return 0;
}

void
table_give(struct table *t, uint32_t number)
{
	table_entry(t, number)->status = ENTRY_FREE;
	*table_shown(t, number) = SHOWN_NONE;
	table_fixed(t, number)->next = t->free;
	t->free = number;
}

void
table_forget(struct table *t, struct entry *e)
{
	if (e->status == ENTRY_MISSING)
		table_found(t, e);
	index_remove(t, e);
}

void
table_remove(struct table *t, struct entry *e)
{
	table_give(t, e->number);
	t->n--;
}
