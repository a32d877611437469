/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Writers of records in the layout of the templates.  Each protocol compiles
 * them with the size of its own fields.  The order of fields must match the
 * tables in template.c.
 */

#ifndef TEMPLATE_RECORD_H
#define TEMPLATE_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/bytes.h"
#include "common/cold.h"
#include "flow/record.h"
#include "template.h"

#define BIFLOW_BY_INITIATOR 1 /* biflowDirection: initiator */

/* Bytes of the fields before the protocol's own: of a biflow, of all. */
#define TEMPLATE_REVERSE 27
#define TEMPLATE_HEAD 41

/* Bit of template_pair.rest: the initiator's direction is egress. */
#define TEMPLATE_EGRESS (UINT32_C(1) << 8)

/*
 * Values that the records of both directions share, some of them swapped.  They
 * are read once before the records are written, because the compiler must
 * assume that writing a record changes them.
 */
struct template_pair {
	const struct flow *flow;
	const struct flow_host *host[2];
	uint64_t id;
	uint32_t input[2]; /* interface index, by direction */
	uint32_t ports;	   /* source, destination; initiator's direction */
	uint32_t rest;	   /* protocol, IP version, egress, end reason */
};

static inline struct template_pair
template_pair(const struct record *r)
{
	const struct flow *f = r->flow;

	return (struct template_pair){
		.flow = f,
		.host = { r->host[0], r->host[1] },
		.id = f->id,
		.input = { r->input[0], r->input[1] },
		.ports = record_ports(r),
		.rest = (uint32_t)f->proto << 24 | (uint32_t)f->family << 16 |
		    record_egress(r, FLOW_INITIATOR) * TEMPLATE_EGRESS |
		    record_reason(r),
	};
}

static inline unsigned int
template_kind(const struct record *r, int both)
{
	return (r->flow->family == 6 ? TEMPLATE_INET6 : 0U) |
	    (flow_translated(r->flow) ? TEMPLATE_NAT : 0U) |
	    (both ? TEMPLATE_BOTH : 0U);
}

/* Offset of the protocol's own fields in a record of this kind. */
static inline size_t
template_own_at(unsigned int kind)
{
	return TEMPLATE_HEAD + (kind & TEMPLATE_BOTH ? TEMPLATE_REVERSE : 0);
}

/* Constant lengths: each copy compiles to a few instructions. */
static inline uint8_t *
template_put_hosts(uint8_t *p, const struct flow_host *src,
    const struct flow_host *dst, unsigned int kind)
{
	if (kind & TEMPLATE_INET6) {
		memcpy(p, src->addr, 16);
		memcpy(p + 16, dst->addr, 16);
		return p + 32;
	}
	memcpy(p, src->addr, 4);
	memcpy(p + 4, dst->addr, 4);
	return p + 8;
}

/* The reverse fields: all but addresses and ports, which are just swapped. */
static inline uint8_t *
template_put_reverse(uint8_t *p, const struct template_pair *pair,
    const struct record *r)
{
	const struct flow *f = pair->flow;

	p[0] = BIFLOW_BY_INITIATOR;
	p[1] = !(pair->rest & TEMPLATE_EGRESS);
	p[2] = r->tcp_flags[FLOW_RESPONDER];
	put_be64(p + 3, f->bytes[FLOW_RESPONDER]);
	put_be64(p + 11, f->packets[FLOW_RESPONDER]);
	put_be32(p + 19, pair->input[FLOW_RESPONDER]);
	put_be32(p + 23, pair->input[FLOW_INITIATOR]);
	return p + TEMPLATE_REVERSE;
}

static inline uint8_t *
template_put_head(uint8_t *p, const struct template_pair *pair,
    const struct record *r, enum flow_end from)
{
	const struct flow *f = pair->flow;

	put_be64(p, pair->id);
	put_be64(p + 8, f->bytes[from]);
	put_be64(p + 16, f->packets[from]);
	put_be32(p + 24, pair->input[from]);
	put_be32(p + 28, pair->input[!from]);
	put_be32(p + 32, record_turned(pair->ports, from));
	put_be32(p + 36,
	    from == FLOW_INITIATOR ? pair->rest : pair->rest ^ TEMPLATE_EGRESS);
	p[40] = r->tcp_flags[from];
	return p + TEMPLATE_HEAD;
}

/*
 * Write one record: the direction from this end, or both if the kind is a
 * biflow.  Leaves a gap of own bytes for the protocol's own fields.  Returns
 * the end of the record.
 */
ALWAYS_INLINE static uint8_t *
template_put_record(uint8_t *p, unsigned int kind,
    const struct template_pair *pair, const struct record *r,
    enum flow_end from, size_t own)
{
	const struct flow_host *src = pair->host[from];
	const struct flow_host *dst = pair->host[!from];

	if (kind & TEMPLATE_BOTH)
		p = template_put_reverse(p, pair, r);
	p = template_put_head(p, pair, r, from) + own;
	p = template_put_hosts(p, src, dst, kind);
	if (!(kind & TEMPLATE_NAT))
		return p;
	src = record_across(r, from);
	dst = record_across(r, !from);
	p = template_put_hosts(p, src, dst, kind);
	put_be16(p, record_port(r, src));
	put_be16(p + 2, record_port(r, dst));
	return p + 4;
}

/*
 * put() of a protocol (protocol.h).  The own bytes of each record are not
 * written.
 */
ALWAYS_INLINE static void
template_put_records(uint8_t *p, unsigned int kind, const struct record *r,
    size_t own)
{
	const struct template_pair pair = template_pair(r);

	p = template_put_record(p, kind, &pair, r, FLOW_INITIATOR, own);
	if (!(kind & TEMPLATE_BOTH))
		template_put_record(p, kind, &pair, r, FLOW_RESPONDER, own);
}

#endif
