/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * No counter is without a row: what is not shown might as well not be counted.
 */

#include "unit.h"

#include "common/counters.h"

/* Mark the members that rows show; none twice, each within the struct. */
static void
mark(unsigned char *seen, size_t members, const struct field *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		size_t member = rows[i].offset / sizeof(uint64_t);

		assert_int_equal(rows[i].offset % sizeof(uint64_t), 0);
		assert_true(member < members);
		assert_int_equal(seen[member], 0);
		seen[member] = 1;
	}
}

static void
all_seen(const unsigned char *seen, size_t members)
{
	size_t i;

	for (i = 0; i < members; i++)
		if (!seen[i])
			fail_msg("counter %zu has no row", i);
}

static void
test_rows(void **state)
{
	unsigned char seen[sizeof(struct counters) / sizeof(uint64_t)] = { 0 };

	(void)state;
	mark(seen, sizeof(seen), counter_fields, counter_fields_count);
	mark(seen, sizeof(seen), kernel_fields, kernel_fields_count);
	mark(seen, sizeof(seen), table_fields, table_fields_count);
	all_seen(seen, sizeof(seen));
}

static void
test_collector_fields(void **state)
{
	unsigned char
	    seen[sizeof(struct collector_counters) / sizeof(uint64_t)] = { 0 };

	(void)state;
	mark(seen, sizeof(seen), collector_fields, collector_fields_count);
	all_seen(seen, sizeof(seen));
}

static void
test_values(void **state)
{
	struct counters c = { .frames = 7 };
	struct collector_counters k = { .failed = { 1, 2, 3, 4, 5, 6 } };

	(void)state;
	assert_int_equal(counter_value(&counter_fields[0], &c), 7);
	assert_int_equal(counters_failed(&k), 21);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_collector_fields),
		cmocka_unit_test(test_values),
	};

	return RUN(tests);
}
