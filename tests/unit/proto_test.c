/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include "common/proto.h"

/* Every name is the number's again, and fits. */
static void
test_both_ways(void **state)
{
	char buf[PROTO_NAME];
	const char *name;
	int i;

	(void)state;
	for (i = 0; i < 256; i++) {
		name = proto_name((uint8_t)i, buf);
		assert_true(strlen(name) < PROTO_NAME);
		assert_int_equal(proto_number(name), i);
	}
}

static void
test_names(void **state)
{
	char buf[PROTO_NAME];

	(void)state;
	assert_string_equal(proto_name(6, buf), "tcp");
	assert_string_equal(proto_name(58, buf), "ipv6-icmp");
	assert_string_equal(proto_name(112, buf), "carp");
	assert_string_equal(proto_name(253, buf), "253");
}

static void
test_no_protocol(void **state)
{
	(void)state;
	assert_int_equal(proto_number("256"), -1);
	assert_int_equal(proto_number("-1"), -1);
	assert_int_equal(proto_number(""), -1);
	assert_int_equal(proto_number("no-such-protocol"), -1);
}

static void
test_port(void **state)
{
	(void)state;
	assert_int_equal(proto_port("0"), 0);
	assert_int_equal(proto_port("65535"), 65535);
	assert_int_equal(proto_port("domain"), 53);
	assert_int_equal(proto_port("65536"), -1);
	assert_int_equal(proto_port("-1"), -1);
	assert_int_equal(proto_port(""), -1);
	assert_int_equal(proto_port("no-such-service"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_protocol),
		cmocka_unit_test(test_port),
	};

	return RUN(tests);
}
