/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Dumps that no kernel makes, in a recording of a stranger.
 */

#include "unit.h"

#include <netinet/in.h>

#include "pflowd/track/track.h"

#define NOW UINT64_C(1700000000000)
#define TWINS 400000

/* Dump n states of one tuple, whose ids begin with this one. */
static void
dump(struct track *t, uint64_t monotonic, uint64_t id, const char *ifname,
    unsigned int n)
{
	struct flow f = { .packets = { 1, 1 },
		.proto = IPPROTO_UDP,
		.direction = FLOW_IN };

	f.ext.port = 1;
	f.ext.addr[0] = 10;
	flow_set_family(&f, 4);
	strlcpy(f.ifname, ifname, sizeof(f.ifname));
	track_begin(t, NOW, monotonic);
	for (f.id = id; f.id < id + n; f.id++)
		track_state(t, &f, 0);
	track_finish(t, 1, monotonic);
}

/* How many states have ended. */
static unsigned int
ends(struct track *t)
{
	struct track_report end;
	unsigned int entries, n = 0;
	int result;

	do {
		entries = 1000;
		result = track_next(t, &entries, &end);
		n += result == 1;
	} while (result != -1);
	return n;
}

/* The difference of the creations in two dumps is any number. */
static void
test_clocks(void **state)
{
	struct track *t = track_new(10, -1);

	(void)state;
	assert_non_null(t);
	dump(t, UINT64_C(1) << 63, 1, "a", 1);
	assert_int_equal(ends(t), 0);
	dump(t, (UINT64_C(1) << 63) - 1, 1, "a", 1);
	assert_int_equal(ends(t), 0);
	dump(t, UINT64_C(0) - 1000, 1, "a", 1);
	assert_int_equal(ends(t), 1);
	dump(t, 1000, 1, "a", 1); /* 2 s later, over 2^64 */
	assert_int_equal(ends(t), 0);
	assert_int_equal(track_counts(t)->tracked, 1);
	track_free(t);
}

/*
 * If a step took longer by each state of a tuple, this would not end within the
 * time limit of all tests.
 */
static void
test_twins(void **state)
{
	struct track *t = track_new(TWINS, -1);

	(void)state;
	assert_non_null(t);
	dump(t, 1000, 0, "a", TWINS);
	assert_int_equal(ends(t), 0);
	dump(t, 2000, 0, "a", 0);
	assert_int_equal(ends(t), 0);
	dump(t, 3000, TWINS, "b", TWINS / 2); /* looks for a missing one */
	ends(t);
	dump(t, 4000, TWINS, "b", 0);
	ends(t);
	track_stop(t, TRACK_STOP_ALL);
	ends(t);
	assert_int_equal(track_counts(t)->tracked, 0);
	assert_int_equal(track_counts(t)->first_seen, TWINS);
	track_free(t);
}

/* As above, if each looked at all others for a twin. */
static void
test_join(void **state)
{
	struct track *t = track_new(TWINS, -1);

	(void)state;
	assert_non_null(t);
	track_join(t, 1);
	dump(t, 1000, 0, "a", TWINS);
	assert_int_equal(ends(t), 0);
	assert_int_equal(track_counts(t)->pairs, 0);
	track_stop(t, TRACK_STOP_ALL);
	assert_int_equal(ends(t), TWINS);
	track_free(t);
}

/* A limit that a dumper names may be any number; memory is what there is. */
static void
test_most(void **state)
{
	const uint64_t gib = 1 << 30;

	(void)state;
	assert_int_equal(track_most(100000, 4 * gib), 250000);
	assert_int_equal(track_most(UINT64_MAX, 0), TRACK_MOST);
	assert_int_equal(track_most(UINT64_MAX, UINT64_MAX), TRACK_MOST);
	assert_int_equal(track_most(UINT64_MAX, 4 * gib), 2 * gib / 320);
	assert_int_equal(track_most(3000000, gib), gib / 2 / 320);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_twins),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_most),
	};

	return RUN(tests);
}
