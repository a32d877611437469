/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What becomes of an entry: it lives, is missing, lives again, or ends.
 */

#include "track_local.h"

/* Whole dumps in a row that do not show a state that has ended. */
#define MISSING_DUMPS 3

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

void
life_return(struct track *t, struct entry *e)
{
	struct entry *twin = table_twin(&t->table, e);

	table_found(&t->table, e);
	if (twin != NULL && twin->status == ENTRY_LIVE)
		pair_withdraw(t, twin);
	else
		e->flags |= ENTRY_ATTEND;
}

/* It waits for being reported. */
static void
end_entry(struct track *t, struct entry *e)
{
	table_forget(&t->table, e);
	e->status = ENTRY_ENDED;
	*table_shown(&t->table, e->number) = SHOWN_ENDED;
}

void
life_end(struct track *t, struct entry *e)
{
	if (e->status == ENTRY_LIVE)
		leave(t, e, label_of(t, e));
	end_entry(t, e);
}

void
life_miss(struct track *t, struct entry *e)
{
	if (e->status == ENTRY_LIVE) {
		leave(t, e, label_of(t, e));
		e->status = ENTRY_MISSING;
		table_lost(&t->table, e);
	}
	if (++e->missing >= MISSING_DUMPS || t->counts.without_room > 0)
		end_entry(t, e);
}

void
life_stop(struct track *t, struct entry *e)
{
	if (e->status == ENTRY_LIVE)
		leave(t, e, FLOW_ALIVE);
	if (e->status != ENTRY_ENDED)
		end_entry(t, e);
}
