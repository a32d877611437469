/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Reports: what the counters of entries have beyond their bases.  A pair is
 * reported as it was received: the initiator's packets by the in-state, the
 * others by the out-state.  What the other of both has of them is not reported,
 * and its base moves with it.
 */

#include <string.h>

#include "track_local.h"

/* An entry, and the change of it that a report makes. */
struct side {
	struct entry *e;
	const struct fixed *x;
	struct change change;
};

static void
begin(const struct track *t, struct entry *e, struct side *p)
{
	p->e = e;
	p->x = table_fixed(&t->table, e->number);
	commit_begin(t, e, &p->change);
}

static uint64_t
packets_open(const struct side *p, unsigned int from)
{
	return p->e->packets[from] - p->change.base.packets[from];
}

static uint64_t
bytes_open(const struct side *p, unsigned int from)
{
	return p->e->bytes[from] - p->change.base.bytes[from];
}

/* Report a direction.  Without packets, its octets have no record. */
static void
take(struct track *t, struct side *p, unsigned int from, struct track_report *r)
{
	struct base *b = &p->change.base;

	r->packets[from] = packets_open(p, from);
	if (r->packets[from] == 0)
		return;
	r->bytes[from] = bytes_open(p, from);
	t->counts.octets.reported += r->bytes[from];
	b->packets[from] = p->e->packets[from];
	b->bytes[from] = p->e->bytes[from];
}

/*
 * The twin has reported a direction.  Dumps take time: what is more than that
 * is of packets that the twin's next report has.  What is less was dropped in
 * between, if both states were seen to the same time.
 */
static void
pass(struct track *t, struct side *p, unsigned int from, int same_time,
    const struct track_report *r)
{
	uint64_t octets = track_least(bytes_open(p, from), r->bytes[from]);

	t->counts.octets.twin += octets;
	if (same_time)
		t->counts.octets.dropped_between += r->bytes[from] - octets;
	p->change.base.bytes[from] += octets;
	p->change.base.packets[from] += track_least(packets_open(p, from),
	    r->packets[from]);
}

/* Nothing follows of an entry: what is open is in no record. */
static void
cut(struct track *t, struct side *p)
{
	struct base *b = &p->change.base;

	t->counts.octets.cut += bytes_open(p, 0) + bytes_open(p, 1);
	memcpy(b->packets, p->e->packets, sizeof(b->packets));
	memcpy(b->bytes, p->e->bytes, sizeof(b->bytes));
	p->change.twin = ENTRY_NONE;
}

static int
single_packet(const struct entry *e)
{
	return e->packets[0] + e->packets[1] == 1;
}

uint64_t
report_last(const struct entry *e, const struct fixed *x)
{
	return single_packet(e) || e->last < x->start ? x->start : e->last;
}

/*
 * An entry that has not grown since the last report begins with its twin.  No
 * report begins in the future, whatever the memory has.
 */
static uint64_t
start_of(const struct track *t, const struct side *p)
{
	uint64_t first = p->change.base.first;
	uint64_t last = report_last(p->e, p->x);

	if (p->e->flags & ENTRY_REPORTED)
		return UINT64_MAX;
	if (first < p->x->start)
		return p->x->start;
	return track_least(first, last < t->now.wall ? t->now.wall : last);
}

/* Set the times of a report, and where the next one of its parts begins. */
static void
set_times(const struct track *t, struct track_report *r, struct side *p,
    unsigned int n)
{
	uint64_t start = UINT64_MAX, last = 0, at;
	unsigned int i;

	for (i = 0; i < n; i++) {
		start = track_least(start, start_of(t, &p[i]));
		at = report_last(p[i].e, p[i].x);
		if (last < at)
			last = at;
	}
	if (start == UINT64_MAX)
		start = track_least(p[0].change.base.first, t->now.wall);
	if (start == 0)
		start = last;
	r->start = start;
	r->last = last < start ? start : last;
	for (i = 0; i < n; i++)
		p[i].change.base.first = r->last;
}

static void
count(struct track *t, struct track_report *r, enum flow_label label)
{
	r->flow.label = (uint8_t)label;
	t->counts.joined += r->joined != 0;
	t->counts.interim += label == FLOW_INTERIM;
}

static void
make(struct track *t, struct side *p, unsigned int n)
{
	struct change c[CHANGES];
	unsigned int i;

	for (i = 0; i < n; i++)
		c[i] = p[i].change;
	commit(t, c, n);
	for (i = 0; i < n; i++)
		p[i].e->flags |= ENTRY_REPORTED;
}

