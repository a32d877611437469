/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * How long a datagram is held, and by which clock.
 */

#include "exports.h"

static void
test_hold(void **state)
{
	struct sums s = { 0 };

	(void)state;
	start(2);
	assert_int_equal(export_due(x), UINT64_MAX);
	export_clock(x, NOW);
	give(1, 100, NOW);
	give(1, 100, NOW + 100);
	assert_int_equal(export_due(x), NOW + HOLD);
	export_clock(x, NOW + HOLD - 1);
	receive(&s, 0);
	assert_int_equal(s.datagrams, 0);
	export_clock(x, NOW + HOLD + 700);
	receive(&s, 0);
	assert_int_equal(s.records, 2);
	assert_int_equal(s.time, NOW + HOLD); /* when it was due */
	assert_int_equal(export_due(x), UINT64_MAX);
	memset(&s, 0, sizeof(s));
	receive(&s, 1);
	assert_int_equal(s.records, 2);
	stop(2);
}

/* A reload that shortens it reaches the datagram that is open. */
static void
test_shortened(void **state)
{
	struct conf *shorter = conf_with(1);
	struct sums s = { 0 };

	(void)state;
	start(1);
	give(1, 100, NOW);
	shorter->hold = 1;
	apply(shorter);
	assert_int_equal(export_due(x), NOW + 1000);
	export_clock(x, NOW + 1000);
	receive(&s, 0);
	assert_int_equal(s.records, 1);
	stop(1);
}

/*
 * A datagram is held from its first record, which may be one of a split that
 * goes on long after its state came.
 */
static void
test_held_since(void **state)
{
	const struct sample wide = sample(600, UINT64_C(600) * UINT32_MAX);

	(void)state;
	start(1);
	give(1, 100, NOW + 100);
	assert_int_equal(export_due(x), NOW + 100 + HOLD);
	export_close(x, NOW + 100);
	export_sample(&wide, NOW + 100);
	export_clock(x, NOW + 700);
	export_more(x, NOW + 700);
	assert_int_equal(export_due(x), NOW + 700 + HOLD);
	export_clock(x, NOW + 200 + HOLD);
	export_more(x, NOW + 200 + HOLD);
	assert_int_equal(export_due(x), NOW + 700 + HOLD);
	while (export_busy(x))
		export_more(x, NOW);
	stop(1);
}

static void
test_clock_set_back(void **state)
{
	const uint64_t now = NOW - 3500000;
	struct sample given = sample(1, 100);
	struct sums s = { 0 };

	(void)state;
	start(1);
	export_clock(x, NOW);
	give(1, 100, NOW);
	export_clock(x, now);
	receive(&s, 0);
	assert_int_equal(s.records, 1);
	assert_int_equal(s.time, NOW); /* never before a record's end */
	assert_int_equal(s.first, 1000);
	given.record.times.start = given.record.times.end = now;
	export_sample(&given, now);
	export_close(x, now);
	receive(&s, 0);
	assert_int_equal(s.records, 2);
	assert_int_equal(s.time, now); /* but of its own records */
	stop(1);
}

/* Also if a state or a test is what comes first after it. */
static void
test_set_back_and_told_later(void **state)
{
	const struct sample wide = sample(2, (uint64_t)UINT32_MAX + 1);
	const uint64_t now = NOW - 3500000;
	int i;

	(void)state;
	start(2);
	for (i = 0; i < 3; i++) {
		export_clock(x, NOW);
		give(1, 100, NOW);
		if (i == 0)
			give(1, 100, now);
		if (i == 1) {
			export_sample(&wide, NOW);
			export_more(x, NOW);
		}
		if (i == 2)
			export_test(x, 1, now);
		export_clock(x, now);
		export_send(x);
		assert_int_equal(queued(0), 0);
		assert_int_equal(queued(1), 0);
	}
	stop(2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_shortened),
		cmocka_unit_test(test_held_since),
		cmocka_unit_test(test_clock_set_back),
		cmocka_unit_test(test_set_back_and_told_later),
	};

	return RUN(tests);
}
