/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The in- and the out-state of a forwarded connection.
 */

#include "unit.h"

#include <netinet/in.h>

#include "pflowd/track/twins.h"

#define SEED UINT64_C(0x0123456789abcdef)

static struct flow_host
host(uint8_t last, uint16_t port)
{
	struct flow_host h = { .addr = { 192, 0, 2, last },
		.port = port,
		.family = 4 };

	return h;
}

/*
 * A client is translated to address 20 when it leaves (nat), and connects to
 * address 10, which is translated to server 30 when it comes in (rdr).
 */
static struct flow
in_state(void)
{
	struct flow f = { .direction = FLOW_IN,
		.proto = IPPROTO_TCP,
		.ifname = "em0" };

	f.ext = host(1, 40000);
	f.gwy = host(10, 80);
	f.lan = host(30, 8080);
	return f;
}

static struct flow
out_state(void)
{
	struct flow f = { .direction = FLOW_OUT,
		.proto = IPPROTO_TCP,
		.ifname = "em1" };

	f.lan = host(1, 40000);
	f.gwy = host(20, 50000);
	f.ext = host(30, 8080);
	return f;
}

static int
alike(const struct flow *a, const struct flow *b)
{
	assert_true(twins_possible(a));
	assert_true(twins_possible(b));
	assert_int_equal(twins_match(a, b), twins_match(b, a));
	if (!twins_match(a, b))
		return 0;
	assert_true(twins_hash(SEED, a) == twins_hash(SEED, b));
	assert_true(twins_hash(1, a) == twins_hash(1, b));
	return 1;
}

/* Not alike, and so not by their hash. */
static void
differ(const struct flow *a, const struct flow *b)
{
	assert_false(alike(a, b));
	assert_false(twins_hash(SEED, a) == twins_hash(SEED, b));
}

static void
test_translated(void **state)
{
	struct flow in = in_state(), out = out_state();

	(void)state;
	assert_true(alike(&in, &out));
	in.gwy = in.lan; /* no rdr */
	assert_true(alike(&in, &out));
	out.gwy = out.lan; /* no nat */
	assert_true(alike(&in, &out));
}

static void
test_direction(void **state)
{
	struct flow in = in_state(), other = in_state(), out = out_state();

	(void)state;
	assert_false(twins_match(&in, &other));
	other = out;
	other.lan = out.ext;
	other.ext = out.lan;
	differ(&in, &other);
}

static void
test_differences(void **state)
{
	struct flow in = in_state(), out;

	(void)state;
	out = out_state();
	out.lan.addr[3]++;
	differ(&in, &out);
	out = out_state();
	out.ext.addr[0]++;
	differ(&in, &out);
	out = out_state();
	out.lan.port++;
	differ(&in, &out);
	out = out_state();
	out.ext.port++;
	differ(&in, &out);
	out = out_state();
	out.proto = IPPROTO_UDP;
	differ(&in, &out);
	out = out_state();
	flow_set_family(&out, 6);
	differ(&in, &out);
}

/* All 16 bytes of an address are compared in IPv6, and 4 in IPv4. */
static void
test_family(void **state)
{
	struct flow in = in_state(), out = out_state();

	(void)state;
	out.lan.addr[4] = out.ext.addr[15] = 1;
	assert_true(alike(&in, &out));
	flow_set_family(&in, 6);
	flow_set_family(&out, 6);
	differ(&in, &out);
	in.ext.addr[4] = 1;
	differ(&in, &out);
	in.lan.addr[15] = 1;
	assert_true(alike(&in, &out));
}

/* A state's ports: of the initiator, the responder, and translated. */
static int
icmp_alike(uint8_t proto, const uint16_t in_ports[3],
    const uint16_t out_ports[3])
{
	struct flow in = in_state(), out = out_state();

	in.proto = out.proto = proto;
	in.ext.port = in_ports[FLOW_INITIATOR];
	in.lan.port = in_ports[FLOW_RESPONDER];
	out.lan.port = out_ports[FLOW_INITIATOR];
	out.ext.port = out_ports[FLOW_RESPONDER];
	in.gwy.port = in_ports[2];
	out.gwy.port = out_ports[2];
	return alike(&in, &out);
}

/*
 * pfsync 2 and 3 have the id as the port of lan, 4 as both, also translated,
 * and 6 with the type.
 */
