/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include "pflowd/engine/poller.h"

static void
dump(struct poller *p, uint64_t from, uint64_t to, uint64_t interval)
{
	assert_true(poller_due(p, from));
	poller_asked(p, from);
	assert_false(poller_due(p, to));
	poller_ended(p, to, interval);
}

/* Dumps begin at an interval, however long they take. */
static void
test_interval(void **state)
{
	struct poller p;

	(void)state;
	poller_init(&p);
	assert_false(poller_due(&p, 1000));
	assert_true(poller_wait(&p, 1000) == POLLER_NEVER);
	poller_connect(&p, 1000);
	assert_int_equal(poller_wait(&p, 1000), 0);
	dump(&p, 1000, 1300, 5000);
	assert_int_equal(poller_wait(&p, 1300), 4700);
	assert_false(poller_due(&p, 5999));
	dump(&p, 6000, 13000, 5000);
	assert_int_equal(poller_wait(&p, 13000), 0);
	assert_true(poller_due(&p, 13000));
	assert_int_equal(p.longest, 7000);
}

/* A new interval counts from the last dump, also while one runs. */
static void
test_new_interval(void **state)
{
	struct poller p;

	(void)state;
	poller_init(&p);
	poller_connect(&p, 1000);
	poller_interval(&p, 3600000);
	assert_int_equal(poller_wait(&p, 1000), 0);
	dump(&p, 1000, 1300, 3600000);
	assert_int_equal(poller_wait(&p, 2000), 3599000);
	poller_interval(&p, 5000);
	assert_int_equal(poller_wait(&p, 2000), 4000);
	poller_interval(&p, 500);
	assert_true(poller_due(&p, 2000));
	poller_asked(&p, 2000);
	poller_interval(&p, 100000);
	assert_int_equal(poller_wait(&p, 2000), 10000);
}

/* A dump may take 10 s, or three times the longest, twice that after a kill. */
static void
test_patience(void **state)
{
	struct poller p;

	(void)state;
	poller_init(&p);
	poller_connect(&p, 0);
	poller_asked(&p, 0);
	assert_int_equal(poller_wait(&p, 0), 10000);
	assert_false(poller_overdue(&p, 9999));
	assert_true(poller_overdue(&p, 10000));
	assert_true(poller_overdue(&p, 10001));
	assert_true(poller_wait(&p, 10001) == POLLER_NEVER);
	poller_disconnect(&p);
	assert_int_equal(p.replaced, 1);
	assert_false(poller_overdue(&p, 60000));

	poller_connect(&p, 20000);
	poller_asked(&p, 20000);
	assert_false(poller_overdue(&p, 39999));
	assert_true(poller_overdue(&p, 40000));
	poller_disconnect(&p);

	poller_connect(&p, 50000);
	dump(&p, 50000, 57000, 1000);
	poller_asked(&p, 60000);
	assert_false(poller_overdue(&p, 80999));
	assert_true(poller_overdue(&p, 81000));
	assert_int_equal(p.replaced, 2);
}

/* A dumper that ended by itself is no reason for patience. */
static void
test_gone(void **state)
{
	struct poller p;

	(void)state;
	poller_init(&p);
	poller_connect(&p, 0);
	poller_asked(&p, 0);
	poller_disconnect(&p);
	assert_true(poller_wait(&p, 1) == POLLER_NEVER);
	poller_ended(&p, 5000, 1000); /* of the dumper that is gone */
	assert_int_equal(p.longest, 0);
	poller_connect(&p, 2000);
	assert_true(poller_due(&p, 2000));
	assert_int_equal(p.patience, 10000);
	assert_int_equal(p.replaced, 0);
}

/* 20 times what a dump needs, but no more than may be configured. */
static void
test_load(void **state)
{
	(void)state;
	assert_int_equal(poller_load(5, 0), 5);
	assert_int_equal(poller_load(5, 250000), 5);
	assert_int_equal(poller_load(5, 300000), 6);
	assert_int_equal(poller_load(5, 180000000), 3600);
	assert_int_equal(poller_load(5, UINT64_C(50000) << 32), 3600);
	assert_int_equal(poller_load(5, UINT64_MAX), 3600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_new_interval),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
