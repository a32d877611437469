/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What a protocol's decoded record says of a direction (way) is what the record
 * has that it was made of.
 */

#ifndef SAME_H
#define SAME_H

#include "common/bytes.h"
#include "decode.h"
#include "fuzz.h"
#include "pflowd/export/protocol.h"

/* A record's element, or that of its other direction. */
static inline void
same_bytes(const struct decode_record *d, uint32_t pen, uint16_t element,
    const uint8_t *want, size_t len)
{
	size_t size;
	const uint8_t *got = decode_find(d, pen, element, &size);

	MUST(got != NULL && size == len && memcmp(got, want, len) == 0);
}

/* What a protocol has no element for it does not say. */
static inline void
same_number(const struct decode_record *d, uint32_t pen, uint16_t element,
    uint64_t want)
{
	size_t size;

	if (decode_find(d, pen, element, &size) != NULL)
		MUST(decode_number(d, pen, element) == want);
}

static inline void
same_indexes(const struct protocol *p, const struct decode_record *d,
    uint32_t pen, const struct record *r, int way)
{
	uint32_t most = p->index;
	uint32_t in = way ? r->out : r->in, out = way ? r->in : r->out;
	int leaves = (r->flow->direction == FLOW_OUT) != way;

	MUST(r->twin != NULL || (leaves ? in : out) == 0);
	MUST(decode_number(d, pen, INGRESS_INTERFACE) == (in > most ? 0 : in));
	MUST(decode_number(d, pen, EGRESS_INTERFACE) == (out > most ? 0 : out));
	same_number(d, pen, FLOW_DIRECTION, (uint64_t)leaves);
}

/* What is older than the protocol can say is as old as it can. */
static inline void
same_times(const struct protocol *p, const struct decode_record *d,
    const struct record_times *t)
{
	uint64_t oldest;

	MUST(d->start <= d->end);
	MUST(d->end <= d->time + (d->version == 10 ? 999 : 0));
	if (d->start != t->start) {
		oldest = d->time - p->span;
		MUST(t->start < d->start && d->start <= oldest + 1000);
		MUST(d->end == (t->end > d->start ? t->end : d->start));
	} else {
		MUST(d->end == t->end);
	}
}

static inline void
same_translation(const struct decode_record *d, const struct record *r, int way)
{
	int six = record_family(r) == 6;
	size_t size, len = six ? 16 : 4;
	uint16_t src = six ? POST_NAT_SOURCE_IPV6_ADDRESS :
			     POST_NAT_SOURCE_IPV4_ADDRESS;
	uint16_t dst = six ? POST_NAT_DESTINATION_IPV6_ADDRESS :
			     POST_NAT_DESTINATION_IPV4_ADDRESS;
	int translated = flow_translated(r->flow) ||
	    (r->twin != NULL && flow_translated(r->twin));

	if (d->version == 5)
		return;
	MUST((decode_find(d, 0, src, &size) != NULL) == translated);
	if (!translated)
		return;
	same_bytes(d, 0, src, r->translated[way]->addr, len);
	same_bytes(d, 0, dst, r->translated[!way]->addr, len);
	same_number(d, 0, POST_NAPT_SOURCE_TRANSPORT_PORT,
	    record_port(r, r->translated[way]));
	same_number(d, 0, POST_NAPT_DESTINATION_TRANSPORT_PORT,
	    record_port(r, r->translated[!way]));
}

/* What each direction has of its own. */
static inline void
same_direction(const struct protocol *p, const struct decode_record *d,
    uint32_t pen, const struct record *r, int way)
{
	same_indexes(p, d, pen, r, way);
	MUST(decode_number(d, pen, TCP_CONTROL_BITS) == r->tcp_flags[way]);
}

static inline const uint8_t *
next_hop(const struct record *r)
{
	return get_be32(r->flow->rt_addr) == 0 && r->twin != NULL ?
	    r->twin->rt_addr :
	    r->flow->rt_addr;
}

static inline void
same_record(const struct protocol *p, const struct decode_record *d,
    const struct record *r, int way)
{
	same_direction(p, d, 0, r, way);
	same_translation(d, r, way);
	same_times(p, d, &r->times);
	MUST(decode_number(d, 0, PROTOCOL_IDENTIFIER) == r->flow->proto);
	same_number(d, 0, SOURCE_TRANSPORT_PORT, record_port(r, r->host[way]));
	same_number(d, 0, DESTINATION_TRANSPORT_PORT,
	    record_port(r, r->host[!way]));
	same_number(d, 0, IP_VERSION, record_family(r));
	same_number(d, 0, FLOW_END_REASON, record_reason(r));
	same_number(d, 0, FLOW_ID, r->flow->id);
	if (d->version == 5)
		same_bytes(d, 0, IP_NEXT_HOP_IPV4_ADDRESS, next_hop(r), 4);
}

#endif
