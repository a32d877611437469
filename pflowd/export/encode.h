/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The records of a batch, encoded for one protocol.  Each protocol compiles
 * encode_fill() with its own put functions.
 */

#ifndef ENCODE_H
#define ENCODE_H

#include "batch.h"
#include "common/cold.h"
#include "protocol.h"

/* Instead of a kind: not encodable as one record per direction. */
#define ENCODED_NONE PROTOCOL_KINDS

struct encoded {
	const struct protocol *protocol; /* NULL: nothing is encoded */
	int biflow;
	int wide_index; /* an interface index exceeds the protocol's limit */
	struct encoded_state {
		uint16_t at; /* offset in data of its first record */
		uint8_t kind;
		uint8_t records;
	} state[BATCH + 1]; /* one more: the end of data */
	uint8_t data[BATCH * PROTOCOL_PAIR];
};

static inline unsigned int
protocol_kind(const struct protocol *e, const struct record *r, int both)
{
	return e->kind == NULL ? 0 : e->kind(r, both);
}

/* True if the state can be encoded as one record per direction. */
static inline int
protocol_fits(const struct protocol *e, const struct record *r)
{
	const struct flow *f = r->flow;
	uint64_t widest = f->packets[0] | f->packets[1] | f->bytes[0] |
	    f->bytes[1];

	return widest <= e->counter && (f->family == 4 || e->inet6);
}

/* Encode the records of one state at p.  Returns their end. */
ALWAYS_INLINE static uint8_t *
encode_put(struct encoded_state *s, const struct protocol *e,
    const struct record *r, int biflow, uint8_t *p)
{
	const struct flow *f = r->flow;
	unsigned int directions = record_directions(r);
	int both = biflow && e->biflow && directions == 2;
	unsigned int n = both ? 1 : directions;
	unsigned int kind = protocol_kind(e, r, both);
	size_t size = e->record[kind];

	if (!protocol_fits(e, r)) {
		s->kind = ENCODED_NONE;
		return p;
	}
	e->put(p, kind, r);
	if (f->packets[FLOW_INITIATOR] == 0)
		memcpy(p, p + size, size);
	s->kind = (uint8_t)kind;
	s->records = (uint8_t)n;
	return p + n * size;
}

ALWAYS_INLINE static void
encode_fill(struct encoded *w, const struct protocol *e, const struct batch *b,
    int biflow)
{
	const struct record *r = b->record, *end = r + b->n;
	struct encoded_state *s = w->state;
	uint8_t *p = w->data;
	uint32_t indexes = 0;

	for (; r < end; r++, s++) {
		indexes |= record_index(r);
		s->at = (uint16_t)(p - w->data);
		p = encode_put(s, e, r, biflow, p);
	}
	s->at = (uint16_t)(p - w->data);
	w->protocol = e;
	w->biflow = biflow;
	w->wide_index = indexes > e->index;
}

#endif
