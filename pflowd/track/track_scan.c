/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The looks at all entries after a dump, a few at a time: for those that have
 * ended; for pairs, once ends are known; for pieces, once pairs are.  Or the
 * last one, at the stop.
 */

#include "track_local.h"

enum look {
	LOOK_FOR_ENDS,
	LOOK_FOR_PAIRS,
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
track_stop(struct track *t, enum track_stop stop)
{
	t->stopped = 1;
	t->stop = stop;
	t->scanning = 1;
	t->next = 0;
	t->look = LOOK_FOR_ENDS;
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
		life_miss(t, e);
	return e->status == ENTRY_ENDED && report_ended(t, e, r);
}

/*
 * An entry lives without its twin, if it has one.  If that was removed early,
 * it is the end of the connection, else a piece of it.
 */
static int
leave_twin(struct track *t, struct entry *e, enum flow_label piece,
    struct track_report *r)
{
	const struct entry *gone = table_twin(&t->table, e);

	return gone != NULL &&
	    report_survived(t, e, gone->label < FLOW_CUT ? piece : gone->label,
		r);
}

/* Make a pair with its twin.  1: an earlier pair is reported first */
static int
look_for_twin(struct track *t, struct entry *e, struct track_report *r)
{
	struct entry *found;

	pair_offer(t, e);
	if ((found = pair_find(t, e)) == NULL)
		return 0;
	if (leave_twin(t, e, FLOW_INTERIM, r) ||
	    leave_twin(t, found, FLOW_INTERIM, r))
		return 1;
	pair_link(t, e, found);
	return 0;
}

/* The second look: at a living entry. */
static int
look_for_pair(struct track *t, struct entry *e, struct track_report *r)
{
	const struct entry *twin = table_twin(&t->table, e);

	if (twin != NULL && twin->status == ENTRY_ENDED &&
	    twin->label >= FLOW_CUT && leave_twin(t, e, FLOW_INTERIM, r))
		return 1;
	if (wants_twin(t, e) && look_for_twin(t, e, r))
		return 1;
	e->flags &= (uint8_t)~ENTRY_ATTEND;
	return 0;
}

static int
stop_both(struct track *t, struct entry *e, struct track_report *r)
{
	struct entry *twin = table_twin(&t->table, e);

	life_stop(t, e);
	if (twin != NULL)
		life_stop(t, twin);
	return report_ended(t, e, r);
}

/* The last look: at any entry. */
static int
look_at_last(struct track *t, struct entry *e, struct track_report *r)
{
	struct entry *twin = table_twin(&t->table, e);

	if (t->stop == TRACK_STOP_ALL)
		return stop_both(t, e, r);
	if (e->status != ENTRY_LIVE)
		return twin != NULL && twin->status == ENTRY_LIVE ?
		    leave_twin(t, twin, FLOW_ALIVE, r) :
		    stop_both(t, e, r);
	if (twin != NULL && twin->status != ENTRY_LIVE &&
	    leave_twin(t, e, FLOW_ALIVE, r))
		return 1;
	return t->stop == TRACK_STOP_OPEN && !wants_twin(t, e) &&
	    report_piece(t, e, FLOW_ALIVE, r);
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
	while (t->scanning) {
		if (look_on(t, n, r))
			return 1;
		if (t->next < table_size(&t->table))
			return 0;
		t->next = 0;
		t->scanning = ++t->look < looks(t);
	}
	return -1;
}
