/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The records of a batch, encoded for one protocol, for all sessions of it.
 */

#ifndef ENCODE_H
#define ENCODE_H

#include "batch.h"
#include "common/cold.h"
#include "protocol.h"

/* Instead of a template: cannot be encoded as one record per direction. */
#define ENCODED_NONE PROTOCOL_TEMPLATES

/* Where the records of a state are; they end where the next state's begin. */
struct encoded_state {
	uint16_t at;	/* offset in encoded.data */
	uint8_t record; /* number of its first record */
	uint8_t template;
};

_Static_assert(BATCH *PROTOCOL_STATE <= UINT16_MAX && 2 * BATCH <= UINT8_MAX,
    "encoded_state");

struct encoded {
	const struct protocol *protocol; /* NULL: nothing is encoded */
	int biflow;
	int wide_index; /* an interface index exceeds the protocol's limit */
	struct encoded_state state[BATCH + 1]; /* the last: the end */
	uint64_t octets[BATCH + 1]; /* of the records before a state's */
	uint8_t data[BATCH * PROTOCOL_STATE];
};

typedef unsigned int template_of_fn(const struct record *, int biflow);
typedef void put_record_fn(uint8_t *, unsigned int template,
    const struct record *, enum flow_end from);

/* True if the state can be encoded as one record per direction. */
static inline int
protocol_fits(const struct protocol *p, const struct record *r)
{
	uint64_t widest = r->packets[0] | r->packets[1] | r->bytes[0] |
	    r->bytes[1];

	return widest <= p->counter && (record_family(r) == 4 || p->inet6);
}

/*
 * Encode a record for each direction with packets, or one for both, at p.
 * Returns the number of records, and adds their octets.
 */
ALWAYS_INLINE static unsigned int
encode_state(struct encoded_state *s, const struct protocol *protocol,
    const struct record *r, int biflow, uint8_t *p, template_of_fn *template_of,
    put_record_fn *put_record, uint64_t *octets)
{
	int both = biflow && record_directions(r) == 2;
	unsigned int template = template_of(r, both), n = 0;
	size_t size = protocol->record[template];

	if (!protocol_fits(protocol, r)) {
		s->template = ENCODED_NONE;
		return 0;
	}
	s->template = (uint8_t) template;
	if (r->packets[FLOW_INITIATOR] > 0) {
		put_record(p + size * n++, template, r, FLOW_INITIATOR);
		*octets += r->bytes[FLOW_INITIATOR];
	}
	if (r->packets[FLOW_RESPONDER] > 0) {
		if (!both)
			put_record(p + size * n++, template, r, FLOW_RESPONDER);
		*octets += r->bytes[FLOW_RESPONDER];
	}
	return n;
}

/*
 * Encode a batch.  Each protocol compiles it with functions of its own, which
 * are then inlined, as its limits and sizes are.
 */
ALWAYS_INLINE static void
encode_batch(struct encoded *e, const struct protocol *protocol,
    const struct batch *b, int biflow, template_of_fn *template_of,
    put_record_fn *put_record)
{
	struct encoded_state *s = e->state;
	const struct record *r = b->record, *end = r + b->n;
	unsigned int n, at = 0, record = 0;
	uint64_t octets = 0, *o = e->octets;
	int wide_index = 0;

	for (; r < end; r++, s++) {
		s->at = (uint16_t)at;
		s->record = (uint8_t)record;
		*o++ = octets;
		n = encode_state(s, protocol, r, biflow, e->data + at,
		    template_of, put_record, &octets);
		record += n;
		if (n > 0)
			at += n * (unsigned int)protocol->record[s->template];
		wide_index |= record_index_exceeds(r, protocol->index);
	}
	s->at = (uint16_t)at;
	s->record = (uint8_t)record;
	*o = octets;
	e->protocol = protocol;
	e->biflow = biflow;
	e->wide_index = wide_index;
}

#endif
