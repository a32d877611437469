/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What a state of a dump changes in its entry.
 */

#include <string.h>

#include "track_local.h"

/* s; such a state had a packet lately. */
#define YOUNG 10

/*
 * ms since the last packet, by what remains of the timeout; UINT64_MAX: not
 * known, as a rule may have a timeout of its own.
 */
static uint64_t
idle(const struct track *t, const struct flow *f)
{
	uint32_t timeout = timeouts_of(&t->timeouts, f);

	if (f->expires > timeout || (timeout == 0 && f->expires == 0))
		return UINT64_MAX;
	return (timeout - f->expires) * TRACK_MS;
}

/*
 * The time of the last packet, which came after `since`: the dump before this
 * one, or the state's creation.
 */
static uint64_t
last_packet(const struct track *t, const struct flow *f, uint64_t since)
{
	uint64_t now = t->now.wall > since ? t->now.wall : since;
	uint64_t ms = idle(t, f);

	return ms > now - since ? (ms == UINT64_MAX ? now : since) : now - ms;
}

static void
set_times(struct track *t, struct entry *e, struct fixed *x,
    const struct flow *f)
{
	uint64_t age = f->anomalies & FLOW_BAD_AGE ? 0 : f->age * TRACK_MS;

	e->created = t->now.begin - age;
	x->start = age > t->now.wall ? 0 : t->now.wall - age;
	e->last = last_packet(t, f, x->start);
}

/*
 * True if the phase of an entry has passed since the whole dump before.  That
 * of a pair is one, so both of its states are due at once.
 */
int
update_due(const struct track *t, const struct entry *e)
{
	uint64_t n = e->number < e->twin ? e->number : e->twin;
	uint32_t at = (uint32_t)((n * MIX_MULTIPLIER) >> 32);

	return t->due_all || at - t->due_from < t->due_width;
}

void
update_attend(struct track *t, struct entry *e)
{
	uint32_t *shown = table_shown(&t->table, e->number);

	e->flags |= ENTRY_ATTEND;
	if (*shown == t->dump)
		*shown |= SHOWN_MARK;
}

static void
show(struct track *t, struct entry *e)
{
	uint32_t shown = t->dump;

	if (t->attend_all)
		e->flags |= ENTRY_ATTEND;
	if ((e->flags & ENTRY_ATTEND) ||
	    (!(e->flags & ENTRY_REPORTED) && update_due(t, e)))
		shown |= SHOWN_MARK;
	e->status = ENTRY_LIVE;
	e->missing = 0;
	*table_shown(&t->table, e->number) = shown;
	e->seen = t->now.wall;
	e->seen_begin = t->now.begin;
}

void
update_first(struct track *t, struct entry *e, const struct flow *f,
    int absolute)
{
	if (f->age <= YOUNG)
		timeouts_learn(&t->timeouts, f, f->expires, !absolute);
	set_times(t, e, table_fixed(&t->table, e->number), f);
	entry_seal(e);
	if (t->join)
		e->flags |= ENTRY_ATTEND;
	show(t, e);
}

void
update_base(const struct track *t, struct entry *e, int all)
{
	struct fixed *x = table_fixed(&t->table, e->number);
	struct base *b = table_base(&t->table, e->number);

	memset(b, 0, sizeof(*b));
	if (all) {
		memcpy(b->packets, e->packets, sizeof(b->packets));
		memcpy(b->bytes, e->bytes, sizeof(b->bytes));
		e->flags |= ENTRY_REPORTED;
	} else {
		b->first = x->start;
	}
	x->check = entry_check_fixed(x, b, e->twin);
}

static int
same_creation(const struct track *t, const struct entry *e,
    const struct flow *f)
{
	uint64_t moved = t->now.begin - f->age * TRACK_MS - e->created;

	return (f->anomalies & FLOW_BAD_AGE) ||
	    moved + TRACK_CREATION_SLACK <= 2 * TRACK_CREATION_SLACK;
}

/* A counter that is lower by its high word alone was read while it changed. */
static int
torn(uint64_t old, uint64_t new)
{
	return old > new && (old >> 32) != (new >> 32);
}

