/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * States that do not fit one record for each direction: their counters are
 * split over several records.
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
parts_of(const struct record *r, enum flow_end from, uint64_t most)
{
	uint64_t packets = parts_for(r->packets[from], most);
	uint64_t octets = parts_for(r->bytes[from], most);

	return packets > octets ? packets : octets;
}

/* True if each part can have a packet, and they are not too many. */
static int
can_split(const struct record *r, enum flow_end from, uint64_t most)
{
	uint64_t parts = parts_of(r, from, most);

	return parts <= SPLIT_MAX && parts <= r->packets[from];
}

/*
 * True if the protocol can represent the state; counts the reason if it cannot.
 * A direction without packets needs no record.
 */
static int
expressible(struct session *s, const struct record *r)
{
	int from;

	if (record_family(r) == 6 && !s->protocol->inet6) {
		s->counters->inexpressible_inet6++;
		return 0;
	}
	for (from = 0; from < 2; from++)
		if (r->packets[from] > 0 &&
		    !can_split(r, from, s->protocol->counter)) {
			s->counters->inexpressible_wide++;
			return 0;
		}
	return 1;
}

static void
begin_split(struct export *x, struct session *s, const struct record *r,
    enum flow_end from)
{
	s->split[s->nsplits] = (struct split){ .whole = r,
		.from = from,
		.parts = parts_of(r, from, s->protocol->counter) };
	if (s->nsplits++ == 0)
		x->splitting++;
	s->counters->split++;
}

COLD void
session_split(struct export *x, struct session *s, const struct record *r,
    enum export_result *result, uint64_t now)
{
	int from;

	if (!expressible(s, r)) {
		if (*result > EXPORT_INEXPRESSIBLE)
			*result = EXPORT_INEXPRESSIBLE;
		return;
	}
	*result = EXPORT_GIVEN;
	s->counters->given++;
	for (from = 0; from < 2; from++) {
		if (r->packets[from] == 0)
			continue;
		if (parts_of(r, from, s->protocol->counter) == 1)
			session_record(x, s, r, from, now);
		else
			begin_split(x, s, r, from);
	}
}

/* Share of the i-th part when `whole` is divided into equal parts. */
static uint64_t
share(uint64_t whole, uint64_t parts, uint64_t i)
{
	return whole / parts + (i < whole % parts);
}

/* Build the next records of a split, at most `left`, which it reduces. */
static void
build_parts(struct export *x, struct session *s, struct split *split,
    unsigned int *left, uint64_t now)
{
	const struct record *whole = split->whole;
	struct record part = *whole;
	enum flow_end from = split->from;

	for (; *left > 0 && split->done < split->parts; --*left) {
		part.packets[from] = share(whole->packets[from], split->parts,
		    split->done);
		part.bytes[from] = share(whole->bytes[from], split->parts,
		    split->done);
		session_record(x, s, &part, from, now);
		split->done++;
	}
}

/* Leave the last split; after the only one, go on with the batch. */
static void
end_split(struct export *x, struct session *s, uint64_t now)
{
	if (--s->nsplits > 0)
		return;
	x->splitting--;
	session_batch(x, s, now);
}

void
session_split_some(struct export *x, struct session *s, uint64_t now)
{
	struct split *split = &s->split[s->nsplits - 1];
	unsigned int left = SPLIT_SLICE;

	build_parts(x, s, split, &left, now);
	if (split->done == split->parts)
		end_split(x, s, now);
}

/* The octets of the parts that are not built: see share(). */
static uint64_t
octets_left(const struct split *split)
{
	uint64_t whole = split->whole->bytes[split->from];
	uint64_t more = whole % split->parts;

	return whole / split->parts * (split->parts - split->done) +
	    (more > split->done ? more - split->done : 0);
}

/* Count the rest of a split, which is not built.  Returns its records. */
static uint64_t
drop_parts(struct session *s, const struct split *split)
{
	uint64_t n = split->parts - split->done, octets = octets_left(split);

	s->counters->built += n;
	s->counters->dropped += n;
	s->counters->octets_built += octets;
	s->octets_before += octets;
	s->counters->octets_dropped += octets;
	if (!s->protocol->by_datagram)
		s->domain.sequence += (uint32_t)n;
	return n;
}

uint64_t
session_finish(struct export *x, struct session *s, uint64_t now)
{
	unsigned int left = SPLIT_SLICE;
	uint64_t dropped = 0;
	struct split *split;

	while (s->nsplits > 0) {
		split = &s->split[s->nsplits - 1];
		build_parts(x, s, split, &left, now);
		dropped += drop_parts(s, split);
		end_split(x, s, now);
	}
	return dropped;
}
