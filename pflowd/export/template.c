/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "common/bytes.h"
#include "protocol.h"
#include "template.h"

/*
 * Enterprise bit of an element number (RFC 7011, 3.2).  Here it marks a reverse
 * element, whose enterprise number is always REVERSE_PEN (RFC 5103, 6.1).
 */
#define REVERSE 0x8000
#define REVERSE_PEN 29305

#define OWN_FIELDS 2

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* IANA names of information elements.  Those below 128 are also NetFlow 9's. */
enum {
	OCTET_DELTA_COUNT = 1,
	PACKET_DELTA_COUNT = 2,
	PROTOCOL_IDENTIFIER = 4,
	TCP_CONTROL_BITS = 6,
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
	BIFLOW_DIRECTION = 239,
	POST_NAT_SOURCE_IPV6_ADDRESS = 281,
	POST_NAT_DESTINATION_IPV6_ADDRESS = 282
};

/*
 * The fields of a record, in this order.  Reverse fields come first, for
 * collectors that read reverse elements as plain ones (nfdump 1.7.1, except
 * counters): the initiator's fields come later and overwrite them.
 *
 * tcpControlBits has one byte of the two possible (RFC 7125): pflowd has no
 * flags for the other byte, and nfacctd 1.7.7 reads only the first of two.
 */
static const struct template_field reverse[] = {
	{ BIFLOW_DIRECTION, 1 },
	{ REVERSE | FLOW_DIRECTION, 1 },
	{ REVERSE | TCP_CONTROL_BITS, 1 },
	{ REVERSE | OCTET_DELTA_COUNT, 8 },
	{ REVERSE | PACKET_DELTA_COUNT, 8 },
	{ REVERSE | INGRESS_INTERFACE, 4 },
	{ REVERSE | EGRESS_INTERFACE, 4 },
};
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
	{ TCP_CONTROL_BITS, 1 },
};

static const struct template_field addresses[2][2] = {
	{
	    { SOURCE_IPV4_ADDRESS, 4 },
	    { DESTINATION_IPV4_ADDRESS, 4 },
	},
	{
	    { SOURCE_IPV6_ADDRESS, 16 },
	    { DESTINATION_IPV6_ADDRESS, 16 },
	},
};
static const struct template_field translated[2][4] = {
	{
	    { POST_NAT_SOURCE_IPV4_ADDRESS, 4 },
	    { POST_NAT_DESTINATION_IPV4_ADDRESS, 4 },
	    { POST_NAPT_SOURCE_TRANSPORT_PORT, 2 },
	    { POST_NAPT_DESTINATION_TRANSPORT_PORT, 2 },
	},
	{
	    { POST_NAT_SOURCE_IPV6_ADDRESS, 16 },
	    { POST_NAT_DESTINATION_IPV6_ADDRESS, 16 },
	    { POST_NAPT_SOURCE_TRANSPORT_PORT, 2 },
	    { POST_NAPT_DESTINATION_TRANSPORT_PORT, 2 },
	},
};

unsigned int
template_count(unsigned int kinds)
{
	unsigned int n = 0;

	for (; kinds != 0; kinds &= kinds - 1)
		n++;
	return n;
}

/* A reverse element: the plain one's number, then REVERSE_PEN. */
static uint8_t *
put_field(uint8_t *p, const struct template_field *f)
{
	put_be16(p, f->element);
	put_be16(p + 2, f->size);
	if (!(f->element & REVERSE))
		return p + 4;
	put_be32(p + 4, REVERSE_PEN);
	return p + 8;
}

static uint8_t *
put_fields(uint8_t *p, const struct template_field *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		p = put_field(p, &f[i]);
	return p;
}

/* The header holds the number of fields, so it is written last. */
static uint8_t *
put_template(uint8_t *p, unsigned int kind, const struct template_own *own)
{
	unsigned int six = kind & TEMPLATE_INET6;
	size_t n = LENGTH(head) + OWN_FIELDS + LENGTH(addresses[six]);
	uint8_t *start = p;

	p += 4;
	if (kind & TEMPLATE_BOTH) {
		p = put_fields(p, reverse, LENGTH(reverse));
		n += LENGTH(reverse);
	}
	p = put_fields(p, head, LENGTH(head));
	p = put_field(p, &own->start);
	p = put_field(p, &own->end);
	p = put_fields(p, addresses[six], LENGTH(addresses[six]));
	if (kind & TEMPLATE_NAT) {
		p = put_fields(p, translated[six], LENGTH(translated[six]));
		n += LENGTH(translated[six]);
	}
	put_be16(start, (uint16_t)(TEMPLATE_FIRST + kind));
	put_be16(start + 2, (uint16_t)n);
	return p;
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
template_set(uint8_t *set, unsigned int kind, const uint8_t *records,
    size_t len)
{
	size_t padded = (len + 3) / 4 * 4;

	put_be16(set, (uint16_t)(TEMPLATE_FIRST + kind));
	put_be16(set + 2, (uint16_t)(TEMPLATE_SET + padded));
	if (records != set + TEMPLATE_SET)
		memcpy(set + TEMPLATE_SET, records, len);
	memset(set + TEMPLATE_SET + len, 0, padded - len);
	return TEMPLATE_SET + padded;
}
