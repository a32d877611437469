/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "pflowd/exporter.h"
#include "pflowd/template.h"
#include "unit.h"

#define TIME 1700000000000
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

/* Bytes of a record, as its template says: the fields of a set of one. */
static size_t
size_said(const uint8_t *set)
{
	const uint8_t *p = set + TEMPLATE_SET + 4;
	unsigned int n = get_be16(set + TEMPLATE_SET + 2);
	size_t size = 0;

	for (; n > 0; n--) {
		size += get_be16(p + 2);
		p += get_be16(p) & REVERSE ? 8 : 4;
	}
	assert_ptr_equal(p, set + get_be16(set + 2));
	return size;
}

/* Whether put() writes just so much: for each direction, or once for both. */
static void
check_put(const struct exporter *e, unsigned int kind)
{
	unsigned int n = kind & TEMPLATE_BOTH ? 1 : 2;
	size_t len = n * e->record[kind];
	uint8_t *p = malloc(len), d[2048];
	struct run run = { p, len, n, { { TIME, TIME }, { TIME, TIME } } };
	struct record r;

	make(&r, kind);
	assert_non_null(p);
	e->put(p, kind, &r);
	assert_int_equal(e->add(d, kind, &run, TIME),
	    TEMPLATE_SET + (len + 3) / 4 * 4);
	free(p);
	assert_int_equal(get_be16(d), TEMPLATE_FIRST + kind);
	assert_int_equal(get_be16(d + 2), TEMPLATE_SET + (len + 3) / 4 * 4);
}

static void
check_kind(const struct exporter *e, unsigned int kind)
{
	uint8_t d[2048];
	struct stream stream = { .domain = 1 };
	struct record r;
	size_t empty, len;

	make(&r, kind);
	assert_int_equal(e->kind(&r, (kind & TEMPLATE_BOTH) != 0), kind);
	empty = e->begin(d, &stream, TIME, 0, 0);
	len = e->begin(d, &stream, TIME, 1, 1U << kind);
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
	const struct exporter *const *e;
	unsigned int kind;

	(void)state;
	for (e = exporters; *e != NULL; e++)
		for (kind = 0; kind < EXPORTER_KINDS; kind++)
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

	for (; p < end && get_be16(p) != element;
	     p += get_be16(p) & REVERSE ? 8 : 4)
		record += get_be16(p + 2);
	assert_true(p < end);
	for (n = get_be16(p + 2); n > 0; n--)
		value = value << 8 | *record++;
	return value;
}

/* Of both directions in one record, each has what is its own. */
static void
test_both(void **state)
{
	static const struct {
		unsigned int element;
		uint64_t of[2]; /* direction */
	} fields[] = {
		{ 1, { 1300, 1400 } },
		{ 2, { 11, 12 } },
		{ 6, { 2, 16 } },
		{ 10, { 3, 7 } },
		{ 14, { 7, 3 } },
		{ 61, { 1, 0 } },
	};
	static const struct flow flow = { .packets = { 11, 12 },
		.bytes = { 1300, 1400 },
		.family = 4,
		.direction = FLOW_OUT };
	const struct record r = { .flow = &flow,
		.host = { &flow.lan, &flow.ext },
		.input = { 3, 7 },
		.tcp_flags = { 2, 16 } };
	struct stream stream = { .domain = 1 };
	uint8_t d[2048], record[EXPORTER_PAIR], *set;
	unsigned int i, from;

	(void)state;
	set = d + ipfix.begin(d, &stream, TIME, 0, 0);
	ipfix.begin(d, &stream, TIME, 1, 1U << TEMPLATE_BOTH);
	ipfix.put(record, TEMPLATE_BOTH, &r);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		for (from = 0; from < 2; from++)
			assert_int_equal(value_of(set, record,
					     fields[i].element |
						 from * REVERSE),
			    fields[i].of[from]);
}

/* What is taken for granted of all of them, and of the smallest MTU. */
static void
check_bounds(const struct exporter *e, unsigned int kind)
{
	size_t size = e->record[kind];

	assert_true(e->record[0] <= size);
	assert_true(2 * size <= EXPORTER_PAIR);
	assert_true(e->header + e->set + e->template[kind] + size <= 576 - 48);
}

static void
test_bounds(void **state)
{
	const struct exporter *const *e;
	unsigned int kind;

	(void)state;
	for (e = exporters; *e != NULL; e++) {
		for (kind = 0; kind < EXPORTER_KINDS; kind++)
			if ((*e)->record[kind] != 0)
				check_bounds(*e, kind);
		assert_true((COLLECTOR_DATAGRAM - (*e)->header) /
			(*e)->record[0] <=
		    EXPORTER_RECORDS);
		assert_int_equal((*e)->counter & ((*e)->counter + 1), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
