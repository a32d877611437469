/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Cisco NetFlow version 5: a header of 24 bytes and up to 30 records of 48.
 */

#include <string.h>

#include "common/bytes.h"
#include "common/cold.h"
#include "protocol.h"
#include "encode.h"

#define HEADER 24
#define RECORD 48

_Static_assert((SENDQUEUE_DATAGRAM - HEADER) / RECORD <= PROTOCOL_RECORDS,
    "records in a datagram");

static size_t
begin_message(uint8_t *p, const struct domain *domain, uint64_t time,
    unsigned int records, unsigned int templates)
{
	(void)templates;
	put_be16(p, 5);
	put_be16(p + 2, (uint16_t)records);
	put_be32(p + 4, PROTOCOL_UPTIME);
	put_be32(p + 8, (uint32_t)(time / 1000));
	put_be32(p + 12, (uint32_t)(time % 1000) * 1000000);
	put_be32(p + 16, domain->sequence);
	p[20] = 0; /* engine type */
	p[21] = (uint8_t)domain->id;
	put_be16(p + 22, 0); /* not sampled */
	return HEADER;
}

static unsigned int
template_of(const struct record *r, int biflow)
{
	(void)r;
	(void)biflow;
	return 0;
}

/* Input << 16 | output interface; 0 for one that has no room. */
static inline uint32_t
interfaces(const struct record *r, enum flow_end from)
{
	uint32_t in = record_input(r, from), out = record_output(r, from);

	if (record_index_exceeds(r, UINT16_MAX)) {
		in = in > UINT16_MAX ? 0 : in;
		out = out > UINT16_MAX ? 0 : out;
	}
	return in << 16 | out;
}

ALWAYS_INLINE static void
put_record(uint8_t *restrict p, unsigned int template,
    const struct record *restrict r, enum flow_end from)
{
	const struct flow *f = r->flow;
	const struct flow_host *src = r->host[from], *dst = r->host[!from];

	(void)template;
	memcpy(p, src->addr, 4);
	memcpy(p + 4, dst->addr, 4);
	memcpy(p + 8, record_next_hop(r), 4);
	put_be32(p + 12, interfaces(r, from));
	put_be32(p + 16, (uint32_t)r->packets[from]);
	put_be32(p + 20, (uint32_t)r->bytes[from]);
	/* 24: first, 28: last, by put_set() */
	put_be16(p + 32, record_port(r, src));
	put_be16(p + 34, record_port_to(r, from));
	p[36] = 0; /* unused */
	p[37] = r->tcp_flags[from];
	p[38] = f->proto;
	memset(p + 39, 0, RECORD - 39); /* tos, AS, masks: unknown to pf */
}

static void
encode(struct encoded *e, const struct batch *b, int biflow)
{
	(void)biflow;
	encode_batch(e, &netflow5, b, 0, template_of, put_record);
}

static size_t
put_set(uint8_t *p, unsigned int template, const struct set *set, uint64_t time)
{
	uint32_t boot = (uint32_t)time - PROTOCOL_UPTIME;
	const struct record_times *t = set->times, *end = t + set->n;
	size_t len = set->n * RECORD;

	(void)template;
	memcpy(p, set->data, len);
	for (; t < end; t++, p += RECORD) {
		put_be32(p + 24, (uint32_t)t->start - boot);
		put_be32(p + 28, (uint32_t)t->end - boot);
	}
	return len;
}

static void
end_message(uint8_t *datagram, size_t len, struct domain *domain,
    unsigned int records)
{
	(void)datagram;
	(void)len;
	domain->sequence += records;
}

const struct protocol netflow5 = {
	.header = HEADER,
	.record = { RECORD },
	.counter = UINT32_MAX,
	.index = UINT16_MAX,
	.span = PROTOCOL_UPTIME,
	.template_of = template_of,
	.put_record = put_record,
	.encode = encode,
	.begin_message = begin_message,
	.put_set = put_set,
	.end_message = end_message,
};
