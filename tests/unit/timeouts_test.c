/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include <netinet/in.h>

#include "pflowd/flow/record.h"
#include "pflowd/track/timeouts.h"

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

/* A state of a rule, as old as that, of whose timeout so much remains. */
static void
learn(struct timeouts *t, uint32_t rule, uint32_t age, uint32_t expires)
{
	struct flow f = udp;

	f.rule = rule;
	f.age = age;
	timeouts_learn(t, &f, expires, 1);
}

static uint32_t
of_rule(const struct timeouts *t, uint32_t rule)
{
	struct flow f = udp;

	f.rule = rule;
	return timeouts_of(t, &f);
}

/* A state cannot have had a timeout that would have taken more than its age. */
static void
test_learn(void **state)
{
	struct timeouts t = timeouts(0, 0);

	(void)state;
	learn(&t, 7, 0, 60);
	learn(&t, 7, 10, 48);
	learn(&t, 7, 3600, 0);
	assert_int_equal(of_rule(&t, 7), 60);
	learn(&t, 7, 3, 5); /* 10 s at most */
	assert_int_equal(of_rule(&t, 7), 5);
	learn(&t, 7, 100, 8);
	assert_int_equal(of_rule(&t, 7), 8);
	learn(&t, 7, 100, 2);
	assert_int_equal(of_rule(&t, 7), 8);
	learn(&t, 9, 0, 300);
	assert_int_equal(of_rule(&t, 9), 300);
	assert_int_equal(of_rule(&t, 8), 60);
	assert_int_equal(timeouts_least(&t), 8);
	learn(&t, 9, 0, 59); /* another rule has the number */
	assert_int_equal(of_rule(&t, 9), 60);
	learn(&t, 10, 0, 4);
	assert_int_equal(timeouts_least(&t), 4);
	assert_int_equal(timeouts_shortest(&t, &udp), 30);
	timeouts_learn(&t, &udp, 300, 0); /* not sure */
	assert_int_equal(timeouts_of(&t, &udp), 60);
	timeouts_learn(&t, &udp, 4, 0);
	assert_int_equal(timeouts_of(&t, &udp), 4);
}

static void
test_forget(void **state)
{
	struct timeouts t = timeouts(0, 0), changed = timeouts(0, 0);

	(void)state;
	learn(&t, 7, 0, 5);
	timeouts_set(&t, changed.seconds);
	assert_int_equal(of_rule(&t, 7), 5);
	changed.seconds[FLOW_TCP_FIRST]++;
	timeouts_set(&t, changed.seconds);
	assert_int_equal(of_rule(&t, 7), 60);
}

/* While pf shortens timeouts, what remains shows none; it shortens all. */
static void
test_learn_adaptive(void **state)
{
	struct timeouts t = timeouts(6000, 12000);

	(void)state;
	learn(&t, 7, 0, 10);
	timeouts_states(&t, 9000);
	learn(&t, 8, 0, 10);
	assert_int_equal(of_rule(&t, 7), 5);
	assert_int_equal(of_rule(&t, 8), 30);
}

/* Whatever a dump has, the rules have as many places as before. */
static void
test_learn_hostile(void **state)
{
	struct timeouts t = timeouts(0, 0);
	struct flow f = udp;
	uint32_t i;

	(void)state;
	for (i = 0; i < 100000; i++)
		learn(&t, i * 2654435761U, 0, 61 + i);
	learn(&t, 1, 0, UINT32_MAX);
	learn(&t, 1, UINT32_MAX, INT32_MAX);
	assert_int_equal(of_rule(&t, 1), INT32_MAX);
	f.timeout = FLOW_TIMEOUT_UNKNOWN;
	timeouts_learn(&t, &f, 99, 1);
	f.timeout = FLOW_PURGE;
	timeouts_learn(&t, &f, 99, 1);
	assert_int_equal(timeouts_of(&t, &f), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_force),
		cmocka_unit_test(test_adaptive),
		cmocka_unit_test(test_adaptive_odd),
		cmocka_unit_test(test_learn),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_learn_adaptive),
		cmocka_unit_test(test_learn_hostile),
	};

	return RUN(tests);
}