static int
any_torn(const struct entry *old, const struct flow *new)
{
	return torn(old->packets[0], new->packets[0]) ||
	    torn(old->packets[1], new->packets[1]) ||
	    torn(old->bytes[0], new->bytes[0]) ||
	    torn(old->bytes[1], new->bytes[1]);
}

static int
any_fell(const struct entry *old, const struct flow *new)
{
	return new->packets[0] < old->packets[0] ||
	    new->packets[1] < old->packets[1] ||
	    new->bytes[0] < old->bytes[0] || new->bytes[1] < old->bytes[1];
}

int
update_is_later(const struct track *t, const struct entry *e,
    const struct flow *f)
{
	return e->tuple == entry_tuple(t->table.keys, f) && !any_fell(e, f);
}

int
update_same(const struct track *t, const struct entry *e, const struct flow *f)
{
	return e->tuple == entry_tuple(t->table.keys, f) &&
	    same_creation(t, e, f) && (!any_fell(e, f) || any_torn(e, f));
}

static int
grew(const struct entry *old, const struct flow *new)
{
	return new->packets[0] != old->packets[0] ||
	    new->packets[1] != old->packets[1] ||
	    new->bytes[0] != old->bytes[0] || new->bytes[1] != old->bytes[1];
}

/*
 * What remains of the timeout, where the kernel reports the time of an expired
 * state in another way: such a value does not fall as time passes.
 */
static uint32_t
remaining(const struct track *t, const struct entry *e, const struct flow *f,
    int grown)
{
	uint64_t passed = (t->now.begin - e->seen_begin) / TRACK_MS;

	if (grown)
		return f->expires;
	if (passed < 2 && f->expires == e->expires)
		return f->expires; /* too soon to fall */
	return f->expires + passed > e->expires + 1 ? 0 : f->expires;
}

static void
set_counters(struct track *t, struct entry *e, const struct flow *f)
{
	memcpy(e->packets, f->packets, sizeof(f->packets));
	memcpy(e->bytes, f->bytes, sizeof(f->bytes));
	e->last = last_packet(t, f, e->seen);
	entry_seal(e);
}

/* An absolute time does not fall. */
static void
learn(struct track *t, const struct entry *e, const struct flow *f,
    uint32_t expires, int absolute, int grown)
{
	int fell = expires < e->expires;

	if (grown || (absolute && fell))
		timeouts_learn(&t->timeouts, f, expires, !absolute || fell);
}

static uint64_t
growth(const struct entry *e, const struct flow *f)
{
	return f->bytes[0] - e->bytes[0] + f->bytes[1] - e->bytes[1];
}

/* A second. */
static uint32_t
rate(uint64_t octets, uint64_t ms)
{
	if (ms == 0 || octets / ms > UINT32_MAX / TRACK_MS)
		return UINT32_MAX;
	return (uint32_t)(octets * TRACK_MS / ms);
}

/* The next report begins with the last dump that showed what was reported. */
static void
begin_again(const struct track *t, struct entry *e)
{
	struct base *b = table_base(&t->table, e->number);

	if (b->first < e->seen)
		b->first = e->seen;
	e->flags &= (uint8_t)~ENTRY_REPORTED;
}

static void
grow(struct track *t, struct entry *e, const struct flow *f)
{
	uint64_t octets = growth(e, f);

	if (e->flags & ENTRY_REPORTED)
		begin_again(t, e);
	t->counts.octets.shown += octets;
	e->rate = rate(octets, t->now.begin - e->seen_begin);
	set_counters(t, e, f);
}

/* Addresses, ports and ids are those that the entry has. */
void
update_next(struct track *t, struct entry *e, const struct flow *f,
    int absolute)
{
	int grown = grew(e, f);
	uint32_t expires = absolute ? remaining(t, e, f, grown) : f->expires;

	learn(t, e, f, expires, absolute, grown);
	e->rate = 0;
	if (grown && !any_torn(e, f))
		grow(t, e, f);
	e->age = f->age;
	e->expires = expires;
	e->timeout = f->timeout;
	e->anomalies = f->anomalies;
	memcpy(e->tcp_state, f->tcp_state, sizeof(f->tcp_state));
	show(t, e);
}
