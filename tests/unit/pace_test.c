/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <limits.h>

#include "unit.h"

#include "pflowd/export/pace.h"

#define SECOND 1000000

/* How many go in a second to somebody who looks every so many microseconds. */
static uint64_t
in_a_second(unsigned int rate, uint64_t step)
{
	struct pace p;
	uint64_t now, sent = 0, start = 123456789;

	pace_init(&p, rate);
	for (now = start; now < start + SECOND; now += step) {
		unsigned int n;

		while ((n = pace_allows(&p, now)) > 0) {
			assert_true(n <= 16);
			pace_spend(&p, n);
			sent += n;
		}
	}
	return sent;
}

static void
test_no_limit(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0);
	assert_int_equal(pace_allows(&p, 0), UINT_MAX);
	pace_spend(&p, 1000);
	assert_int_equal(pace_allows(&p, 0), UINT_MAX);
}

static void
test_rate(void **state)
{
	static const unsigned int rates[] = { 1, 7, 100, 1250, 1251, 9999,
		20000, 1000000 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t sent = in_a_second(rates[i], 1);

		assert_true(sent <= rates[i] + 16U);
		assert_true(sent >= rates[i] - rates[i] / 100);
	}
}

/* A clock that jumps does not earn more than one burst. */
static void
test_pause(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 20000);
	assert_int_equal(pace_allows(&p, 1000), 16);
	pace_spend(&p, 16);
	assert_int_equal(pace_allows(&p, 1000), 16);
	pace_spend(&p, 16);
	assert_int_equal(pace_allows(&p, 1000), 0);
	assert_int_equal(pace_wait(&p, 1000), 800);
	assert_int_equal(pace_allows(&p, 1000 + 60 * SECOND), 16);
	pace_spend(&p, 16);
	pace_allows(&p, 1000 + 60 * SECOND);
	pace_spend(&p, 16);
	assert_int_equal(pace_allows(&p, 1000 + 60 * SECOND), 0);
}

static void
test_part_of_a_burst(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 20000);
	assert_int_equal(pace_allows(&p, 5), 16);
	pace_spend(&p, 5);
	assert_int_equal(pace_allows(&p, 5), 11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_part_of_a_burst),
	};

	return RUN(tests);
}
