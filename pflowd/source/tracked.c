/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "common/counters.h"
#include "source.h"
#include "track/track.h"
#include "tracked.h"

static void
count_octets(struct counters *c, const struct track_octets *o)
{
	c->octets_shown = o->shown;
	c->octets_before_start = o->before_start;
	c->octets_not_followed = o->not_followed;
	c->octets_reported = o->reported;
	c->octets_twin = o->twin;
	c->octets_cut = o->cut;
	c->dropped_between = o->dropped_between;
}

void
tracked_count(struct counters *c, const struct track_counts *t)
{
	c->first_seen = t->first_seen;
	c->tracked = t->tracked;
	c->without_room = t->without_room;
	c->ended_exact = t->ended[FLOW_EXACT];
	c->ended_perhaps_cut = t->ended[FLOW_PERHAPS_CUT];
	c->ended_cut = t->ended[FLOW_CUT];
	c->alive = t->ended[FLOW_ALIVE];
	c->lost = t->lost;
	c->interim = t->interim;
	c->joined = t->joined;
	c->pairs = t->pairs;
	c->pairs_ambiguous = t->ambiguous;
	count_octets(c, &t->octets);
}

struct track_counts
tracked_counted(const struct counters *c)
{
	struct track_counts t = { .first_seen = c->first_seen,
		.lost = c->lost,
		.interim = c->interim,
		.joined = c->joined,
		.pairs = c->pairs,
		.ambiguous = c->pairs_ambiguous,
		.ended = { [FLOW_EXACT] = c->ended_exact,
		    [FLOW_PERHAPS_CUT] = c->ended_perhaps_cut,
		    [FLOW_CUT] = c->ended_cut,
		    [FLOW_ALIVE] = c->alive },
		.octets = { c->octets_shown, c->octets_before_start,
		    c->octets_not_followed, c->octets_reported, c->octets_twin,
		    c->octets_cut, c->dropped_between } };

	return t;
}

static const enum report_ending endings[FLOW_LABELS] = {
	[FLOW_EXACT] = REPORT_EXPIRED,
	[FLOW_PERHAPS_CUT] = REPORT_EXPIRED,
	[FLOW_CUT] = REPORT_FORCED,
	[FLOW_ALIVE] = REPORT_FORCED,
	[FLOW_INTERIM] = REPORT_INTERIM,
};

void
tracked_report(struct source *s, const struct track_report *of)
{
	struct report *r = &s->report[s->n];
	struct flow *f = &s->flow[s->n], *twin = &s->twin[s->n];

	s->n++;
	*f = of->flow;
	r->flow = f;
	r->twin = NULL;
	if (of->joined) {
		*twin = of->twin;
		r->twin = twin;
	}
	memcpy(r->packets, of->packets, sizeof(r->packets));
	memcpy(r->bytes, of->bytes, sizeof(r->bytes));
	r->times.start = of->start;
	r->times.end = of->last;
	r->ending = endings[f->label];
}
