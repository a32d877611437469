/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Byte for byte, by the format's description.
 */

#include "unit.h"

#include "pflowd/exporter.h"

#define TIME UINT64_C(1700000000250)

/* SysUptime: a day less than 2^32 ms. */
#define UPTIME 0xfad9a400U - 1

static const struct record record = {
	.start = TIME - 60000,
	.end = TIME - 250,
	.packets = 0x01020304,
	.octets = 0xfffffffe,
	.input = 0x1122,
	.output = 0x3344,
	.sport = 0x5566,
	.dport = 0x7788,
	.src = { 10, 0, 0, 7 },
	.dst = { 198, 51, 100, 9 },
	.nexthop = { 192, 0, 2, 254 },
	.family = 4,
	.proto = 6,
	.tcp_flags = RECORD_SYN | RECORD_ACK,
};

static void
put(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static void
test_header(void **state)
{
	uint8_t wanted[24] = { 0, 5, 0, 30 };
	uint8_t got[25];
	struct stream stream = { .sequence = 0xfffffff0, .domain = 9 };

	(void)state;
	memset(got, 0xee, sizeof(got));
	put(wanted + 4, UPTIME);
	put(wanted + 8, 1700000000);
	put(wanted + 12, 250000000);
	put(wanted + 16, 0xfffffff0);
	wanted[21] = 9;
	assert_int_equal(netflow5.begin(got, &stream, TIME, 30, 0), 24);
	assert_memory_equal(got, wanted, 24);
	assert_int_equal(got[24], 0xee);
	assert_int_equal(netflow5.finish(got, 24, &stream, 30), 0);
	assert_int_equal(stream.sequence, 14); /* modulo 2^32 */
}

static void
test_record(void **state)
{
	uint8_t wanted[48] = { 10, 0, 0, 7, 198, 51, 100, 9, 192, 0, 2, 254,
		0x11, 0x22, 0x33, 0x44, 1, 2, 3, 4, 0xff, 0xff, 0xff, 0xfe };
	uint8_t got[49];

	(void)state;
	memset(got, 0xee, sizeof(got));
	put(wanted + 24, UPTIME - 60000);
	put(wanted + 28, UPTIME - 250);
	put(wanted + 32, 0x55667788);
	wanted[37] = 0x12;
	wanted[38] = 6;
	assert_int_equal(netflow5.add(got, 0, NULL, 0, &record, TIME), 48);
	assert_memory_equal(got, wanted, 48);
	assert_int_equal(got[48], 0xee);
}

/* The oldest that may come gives an uptime of 0. */
static void
test_span(void **state)
{
	struct record r = record;
	uint8_t got[48];

	(void)state;
	r.start = TIME - netflow5.span;
	r.end = TIME;
	netflow5.add(got, 0, NULL, 0, &r, TIME);
	assert_memory_equal(got + 24, "\0\0\0\0", 4);
	assert_memory_equal(got + 28, "\xfa\xd9\xa3\xff", 4);
}

static void
test_facts(void **state)
{
	(void)state;
	assert_int_equal(netflow5.header, 24);
	assert_int_equal(netflow5.record[0], 48);
	assert_int_equal(netflow5.records, 30);
	assert_int_equal(netflow5.counter, UINT32_MAX);
	assert_int_equal(netflow5.index, 65535);
	assert_false(netflow5.inet6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_span),
		cmocka_unit_test(test_facts),
	};

	return RUN(tests);
}
