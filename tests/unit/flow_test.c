/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include "pflowd/flow/flow.h"

/* Who is told to be at each end, by direction and view. */
static void
check(enum flow_direction direction, enum flow_view view, enum flow_end end,
    int wanted)
{
	struct flow f = { FAMILY(4), .direction = (uint8_t)direction };
	const struct flow_host *hosts[] = { &f.lan, &f.gwy, &f.ext };

	assert_ptr_equal(flow_host(&f, view, end), hosts[wanted]);
}

enum {
	LAN,
	GWY,
	EXT
};

static void
test_out(void **state)
{
	(void)state;
	check(FLOW_OUT, FLOW_INSIDE, FLOW_INITIATOR, LAN);
	check(FLOW_OUT, FLOW_OUTSIDE, FLOW_INITIATOR, GWY);
	check(FLOW_OUT, FLOW_ORIGINAL, FLOW_INITIATOR, LAN);
	check(FLOW_OUT, FLOW_INSIDE, FLOW_RESPONDER, EXT);
	check(FLOW_OUT, FLOW_OUTSIDE, FLOW_RESPONDER, EXT);
	check(FLOW_OUT, FLOW_ORIGINAL, FLOW_RESPONDER, EXT);
}

static void
test_in(void **state)
{
	(void)state;
	check(FLOW_IN, FLOW_INSIDE, FLOW_INITIATOR, EXT);
	check(FLOW_IN, FLOW_OUTSIDE, FLOW_INITIATOR, EXT);
	check(FLOW_IN, FLOW_ORIGINAL, FLOW_INITIATOR, EXT);
	check(FLOW_IN, FLOW_INSIDE, FLOW_RESPONDER, LAN);
	check(FLOW_IN, FLOW_OUTSIDE, FLOW_RESPONDER, GWY);
	check(FLOW_IN, FLOW_ORIGINAL, FLOW_RESPONDER, GWY);
}

static void
test_translated(void **state)
{
	struct flow f = { FAMILY(4) };

	(void)state;
	assert_false(flow_translated(&f));
	f.gwy.addr[4] = 1; /* beyond an IPv4 address */
	assert_false(flow_translated(&f));
	flow_set_family(&f, 6);
	assert_true(flow_translated(&f));
	flow_set_family(&f, 4);
	f.gwy.addr[3] = 1;
	assert_true(flow_translated(&f));
	f.lan = f.gwy;
	f.lan.port = 1;
	assert_true(flow_translated(&f));
}

static void
test_bound(void **state)
{
	struct flow f = { .ifname = "em0" };

	(void)state;
	assert_true(flow_bound(&f));
	strcpy(f.ifname, "all");
	assert_false(flow_bound(&f));
	strcpy(f.ifname, "self");
	assert_false(flow_bound(&f));
	f.ifname[0] = '\0';
	assert_false(flow_bound(&f));
	strcpy(f.ifname, "allx");
	assert_true(flow_bound(&f));
}

static void
test_ports(void **state)
{
	static const uint8_t with[] = { 6, 17, 33, 132, 136 };
	unsigned int proto, n = 0;

	(void)state;
	for (proto = 0; proto < 256; proto++)
		if (flow_has_ports((uint8_t)proto))
			assert_int_equal(proto, with[n++]);
	assert_int_equal(n, sizeof(with));
}

/* An echo's answer; a type that has none. */
static void
test_icmp(void **state)
{
	struct flow f = { FAMILY(4), .proto = 1, .icmp = 8 << 8 };

	(void)state;
	assert_int_equal(flow_icmp(&f, FLOW_INITIATOR), 8 << 8);
	assert_int_equal(flow_icmp(&f, FLOW_RESPONDER), 0);
	f.icmp = 13 << 8;
	assert_int_equal(flow_icmp(&f, FLOW_RESPONDER), 14 << 8);
	f.proto = 58;
	f.icmp = 128 << 8;
	assert_int_equal(flow_icmp(&f, FLOW_RESPONDER), 129 << 8);
	f.icmp = 143 << 8;
	assert_int_equal(flow_icmp(&f, FLOW_INITIATOR), 143 << 8);
	assert_int_equal(flow_icmp(&f, FLOW_RESPONDER), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_out),
		cmocka_unit_test(test_in),
		cmocka_unit_test(test_translated),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_icmp),
	};

	return RUN(tests);
}
