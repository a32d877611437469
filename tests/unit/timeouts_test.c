/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include <netinet/in.h>

#include "pflowd/flow/record.h"
#include "pflowd/source/timeouts.h"

/* pf's defaults, with these adaptive timeouts. */
static struct timeouts
timeouts(uint32_t start, uint32_t end)
{
	struct record_policy policy;
	struct timeouts t = { 0 };

	record_policy_default(&policy);
	policy.timeout[FLOW_ADAPTIVE_START] = start;
	policy.timeout[FLOW_ADAPTIVE_END] = end;
	timeouts_set(&t, policy.timeout);
	return t;
}

static const struct flow udp = { .proto = IPPROTO_UDP,
	.timeout = FLOW_UDP_MULTIPLE };

static void
test_in_force(void **state)
{
	static const struct timeouts none;
	struct timeouts t = timeouts(0, 0);
	struct flow f = udp;

	(void)state;
	timeouts_states(&t, 1000000);
	assert_int_equal(timeouts_of(&t, &f), 60);
	assert_int_equal(timeouts_shortest(&t, &f), 30);
	assert_int_equal(timeouts_least(&t), 10);
	f.timeout = FLOW_SCTP_ESTABLISHED;
	f.proto = FLOW_SCTP;
	assert_int_equal(timeouts_of(&t, &f), 86400);
	assert_int_equal(timeouts_shortest(&t, &f), 30);
	f.timeout = FLOW_ADAPTIVE_START;
	assert_int_equal(timeouts_of(&t, &f), 0);
	f.timeout = FLOW_TIMEOUT_UNKNOWN;
	assert_int_equal(timeouts_of(&t, &f), 0);
	assert_int_equal(timeouts_of(&none, &udp), 0);
	assert_int_equal(timeouts_shortest(&none, &udp), 0);
	assert_int_equal(timeouts_least(&none), UINT32_MAX);
}

/* pf shortens timeouts from adaptive.start on, to nothing at adaptive.end. */
static void
test_adaptive(void **state)
{
	struct timeouts t = timeouts(6000, 12000);

	(void)state;
	assert_int_equal(timeouts_of(&t, &udp), 60);
	timeouts_states(&t, 6000);
	assert_int_equal(timeouts_of(&t, &udp), 60);
	timeouts_states(&t, 8000);
	assert_int_equal(timeouts_of(&t, &udp), 40);
	assert_int_equal(timeouts_shortest(&t, &udp), 20);
	assert_int_equal(timeouts_least(&t), 6);
	/* While states were fewer, timeouts may have been as short as before.
	 */
	timeouts_states(&t, 7000);
	assert_int_equal(timeouts_of(&t, &udp), 50);
	assert_int_equal(timeouts_shortest(&t, &udp), 20);
	timeouts_states(&t, 7000);
	assert_int_equal(timeouts_shortest(&t, &udp), 25);
	timeouts_states(&t, 12000);
	assert_int_equal(timeouts_of(&t, &udp), 0);
	assert_int_equal(timeouts_shortest(&t, &udp), 0);
	assert_int_equal(timeouts_least(&t), 0);
}

static void
test_adaptive_odd(void **state)
{
	struct timeouts t = timeouts(12000, 12000);

	(void)state;
	timeouts_states(&t, UINT64_MAX);
	assert_int_equal(timeouts_of(&t, &udp), 60);
	t = timeouts(0, INT32_MAX);
	t.seconds[FLOW_UDP_MULTIPLE] = INT32_MAX;
	timeouts_states(&t, 1);
	assert_int_equal(timeouts_of(&t, &udp), INT32_MAX - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_force),
		cmocka_unit_test(test_adaptive),
		cmocka_unit_test(test_adaptive_odd),
	};

	return RUN(tests);
}
