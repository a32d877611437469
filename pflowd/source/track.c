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

/* Looks at each entry, at the end of a dump. */
enum look {
	LOOK_FOR_ENDS,
	LOOK_FOR_PAIRS, /* ... then they are known, and ... */
	LOOK_FOR_PIECES,
	LOOKS
};

static uint32_t
looks(const struct track *t)
{
	if (t->stopped || (t->interim == 0 && !t->join && t->counts.pairs == 0))
		return LOOK_FOR_ENDS + 1;
	return LOOKS;
}

uint32_t
track_entries(const struct track *t)
{
	return looks(t) * table_size(&t->table);
}

uint64_t
track_visits(const struct track *t)
{
	return t->visits;
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
	    track_before(e->created + TRACK_CREATION_SLACK, t->followed);
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

/* An entry lives no more: others may be its twin's. */
static void
leave(struct track *t, struct entry *e, enum flow_label label)
{
	struct entry *twin = table_twin(&t->table, e);

	e->label = (uint8_t)label;
	pair_withdraw(t, e);
	if (twin != NULL && twin->status == ENTRY_LIVE)
		update_attend(t, twin);
}

/* It lives again. */
static void
come_back(struct track *t, struct entry *e)
{
	struct entry *twin = table_twin(&t->table, e);

	table_found(&t->table, e);
	if (twin != NULL && twin->status == ENTRY_LIVE)
		pair_withdraw(t, twin);
	else
		e->flags |= ENTRY_ATTEND;
}

/* The state has ended, and waits for being reported. */
static void
end_entry(struct track *t, struct entry *e)
{
	table_forget(&t->table, e);
	e->status = ENTRY_ENDED;
	*table_shown(&t->table, e->number) = SHOWN_ENDED;
}

static void
retire(struct track *t, struct entry *e)
{
	if (e->status == ENTRY_LIVE)
		leave(t, e, label_of(t, e));
	end_entry(t, e);
}

void
track_state(struct track *t, const struct flow *f, int absolute)
{
	struct entry *e = table_find(&t->table, f);

	t->states++;
	if (e != NULL && update_same(t, e, f)) {
		if (e->status == ENTRY_MISSING)
			come_back(t, e);
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
	t->next = 0;
	t->look = whole ? LOOK_FOR_ENDS : LOOKS;
	if (!whole)
		return;
	timeouts_states(&t->timeouts, t->states);
	t->following = 1;
	t->followed = t->now.begin;
	t->attend_all = 0;
}

void
track_since(struct track *t)
{
	t->since = t->now.begin;
	t->counts.made = 0;
}

void
track_stop(struct track *t, enum track_stop stop)
{
	t->stopped = 1;
	t->stop = stop;
	t->next = 0;
	t->look = LOOK_FOR_ENDS;
}

/* A live state that this dump does not show is missing, and labelled once. */
static void
miss(struct track *t, struct entry *e)
{
	if (e->status == ENTRY_LIVE) {
		leave(t, e, label_of(t, e));
		e->status = ENTRY_MISSING;
		table_lost(&t->table, e);
	}
	if (++e->missing >= MISSING_DUMPS || t->counts.without_room > 0)
		end_entry(t, e);
}

/*
 * Report an entry that has ended.  One of a pair waits for its twin; but if it
 * was removed early, the twin goes on alone.
 */
static int
report_ended(struct track *t, struct entry *e, struct track_report *r)
{
	struct entry *twin = table_twin(&t->table, e);

	if (twin == NULL) {
		report_end(t, e, r);
		return 1;
	}
	if (twin->status == ENTRY_ENDED) {
		report_pair(t, e, r);
		return 1;
	}
	*table_shown(&t->table, e->number) = SHOWN_NONE;
	if (twin->status == ENTRY_LIVE)
		update_attend(t, twin);
	return 0;
}

static int
is_shown(const struct track *t, const struct entry *e)
{
	return (*table_shown(&t->table, e->number) & ~SHOWN_MARK) == t->dump;
}

static int
wants_twin(const struct track *t, const struct entry *e)
{
	return t->join && (e->flags & ENTRY_ATTEND) && pair_available(t, e);
}

/* The first look: what has ended is known after it, and who wants a twin. */
static int
look_for_end(struct track *t, struct entry *e, struct track_report *r)
{
	if (e->status == ENTRY_LIVE && is_shown(t, e)) {
		if (wants_twin(t, e))
			pair_offer(t, e);
		return 0;
	}
	if (e->status != ENTRY_ENDED)
		miss(t, e);
	return e->status == ENTRY_ENDED && report_ended(t, e, r);
}

/* Make a pair with its twin.  1: an earlier pair is reported first */
static int
look_for_twin(struct track *t, struct entry *e, struct track_report *r)
{
	struct entry *found, *rest = NULL;

	pair_offer(t, e);
	if ((found = pair_find(t, e)) == NULL)
		return 0;
	if (e->twin != ENTRY_NONE)
		rest = e;
	else if (found->twin != ENTRY_NONE)
		rest = found;
	if (rest != NULL) {
		report_survived(t, rest, r);
		return 1;
	}
	pair_link(t, e, found);
	return 0;
}

/* The second look: at a living entry. */
static int
look_for_pair(struct track *t, struct entry *e, struct track_report *r)
{
	const struct entry *twin = table_twin(&t->table, e);

	if (twin != NULL && twin->status == ENTRY_ENDED &&
	    twin->label >= FLOW_CUT) {
		report_survived(t, e, r);
		return 1;
	}
	if (wants_twin(t, e) && look_for_twin(t, e, r))
		return 1;
	e->flags &= (uint8_t)~ENTRY_ATTEND;
	return 0;
}

static void
stop_entry(struct track *t, struct entry *e)
{
	if (e->status == ENTRY_LIVE)
		leave(t, e, FLOW_ALIVE);
	if (e->status != ENTRY_ENDED)
		end_entry(t, e);
}

static int
stop_both(struct track *t, struct entry *e, struct track_report *r)
{
	struct entry *twin = table_twin(&t->table, e);

	stop_entry(t, e);
	if (twin != NULL)
		stop_entry(t, twin);
	return report_ended(t, e, r);
}

/* The last look: at any entry. */
static int
look_at_last(struct track *t, struct entry *e, struct track_report *r)
{
	struct entry *twin = table_twin(&t->table, e);

	if (t->stop == TRACK_STOP_ALL)
		return stop_both(t, e, r);
	if (twin != NULL &&
	    (e->status == ENTRY_LIVE) != (twin->status == ENTRY_LIVE)) {
		report_survived(t, e->status == ENTRY_LIVE ? e : twin, r);
		return 1;
	}
	if (e->status != ENTRY_LIVE)
		return stop_both(t, e, r);
	return t->stop == TRACK_STOP_OPEN && report_piece(t, e, FLOW_ALIVE, r);
}

static int
look_at(struct track *t, struct entry *e, struct track_report *r)
{
	if (t->stopped)
		return look_at_last(t, e, r);
	switch (t->look) {
	case LOOK_FOR_ENDS:
		return look_for_end(t, e, r);
	case LOOK_FOR_PAIRS:
		return look_for_pair(t, e, r);
	default:
		return update_due(t, e) && report_piece(t, e, FLOW_INTERIM, r);
	}
}

/* True if there may be something to do for an entry, as it was shown. */
static int
is_of_interest(const struct track *t, uint32_t shown)
{
	uint32_t dump = shown & ~SHOWN_MARK;

	if (dump == SHOWN_NONE || t->stopped)
		return dump != SHOWN_NONE;
	return shown == (t->dump | SHOWN_MARK) ||
	    (t->look == LOOK_FOR_ENDS && dump != t->dump);
}

/* The entries of a segment from t->next on, until one is of interest. */
static int
search(struct track *t, unsigned int *n)
{
	const uint32_t *shown = table_shown(&t->table, t->next);
	uint32_t left = SEGMENT - t->next % SEGMENT, i;

	if (left > *n)
		left = *n;
	for (i = 0; i < left && !is_of_interest(t, shown[i]); i++)
		;
	*n -= i;
	t->next += i;
	return i < left;
}

/* The next entry of interest, of the next n; NULL: there is none. */
static struct entry *
next_entry(struct track *t, unsigned int *n)
{
	while (*n > 0 && t->next < table_size(&t->table))
		if (search(t, n)) {
			--*n;
			t->visits++;
			return table_entry(&t->table, t->next);
		}
	return NULL;
}

/* An entry that has a report may have another one: it is looked at again. */
static int
look_on(struct track *t, unsigned int *n, struct track_report *r)
{
	struct entry *e;

	while ((e = next_entry(t, n)) != NULL) {
		if (look_at(t, e, r))
			return 1;
		t->next++;
	}
	return 0;
}

int
track_next(struct track *t, unsigned int *n, struct track_report *r)
{
	while (t->look < looks(t)) {
		if (look_on(t, n, r))
			return 1;
		if (t->next < table_size(&t->table))
			return 0;
		t->next = 0;
		t->look++;
	}
	return -1;
}

/* Its twin is a single state then. */
static void
unlink_twin(struct track *t, const struct entry *e)
{
	struct entry *twin = table_twin(&t->table, e);
	struct change c;

	if (twin == NULL)
		return;
	commit_begin(t, twin, &c);
	c.twin = ENTRY_NONE;
	commit(t, &c, 1);
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
	unlink_twin(t, e);
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

	while (*n > 0 && *cursor < table_size(&t->table)) {
		--*n;
		e = table_entry(&t->table, *cursor);
		x = table_fixed(&t->table, (*cursor)++);
		if (e->status != ENTRY_LIVE ||
		    (e->twin != ENTRY_NONE && !pair_available(t, e) &&
			x->direction == FLOW_OUT))
			continue;
		living->joined = 0;
		entry_flow(e, x, &living->flow);
		if (!pair_available(t, e))
			show_pair(t, e, living);
		living->last = report_last(e, x);
		living->rate = e->rate;
		return 1;
	}
	return *cursor < table_size(&t->table) ? 0 : -1;
}
