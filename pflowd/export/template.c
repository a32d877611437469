/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "common/bytes.h"
#include "protocol.h"
#include "template.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define ROW(element, size, value) { element, size },
static const struct template_field reverse[] = { TEMPLATE_REVERSE_FIELDS(ROW) };
static const struct template_field common[] = { TEMPLATE_COMMON_FIELDS(ROW) };
static const struct template_field addresses[2][2] = {
	{ TEMPLATE_IPV4_FIELDS(ROW) },
	{ TEMPLATE_IPV6_FIELDS(ROW) },
};
static const struct template_field translated[2][4] = {
	{ TEMPLATE_NAT4_FIELDS(ROW) TEMPLATE_NAPT_FIELDS(ROW) },
	{ TEMPLATE_NAT6_FIELDS(ROW) TEMPLATE_NAPT_FIELDS(ROW) },
};

unsigned int
template_count(unsigned int templates)
{
	unsigned int n = 0;

	for (; templates != 0; templates &= templates - 1)
		n++;
	return n;
}

/* A reverse element: the plain one's number, then TEMPLATE_REVERSE_PEN. */
static uint8_t *
put_field(uint8_t *p, const struct template_field *f)
{
	put_be16(p, f->element);
	put_be16(p + 2, f->size);
	if (!(f->element & TEMPLATE_REVERSE))
		return p + 4;
	put_be32(p + 4, TEMPLATE_REVERSE_PEN);
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
put_template(uint8_t *p, unsigned int template,
    const struct template_times *times)
{
	unsigned int six = template & TEMPLATE_INET6;
	size_t n = LENGTH(common) + 2 + LENGTH(addresses[six]);
	uint8_t *start = p;

	p += 4;
	if (template & TEMPLATE_BIFLOW) {
		p = put_fields(p, reverse, LENGTH(reverse));
		n += LENGTH(reverse);
	}
	p = put_fields(p, common, LENGTH(common));
	p = put_field(p, &times->start);
	p = put_field(p, &times->end);
	p = put_fields(p, addresses[six], LENGTH(addresses[six]));
	if (template & TEMPLATE_NAT) {
		p = put_fields(p, translated[six], LENGTH(translated[six]));
		n += LENGTH(translated[six]);
	}
	put_be16(start, (uint16_t)(TEMPLATE_FIRST + template));
	put_be16(start + 2, (uint16_t)n);
	return p;
}

size_t
template_put(uint8_t *set, uint16_t id, const struct template_times *times,
    unsigned int templates)
{
	uint8_t *p = set + TEMPLATE_SET;
	unsigned int t;

	if (templates == 0)
		return 0;
	for (t = 0; t < TEMPLATES; t++)
		if (templates >> t & 1)
			p = put_template(p, t, times);
	put_be16(set, id);
	put_be16(set + 2, (uint16_t)(p - set));
	return (size_t)(p - set);
}

size_t
template_put_set(uint8_t *p, unsigned int template, const uint8_t *records,
    size_t len)
{
	size_t padded = (len + 3) / 4 * 4;

	put_be16(p, (uint16_t)(TEMPLATE_FIRST + template));
	put_be16(p + 2, (uint16_t)(TEMPLATE_SET + padded));
	memcpy(p + TEMPLATE_SET, records, len);
	memset(p + TEMPLATE_SET + len, 0, padded - len);
	return TEMPLATE_SET + padded;
}
