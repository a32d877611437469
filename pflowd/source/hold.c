/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdlib.h>
#include <string.h>

#include "common/counters.h"
#include "hold.h"
#include "track/twins.h"

#define NONE UINT32_MAX
#define BUCKETS HOLD_STATES

/* States with the same addresses that are looked at, the newest first. */
#define CANDIDATES 16

#define S 1000 /* ms */

struct held {
	struct flow flow;
	uint64_t packets[2]; /* and bytes: of its report */
	uint64_t bytes[2];
	struct record_times times;
	uint64_t hash;	  /* twins_hash() */
	uint64_t created; /* s since the epoch */
	uint64_t since;
	uint64_t number; /* of its arrival */
	enum report_ending ending;
	uint32_t older;	 /* in the order of arrival */
	uint32_t newer;	 /* or the next free one */
	uint32_t before; /* in the bucket */
	uint32_t behind;
};

struct hold {
	struct counters *counters;
	struct held held[HOLD_STATES]; /* memory is used as it is written */
	uint32_t buckets[BUCKETS];     /* the newest one's number */
	uint64_t seed;
	uint64_t now;
	uint64_t arrived;
	uint64_t released; /* so many of them are due */
	uint32_t n;
	uint32_t used; /* those behind were never in use */
	uint32_t free; /* first of those that are no longer */
	uint32_t oldest;
	uint32_t newest;
};

struct hold *
hold_new(struct counters *counters)
{
	struct hold *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->counters = counters;
	arc4random_buf(&h->seed, sizeof(h->seed));
	memset(h->buckets, 0xff, sizeof(h->buckets)); /* NONE */
	h->free = h->oldest = h->newest = NONE;
	return h;
}

void
hold_free(struct hold *h)
{
	free(h);
}

unsigned int
hold_count(const struct hold *h)
{
	return h->n;
}

/* A clock that is set back a little, or frames out of order, make it wait. */
void
hold_clock(struct hold *h, uint64_t now)
{
	if (now > h->now || h->now - now > HOLD_MS)
		h->now = now;
}

/*
 * If the clock was set back, a state may have arrived in the future: it is due,
 * too.
 */
static int
oldest_is_due(const struct hold *h)
{
	const struct held *held = &h->held[h->oldest];

	return held->number < h->released || h->now - held->since >= HOLD_MS;
}

uint64_t
hold_due(const struct hold *h)
{
	if (h->n == 0)
		return UINT64_MAX;
	return oldest_is_due(h) ? 0 : h->held[h->oldest].since + HOLD_MS;
}

void
hold_release(struct hold *h)
{
	h->released = h->arrived;
}

/* States of one direction share buckets: they are not each other's twins. */
static uint32_t *
bucket(struct hold *h, uint64_t hash, uint8_t direction)
{
	return &h->buckets[(hash ^ direction) % BUCKETS];
}

static uint32_t
take(struct hold *h)
{
	uint32_t i = h->free;

	if (i != NONE)
		h->free = h->held[i].newer;
	else if (h->used < HOLD_STATES)
		i = h->used++;
	return i;
}

/* Put it behind all others, and first into its bucket. */
static void
link_held(struct hold *h, uint32_t i)
{
	struct held *held = &h->held[i];
	uint32_t *first = bucket(h, held->hash, held->flow.direction);

	held->older = h->newest;
	held->newer = NONE;
	if (h->newest != NONE)
		h->held[h->newest].newer = i;
	else
		h->oldest = i;
	h->newest = i;
	held->before = NONE;
	held->behind = *first;
	if (*first != NONE)
		h->held[*first].before = i;
	*first = i;
	h->n++;
}

static void
unlink_held(struct hold *h, uint32_t i)
{
	struct held *held = &h->held[i];

	if (held->before != NONE)
		h->held[held->before].behind = held->behind;
	else
		*bucket(h, held->hash, held->flow.direction) = held->behind;
	if (held->behind != NONE)
		h->held[held->behind].before = held->before;
	if (held->older != NONE)
		h->held[held->older].newer = held->newer;
	else
		h->oldest = held->newer;
	if (held->newer != NONE)
		h->held[held->newer].older = held->older;
	else
		h->newest = held->older;
	held->newer = h->free;
	h->free = i;
	h->n--;
}

/* A state that looks for its twin. */
struct wanted {
	const struct flow *flow;
	uint64_t hash;
	uint64_t created;
};

