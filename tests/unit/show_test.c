/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "dumps.h"
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

static const struct ctl_source *
source_row(struct show_out *out)
{
	struct show show = { 0 };

	assert_int_equal(show_source(&e, &show, out), SHOW_ROW);
	show.row++;
	assert_int_equal(show_source(&e, &show, out), SHOW_END);
	return &out->u.source;
}

static void
test_pfsync_source(void **state)
{
	struct state s = state_of(1);
	uint8_t frame[FRAME];
	struct ledger *ledger;
	const struct ctl_source *c;
	struct show_out out;

	(void)state;
	make_frame(frame, 3, &s, 1);
	ledger = begin_meter(conf_of(1), capture_with(frame, 1));
	c = source_row(&out);
	assert_string_equal(c->name, "pfsync");
	assert_string_equal(c->reads, "a capture");
	assert_int_equal(c->useful, 0);
	assert_int_equal(c->pf, CTL_PF_UNKNOWN);
	assert_int_equal(meter_read(&e, 0, 2), METER_MORE);
	c = source_row(&out);
	assert_int_equal(c->useful, NOW);
	assert_int_equal(c->pfsync_version, 3);
	assert_int_equal(c->interim, 0);
	assert_int_equal(c->join, 0);
	assert_true(c->since > NOW);
	end_meter(ledger);
}

/* A dump of two states. */
static void
test_table_source(void **state)
{
	static const uint64_t settings[] = { 500, 0 }, cpu[] = { 1001 };
	struct ledger *ledger;
	const struct ctl_source *c;
	struct show_out out;
	struct dumps d;

	(void)state;
	dumps_init(&d);
	dumps_put(&d, CHUNK_BEGIN, NULL, 0);
	dumps_numbers(&d, CHUNK_SETTINGS, settings, 2);
	dumps_states(&d, 2, 100);
	dumps_numbers(&d, CHUNK_END, cpu, 1);
	ledger = begin_meter(conf_of(1), dumps_open(&d));
	while (meter_read(&e, 0, 100) == METER_MORE)
		continue;
	c = source_row(&out);
	assert_string_equal(c->name, "table");
	assert_string_equal(c->reads,
	    "a recording of pf's state table (OpenBSD)");
	assert_int_equal(c->pf, CTL_PF_DISABLED);
	assert_int_equal(c->limit, 500);
	assert_int_equal(c->states, 2);
	assert_int_equal(c->bytes, 2 * DUMPS_RECORD);
	assert_int_equal(c->took, 1);
	assert_int_equal(c->cpu, 2);
	assert_int_equal(c->dumps, 1);
	assert_int_equal(c->interim, 300000);
	assert_int_equal(c->join, 1);
	assert_int_equal(c->useful, NOW);
	end_meter(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reloaded),
		cmocka_unit_test(test_pfsync_source),
		cmocka_unit_test(test_table_source),
	};

	return RUN(tests);
}
