/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include <errno.h>

#include "pflowd/os/dumpbuffer.h"
#include "pflowd/os/statedump.h"

#define RECORD 242

/* A kernel with so many states, in rows that are copied whole. */
struct kernel {
	size_t states;
	size_t row;
	int error;
	unsigned int asked;
	size_t given[32]; /* bytes of memory, each time */
};

static int
ask(void *arg, uint8_t *data, size_t *len)
{
	struct kernel *k = arg;
	size_t i, n = k->states, fit = *len / RECORD / k->row * k->row;

	k->given[k->asked++] = *len;
	if (n > fit)
		n = fit;
	for (i = 0; i < n; i++)
		memset(data + i * RECORD, (int)(i & 0xff), RECORD);
	*len = n * RECORD;
	return k->error;
}

static void
fill(struct dumpbuffer *b, struct kernel *k)
{
	k->asked = 0;
	assert_int_equal(dumpbuffer_fill(b, RECORD, ask, k), 0);
	assert_int_equal(b->used, k->states * RECORD);
}

/* Truncation is silent: a dump is whole when room is left. */
static void
test_growth(void **state)
{
	struct kernel k = { .states = 100000, .row = 1 };
	struct dumpbuffer b = { 0 };

	(void)state;
	fill(&b, &k);
	assert_true(k.asked > 1);
	assert_int_equal(k.given[0], 1000 * RECORD);
	fill(&b, &k);
	assert_int_equal(k.asked, 1);
	assert_int_equal(k.given[0], 126000 * RECORD);
	k.states = 130000;
	fill(&b, &k);
	assert_int_equal(k.asked, 2);
	k.states = 10;
	fill(&b, &k);
	fill(&b, &k);
	assert_int_equal(k.given[0], 1012 * RECORD);
	dumpbuffer_free(&b);
}

/* What fits exactly may have been cut there, and so may less, by a row. */
static void
test_full(void **state)
{
	struct kernel k = { .states = 1000, .row = 1 };
	struct dumpbuffer b = { 0 };

	(void)state;
	fill(&b, &k);
	assert_int_equal(k.asked, 2);
	dumpbuffer_free(&b);

	k.states = 2800;
	k.row = 400;
	fill(&b, &k);
	assert_int_equal(k.asked, 3);
	dumpbuffer_free(&b);
}

static void
test_empty(void **state)
{
	struct kernel k = { .states = 0, .row = 1 };
	struct dumpbuffer b = { 0 };
	const uint8_t *data;

	(void)state;
	fill(&b, &k);
	assert_int_equal(dumpbuffer_records(&b, RECORD, &data), 0);
	dumpbuffer_free(&b);
}

/* A failed dump has no records, and the next one begins anew. */
static void
test_error(void **state)
{
	struct kernel k = { .states = 5000, .row = 1 };
	struct dumpbuffer b = { 0 };
	const uint8_t *data;

	(void)state;
	fill(&b, &k);
	k.error = ENODEV;
	assert_int_equal(dumpbuffer_fill(&b, RECORD, ask, &k), ENODEV);
	assert_int_equal(dumpbuffer_records(&b, RECORD, &data), 0);
	k.error = 0;
	fill(&b, &k);
	dumpbuffer_free(&b);
}

/* Pieces have whole records, all of them and in order. */
static void
test_pieces(void **state)
{
	struct kernel k = { .states = 1000, .row = 1 };
	struct dumpbuffer b = { 0 };
	const uint8_t *data;
	size_t len, i, seen = 0;

	(void)state;
	fill(&b, &k);
	while ((len = dumpbuffer_records(&b, RECORD, &data)) > 0) {
		assert_true(len <= STATEDUMP_PIECE);
		assert_int_equal(len % RECORD, 0);
		for (i = 0; i < len; i += RECORD, seen++)
			assert_int_equal(data[i], seen & 0xff);
	}
	assert_int_equal(seen, 1000);
	dumpbuffer_free(&b);
}

static int
ask_odd(void *arg, uint8_t *data, size_t *len)
{
	(void)data;
	*len = *(size_t *)arg;
	return 0;
}

/* A kernel whose records have another size, or that claims too many. */
static void
test_strange(void **state)
{
	struct dumpbuffer b = { 0 };
	size_t len = 10 * RECORD + 1;

	(void)state;
	assert_int_equal(dumpbuffer_fill(&b, RECORD, ask_odd, &len), EBADMSG);
	len = 1001 * RECORD;
	assert_int_equal(dumpbuffer_fill(&b, RECORD, ask_odd, &len), EBADMSG);
	dumpbuffer_free(&b);
}

/* What is used stays when the memory grows; it does not grow forever. */
static void
test_reserve(void **state)
{
	struct dumpbuffer b = { 0 };

	(void)state;
	assert_int_equal(dumpbuffer_reserve(&b, 100), 0);
	memcpy(b.data, "states", 6);
	b.used = 6;
	assert_int_equal(dumpbuffer_reserve(&b, 10 << 20), 0);
	assert_memory_equal(b.data, "states", 6);
	b.data[(10 << 20) - 1] = 1;
	assert_int_equal(dumpbuffer_reserve(&b, DUMPBUFFER_MOST + 1), EFBIG);
	assert_memory_equal(b.data, "states", 6);
	dumpbuffer_free(&b);
	assert_int_equal(b.size, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_strange),
		cmocka_unit_test(test_reserve),
	};

	return RUN(tests);
}
