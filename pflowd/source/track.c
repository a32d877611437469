/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdlib.h>
#include <string.h>

#include "track.h"
#include "track_local.h"

/* Whole dumps in a row that do not show a state that has ended. */
#define MISSING_DUMPS 3

/* Bytes of a state, with its part of the index. */
#define BYTES 280

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
		free(t);
		return NULL;
	}
	t->dump = TRACK_DUMP_BEFORE;
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

uint32_t
track_entries(const struct track *t)
{
	return table_size(&t->table);
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

void
track_begin(struct track *t, uint64_t wall, uint64_t monotonic)
{
	table_begin(&t->table);
	t->dump++;
	t->now = (struct track_time){ wall, monotonic, monotonic };
	t->counts.without_room = 0;
	t->states = 0;
}

/* Of times by the monotonic clock, which may be negative. */
static int
before(uint64_t a, uint64_t b)
{
	return a - b > INT64_MAX;
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
	t->counts.made += !before(e->created + TRACK_CREATION_SLACK, t->since);
}

/*
 * s from the beginning of the last dump that showed a state to the end of this
 * one: the longest that it can have been without being seen, and a second for
 * the kernel's clock.
 */
static uint64_t
elapsed(const struct track *t, const struct entry *e)
{
	return (t->now.end - e->seen_begin + TRACK_MS - 1) / TRACK_MS + 1;
}

static enum flow_label
label_of(const struct track *t, const struct entry *e)
{
	uint64_t s = elapsed(t, e);
	struct flow f;

	if (e->timeout == FLOW_PURGE || e->timeout == FLOW_PURGE_OLD)
		return FLOW_EXACT;
	if (e->expires > s)
		return FLOW_CUT;
	entry_flow(e, table_fixed(&t->table, e->number), &f);
	return timeouts_shortest(&t->timeouts, &f) > s ? FLOW_EXACT :
							 FLOW_PERHAPS_CUT;
}

static void
end_entry(struct track *t, struct entry *e)
{
	table_forget(&t->table, e);
	e->status = ENTRY_ENDED;
	*table_shown(&t->table, e->number) = SHOWN_ENDED;
}

/* The state has ended, and waits for being reported. */
static void
retire(struct track *t, struct entry *e)
{
	if (e->status == ENTRY_LIVE)
		e->label = (uint8_t)label_of(t, e);
	end_entry(t, e);
}

void
track_state(struct track *t, const struct flow *f, int absolute)
{
	struct entry *e = table_find(&t->table, f);

	t->states++;
	if (e != NULL && update_same(t, e, f)) {
		if (e->status == ENTRY_MISSING)
			table_found(&t->table, e);
		update_next(t, e, f, absolute);
		return;
	}
	if (e != NULL)
		retire(t, e);
	if ((e = table_missing(&t->table, f)) != NULL)
		retire(t, e);
	add(t, f, absolute);
}

void
track_finish(struct track *t, int whole, uint64_t monotonic)
{
	t->now.end = monotonic;
	t->next = whole ? 0 : table_size(&t->table);
	if (whole)
		timeouts_states(&t->timeouts, t->states);
}

void
track_since(struct track *t)
{
	t->since = t->now.begin;
	t->counts.made = 0;
}

void
track_stop(struct track *t, int alive)
{
	t->stopped = 1;
	t->alive = alive;
	t->next = 0;
}

/* A live state that this dump does not show is missing, and labelled once. */
static void
miss(struct track *t, struct entry *e)
{
	if (e->status == ENTRY_LIVE) {
		e->label = (uint8_t)label_of(t, e);
		e->status = ENTRY_MISSING;
		table_lost(&t->table, e);
	}
	if (++e->missing >= MISSING_DUMPS || t->counts.without_room > 0)
		retire(t, e);
}

static void
stop(struct track *t, struct entry *e)
{
	if (e->status == ENTRY_LIVE && !t->alive)
		return;
	if (e->status == ENTRY_LIVE)
		e->label = FLOW_ALIVE;
	end_entry(t, e);
}

/* Move an entry on, at the end of a dump that did not show it, or of all. */
static void
look_at(struct track *t, struct entry *e)
{
	if (e->status == ENTRY_ENDED)
		return;
	if (t->stopped)
		stop(t, e);
	else
		miss(t, e);
}

/* The next entry to look at, among the next n; NULL: none of these. */
static struct entry *
next_entry(struct track *t, unsigned int *n)
{
	uint32_t number, shown;

	while (*n > 0 && t->next < table_size(&t->table)) {
		--*n;
		number = t->next++;
		shown = *table_shown(&t->table, number);
		if (shown != SHOWN_FREE && (shown != t->dump || t->stopped))
			return table_entry(&t->table, number);
	}
	return NULL;
}

static int
single_packet(const struct flow *f)
{
	return f->packets[0] + f->packets[1] == 1;
}

/* A packet was not before the state, whatever the clock was set to. */
static uint64_t
last_of(const struct entry *e, const struct fixed *x, const struct flow *f)
{
	return single_packet(f) || e->last < x->start ? x->start : e->last;
}

/* The entry is free before the report is exported: never reported twice. */
static void
report(struct track *t, struct entry *e, struct track_end *end)
{
	const struct fixed *x = table_fixed(&t->table, e->number);

	entry_flow(e, x, &end->flow);
	end->start = x->start;
	end->last = last_of(e, x, &end->flow);
	table_remove(&t->table, e);
	t->counts.ended[end->flow.label]++;
	t->counts.tracked--;
}

int
track_next(struct track *t, unsigned int *n, struct track_end *end)
{
	struct entry *e;

	while ((e = next_entry(t, n)) != NULL) {
		look_at(t, e);
		if (e->status == ENTRY_ENDED) {
			report(t, e, end);
			return 1;
		}
	}
	return t->next < table_size(&t->table) ? 0 : -1;
}

int
track_alive(const struct track *t, uint32_t *cursor, unsigned int *n,
    struct track_living *living)
{
	const struct entry *e;
	const struct fixed *x;

	while (*n > 0 && *cursor < table_size(&t->table)) {
		--*n;
		e = table_entry(&t->table, *cursor);
		x = table_fixed(&t->table, (*cursor)++);
		if (e->status != ENTRY_LIVE)
			continue;
		entry_flow(e, x, &living->flow);
		living->last = last_of(e, x, &living->flow);
		living->rate = e->rate;
		return 1;
	}
	return *cursor < table_size(&t->table) ? 0 : -1;
}
