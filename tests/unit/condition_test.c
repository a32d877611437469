/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include <errno.h>
#include <syslog.h>

#include "common/counters.h"
#include "common/log.h"
#include "pflowd/engine/condition.h"
#include "pflowd/engine/meter.h"

static struct meter m;
static struct conf conf;
static struct counters counters;
static struct conditions c;
static char logged[CTL_CONDITION];
static int priority;

static void
on_log(void *arg, int how, const char *line)
{
	(void)arg;
	priority = how;
	snprintf(logged, sizeof(logged), "%s", line);
}

/* One that has had a dump of 100 ms, of 5 s. */
static int
set_up(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	memset(&conf, 0, sizeof(conf));
	memset(&counters, 0, sizeof(counters));
	memset(&c, 0, sizeof(c));
	m.conf = &conf;
	m.counters = &counters;
	m.interval = 5000;
	m.source.dump.layout = 1;
	m.source.dump.ms = 100;
	m.source.dump.enabled = 1;
	log_to(on_log, NULL);
	return 0;
}

/* The condition, and what is logged of it: NULL is nothing. */
static void
look(const char *condition, const char *line)
{
	logged[0] = m.condition[0] = '\0';
	conditions_look(&c, &m);
	assert_string_equal(m.condition, condition);
	assert_string_equal(logged, line != NULL ? line : "");
}

/* It begins, lasts and ends. */
static void
test_disabled(void **state)
{
	static const char text[] = "pf is disabled: pfctl -e";

	(void)state;
	look("", NULL);
	m.source.dump.enabled = 0;
	look(text, text);
	assert_int_equal(priority, LOG_WARNING);
	assert_int_equal(m.mild, 0);
	look(text, NULL);
	m.source.dump.enabled = 1;
	look("", "pf is enabled again");
	assert_int_equal(priority, LOG_INFO);
	look("", NULL);
}

static void
test_unknown(void **state)
{
	(void)state;
	m.source.dump.enabled = -1;
	look("", NULL);
	m.source.dump = (struct source_dump){ .layout = 0 };
	look("", NULL); /* no dump yet */
}

/* From 20 % on, until below 15. */
static void
test_slow(void **state)
{
	static const char text[] =
	    "a dump takes 40 % of the time between dumps: raise \"interval\" in "
	    "pflowd.conf";

	(void)state;
	m.source.dump.ms = 999;
	look("", NULL);
	m.source.dump.ms = 2012;
	look(text, text);
	assert_int_equal(m.mild, 1);
	m.source.dump.ms = 750;
	look("a dump takes 15 % of the time between dumps: raise \"interval\" "
	     "in pflowd.conf",
	    NULL);
	m.source.dump.ms = 749;
	look("", "dumps of pf's state table are fast again");
	m.interval = 0;
	look("", NULL);
}

static void
test_load(void **state)
{
	static const char text[] =
	    "a dump needs 600 ms of a processor, so there is one each 12 s "
	    "instead of 5 s, and short states may not be seen: lower the "
	    "number of states, or set \"interval\" in pflowd.conf";

	(void)state;
	m.source.dump.cpu_us = 600000;
	m.interval = 12000;
	look(text, text);
	conf.interval = 12;
	look("", "the time between dumps is short enough again");
}

static void
test_no_room(void **state)
{
	static const char text[] =
	    "7 states without room: raise \"states\" in pflowd.conf";

	(void)state;
	counters.without_room = 7;
	look(text, text);
	counters.without_room = 0;
	look("", "all states of pf are tracked again");
}

static void
test_failed(void **state)
{
	char text[CTL_CONDITION];

	(void)state;
	snprintf(text, sizeof(text),
	    "the last 2 dumps of pf's state table failed (%s): see DIAGNOSTICS "
	    "in pflowd(8)",
	    strerror(ENOMEM));
	m.source.dump.layout = 0; /* the very first ones */
	m.source.error = ENOMEM;
	m.source.void_dumps = 1;
	look("", NULL);
	m.source.void_dumps = 2;
	look(text, text);
	m.source.void_dumps = m.source.error = 0;
	look("", "dumps of pf's state table succeed again");
	m.source.void_dumps = 3;
	look("the last 3 dumps of pf's state table were not whole: see "
	     "DIAGNOSTICS in pflowd(8)",
	    m.condition);
}

/* Since a dump was read, three times. */
static void
test_replaced(void **state)
{
	static const char text[] =
	    "dumper replaced 3 times, as it does not answer: see DIAGNOSTICS "
	    "in pflowd(8)";

	(void)state;
	counters.dumps = 1;
	m.dumpers_replaced = 5;
	look("", NULL);
	m.dumpers_replaced = 7;
	look("", NULL);
	m.dumpers_replaced = 8;
	look(text, text);
	counters.dumps = 2;
	look("", "the dumper answers again");
}

/* Two at once, beside that of another; and more than there is room for. */
static void
test_several(void **state)
{
	(void)state;
	m.source.dump.enabled = 0;
	counters.without_room = 7;
	strlcpy(m.condition, "silent", sizeof(m.condition));
	conditions_look(&c, &m);
	assert_string_equal(m.condition,
	    "silent; pf is disabled: pfctl -e; 7 states without room: raise "
	    "\"states\" in pflowd.conf");
	assert_int_equal(m.mild, 0);
	m.source.dump.enabled = 1;
	strlcpy(m.condition, "silent", sizeof(m.condition));
	conditions_look(&c, &m);
	assert_int_equal(m.mild, 0);
	memset(m.condition, 'x', sizeof(m.condition) - 1);
	conditions_look(&c, &m);
	assert_int_equal(strlen(m.condition), sizeof(m.condition) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_disabled, set_up),
		cmocka_unit_test_setup(test_unknown, set_up),
		cmocka_unit_test_setup(test_slow, set_up),
		cmocka_unit_test_setup(test_load, set_up),
		cmocka_unit_test_setup(test_no_room, set_up),
		cmocka_unit_test_setup(test_failed, set_up),
		cmocka_unit_test_setup(test_replaced, set_up),
		cmocka_unit_test_setup(test_several, set_up),
	};

	return RUN(tests);
}