static void
take_one(struct track *t, struct side *p, struct track_report *r)
{
	memset(r, 0, sizeof(*r));
	entry_flow(p->e, p->x, &r->flow);
	take(t, p, 0, r);
	take(t, p, 1, r);
	set_times(t, r, p, 1);
}

/* p[0]: the in-state; p[1]: the out-state; final: both ended by themselves */
static void
take_both(struct track *t, struct side p[2], int final, struct track_report *r)
{
	int same_time = final || p[0].e->seen_begin == p[1].e->seen_begin;

	memset(r, 0, sizeof(*r));
	entry_flow(p[0].e, p[0].x, &r->flow);
	entry_flow(p[1].e, p[1].x, &r->twin);
	r->joined = 1;
	take(t, &p[0], 0, r);
	take(t, &p[1], 1, r);
	pass(t, &p[1], 0, same_time, r);
	pass(t, &p[0], 1, same_time, r);
	set_times(t, r, p, 2);
}

static void
begin_pair(const struct track *t, struct entry *e, struct side p[2])
{
	struct entry *twin = table_twin(&t->table, e);
	int out = table_fixed(&t->table, e->number)->direction == FLOW_OUT;

	begin(t, out ? twin : e, &p[0]);
	begin(t, out ? e : twin, &p[1]);
}

static int
counted(const struct track_report *r)
{
	return (r->packets[0] | r->packets[1]) > 0;
}

int
report_piece(struct track *t, struct entry *e, enum flow_label label,
    struct track_report *r)
{
	unsigned int n = e->twin == ENTRY_NONE ? 1 : 2;
	struct side p[2];

	if (n == 2) {
		begin_pair(t, e, p);
		take_both(t, p, 0, r);
	} else {
		begin(t, e, p);
		take_one(t, p, r);
	}
	if (!counted(r))
		return 0;
	count(t, r, label);
	make(t, p, n);
	return 1;
}

static void
remove_entry(struct track *t, struct entry *e)
{
	table_remove(&t->table, e);
	t->counts.ended[e->label]++;
	t->counts.tracked--;
}

void
report_end(struct track *t, struct entry *e, struct track_report *r)
{
	struct side p;

	begin(t, e, &p);
	take_one(t, &p, r);
	cut(t, &p);
	count(t, r, e->label);
	make(t, &p, 1);
	remove_entry(t, e);
}

/*
 * What a state that ended by itself has beyond its twin's reports was counted
 * by these: earlier ones had more.
 */
static void
settle(struct track *t, struct side *p, unsigned int from)
{
	struct track_octets *o = &t->counts.octets;
	uint64_t octets = track_least(bytes_open(p, from), o->dropped_between);

	o->twin += octets;
	o->dropped_between -= octets;
	p->change.base.bytes[from] += octets;
}

void
report_pair(struct track *t, struct entry *e, struct track_report *r)
{
	enum flow_label label;
	struct side p[2];

	begin_pair(t, e, p);
	label = p[0].e->label > p[1].e->label ? p[0].e->label : p[1].e->label;
	take_both(t, p, label < FLOW_CUT, r);
	if (label < FLOW_CUT) {
		settle(t, &p[1], 0);
		settle(t, &p[0], 1);
	}
	cut(t, &p[0]);
	cut(t, &p[1]);
	count(t, r, label);
	make(t, p, 2);
	remove_entry(t, p[0].e);
	remove_entry(t, p[1].e);
}

int
report_survived(struct track *t, struct entry *survivor, enum flow_label label,
    struct track_report *r)
{
	struct entry *gone = table_twin(&t->table, survivor);
	struct side p[2];

	begin_pair(t, survivor, p);
	take_both(t, p, 0, r);
	cut(t, &p[gone == p[1].e]);
	p[0].change.twin = p[1].change.twin = ENTRY_NONE;
	make(t, p, 2);
	if (gone->status == ENTRY_MISSING)
		table_forget(&t->table, gone);
	remove_entry(t, gone);
	if (label >= FLOW_ALIVE && !counted(r))
		return 0;
	count(t, r, label);
	return 1;
}

void
report_rest(const struct track *t, const struct entry *e, struct report *r)
{
	const struct base *b = table_base(&t->table, e->number);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		r->packets[i] -= b->packets[i];
		r->bytes[i] -= b->bytes[i];
	}
	if (r->times.start < b->first)
		r->times.start = b->first;
	if (r->times.end < r->times.start)
		r->times.end = r->times.start;
}

uint64_t
report_open(const struct track *t, const struct entry *e)
{
	const struct base *b = table_base(&t->table, e->number);

	return e->bytes[0] - b->bytes[0] + e->bytes[1] - b->bytes[1];
}
