/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The conditions of "show states".  Its errors are in tests/golden/ctl.
 */

#include "unit.h"

#include "pflowctl/states.h"

static struct ctl_states
parse(const char *line)
{
	struct ctl_states c = { .rows = 1 };
	char copy[256], *words[2] = { copy, NULL };

	snprintf(copy, sizeof(copy), "%s", line);
	states_parse(words, &c);
	return c;
}

static void
test_orders(void **state)
{
	char age[] = "age", in[] = "in", *words[] = { age, in, NULL };
	struct ctl_states c = { .rows = 1 };

	(void)state;
	assert_int_equal(parse("").order, CTL_BY_BYTES);
	assert_int_equal(parse("octets").order, CTL_BY_BYTES);
	assert_int_equal(parse("packets").order, CTL_BY_PACKETS);
	assert_int_equal(parse("rate").order, CTL_BY_RATE);
	states_parse(words, &c);
	assert_int_equal(c.order, CTL_BY_AGE);
	assert_int_equal(c.direction, 1);
}

static void
test_simple(void **state)
{
	struct ctl_states c;

	(void)state;
	c = parse("packets out on ! em0 inet6 proto tcp rule 12");
	assert_int_equal(c.direction, 2);
	assert_string_equal(c.ifname, "em0");
	assert_int_equal(c.ifname_not, 1);
	assert_int_equal(c.family, 6);
	assert_int_equal(c.proto_given, 1);
	assert_int_equal(c.proto, 6);
	assert_int_equal(c.number_given, 1);
	assert_int_equal(c.number, 12);
	c = parse("all inet proto 0");
	assert_string_equal(c.ifname, "");
	assert_int_equal(c.family, 4);
	assert_int_equal(c.proto_given, 1);
	assert_int_equal(c.proto, 0);
}

static void
test_hosts(void **state)
{
	static const uint8_t net[16] = { 10, 1, 2, 3 };
	static const uint8_t six[16] = { 0x20, 1, 0xd, 0xb8 };
	struct ctl_states c;

	(void)state;
	c = parse("from 10.1.2.3/8 to any");
	assert_int_equal(c.from.kind, CTL_HOST_NET);
	assert_int_equal(c.from.family, 4);
	assert_int_equal(c.from.bits, 8);
	assert_memory_equal(c.from.addr, net, sizeof(net));
	assert_int_equal(c.to.kind, CTL_HOST_ANY);
	c = parse("from !self to ! 2001:db8::");
	assert_int_equal(c.from.kind, CTL_HOST_SELF);
	assert_int_equal(c.from.negate, 1);
	assert_int_equal(c.to.negate, 1);
	assert_int_equal(c.to.bits, 128);
	assert_int_equal(c.to.family, 6);
	assert_memory_equal(c.to.addr, six, sizeof(six));
}

static void
port(const char *line, uint16_t op, uint16_t low, uint16_t high)
{
	struct ctl_port p = parse(line).to_port;

	assert_int_equal(p.op, op);
	assert_int_equal(p.low, low);
	assert_int_equal(p.high, high);
}

static void
test_ports(void **state)
{
	struct ctl_states c = parse("from any port 1 to 10.0.0.1 port 2");

	(void)state;
	assert_int_equal(c.from_port.low, 1);
	assert_int_equal(c.to_port.low, 2);
	port("to port 443", CTL_PORT_EQ, 443, 0);
	port("to any port https", CTL_PORT_EQ, 443, 0);
	port("to port = 443", CTL_PORT_EQ, 443, 0);
	port("to port != 0", CTL_PORT_NE, 0, 0);
	port("to port < 9", CTL_PORT_LT, 9, 0);
	port("to port <= 9", CTL_PORT_LE, 9, 0);
	port("to port > 9", CTL_PORT_GT, 9, 0);
	port("to port >= 65535", CTL_PORT_GE, 65535, 0);
	port("to port 1:2", CTL_PORT_RANGE, 1, 2);
	port("to port 1 >< 5", CTL_PORT_BETWEEN, 1, 5);
	port("to port 1 <> 5", CTL_PORT_OUTSIDE, 1, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_simple),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_ports),
	};

	return RUN(tests);
}
