/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What a reload can change in place, and what the log calls the source.
 */

#include "unit.h"

#include "pflowd/parent/parent_local.h"
#include "pflowd/parent/reload.h"
#include "pflowd/process/build.h"

const char build_id[] = "a build of ours";

static struct conf *old, *conf;

static int
set_up(void **state)
{
	(void)state;
	old = conf_new();
	conf = conf_new();
	return old == NULL || conf == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	conf_free(old);
	conf_free(conf);
	return 0;
}

static void
test_in_place(void **state)
{
	(void)state;
	conf->interval = 7;
	conf->states = 9;
	conf->interim = 60;
	conf->join = !conf->join;
	conf->interim_given = conf->join_given = 1;
	conf->hold++;
	assert_false(reload_needs_root(conf, old));
}

static void
test_source(void **state)
{
	(void)state;
	old->source = CONF_PFSYNC;
	conf->source = CONF_TABLE;
	assert_true(reload_needs_root(conf, old));
	assert_true(reload_needs_root(old, conf));
	old->source = CONF_TABLE;
	assert_false(reload_needs_root(conf, old));
}

static void
test_interface(void **state)
{
	(void)state;
	strcpy(conf->interface, "em9");
	assert_true(reload_needs_root(conf, old));
	strcpy(conf->interface, old->interface);
	conf->pfsync_link = 1;
	assert_true(reload_needs_root(conf, old));
}

static void
test_words(void **state)
{
	char text[PARENT_SOURCE];

	(void)state;
	conf->source = CONF_PFSYNC;
	memset(conf->interface, 'x', FLOW_IFNAME - 1);
	assert_string_equal(parent_source(conf, text),
	    "listening on xxxxxxxxxxxxxxx");
	conf->source = CONF_TABLE;
	assert_string_equal(parent_source(conf, text),
	    "reading pf's state table");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_in_place),
		TEST(test_source),
		TEST(test_interface),
		TEST(test_words),
	};

	return RUN(tests);
}
