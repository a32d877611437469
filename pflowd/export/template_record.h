/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Write records in the layout of their templates.  Each protocol compiles it
 * with the size of its times.
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

/* The template of a record; biflow: of both directions in one. */
static inline unsigned int
template_of_record(const struct record *r, int biflow)
{
	return (record_family(r) == 6 ? TEMPLATE_INET6 : 0U) |
	    (record_translated(r) ? TEMPLATE_NAT : 0U) |
	    (biflow ? TEMPLATE_BIFLOW : 0U);
}

ALWAYS_INLINE static uint8_t *
template_put_number(uint8_t *p, unsigned int size, uint64_t value)
{
	switch (size) {
	case 1:
		*p = (uint8_t)value;
		break;
	case 2:
		put_be16(p, (uint16_t)value);
		break;
	case 4:
		put_be32(p, (uint32_t)value);
		break;
	default:
		put_be64(p, value);
		break;
	}
	return p + size;
}

ALWAYS_INLINE static uint8_t *
template_put_address(uint8_t *p, size_t size, const struct flow_host *host)
{
	memcpy(p, host->addr, size);
	return p + size;
}

#define TEMPLATE_PUT(element, size, value)                          \
	_Static_assert((size) == 1 || (size) == 2 || (size) == 4 || \
		(size) == 8,                                        \
	    "size of " #element);                                   \
	p = template_put_number(p, size, value);
#define TEMPLATE_PUT_ADDRESS(element, size, host) \
	p = template_put_address(p, size, host);

/*
 * put_record() of a protocol (protocol.h).  The bytes of the times are left as
 * they are.  Returns the end of the record.
 */
ALWAYS_INLINE static uint8_t *
template_put_record(uint8_t *restrict p, unsigned int template,
    const struct record *restrict r, enum flow_end from, size_t times)
{
	const struct flow *f = r->flow;
	const struct flow_host *src = r->host[from], *dst = r->host[!from];
	const struct flow_host *post_src = r->translated[from];
	const struct flow_host *post_dst = r->translated[!from];

	if (template & TEMPLATE_BIFLOW) {
		TEMPLATE_REVERSE_FIELDS(TEMPLATE_PUT)
	}
	TEMPLATE_COMMON_FIELDS(TEMPLATE_PUT)
	p += times;
	if (template & TEMPLATE_INET6) {
		TEMPLATE_IPV6_FIELDS(TEMPLATE_PUT_ADDRESS)
	} else {
		TEMPLATE_IPV4_FIELDS(TEMPLATE_PUT_ADDRESS)
	}
	if (!(template & TEMPLATE_NAT))
		return p;
	if (template & TEMPLATE_INET6) {
		TEMPLATE_NAT6_FIELDS(TEMPLATE_PUT_ADDRESS)
	} else {
		TEMPLATE_NAT4_FIELDS(TEMPLATE_PUT_ADDRESS)
	}
	TEMPLATE_NAPT_FIELDS(TEMPLATE_PUT)
	return p;
}

#endif
