/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What flowprint_test.c cannot reach: a flow that came over a socket may hold
 * anything.
 */

#include "unit.h"

#include "common/flowjson.h"
#include "common/flowline.h"

static char text[FLOWLINE];

static struct ctl_flow
plain(void)
{
	struct ctl_flow f;

	memset(&f, 0, sizeof(f));
	f.time = UINT64_C(1700000000007);
	f.family = 4;
	f.direction = 1;
	f.proto = 6;
	f.rule = UINT32_MAX;
	memcpy(f.ifname, "em0", 4);
	return f;
}

static void
test_time(void **state)
{
	char buf[FLOWLINE_TIME];

	(void)state;
	assert_string_equal(flowline_time(UINT64_C(1700000000007), buf),
	    "2023-11-14T22:13:20.007Z");
	assert_string_equal(flowline_time(0, buf), "1970-01-01T00:00:00.000Z");
	flowline_time(UINT64_MAX, buf);
	assert_non_null(strstr(buf, ".615Z"));
}

/* Only a name of full length lacks its NUL. */
static void
test_long_name(void **state)
{
	struct ctl_flow f = plain();

	(void)state;
	memcpy(f.ifname, "0123456789abcdef", 16);
	assert_non_null(strstr(flowline(&f, text), "Z 0123456789abcdef tcp "));
	f.joined = 1;
	memset(f.out_ifname, '~', sizeof(f.out_ifname));
	assert_non_null(strstr(flowline(&f, text),
	    "Z 0123456789abcdef->~~~~~~~~~~~~~~~~ tcp "));
}

static void
test_senseless(void **state)
{
	struct ctl_flow f = plain();

	(void)state;
	assert_true(flowline_sensible(&f));
	f.direction = 3;
	assert_false(flowline_sensible(&f));
	assert_non_null(strstr(flowline(&f, text),
	    "tcp (direction or address family unknown) age"));
	f.direction = 2;
	f.family = 5;
	assert_false(flowline_sensible(&f));
}

static void
test_longest(void **state)
{
	struct ctl_flow f;

	(void)state;
	memset(&f, 0xff, sizeof(f));
	f.family = 6;
	f.direction = 1;
	f.rule = UINT32_MAX - 1;
	f.label = 2;
	f.gwy_port = f.nat_port = 60000;
	f.out_ifname[0] = 'x';
	flowline(&f, text);
	assert_true(strlen(text) < FLOWLINE - 1);
	assert_non_null(strstr(text, ", rule 4294967294, joined, perhaps cut"));
}

/* What a flow does not have is null; what stands in a name is no end of it. */
static void
test_json_absent(void **state)
{
	struct ctl_flow f = plain();
	char json[FLOWJSON];

	(void)state;
	f.family = 0;
	f.direction = 3;
	memcpy(f.ifname, "\"\\\n\xc3", 5);
	flowjson(&f, json);
	assert_non_null(strstr(json,
	    "\"interface\":\"\\\"\\\\??\",\"out_interface\":null,"
	    "\"direction\":null,"));
	assert_non_null(strstr(json, "\"lan\":null,\"lan_port\":null,"));
	assert_non_null(strstr(json,
	    ",\"rule\":null,\"why\":null,\"joined\":false,\"label\":"
	    "\"final\"}"));
	f = plain();
	f.ifname[0] = '\0';
	flowjson(&f, json);
	assert_non_null(strstr(json, "\"interface\":null,"));
	assert_non_null(strstr(json, "\"lan\":\"0.0.0.0\",\"lan_port\":null,"));
	assert_string_equal(flowjson_lost(12, json), "{\"lost\":12}");
}

/* Each byte of the name is escaped, each number has all its digits. */
static void
test_json_longest(void **state)
{
	struct ctl_flow f;
	char json[FLOWJSON];

	(void)state;
	memset(&f, 0xff, sizeof(f));
	f.family = 6;
	f.direction = 2;
	f.rule = UINT32_MAX - 1;
	f.label = 2;
	memset(f.ifname, '"', sizeof(f.ifname));
	memset(f.out_ifname, '\\', sizeof(f.out_ifname));
	f.gwy_port = f.nat_port = 60000;
	flowjson(&f, json);
	assert_true(strlen(json) < FLOWJSON - 1);
	assert_non_null(strstr(json,
	    "\"rule\":4294967294,\"why\":null,\"joined\":true,"
	    "\"label\":\"perhaps cut\"}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_senseless),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_json_absent),
		cmocka_unit_test(test_json_longest),
	};

	return RUN(tests);
}
