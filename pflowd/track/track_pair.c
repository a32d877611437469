/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Pairs: the in- and the out-state of a forwarded connection.  Living entries
 * without a living twin are in chains, by what twins have in common.  pf has
 * one state of a direction with that, but for states that are bound to
 * interfaces.
 */

#include <string.h>

#include "track_local.h"
#include "twins.h"

/* Of a hostile recording, all states may be alike: look at no more. */
#define ALIKE 16

/* States of one direction have a chain: they are not each other's twins. */
static uint64_t
hash_of(const struct track *t, const struct entry *e, struct flow *f)
{
	entry_flow(e, table_fixed(&t->table, e->number), f);
	return twins_hash(t->table.seed, f) ^ f->direction;
}

static uint64_t
hash_of_twin(const struct track *t, const struct entry *e, struct flow *f)
{
	return hash_of(t, e, f) ^ (FLOW_IN ^ FLOW_OUT);
}

int
pair_available(const struct track *t, const struct entry *e)
{
	const struct entry *twin = table_twin(&t->table, e);

	return twin == NULL || twin->status != ENTRY_LIVE;
}

void
pair_offer(struct track *t, struct entry *e)
{
	struct flow f;
	uint64_t h;

	if (e->flags & ENTRY_CHAINED)
		return;
	h = hash_of(t, e, &f);
	if (twins_possible(&f))
		table_chain(&t->table, e, h);
}

void
pair_withdraw(struct track *t, struct entry *e)
{
	struct flow f;

	if (e->flags & ENTRY_CHAINED)
		table_unchain(&t->table, e, hash_of(t, e, &f));
}

/* Of numbers that wrap. */
static uint64_t
distance(uint64_t a, uint64_t b)
{
	return track_before(a, b) ? b - a : a - b;
}

/* True if two states were not made by the same packet. */
static int
is_apart(const struct track *t, const struct entry *a, const struct entry *b)
{
	return distance(a->created, b->created) > t->slack;
}

/* The best candidate; NULL: there is none, or several are as good. */
static struct entry *
best(const struct track *t, const struct entry *e, unsigned int *n)
{
	struct twins_choice c = { .n = 0 };
	const struct entry *other;
	struct flow f, g;
	uint32_t number = table_chained(&t->table, hash_of_twin(t, e, &f));

	for (; number != ENTRY_NONE && c.n < ALIKE;
	     number = table_fixed(&t->table, number)->next) {
		other = table_entry(&t->table, number);
		entry_flow(other, table_fixed(&t->table, number), &g);
		if (twins_match(&f, &g))
			twins_consider(&c, number, is_apart(t, e, other),
			    distance(e->id, other->id));
	}
	*n = c.n;
	number = c.n == ALIKE ? TWINS_NONE : twins_chosen(&c);
	return number == TWINS_NONE ? NULL : table_entry(&t->table, number);
}

struct entry *
pair_find(struct track *t, const struct entry *e)
{
	unsigned int n, others;
	struct entry *found = best(t, e, &n);

	if (found != NULL && best(t, found, &others) == e)
		return found;
	t->counts.ambiguous += n > 0;
	return NULL;
}

static int
is_zero(const struct base *b)
{
	return (b->packets[0] | b->packets[1] | b->bytes[0] | b->bytes[1]) == 0;
}

/*
 * One of the two was reported alone, or began before it was followed, or had
 * another twin: only what both have to report is the pair's.
 */
static void
level(struct track *t, struct change c[2], const struct entry *a,
    const struct entry *b)
{
	struct base *x = &c[0].base, *y = &c[1].base;
	uint64_t octets[2], packets[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		octets[i] = track_least(a->bytes[i] - x->bytes[i],
		    b->bytes[i] - y->bytes[i]);
		packets[i] = track_least(a->packets[i] - x->packets[i],
		    b->packets[i] - y->packets[i]);
		t->counts.octets.twin += a->bytes[i] - x->bytes[i] - octets[i];
		t->counts.octets.twin += b->bytes[i] - y->bytes[i] - octets[i];
		x->bytes[i] = a->bytes[i] - octets[i];
		y->bytes[i] = b->bytes[i] - octets[i];
		x->packets[i] = a->packets[i] - packets[i];
		y->packets[i] = b->packets[i] - packets[i];
	}
	if (x->first < y->first)
		x->first = y->first;
	y->first = x->first;
}

void
pair_link(struct track *t, struct entry *a, struct entry *b)
{
	struct change c[2];

	pair_withdraw(t, a);
	pair_withdraw(t, b);
	commit_begin(t, a, &c[0]);
	commit_begin(t, b, &c[1]);
	if (!is_zero(&c[0].base) || !is_zero(&c[1].base) || is_apart(t, a, b))
		level(t, c, a, b);
	c[0].twin = b->number;
	c[1].twin = a->number;
	commit(t, c, 2);
	t->counts.pairs++;
}

void
pair_unlink(struct track *t, const struct entry *e)
{
	struct entry *twin = table_twin(&t->table, e);
	struct change c;

	if (twin == NULL)
		return;
	commit_begin(t, twin, &c);
	c.twin = ENTRY_NONE;
	commit(t, &c, 1);
}
