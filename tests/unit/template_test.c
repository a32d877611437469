/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "pflowd/export/protocol.h"
#include "pflowd/export/template.h"
#include "unit.h"

#define TIME 1700000000000
#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define REVERSE 0x8000 /* in an element's number: an enterprise's follows */

static void
make(struct record *r, unsigned int kind)
{
	static struct flow f;

	memset(r, 0, sizeof(*r));
	f.family = kind & TEMPLATE_INET6 ? 6 : 4;
	r->flow = &f;
	r->host[0] = r->host[1] = &f.lan;
	f.gwy.port = (kind & TEMPLATE_NAT) != 0;
	r->times.start = r->times.end = TIME;
}

static const uint8_t *
next_field(const uint8_t *p)
{
	return p + (get_be16(p) & REVERSE ? 8 : 4);
}

/* Bytes of a record, as its template says: the fields of a set of one. */
static size_t
size_said(const uint8_t *set)
{
	const uint8_t *p = set + TEMPLATE_SET + 4;
	unsigned int n = get_be16(set + TEMPLATE_SET + 2);
	size_t size = 0;

	for (; n > 0; n--, p = next_field(p))
		size += get_be16(p + 2);
	assert_ptr_equal(p, set + get_be16(set + 2));
	return size;
}

/* Whether put() writes just so much: for each direction, or once for both. */
static void
check_put(const struct protocol *e, unsigned int kind)
{
	unsigned int n = kind & TEMPLATE_BOTH ? 1 : 2;
	size_t len = n * e->record[kind];
	uint8_t *p = malloc(len + 1), d[2048];
	struct run run = { p, len, n, { { TIME, TIME }, { TIME, TIME } } };
	struct record r;

	make(&r, kind);
	assert_non_null(p);
	p[len] = 0xee;
	e->put(p, kind, &r);
	assert_int_equal(p[len], 0xee);
	assert_int_equal(e->add(d, kind, &run, TIME),
	    TEMPLATE_SET + (len + 3) / 4 * 4);
	free(p);
	assert_int_equal(get_be16(d), TEMPLATE_FIRST + kind);
	assert_int_equal(get_be16(d + 2), TEMPLATE_SET + (len + 3) / 4 * 4);
}

static void
check_kind(const struct protocol *e, unsigned int kind)
{
	uint8_t d[2048];
	struct domain domain = { .id = 1 };
	struct record r;
	size_t empty, len;

	make(&r, kind);
	assert_int_equal(e->kind(&r, (kind & TEMPLATE_BOTH) != 0), kind);
	empty = e->begin(d, &domain, TIME, 0, 0);
	len = e->begin(d, &domain, TIME, 1, 1U << kind);
	assert_true(empty + TEMPLATE_SET <= e->header);
	assert_int_equal(len, empty + TEMPLATE_SET + e->template[kind]);
	assert_int_equal(get_be16(d + empty + TEMPLATE_SET),
	    TEMPLATE_FIRST + kind);
	assert_int_equal(size_said(d + empty), e->record[kind]);
	check_put(e, kind);
}

/* What the tables of sizes say is what is written, and what templates say. */
static void
test_sizes(void **state)
{
	const struct protocol *const *e;
	unsigned int kind;

	(void)state;
	for (e = protocols; e < protocols + PROTOCOLS; e++)
		for (kind = 0; kind < PROTOCOL_KINDS; kind++)
			if ((*e)->template[kind] != 0)
				check_kind(*e, kind);
	assert_int_equal(ipfix.template[7] != 0, 1);
	assert_int_equal(netflow9.template[3] != 0, 1);
}

/* What a record has of an element, as the set with its template says. */
static uint64_t
value_of(const uint8_t *set, const uint8_t *record, unsigned int element)
{
	const uint8_t *p = set + TEMPLATE_SET + 4;
	const uint8_t *end = set + get_be16(set + 2);
	uint64_t value = 0;
	unsigned int n;

	for (; p < end && get_be16(p) != element; p = next_field(p))
		record += get_be16(p + 2);
	assert_true(p < end);
	for (n = get_be16(p + 2); n > 0; n--)
		value = value << 8 | *record++;
	return value;
}

