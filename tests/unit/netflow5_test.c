/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Byte for byte, by the format's description.
 */

#include "unit.h"

#include "pflowd/export/protocol.h"

#define TIME UINT64_C(1700000000250)

/* SysUptime: a day less than 2^32 ms. */
#define UPTIME 0xfad9a400U - 1

static const struct flow flow = {
	.lan = { { 198, 51, 100, 9 }, 0x7788, 4 },
	.ext = { { 10, 0, 0, 7 }, 0x5566, 4 },
	.rt_addr = { 192, 0, 2, 254 },
	.proto = 6,
	.direction = FLOW_IN,
};

static const struct record record = {
	.flow = &flow,
	.packets = { 0x01020304, 0x11121314 },
	.bytes = { 0xfffffffe, 0x21222324 },
	.host = { &flow.ext, &flow.lan },
	.times = { TIME - 60000, TIME - 250 },
	.in = 0x1122,
	.ports = UINT16_MAX,
	.tcp_flags = { RECORD_SYN | RECORD_ACK, RECORD_FIN },
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
	struct domain domain = { .sequence = 0xfffffff0, .id = 9 };

	(void)state;
	memset(got, 0xee, sizeof(got));
	put(wanted + 4, UPTIME);
	put(wanted + 8, 1700000000);
	put(wanted + 12, 250000000);
	put(wanted + 16, 0xfffffff0);
	wanted[21] = 9;
	assert_int_equal(netflow5.begin_message(got, &domain, TIME, 30, 0), 24);
	assert_memory_equal(got, wanted, 24);
	assert_int_equal(got[24], 0xee);
	netflow5.end_message(got, 24, &domain, 30);
	assert_int_equal(domain.sequence, 14); /* modulo 2^32 */
}

/* A set of both directions. */
static size_t
encode(uint8_t datagram[96], const struct record *r)
{
	static struct set set;

	set.n = 2;
	set.times[0] = set.times[1] = r->times;
	netflow5.put_record(set.data, 0, r, FLOW_INITIATOR);
	netflow5.put_record(set.data + 48, 0, r, FLOW_RESPONDER);
	return netflow5.put_set(datagram, 0, &set, TIME);
}

static void
test_record(void **state)
{
	uint8_t wanted[48] = { 10, 0, 0, 7, 198, 51, 100, 9, 192, 0, 2, 254,
		0x11, 0x22, 0, 0, 1, 2, 3, 4, 0xff, 0xff, 0xff, 0xfe };
	uint8_t got[97];

	(void)state;
	memset(got, 0xee, sizeof(got));
	put(wanted + 24, UPTIME - 60000);
	put(wanted + 28, UPTIME - 250);
	put(wanted + 32, 0x55667788);
	wanted[37] = 0x12;
	wanted[38] = 6;
	assert_int_equal(encode(got, &record), 96);
	assert_memory_equal(got, wanted, 48);
	assert_int_equal(got[96], 0xee);
}

/* The other direction has hosts and interfaces swapped. */
static void
test_other(void **state)
{
	uint8_t wanted[48] = { 198, 51, 100, 9, 10, 0, 0, 7, 192, 0, 2, 254, 0,
		0, 0x11, 0x22, 0x11, 0x12, 0x13, 0x14, 0x21, 0x22, 0x23, 0x24 };
	uint8_t got[96];

	(void)state;
	put(wanted + 24, UPTIME - 60000);
	put(wanted + 28, UPTIME - 250);
	put(wanted + 32, 0x77885566);
	wanted[37] = 1;
	wanted[38] = 6;
	encode(got, &record);
	assert_memory_equal(got + 48, wanted, 48);
}

/* Some protocols have none. */
static void
test_ports(void **state)
{
	struct record r = record;
	uint8_t got[96];

	(void)state;
	r.ports = 0;
	encode(got, &r);
	assert_memory_equal(got + 32, "\0\0\0\0", 4);
	assert_memory_equal(got + 80, "\0\0\0\0", 4);
}

/* There is no room for an index of more than 16 bits. */
static void
test_wide_index(void **state)
{
	struct record r = record;
	uint8_t got[96];

	(void)state;
	r.in = 0;
	r.out = 65536;
	encode(got, &r);
	assert_memory_equal(got + 12, "\0\0\0\0", 4);
	r.out = 65535;
	encode(got, &r);
	assert_memory_equal(got + 12, "\0\0\xff\xff", 4);
}

/* Of a pair: both interfaces, or the one that has room; either's next hop. */
static void
test_pair(void **state)
{
	static const struct flow in = { .direction = FLOW_IN },
				 out = { .rt_addr = { 192, 0, 2, 253 } };
	struct record r = record;
	uint8_t got[96];

	(void)state;
	r.out = 0x3344;
	encode(got, &r);
	assert_memory_equal(got + 12, "\x11\x22\x33\x44", 4);
	assert_memory_equal(got + 60, "\x33\x44\x11\x22", 4);
	assert_memory_equal(got + 8, "\xc0\0\x02\xfe", 4);
	r.out = 65536;
	r.flow = &in;
	r.twin = &out;
	encode(got, &r);
	assert_memory_equal(got + 12, "\x11\x22\0\0", 4);
	assert_memory_equal(got + 60, "\0\0\x11\x22", 4);
	assert_memory_equal(got + 8, "\xc0\0\x02\xfd", 4);
	assert_memory_equal(got + 56, "\xc0\0\x02\xfd", 4);
}

/* The oldest that may come gives an uptime of 0. */
static void
test_span(void **state)
{
	struct record r = record;
	uint8_t got[96];

	(void)state;
	r.times.start = TIME - netflow5.span;
	r.times.end = TIME;
	encode(got, &r);
	assert_memory_equal(got + 24, "\0\0\0\0", 4);
	assert_memory_equal(got + 28, "\xfa\xd9\xa3\xff", 4);
}

static void
test_facts(void **state)
{
	(void)state;
	assert_int_equal(netflow5.header, 24);
	assert_int_equal(netflow5.record[0], 48);
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
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_wide_index),
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_span),
		cmocka_unit_test(test_facts),
	};

	return RUN(tests);
}
