/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Rules as text.
 */

#include "rules.h"

static struct rule r;

static int
set_up(void **state)
{
	(void)state;
	memset(&r, 0, sizeof(r));
	return 0;
}

static void
check(const char *wanted)
{
	char text[RULE_TEXT];

	assert_string_equal(rule_text(&r, text), wanted);
}

static void
test_text(void **state)
{
	(void)state;
	check("export all");
	r.ignore = 1;
	r.quick = 1;
	check("ignore quick all");
	r.direction = FLOW_OUT;
	check("ignore quick out");
	strcpy(r.ifname, "em");
	r.ifname_not = 1;
	r.family = 6;
	r.proto_given = 1;
	r.proto = 6;
	r.from.kind = RULE_SELF;
	r.from.negate = 1;
	set_host(&r.to, "2001:db8::", 32);
	r.to_port.op = RULE_PORT_GE;
	r.to_port.low = 1024;
	r.number_given = 1;
	r.number = 4294967294U;
	check("ignore quick out on ! \"em\" inet6 proto tcp from ! self "
	      "to 2001:db8::/32 port >= 1024 rule 4294967294");
}

static void
check_port(int op, const char *wanted)
{
	char text[64];

	r.to_port.op = (uint8_t)op;
	snprintf(text, sizeof(text), "export%s%s",
	    op == RULE_PORT_ANY ? " all" : " to any port ", wanted);
	check(text);
}

static void
test_port_text(void **state)
{
	(void)state;
	r.to_port.low = 7;
	r.to_port.high = 9;
	check_port(RULE_PORT_ANY, "");
	check_port(RULE_PORT_EQ, "7");
	check_port(RULE_PORT_NE, "!= 7");
	check_port(RULE_PORT_LT, "< 7");
	check_port(RULE_PORT_LE, "<= 7");
	check_port(RULE_PORT_GT, "> 7");
	check_port(RULE_PORT_GE, ">= 7");
	check_port(RULE_PORT_RANGE, "7:9");
	check_port(RULE_PORT_BETWEEN, "7 >< 9");
	check_port(RULE_PORT_OUTSIDE, "7 <> 9");
}

/* The longest there is fits. */
static void
test_long_text(void **state)
{
	char text[RULE_TEXT];

	(void)state;
	memset(r.ifname, 'i', sizeof(r.ifname) - 1);
	r.ignore = r.quick = r.ifname_not = r.proto_given = r.number_given = 1;
	r.direction = FLOW_OUT;
	r.family = 6;
	r.proto = 58;
	r.number = 4294967294U;
	set_host(&r.from, "1111:2222:3333:4444:5555:6666:7777:8880", 127);
	r.from.negate = 1;
	r.from_port.op = RULE_PORT_BETWEEN;
	r.from_port.low = 10000;
	r.from_port.high = 65535;
	r.to = r.from;
	r.to_port = r.from_port;
	rule_text(&r, text);
	assert_string_equal(text + strlen(text) - 16, " rule 4294967294");
	assert_true(strlen(text) < RULE_TEXT / 2);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_text),
		TEST(test_port_text),
		TEST(test_long_text),
	};

	return RUN(tests);
}