/* What is told of a direction. */
static const struct {
	unsigned int element;
	uint64_t of[2]; /* the direction from each end */
} counted[] = {
	{ 1, { 1300, 1400 } }, /* octets */
	{ 2, { 11, 12 } },     /* packets */
	{ 6, { 2, 16 } },      /* TCP's flags */
	{ 10, { 3, 7 } },      /* by which interface it comes in */
	{ 14, { 7, 3 } },      /* and goes out */
	{ 61, { 1, 0 } },      /* whether it goes out */
}, hosts[] = {
	{ 7, { 10, 30 } }, /* ports */
	{ 11, { 30, 10 } },
	{ 8, { 1, 3 } }, /* addresses */
	{ 12, { 3, 1 } },
	{ 225, { 2, 3 } }, /* translated */
	{ 226, { 3, 2 } },
	{ 227, { 20, 30 } },
	{ 228, { 30, 20 } },
};

static const struct flow translated = { .packets = { 11, 12 },
	.bytes = { 1300, 1400 },
	.lan = { .addr = { [3] = 1 }, .port = 10 },
	.gwy = { .addr = { [3] = 2 }, .port = 20 },
	.ext = { .addr = { [3] = 3 }, .port = 30 },
	.family = 4,
	.direction = FLOW_OUT };
static const struct record told = { .flow = &translated,
	.host = { &translated.lan, &translated.ext },
	.input = { 3, 7 },
	.ports = UINT16_MAX,
	.tcp_flags = { 2, 16 } };

/* The template's set in a datagram that begins with it. */
static const uint8_t *
begin(const struct protocol *e, uint8_t *d, unsigned int kind)
{
	struct domain domain = { .id = 1 };
	size_t header = e->begin(d, &domain, TIME, 0, 0);

	e->begin(d, &domain, TIME, 1, 1U << kind);
	return d + header;
}

/* A record of each direction has what is its own. */
static void
check_each(const struct protocol *e)
{
	const unsigned int kind = TEMPLATE_NAT;
	uint8_t d[2048], records[PROTOCOL_PAIR], *p = records;
	const uint8_t *set = begin(e, d, kind);
	unsigned int i, from;

	e->put(records, kind, &told);
	for (from = 0; from < 2; from++, p += e->record[kind]) {
		for (i = 0; i < LENGTH(counted); i++)
			assert_int_equal(value_of(set, p, counted[i].element),
			    counted[i].of[from]);
		for (i = 0; i < LENGTH(hosts); i++)
			assert_int_equal(value_of(set, p, hosts[i].element),
			    hosts[i].of[from]);
	}
}

static void
test_each(void **state)
{
	(void)state;
	check_each(&netflow9);
	check_each(&ipfix);
}

/* One record of both tells of each what is its own, and hosts once. */
static void
test_both(void **state)
{
	const unsigned int kind = TEMPLATE_BOTH | TEMPLATE_NAT;
	uint8_t d[2048], p[PROTOCOL_PAIR];
	const uint8_t *set = begin(&ipfix, d, kind);
	unsigned int i;

	(void)state;
	ipfix.put(p, kind, &told);
	for (i = 0; i < LENGTH(counted); i++) {
		assert_int_equal(value_of(set, p, counted[i].element),
		    counted[i].of[0]);
		assert_int_equal(value_of(set, p, REVERSE | counted[i].element),
		    counted[i].of[1]);
	}
	for (i = 0; i < LENGTH(hosts); i++)
		assert_int_equal(value_of(set, p, hosts[i].element),
		    hosts[i].of[0]);
}

/* What is taken for granted of all of them, and of the smallest MTU. */
static void
check_bounds(const struct protocol *e, unsigned int kind)
{
	size_t size = e->record[kind];

	assert_true(e->record[0] <= size);
	assert_true(2 * size <= PROTOCOL_PAIR);
	assert_true(e->header + e->set + e->template[kind] + size <= 576 - 48);
}

static void
test_bounds(void **state)
{
	const struct protocol *const *e;
	unsigned int kind;

	(void)state;
	for (e = protocols; e < protocols + PROTOCOLS; e++) {
		for (kind = 0; kind < PROTOCOL_KINDS; kind++)
			if ((*e)->record[kind] != 0)
				check_bounds(*e, kind);
		assert_true((SENDQUEUE_DATAGRAM - (*e)->header) /
			(*e)->record[0] <=
		    PROTOCOL_RECORDS);
		assert_int_equal((*e)->counter & ((*e)->counter + 1), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
