/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the timeouts of a state make of its end.
 */

#include "tracks.h"

#include "pflowd/flow/record.h"

/* Show a state of the rule as new, with a timeout of its own. */
static void
show_timeout(struct bed *b, uint32_t rule, uint32_t timeout)
{
	struct flow f = tracks_make(rule);

	f.rule = rule;
	f.expires = timeout;
	b->shown[b->n++] = f;
	tracks_dump(b, 5, 1);
	tracks_miss(b, 1000);
}

/* The timeouts that a rule has of its own give the label, and the time. */
static void
test_rule_timeouts(void **state)
{
	struct track_report end;
	struct bed b;

	(void)state;
	tracks_start(&b, 10);
	show_timeout(&b, 7, 5);
	show_timeout(&b, 8, 300);
	b.shown[0] = tracks_make(1);
	b.shown[0].rule = 7;
	b.shown[0].age = 1000;
	b.shown[0].expires = 1;
	b.n = 1;
	tracks_dump(&b, 5, 1);
	end = tracks_miss(&b, 5);
	assert_int_equal(end.flow.label, FLOW_PERHAPS_CUT);
	assert_int_equal(end.last, TRACKS_NOW + b.now - 15000 - 4000);
	b.shown[0] = tracks_make(1);
	b.shown[0].rule = 8;
	b.shown[0].age = 1000;
	b.shown[0].expires = 1;
	b.n = 1;
	tracks_dump(&b, 5, 1);
	end = tracks_miss(&b, 5);
	assert_int_equal(end.flow.label, FLOW_EXACT);
	assert_int_equal(end.last, TRACKS_NOW + b.now - 15000 - 299000);
	track_free(b.track);
}

/*
 * Timeouts are shorter while pf has many states; before the first dump, pf's
 * counters show how many.
 */
static void
test_adaptive(void **state)
{
	struct record_policy policy;
	struct track_report end;
	struct bed b;

	(void)state;
	tracks_start(&b, 10);
	record_policy_default(&policy);
	policy.timeout[FLOW_ADAPTIVE_END] = 2;
	track_timeouts(b.track, policy.timeout);
	track_holds(b.track, 1);
	b.shown[0] = tracks_make(1);
	b.shown[0].age = 1000;
	b.shown[0].expires = 1;
	b.n = 1;
	tracks_dump(&b, 1000, 1);
	track_holds(b.track, 2);
	end = tracks_miss(&b, 14);
	assert_int_equal(end.flow.label, FLOW_PERHAPS_CUT);
	assert_int_equal(end.last, TRACKS_NOW + 1000000 - 29000);
	b.n = 1;
	b.shown[0].age = 2042;
	tracks_dump(&b, 1000, 1);
	end = tracks_miss(&b, 13);
	assert_int_equal(end.flow.label, FLOW_EXACT);
	track_free(b.track);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule_timeouts),
		cmocka_unit_test(test_adaptive),
	};

	return RUN(tests);
}
