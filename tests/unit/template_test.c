/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "pflowd/export/encode.h"
#include "pflowd/export/protocol.h"
#include "pflowd/export/template.h"
#include "unit.h"

#define TIME 1700000000000
#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define REVERSE 0x8000 /* in an element's number: an enterprise's follows */

static void
make(struct record *r, unsigned int template)
{
	static struct flow f;

	memset(r, 0, sizeof(*r));
	flow_set_family(&f, template & TEMPLATE_INET6 ? 6 : 4);
	r->flow = &f;
	r->host[0] = r->host[1] = &f.lan;
	r->translated[0] = r->translated[1] = &f.gwy;
	f.gwy.port = (template & TEMPLATE_NAT) != 0;
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

/* Write the records of a template, one or that of each direction, at p. */
static void
put_records(const struct protocol *e, uint8_t *p, unsigned int template,
    const struct record *r)
{
	e->put_record(p, template, r, FLOW_INITIATOR);
	if (!(template & TEMPLATE_BIFLOW))
		e->put_record(p + e->record[template], template, r,
		    FLOW_RESPONDER);
}

/* put_record() must write exactly the bytes of a record. */
static void
check_put(const struct protocol *e, unsigned int template)
{
	unsigned int n = template & TEMPLATE_BIFLOW ? 1 : 2;
	size_t len = n * e->record[template];
	static struct set set;
	uint8_t d[2048];
	struct record r;

	make(&r, template);
	set.n = n;
	set.times[0] = set.times[1] = (struct record_times){ TIME, TIME };
	memset(set.data, 0xee, sizeof(set.data));
	put_records(e, set.data, template, &r);
	assert_int_equal(set.data[len], 0xee);
	assert_int_equal(e->put_set(d, template, &set, TIME),
	    TEMPLATE_SET + (len + 3) / 4 * 4);
	assert_int_equal(get_be16(d), TEMPLATE_FIRST + template);
	assert_int_equal(get_be16(d + 2), TEMPLATE_SET + (len + 3) / 4 * 4);
}

static void
check_template(const struct protocol *e, unsigned int template)
{
	uint8_t d[2048];
	struct domain domain = { .id = 1 };
	struct record r;
	size_t empty, len;

	make(&r, template);
	assert_int_equal(e->template_of(&r, (template & TEMPLATE_BIFLOW) != 0),
	    template);
	empty = e->begin_message(d, &domain, TIME, 0, 0);
	len = e->begin_message(d, &domain, TIME, 1, 1U << template);
	assert_true(empty + TEMPLATE_SET <= e->header);
	assert_int_equal(len, empty + TEMPLATE_SET + e->template[template]);
	assert_int_equal(get_be16(d + empty + TEMPLATE_SET),
	    TEMPLATE_FIRST + template);
	assert_int_equal(size_said(d + empty), e->record[template]);
	check_put(e, template);
}

/* What the tables of sizes say is what is written, and what templates say. */
static void
test_sizes(void **state)
{
	const struct protocol *const *e;
	unsigned int template;

	(void)state;
	for (e = protocols; e < protocols + PROTOCOLS; e++)
		for (template = 0; template <PROTOCOL_TEMPLATES; template ++)
			if ((*e)->template[template] != 0)
				check_template(*e, template);
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

static const struct flow translated = {
	.lan = { .addr = { [3] = 1 }, .port = 10, .family = 4 },
	.gwy = { .addr = { [3] = 2 }, .port = 20, .family = 4 },
	.ext = { .addr = { [3] = 3 }, .port = 30, .family = 4 },
	.direction = FLOW_OUT
};
static const struct record told = { .flow = &translated,
	.host = { &translated.lan, &translated.ext },
	.translated = { &translated.gwy, &translated.ext },
	.packets = { 11, 12 },
	.bytes = { 1300, 1400 },
	.in = 3,
	.out = 7,
	.ports = UINT16_MAX,
	.tcp_flags = { 2, 16 } };

/* The template's set in a datagram that begins with it. */
static const uint8_t *
begin(const struct protocol *e, uint8_t *d, unsigned int template)
{
	struct domain domain = { .id = 1 };
	size_t header = e->begin_message(d, &domain, TIME, 0, 0);

	e->begin_message(d, &domain, TIME, 1, 1U << template);
	return d + header;
}

/* A record of each direction has what is its own. */
static void
check_each(const struct protocol *e)
{
	const unsigned int template = TEMPLATE_NAT;
	uint8_t d[2048], records[PROTOCOL_STATE], *p = records;
	const uint8_t *set = begin(e, d, template);
	unsigned int i, from;

	put_records(e, records, template, &told);
	for (from = 0; from < 2; from++, p += e->record[template]) {
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
	const unsigned int template = TEMPLATE_BIFLOW | TEMPLATE_NAT;
	uint8_t d[2048], p[PROTOCOL_STATE];
	const uint8_t *set = begin(&ipfix, d, template);
	unsigned int i;

	(void)state;
	put_records(&ipfix, p, template, &told);
	for (i = 0; i < LENGTH(counted); i++) {
		assert_int_equal(value_of(set, p, counted[i].element),
		    counted[i].of[0]);
		assert_int_equal(value_of(set, p,
				     TEMPLATE_REVERSE | counted[i].element),
		    counted[i].of[1]);
	}
	for (i = 0; i < LENGTH(hosts); i++)
		assert_int_equal(value_of(set, p, hosts[i].element),
		    hosts[i].of[0]);
}

/* A pair: its in-state translates the server, the out-state the client. */
static const struct flow
    in = { .ext = { .addr = { [3] = 1 }, .port = 10, .family = 4 },
	    .lan = { .addr = { [3] = 3 }, .port = 30, .family = 4 },
	    .gwy = { .addr = { [3] = 4 }, .port = 40, .family = 4 },
	    .id = 77,
	    .proto = 6,
	    .direction = FLOW_IN },
    out = { .lan = { .addr = { [3] = 1 }, .port = 10, .family = 4 },
	    .gwy = { .addr = { [3] = 2 }, .port = 20, .family = 4 },
	    .ext = { .addr = { [3] = 3 }, .port = 30, .family = 4 },
	    .id = 78,
	    .proto = 6,
	    .direction = FLOW_OUT };
static const struct report pair = { .flow = &in,
	.twin = &out,
	.packets = { 11, 12 },
	.bytes = { 1300, 1400 },
	.times = { TIME, TIME } };

/* What the record says of the direction from each end. */
static const struct {
	unsigned int element;
	uint64_t of[2];
} joined[] = {
	{ 148, { 77, 77 } },
	{ 1, { 1300, 1400 } },
	{ 2, { 11, 12 } },
	{ 10, { 5, 6 } },
	{ 14, { 6, 5 } },
	{ 61, { 0, 1 } },
	{ 8, { 1, 3 } },
	{ 12, { 3, 1 } },
	{ 7, { 10, 30 } },
	{ 11, { 30, 10 } },
	{ 225, { 2, 4 } },
	{ 226, { 4, 2 } },
	{ 227, { 20, 40 } },
	{ 228, { 40, 20 } },
};
#define JOINED_EACH 6 /* the first: a biflow has them for each direction */

/* Encode a batch of the pair alone; returns its records. */
static unsigned int
encode_pair(const struct protocol *e, int biflow, struct encoded *to)
{
	static struct batch b;

	b.n = 1;
	record_make(&b.record[0], &pair, FLOW_INSIDE, 5);
	record_join(&b.record[0], &out, FLOW_INSIDE, 6);
	e->encode(to, &b, biflow);
	return to->state[1].record;
}

static void
check_joined(const struct protocol *e)
{
	static struct encoded encoded;
	uint8_t d[2048];
	const uint8_t *set = begin(e, d, TEMPLATE_NAT), *p = encoded.data;
	unsigned int i, from;

	assert_int_equal(encode_pair(e, 0, &encoded), 2);
	assert_int_equal(encoded.state[0].template, TEMPLATE_NAT);
	for (from = 0; from < 2; from++, p += e->record[TEMPLATE_NAT])
		for (i = 0; i < LENGTH(joined); i++)
			assert_int_equal(value_of(set, p, joined[i].element),
			    joined[i].of[from]);
}

/* Both translations are in each record, though each state knows one. */
static void
test_joined(void **state)
{
	(void)state;
	check_joined(&netflow9);
	check_joined(&ipfix);
}

/* A biflow of a pair is one record. */
static void
test_joined_biflow(void **state)
{
	const unsigned int template = TEMPLATE_BIFLOW | TEMPLATE_NAT;
	static struct encoded encoded;
	uint8_t d[2048];
	const uint8_t *set = begin(&ipfix, d, template), *p = encoded.data;
	unsigned int i;

	(void)state;
	assert_int_equal(encode_pair(&ipfix, 1, &encoded), 1);
	assert_int_equal(encoded.state[0].template, template);
	for (i = 0; i < LENGTH(joined); i++)
		assert_int_equal(value_of(set, p, joined[i].element),
		    joined[i].of[0]);
	for (i = 1; i < JOINED_EACH; i++)
		assert_int_equal(value_of(set, p,
				     TEMPLATE_REVERSE | joined[i].element),
		    joined[i].of[1]);
}

/* What is taken for granted of all of them, and of the smallest MTU. */
static void
check_bounds(const struct protocol *e, unsigned int template)
{
	size_t size = e->record[template];

	assert_true(e->record[0] <= size);
	assert_true(2 * size <= PROTOCOL_STATE);
	assert_true(e->header + e->set + e->template[template] + size <=
	    576 - 48);
}

static void
test_bounds(void **state)
{
	const struct protocol *const *e;
	unsigned int template;

	(void)state;
	for (e = protocols; e < protocols + PROTOCOLS; e++) {
		for (template = 0; template <PROTOCOL_TEMPLATES; template ++)
			if ((*e)->record[template] != 0)
				check_bounds(*e, template);
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
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_joined_biflow),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
