/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Records as the templates say, compiled by each protocol with what it has of
 * its own.  template.c says the same in its tables of fields.
 */

#ifndef TEMPLATE_RECORD_H
#define TEMPLATE_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/bytes.h"
#include "common/cold.h"
#include "record.h"
#include "template.h"

#define BIFLOW_BY_INITIATOR 1 /* biflowDirection: whose packet was first */

/* Bytes of what comes before the protocol's own fields. */
#define TEMPLATE_REVERSE 27
#define TEMPLATE_HEAD 41

/* Of a record: what that of the other direction says too, or turned round. */
struct template_head {
	uint64_t id;
	uint32_t input;
	uint32_t output;
	uint32_t ports; /* source, destination */
	uint32_t rest;	/* protocol, IP version, direction, end reason */
};

static inline struct template_head
template_head(const struct record *r)
{
	const struct flow *f = r->flow;

	return (struct template_head){
		.id = f->id,
		.input = record_input(r, FLOW_INITIATOR),
		.output = record_output(r, FLOW_INITIATOR),
		.ports = record_ports(r),
		.rest = (uint32_t)f->proto << 24 | (uint32_t)f->family << 16 |
		    record_egress(r, FLOW_INITIATOR) << 8 | record_reason(r),
	};
}

static inline struct template_head
template_turned(struct template_head h)
{
	return (struct template_head){
		.id = h.id,
		.input = h.output,
		.output = h.input,
		.ports = record_turned(h.ports),
		.rest = h.rest ^ 1U << 8,
	};
}

static inline unsigned int
template_kind(const struct record *r, int both)
{
	return (r->flow->family == 6 ? TEMPLATE_INET6 : 0U) |
	    (flow_translated(r->flow) ? TEMPLATE_NAT : 0U) |
	    (both ? TEMPLATE_BOTH : 0U);
}

/* Where in a record of this kind the fields are that are the protocol's own. */
static inline size_t
template_own_at(unsigned int kind)
{
	return TEMPLATE_HEAD + (kind & TEMPLATE_BOTH ? TEMPLATE_REVERSE : 0);
}

/* In few instructions: the lengths are known beforehand. */
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

/* The responder's, without addresses and ports: the first one's, swapped. */
static inline uint8_t *
template_put_reverse(uint8_t *p, const struct record *r)
{
	p[0] = BIFLOW_BY_INITIATOR;
	p[1] = (uint8_t)record_egress(r, FLOW_RESPONDER);
	p[2] = r->tcp_flags[FLOW_RESPONDER];
	put_be64(p + 3, r->flow->bytes[FLOW_RESPONDER]);
	put_be64(p + 11, r->flow->packets[FLOW_RESPONDER]);
	put_be32(p + 19, record_input(r, FLOW_RESPONDER));
	put_be32(p + 23, record_output(r, FLOW_RESPONDER));
	return p + TEMPLATE_REVERSE;
}

static inline uint8_t *
template_put_head(uint8_t *p, const struct template_head *h,
    const struct record *r, enum flow_end from)
{
	put_be64(p, h->id);
	put_be64(p + 8, r->flow->bytes[from]);
	put_be64(p + 16, r->flow->packets[from]);
	put_be32(p + 24, h->input);
	put_be32(p + 28, h->output);
	put_be32(p + 32, h->ports);
	put_be32(p + 36, h->rest);
	p[40] = r->tcp_flags[from];
	return p + TEMPLATE_HEAD;
}

/* Of the direction from this end, or of both.  Returns where it ends. */
ALWAYS_INLINE static uint8_t *
template_put_record(uint8_t *p, unsigned int kind,
    const struct template_head *h, const struct record *r, enum flow_end from,
    size_t own)
{
	const struct flow_host *src = r->host[from], *dst = r->host[!from];

	if (kind & TEMPLATE_BOTH)
		p = template_put_reverse(p, r);
	p = template_put_head(p, h, r, from) + own;
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
 * exporter.put() of a protocol so many bytes of which, in each record, are left
 * as they are.
 */
ALWAYS_INLINE static void
template_put_records(uint8_t *p, unsigned int kind, const struct record *r,
    enum flow_end from, unsigned int n, size_t own)
{
	struct template_head h = template_head(r);

	if (n == 2 || from == FLOW_INITIATOR)
		p = template_put_record(p, kind, &h, r, FLOW_INITIATOR, own);
	if (n == 1 && from == FLOW_INITIATOR)
		return;
	h = template_turned(h);
	template_put_record(p, kind, &h, r, FLOW_RESPONDER, own);
}

#endif