static void
test_icmp(void **state)
{
	static const uint16_t first[] = { 777, 0, 50 },
			      second[] = { 0, 777, 777 },
			      both[] = { 777, 777, 777 },
			      changed[] = { 777, 50, 50 },
			      typed[] = { 777, 8, 8 },
			      typed_out[] = { 777, 8, 50 };
	static const uint8_t protos[] = { IPPROTO_ICMP, IPPROTO_ICMPV6 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_true(icmp_alike(protos[i], second, first));
		assert_true(icmp_alike(protos[i], both, both));
		assert_true(icmp_alike(protos[i], both, changed));
		assert_true(icmp_alike(protos[i], typed, typed_out));
		assert_false(icmp_alike(protos[i], both, typed_out));
		assert_false(icmp_alike(protos[i], first, typed));
	}
	assert_false(icmp_alike(IPPROTO_UDP, second, first));
}

static void
test_interfaces(void **state)
{
	struct flow in = in_state();

	(void)state;
	strcpy(in.ifname, "lo");
	assert_false(twins_possible(&in));
	strcpy(in.ifname, "lo1");
	assert_false(twins_possible(&in));
	strcpy(in.ifname, "local");
	assert_true(twins_possible(&in));
	strcpy(in.ifname, "all");
	assert_true(twins_possible(&in));
	in.ifname[0] = '\0';
	assert_true(twins_possible(&in));
}

static void
test_own_addresses(void **state)
{
	static const uint8_t loopback[16] = { [15] = 1 };
	struct flow f;

	(void)state;
	f = in_state();
	f.gwy.addr[0] = 127; /* a rdr of it */
	assert_false(twins_possible(&f));
	f = in_state();
	f.ext.addr[0] = 127;
	assert_false(twins_possible(&f));
	f = out_state();
	f.ext.addr[3] = f.lan.addr[3];
	assert_false(twins_possible(&f));
	flow_set_family(&f, 6);
	assert_false(twins_possible(&f));
	f.ext.addr[15] = 1;
	assert_true(twins_possible(&f));
	memcpy(f.lan.addr, loopback, sizeof(loopback));
	assert_false(twins_possible(&f));
	f.lan.addr[0] = 1;
	assert_true(twins_possible(&f));
}

static void
test_impossible(void **state)
{
	struct flow f = out_state();

	(void)state;
	f.anomalies = FLOW_BAD_DIRECTION;
	assert_false(twins_possible(&f));
	f.anomalies = FLOW_BAD_FAMILY;
	assert_false(twins_possible(&f));
	f.anomalies = FLOW_BAD_AGE;
	assert_true(twins_possible(&f));
	f.lan.family = 6; /* af-to */
	assert_false(twins_possible(&f));
	f.ext.family = 6;
	assert_false(twins_possible(&f));
}

/*
 * Addresses that differ in few bits, which an attacker may choose, in a table
 * of as many rows: the longest row has about 9.
 */
static unsigned int
longest_row(uint8_t family, unsigned int at, unsigned int at2, uint64_t seed)
{
	static uint8_t rows[1 << 16];
	struct flow f = in_state();
	unsigned int n, most = 0;
	uint64_t h;

	memset(rows, 0, sizeof(rows));
	flow_set_family(&f, family);
	for (n = 0; n < 1 << 16; n++) {
		(at < 16 ? f.ext.addr : f.lan.addr)[at % 16] = (uint8_t)n;
		(at2 < 16 ? f.ext.addr :
			    f.lan.addr)[at2 % 16] = (uint8_t)(n >> 8);
		h = twins_hash(seed, &f);
		if (++rows[h % (1 << 16)] > most)
			most = rows[h % (1 << 16)];
	}
	return most;
}

static void
test_spread(void **state)
{
	unsigned int at, at2;

	(void)state;
	for (at = 0; at < 32; at += 5)
		for (at2 = at + 1; at2 < 32; at2++)
			assert_in_range(longest_row(6, at, at2, SEED << at), 1,
			    20);
	for (at = 0; at < 4; at++)
		for (at2 = 16; at2 < 20; at2++)
			assert_in_range(longest_row(4, at, at2, SEED << at2), 1,
			    20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_translated),
		cmocka_unit_test(test_direction),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_own_addresses),
		cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_spread),
	};

	return RUN(tests);
}
