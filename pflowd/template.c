/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "common/bytes.h"
#include "exporter.h"
#include "template.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Elements by their names in IANA's registry; those below 128 are also v9's. */
enum {
	OCTET_DELTA_COUNT = 1,
	PACKET_DELTA_COUNT = 2,
	PROTOCOL_IDENTIFIER = 4,
	SOURCE_TRANSPORT_PORT = 7,
	SOURCE_IPV4_ADDRESS = 8,
	INGRESS_INTERFACE = 10,
	DESTINATION_TRANSPORT_PORT = 11,
	DESTINATION_IPV4_ADDRESS = 12,
	EGRESS_INTERFACE = 14,
	SOURCE_IPV6_ADDRESS = 27,
	DESTINATION_IPV6_ADDRESS = 28,
	IP_VERSION = 60,
	FLOW_DIRECTION = 61,
	FLOW_END_REASON = 136,
	FLOW_ID = 148,
	POST_NAT_SOURCE_IPV4_ADDRESS = 225,
	POST_NAT_DESTINATION_IPV4_ADDRESS = 226,
	POST_NAPT_SOURCE_TRANSPORT_PORT = 227,
	POST_NAPT_DESTINATION_TRANSPORT_PORT = 228,
	POST_NAT_SOURCE_IPV6_ADDRESS = 281,
	POST_NAT_DESTINATION_IPV6_ADDRESS = 282
};

/* What template_put_head() writes. */
static const struct template_field head[] = {
	{ FLOW_ID, 8 },
	{ OCTET_DELTA_COUNT, 8 },
	{ PACKET_DELTA_COUNT, 8 },
	{ INGRESS_INTERFACE, 4 },
	{ EGRESS_INTERFACE, 4 },
	{ SOURCE_TRANSPORT_PORT, 2 },
	{ DESTINATION_TRANSPORT_PORT, 2 },
	{ PROTOCOL_IDENTIFIER, 1 },
	{ IP_VERSION, 1 },
	{ FLOW_DIRECTION, 1 },
	{ FLOW_END_REASON, 1 },
};

/* What template_put_tail() writes, of each kind. */
static const struct template_field tails[TEMPLATE_KINDS][6] = {
	[TEMPLATE_INET] = {
		{ SOURCE_IPV4_ADDRESS, 4 },
		{ DESTINATION_IPV4_ADDRESS, 4 },
	},
	[TEMPLATE_INET6] = {
		{ SOURCE_IPV6_ADDRESS, 16 },
		{ DESTINATION_IPV6_ADDRESS, 16 },
	},
	[TEMPLATE_INET_NAT] = {
		{ SOURCE_IPV4_ADDRESS, 4 },
		{ DESTINATION_IPV4_ADDRESS, 4 },
		{ POST_NAT_SOURCE_IPV4_ADDRESS, 4 },
		{ POST_NAT_DESTINATION_IPV4_ADDRESS, 4 },
		{ POST_NAPT_SOURCE_TRANSPORT_PORT, 2 },
		{ POST_NAPT_DESTINATION_TRANSPORT_PORT, 2 },
	},
	[TEMPLATE_INET6_NAT] = {
		{ SOURCE_IPV6_ADDRESS, 16 },
		{ DESTINATION_IPV6_ADDRESS, 16 },
		{ POST_NAT_SOURCE_IPV6_ADDRESS, 16 },
		{ POST_NAT_DESTINATION_IPV6_ADDRESS, 16 },
		{ POST_NAPT_SOURCE_TRANSPORT_PORT, 2 },
		{ POST_NAPT_DESTINATION_TRANSPORT_PORT, 2 },
	},
};

unsigned int
template_kind(const struct record *r)
{
	return (r->translated ? TEMPLATE_INET_NAT : TEMPLATE_INET) +
	    (r->family == 6);
}

unsigned int
template_count(unsigned int kinds)
{
	unsigned int n = 0;

	for (; kinds != 0; kinds &= kinds - 1)
		n++;
	return n;
}

static uint8_t *
put_fields(uint8_t *p, const struct template_field *f, size_t n)
{
	for (; n > 0 && f->size > 0; n--, f++) {
		put_be16(p, f->element);
		put_be16(p + 2, f->size);
		p += 4;
	}
	return p;
}

static uint8_t *
put_template(uint8_t *p, unsigned int kind, const struct template_own *own)
{
	uint8_t *fields = p + 4, *end;

	end = put_fields(fields, head, LENGTH(head));
	end = put_fields(end, &own->start, 1);
	end = put_fields(end, &own->end, 1);
	end = put_fields(end, &own->tcp_flags, 1);
	end = put_fields(end, tails[kind], LENGTH(tails[kind]));
	put_be16(p, (uint16_t)(TEMPLATE_FIRST + kind));
	put_be16(p + 2, (uint16_t)((end - fields) / 4));
	return end;
}

size_t
template_put(uint8_t *set, uint16_t id, const struct template_own *own,
    unsigned int kinds)
{
	uint8_t *p = set + TEMPLATE_SET;
	unsigned int kind;

	if (kinds == 0)
		return 0;
	for (kind = 0; kind < TEMPLATE_KINDS; kind++)
		if (kinds >> kind & 1)
			p = put_template(p, kind, own);
	put_be16(set, id);
	put_be16(set + 2, (uint16_t)(p - set));
	return (size_t)(p - set);
}

size_t
template_enter(uint8_t *datagram, size_t len, struct stream *stream,
    unsigned int kind)
{
	size_t pad;

	if (stream->set > 0 && stream->kind == kind)
		return 0;
	pad = template_leave(datagram, len, stream);
	stream->set = len + pad;
	stream->kind = kind;
	put_be16(datagram + stream->set, (uint16_t)(TEMPLATE_FIRST + kind));
	return pad + TEMPLATE_SET;
}

size_t
template_leave(uint8_t *datagram, size_t len, struct stream *stream)
{
	size_t pad = (stream->set - len) % 4;

	if (stream->set == 0)
		return 0;
	memset(datagram + len, 0, pad);
	put_be16(datagram + stream->set + 2,
	    (uint16_t)(len + pad - stream->set));
	stream->set = 0;
	return pad;
}

uint8_t *
template_put_head(uint8_t *p, const struct record *r)
{
	put_be64(p, r->id);
	put_be64(p + 8, r->octets);
	put_be64(p + 16, r->packets);
	put_be32(p + 24, r->input);
	put_be32(p + 28, r->output);
	put_be16(p + 32, r->sport);
	put_be16(p + 34, r->dport);
	p[36] = r->proto;
	p[37] = r->family;
	p[38] = r->egress;
	p[39] = r->reason;
	return p + 40;
}

static uint8_t *
put_addresses(uint8_t *p, const uint8_t a[16], const uint8_t b[16], size_t len)
{
	memcpy(p, a, len);
	memcpy(p + len, b, len);
	return p + 2 * len;
}

uint8_t *
template_put_tail(uint8_t *p, const struct record *r)
{
	size_t len = r->family == 6 ? 16 : 4;

	p = put_addresses(p, r->src, r->dst, len);
	if (!r->translated)
		return p;
	p = put_addresses(p, r->post_src, r->post_dst, len);
	put_be16(p, r->post_sport);
	put_be16(p + 2, r->post_dport);
	return p + 4;
}
