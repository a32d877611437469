/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A batch, to one collector, and what does not fit into a record of each
 * direction: more than one of them says a wide counter, or none can.
 */

#include "common/cold.h"
#include "session.h"

/* Only forged counters need more records for one direction of a state. */
#define SPLIT_MAX 65536

/* Records of a split built per turn of the event loop. */
#define SPLIT_SLICE 256

/* Records needed to carry n in parts of at most `most`. */
static uint64_t
parts_for(uint64_t n, uint64_t most)
{
	return n / most + (n % most != 0);
}

static uint64_t
parts_of(const struct flow *f, enum flow_end from, uint64_t most)
{
	uint64_t packets = parts_for(f->packets[from], most);
	uint64_t octets = parts_for(f->bytes[from], most);

	return packets > octets ? packets : octets;
}

/* `most` must be one less than a power of two. */
static int
fits_at_once(const struct flow *f, enum flow_end from, uint64_t most)
{
	return (f->packets[from] | f->bytes[from]) <= most;
}

static int
can_split(const struct flow *f, enum flow_end from, uint64_t most)
{
	uint64_t parts = parts_of(f, from, most);

	return parts <= SPLIT_MAX && parts <= f->packets[from];
}

/*
 * True if the protocol can carry the state; counts the reason if it cannot.  A
 * direction without packets needs no record.
 */
static int
expressible(struct session *o, const struct flow *f)
{
	uint64_t most = o->protocol->counter;
	int from;

	if (f->family == 6 && !o->protocol->inet6) {
		o->counters->inexpressible_inet6++;
		return 0;
	}
	for (from = 0; from < 2; from++)
		if (f->packets[from] > 0 && !fits_at_once(f, from, most) &&
		    !can_split(f, from, most)) {
			o->counters->inexpressible_wide++;
			return 0;
		}
	return 1;
}

static void
begin_split(struct export *x, struct session *o, const struct record *r,
    enum flow_end from)
{
	struct split *s = &o->split[o->splits];

	s->whole = r;
	s->from = from;
	s->parts = parts_of(r->flow, from, o->protocol->counter);
	s->done = 0;
	if (o->splits++ == 0)
		x->busy++;
	o->counters->split++;
}

/* Add each direction in as many records as it needs. */
static void
record_wide(struct export *x, struct session *o, const struct record *r)
{
	int from;

	for (from = 0; from < 2; from++) {
		if (r->flow->packets[from] == 0)
			continue;
		if (fits_at_once(r->flow, from, o->protocol->counter))
			session_direction(x, o, r, from);
		else
			begin_split(x, o, r, from);
	}
}

/*
 * Handle a state that does not fit one record per direction.  The batch keeps
 * the best result of any session.
 */
COLD static void
take_unfit(struct export *x, struct session *o)
{
	const struct record *r = &x->batch->record[o->next];
	enum export_result *result = &x->batch->result[o->next];

	if (!expressible(o, r->flow)) {
		if (*result > EXPORT_INEXPRESSIBLE)
			*result = EXPORT_INEXPRESSIBLE;
		return;
	}
	*result = EXPORT_GIVEN;
	o->counters->given++;
	x->now = x->batch->now[o->next];
	record_wide(x, o, r);
}

void
session_batch(struct export *x, struct session *o)
{
	unsigned int n;

	while (o->next < x->batch->n && o->splits == 0) {
		if ((n = session_take(x, o)) == 0) {
			take_unfit(x, o);
			n = 1;
		}
		o->counters->offered += n;
		o->next += n;
	}
}

/* Share of the i-th part when `whole` is divided into equal parts. */
static uint64_t
share(uint64_t whole, uint64_t parts, uint64_t i)
{
	return whole / parts + (i < whole % parts);
}

/*
 * Build some records of a split; true when it is complete.  The records keep
 * the whole state's hosts: no protocol that splits encodes translated
 * addresses.
 */
static int
split_some(struct export *x, struct session *o, struct split *s)
{
	const struct flow *whole = s->whole->flow;
	struct flow part = *whole;
	struct record r = *s->whole;
	unsigned int slice;

	r.flow = &part;
	for (slice = SPLIT_SLICE; slice > 0 && s->done < s->parts; slice--) {
		part.packets[s->from] = share(whole->packets[s->from], s->parts,
		    s->done);
		part.bytes[s->from] = share(whole->bytes[s->from], s->parts,
		    s->done);
		session_direction(x, o, &r, s->from);
		s->done++;
	}
	return s->done == s->parts;
}

/*
 * Records get the state's time, or the current time if the state is older than
 * a datagram may be held.
 */
void
session_split_some(struct export *x, struct session *o)
{
	x->now = x->batch->now[o->next - 1];
	if (x->clock >= x->now + x->hold)
		x->now = x->clock;
	if (!split_some(x, o, &o->split[o->splits - 1]) || --o->splits > 0)
		return;
	x->busy--;
	session_batch(x, o);
}
