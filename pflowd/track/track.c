/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdlib.h>
#include <string.h>

#include "track.h"
#include "track_local.h"

/* Bytes of a state, with its part of the index. */
#define BYTES 320

unsigned int
track_most(uint64_t limit, uint64_t memory)
{
	uint64_t most = TRACK_MOST, room = memory / 2 / BYTES;

	if (limit < most / 3)
		most = limit * 5 / 2;
	if (memory > 0 && room < most)
		most = room;
	return (unsigned int)most;
}

struct track *
track_new(unsigned int most, int memory)
{
	struct track *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	if (table_init(&t->table, most, memory) == -1) {
		track_free(t);
		return NULL;
	}
	t->dump = TRACK_DUMP_BEFORE;
	t->slack = TRACK_CREATION_SLACK;
	return t;
}

void
track_free(struct track *t)
{
	if (t == NULL)
		return;
	table_free(&t->table);
	free(t);
}

void
track_limit(struct track *t, unsigned int most)
{
	t->table.most = most;
}

const struct track_counts *
track_counts(const struct track *t)
{
	return &t->counts;
}

void
track_interim(struct track *t, uint32_t seconds)
{
	t->interim = seconds * TRACK_MS;
}

void
track_join(struct track *t, int join)
{
	t->attend_all |= join && !t->join;
	t->join = join;
}

void
track_from_nothing(struct track *t)
{
	t->from_nothing = 1;
}

void
track_timeouts(struct track *t, const uint32_t seconds[FLOW_TIMEOUTS])
{
	timeouts_set(&t->timeouts, seconds);
}

void
track_holds(struct track *t, uint64_t states)
{
	if (t->timeouts.states == 0)
		timeouts_states(&t->timeouts, states);
}

uint32_t
track_least_timeout(const struct track *t)
{
	return timeouts_least(&t->timeouts);
}

/* A time within the interval, as a fraction of 2^32. */
static uint32_t
phase(const struct track *t, uint64_t ms)
{
	return (uint32_t)(((ms % t->interim) << 32) / t->interim);
}

/* Those states are due whose phase passes between whole dumps. */
static void
set_due(struct track *t)
{
	t->due_all = 0;
	t->due_width = 0;
	if (t->interim == 0 || !t->following)
		return;
	t->due_all = t->now.begin - t->followed >= t->interim;
	t->due_from = phase(t, t->followed);
	t->due_width = phase(t, t->now.begin) - t->due_from;
}

void
track_begin(struct track *t, uint64_t wall, uint64_t monotonic)
{
	table_begin(&t->table);
	t->dump++;
	t->now = (struct track_time){ wall, monotonic, monotonic };
	t->counts.without_room = 0;
	t->states = 0;
	set_due(t);
}

/* An earlier whole dump would have shown the state, had it been looked at. */
static int
is_late(const struct track *t, const struct entry *e)
{
	return (t->interim > 0 || t->join) &&
	    track_before(e->created + t->slack, t->followed);
}

/* What a new entry has is not reported, if its state was there before. */
static void
set_base(struct track *t, struct entry *e)
{
	struct track_octets *o = &t->counts.octets;
	uint64_t octets = e->bytes[0] + e->bytes[1];
	int started = t->interim > 0 && !t->following;

	o->shown += octets;
	if (t->from_nothing || !(started || (t->following && is_late(t, e)))) {
		update_base(t, e, 0);
		return;
	}
	update_base(t, e, 1);
	*(started ? &o->before_start : &o->not_followed) += octets;
}

/* A dump that shows as many states as there is room for makes no others. */
static void
add(struct track *t, const struct flow *f, int absolute)
{
	struct entry *e = table_add(&t->table, f);

	if (e == NULL) {
		t->counts.without_room++;
		return;
	}
	t->counts.first_seen++;
	t->counts.tracked++;
	update_first(t, e, f, absolute);
	set_base(t, e);
	t->counts.made += !track_before(e->created + TRACK_CREATION_SLACK,
	    t->since);
}

void
track_state(struct track *t, const struct flow *f, int absolute)
{
	struct entry *e = table_find(&t->table, f);

	t->states++;
	if (e != NULL && update_same(t, e, f)) {
		if (e->status == ENTRY_MISSING)
			life_return(t, e);
		update_next(t, e, f, absolute);
		return;
	}
	if (e != NULL)
		life_end(t, e);
	if ((e = table_missing(&t->table, f)) != NULL)
		life_end(t, e);
	add(t, f, absolute);
}

void
track_finish(struct track *t, int whole, uint64_t monotonic)
{
	t->now.end = monotonic;
	t->next = 0;
	t->scanning = whole;
	if (!whole)
		return;
	t->look = 0;
	timeouts_states(&t->timeouts, t->states);
	t->following = 1;
	t->followed = t->now.begin;
	t->slack = TRACK_CREATION_SLACK + 2 * (t->now.end - t->now.begin);
	t->attend_all = 0;
}

void
track_since(struct track *t)
{
	t->since = t->now.begin;
	t->counts.made = 0;
}

uint64_t
track_deleted(struct track *t, struct report *r)
{
	struct entry *e = table_find(&t->table, r->flow);
	uint64_t open;

	if (e == NULL || !update_is_later(t, e, r->flow))
		return 0;
	open = report_open(t, e);
	report_rest(t, e, r);
	pair_unlink(t, e);
	pair_withdraw(t, e);
	table_forget(&t->table, e);
	table_remove(&t->table, e);
	t->counts.ended[FLOW_EXACT]++;
	t->counts.tracked--;
	return open;
}

uint64_t
track_open(const struct track *t)
{
	const struct entry *e;
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < table_size(&t->table); i++) {
		e = table_entry(&t->table, i);
		if (e->status != ENTRY_FREE)
			sum += report_open(t, e);
	}
	return sum;
}

/* As received: see track_report.c. */
static void
show_pair(const struct track *t, const struct entry *e,
    struct track_living *living)
{
	const struct entry *twin = table_twin(&t->table, e);

	living->joined = 1;
	entry_flow(twin, table_fixed(&t->table, twin->number), &living->twin);
	living->flow.packets[1] = living->twin.packets[1];
	living->flow.bytes[1] = living->twin.bytes[1];
}

int
track_alive(const struct track *t, uint32_t *cursor, unsigned int *n,
    struct track_living *living)
{
	const struct entry *e;
	const struct fixed *x;
	int pair;

	while (*n > 0 && *cursor < table_size(&t->table)) {
		--*n;
		e = table_entry(&t->table, *cursor);
		x = table_fixed(&t->table, (*cursor)++);
		if (e->status != ENTRY_LIVE)
			continue;
		pair = !pair_available(t, e);
		if (pair && x->direction == FLOW_OUT)
			continue;
		living->joined = 0;
		entry_flow(e, x, &living->flow);
		if (pair)
			show_pair(t, e, living);
		living->last = report_last(e, x);
		living->rate = e->rate;
		return 1;
	}
	return *cursor < table_size(&t->table) ? 0 : -1;
}