/* A report starts later if there was one of the state before. */
static uint64_t
creation(const struct flow *f, uint64_t time)
{
	return time / S - (f->anomalies & FLOW_BAD_AGE ? 0 : f->age);
}

static enum hold_result
keep(struct hold *h, const struct report *r, const struct wanted *w)
{
	uint32_t i = take(h);
	struct held *held;

	if (i == NONE) {
		h->counters->held_full++;
		return HOLD_SINGLE;
	}
	held = &h->held[i];
	held->flow = *r->flow;
	memcpy(held->packets, r->packets, sizeof(held->packets));
	memcpy(held->bytes, r->bytes, sizeof(held->bytes));
	held->times = r->times;
	held->ending = r->ending;
	held->hash = w->hash;
	held->created = w->created;
	held->since = h->now;
	held->number = h->arrived++;
	link_held(h, i);
	return HOLD_WAITS;
}

static uint64_t
distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static int
is_candidate(const struct held *held, const struct wanted *w)
{
	return distance(held->created, w->created) <= 1 &&
	    held->flow.creator == w->flow->creator &&
	    twins_match(&held->flow, w->flow);
}

/* The best candidate, and whether another one is as good. */
static struct twins_choice
choose(struct hold *h, const struct wanted *w)
{
	struct twins_choice c = { .n = 0 };
	const struct held *held;
	unsigned int n = 0;
	uint32_t i;

	i = *bucket(h, w->hash, w->flow->direction ^ (FLOW_IN ^ FLOW_OUT));
	for (; i != NONE && n < CANDIDATES; i = held->behind) {
		held = &h->held[i];
		if (held->hash != w->hash)
			continue;
		n++;
		if (is_candidate(held, w))
			twins_consider(&c, i,
			    distance(held->created, w->created),
			    distance(held->flow.id, w->flow->id));
	}
	return c;
}

/* Octets that one of the twins has and the other one has not. */
static uint64_t
dropped(const struct flow *from, const struct flow *to, enum flow_end end)
{
	return from->bytes[end] > to->bytes[end] ?
	    from->bytes[end] - to->bytes[end] :
	    0;
}

static void
count_pair(struct counters *c, const struct report *r)
{
	c->pairs++;
	c->joined++;
	c->dropped_between += dropped(r->flow, r->twin, FLOW_INITIATOR) +
	    dropped(r->twin, r->flow, FLOW_RESPONDER);
}

/* Make the report of a state one of both: of either what came in by it. */
static void
join(struct report *r, const struct held *held, const struct flow *twin)
{
	const struct flow *f = r->flow;
	enum flow_end other = f->direction == FLOW_IN ? FLOW_RESPONDER :
							FLOW_INITIATOR;

	r->flow = f->direction == FLOW_IN ? f : twin;
	r->twin = f->direction == FLOW_IN ? twin : f;
	r->packets[other] = held->packets[other];
	r->bytes[other] = held->bytes[other];
	if (held->times.start < r->times.start)
		r->times.start = held->times.start;
	if (held->times.end > r->times.end)
		r->times.end = held->times.end;
	if (held->ending == REPORT_FORCED)
		r->ending = REPORT_FORCED;
}

enum hold_result
hold_state(struct hold *h, struct report *r, uint64_t time, struct flow *twin)
{
	struct wanted w = { .flow = r->flow };
	struct twins_choice c;
	uint32_t i;

	if (!twins_possible(r->flow))
		return HOLD_SINGLE;
	w.hash = twins_hash(h->seed, r->flow);
	w.created = creation(r->flow, time);
	c = choose(h, &w);
	if (c.tie) {
		h->counters->pairs_ambiguous++;
		return HOLD_SINGLE;
	}
	if ((i = twins_chosen(&c)) == TWINS_NONE)
		return keep(h, r, &w);
	*twin = h->held[i].flow;
	join(r, &h->held[i], twin);
	count_pair(h->counters, r);
	unlink_held(h, i);
	return HOLD_PAIR;
}

int
hold_next(struct hold *h, struct flow *f, struct report *r)
{
	const struct held *held;

	if (h->n == 0 || !oldest_is_due(h))
		return 0;
	held = &h->held[h->oldest];
	*f = held->flow;
	memset(r, 0, sizeof(*r));
	r->flow = f;
	memcpy(r->packets, held->packets, sizeof(r->packets));
	memcpy(r->bytes, held->bytes, sizeof(r->bytes));
	r->times = held->times;
	r->ending = held->ending;
	unlink_held(h, h->oldest);
	return 1;
}
