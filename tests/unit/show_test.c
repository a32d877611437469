/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "meters.h"
#include "unit.h"

#include "common/ctl.h"
#include "pflowd/engine/show.h"

static void
check_row(struct show *show, const char *name, const char *result)
{
	struct show_out out;

	assert_int_equal(show_tested(&e, show, &out), SHOW_ROW);
	assert_string_equal(out.u.tested.collector, name);
	assert_string_equal(out.u.tested.result, result);
	assert_int_equal(out.u.tested.failed, 1);
	show->row++;
}

/* The first of two is removed before the results are asked for. */
static void
test_reloaded(void **state)
{
	struct ledger *ledger = begin_meter(conf_of(2), NULL);
	struct show show = { 0 };
	struct show_out out;
	struct conf *conf = conf_of(2);

	(void)state;
	assert_int_equal(show_test(&e, &show, ""), 0);
	conf->collectors[0] = conf->collectors[1];
	conf->ncollectors = 1;
	assert_int_equal(meter_configure(&e, conf, 0), 0);
	check_row(&show, "127.0.0.1:1", "reloaded meanwhile: test again");
	check_row(&show, "127.0.0.1:2", "reloaded meanwhile: test again");
	assert_int_equal(show_tested(&e, &show, &out), SHOW_END);
	show_free(&show);
	end_meter(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reloaded),
	};

	return RUN(tests);
}
