/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include "pflowd/track/unseen.h"

static int
dump(struct unseen *u, uint64_t before, uint64_t after, uint64_t made,
    int complete)
{
	unseen_begin(u);
	unseen_inserts(u, before);
	unseen_inserts(u, after);
	return unseen_end(u, made, complete);
}

static void
check(const struct unseen *u, uint64_t least, uint64_t most)
{
	assert_int_equal(u->least, least);
	assert_int_equal(u->most, most);
}

/* Of 10 to 14 inserts since the first dump, 7 were seen. */
static void
test_range(void **state)
{
	struct unseen u = { 0 };

	(void)state;
	assert_int_equal(dump(&u, 100, 102, 0, 1), 1);
	check(&u, 0, 0);
	assert_int_equal(dump(&u, 112, 114, 7, 1), 0);
	check(&u, 3, 7);
	assert_int_equal(dump(&u, 112, 114, 13, 1), 0);
	check(&u, 0, 1);
}

/* pf was loaded again, or states had no room: a new beginning. */
static void
test_anew(void **state)
{
	struct unseen u = { 0 };

	(void)state;
	dump(&u, 100, 100, 0, 1);
	dump(&u, 200, 200, 50, 1);
	check(&u, 50, 50);
	assert_int_equal(dump(&u, 20, 20, 60, 1), 1);
	check(&u, 0, 0);
	assert_int_equal(dump(&u, 30, 30, 0, 0), 1);
	check(&u, 0, 0);
	assert_int_equal(dump(&u, 35, 35, 4, 1), 0);
	check(&u, 1, 1);
}

/* pf was loaded between the two counters of a dump: the next one is first. */
static void
test_fell(void **state)
{
	struct unseen u = { 0 };

	(void)state;
	dump(&u, 100, 100, 0, 1);
	assert_int_equal(dump(&u, 120, 3, 0, 1), 0);
	check(&u, 0, 0);
	assert_int_equal(dump(&u, 5, 6, 2, 1), 1);
	check(&u, 0, 0);
	assert_int_equal(dump(&u, 16, 17, 1, 1), 0);
	check(&u, 9, 11);
}

/* A dump without pf's counters tells nothing. */
static void
test_unknown(void **state)
{
	struct unseen u = { 0 };

	(void)state;
	dump(&u, 100, 100, 0, 1);
	dump(&u, 110, 110, 4, 1);
	unseen_begin(&u);
	assert_int_equal(unseen_end(&u, 9, 1), 0);
	check(&u, 6, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_anew),
		cmocka_unit_test(test_fell),
		cmocka_unit_test(test_unknown),
	};

	return RUN(tests);
}
