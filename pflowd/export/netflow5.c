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

_Static_assert((SENDQUEUE_DATAGRAM - HEADER) / RECORD == 30, "most records");

static size_t
begin(uint8_t *p, const struct domain *domain, uint64_t time,
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

/* Input << 16 | output interface of the initiator's direction. */
static uint32_t
interfaces(const struct record *r)
{
	if (record_index(r) > UINT16_MAX)
		return 0;
	return record_input(r, FLOW_INITIATOR) << 16 |
	    record_output(r, FLOW_INITIATOR);
}

/*
 * Values that both records of a state share, as in the initiator's.  They are
 * read once before the records are written, because the compiler must assume
 * that writing a record changes them.
 */
struct pair {
	const struct flow *flow;
	const struct flow_host *host[2];
	uint32_t interfaces;
	uint32_t ports;
	uint32_t proto;
};

ALWAYS_INLINE static void
put_one(uint8_t *p, const struct pair *pair, const struct record *r,
    enum flow_end from)
{
	const struct flow *f = pair->flow;
	uint32_t tcp_flags = r->tcp_flags[from];

	memcpy(p, pair->host[from]->addr, 4);
	memcpy(p + 4, pair->host[!from]->addr, 4);
	memcpy(p + 8, f->rt_addr, 4);
	put_be32(p + 12, record_turned(pair->interfaces, from));
	put_be32(p + 16, (uint32_t)f->packets[from]);
	put_be32(p + 20, (uint32_t)f->bytes[from]);
	put_be32(p + 32, record_turned(pair->ports, from));
	put_be32(p + 36, tcp_flags << 16 | pair->proto << 8);
	memset(p + 40, 0, RECORD - 40); /* AS, masks; like tos, unknown to pf */
}

ALWAYS_INLINE static void
put(uint8_t *p, unsigned int kind, const struct record *r)
{
	const struct pair pair = {
		.flow = r->flow,
		.host = { r->host[0], r->host[1] },
		.interfaces = interfaces(r),
		.ports = record_ports(r),
		.proto = r->flow->proto,
	};

	(void)kind;
	put_one(p, &pair, r, FLOW_INITIATOR);
	put_one(p + RECORD, &pair, r, FLOW_RESPONDER);
}

static size_t
add(uint8_t *datagram, unsigned int kind, const struct run *run, uint64_t time)
{
	uint32_t boot = (uint32_t)time - PROTOCOL_UPTIME;
	const struct record_times *t = run->times, *end = t + run->n;
	uint8_t *p = datagram;

	(void)kind;
	for (; t < end; t++, p += RECORD) {
		put_be32(p + 24, (uint32_t)t->start - boot);
		put_be32(p + 28, (uint32_t)t->end - boot);
	}
	return run->len;
}

static void
write_batch(struct encoded *w, const struct batch *b, int biflow)
{
	encode_fill(w, &netflow5, b, biflow);
}

static void
finish(uint8_t *datagram, size_t len, struct domain *domain,
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
	.put = put,
	.write = write_batch,
	.begin = begin,
	.add = add,
	.finish = finish,
};
