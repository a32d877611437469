/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include "pflowd/engine/silence.h"

#define MINUTE UINT64_C(60000)
#define BEGIN (1000 * MINUTE)

static struct counters c;
static struct silence q;

static int
set_up(void **state)
{
	(void)state;
	memset(&c, 0, sizeof(c));
	silence_begin(&q, &c, BEGIN);
	return 0;
}

static void
at(unsigned int minutes, enum silence_state wanted)
{
	assert_int_equal(silence_look(&q, &c, BEGIN + minutes * MINUTE, 30, 3),
	    wanted);
}

static void
deletion(void)
{
	c.frames++;
	c.verdict[PFSYNC_DECODED]++;
	c.states++;
}

/* ... of a state that another host made. */
static void
foreign(void)
{
	deletion();
	c.other_creator++;
}

static void
test_silent(void **state)
{
	(void)state;
	at(29, SILENCE_NONE);
	at(30, SILENCE_NO_FRAMES);
	at(500, SILENCE_NO_FRAMES);
	deletion();
	at(501, SILENCE_NONE);
	at(530, SILENCE_NONE);
	at(531, SILENCE_NO_FRAMES);
}

/* Frames that say nothing of use are told from none. */
static void
test_useless(void **state)
{
	(void)state;
	c.frames++;
	at(10, SILENCE_NONE);
	at(30, SILENCE_NO_DELETIONS);
	at(39, SILENCE_NO_DELETIONS);
	at(40, SILENCE_NO_FRAMES);
	c.frames++;
	at(41, SILENCE_NO_DELETIONS);
	deletion();
	at(42, SILENCE_NONE);
}

/* All that comes is of other creators: was ours drawn anew? */
static void
test_foreign(void **state)
{
	(void)state;
	deletion();
	foreign();
	at(1, SILENCE_NONE);
	foreign();
	at(30, SILENCE_NONE);
	at(31, SILENCE_NO_OWN);
	at(59, SILENCE_NO_OWN);
	at(60, SILENCE_NO_FRAMES);
	foreign();
	at(61, SILENCE_NO_OWN);
	foreign();
	deletion();
	at(62, SILENCE_NONE);
	at(91, SILENCE_NONE); /* nothing came since */
	at(92, SILENCE_NO_FRAMES);
	c.frames++;
	at(93, SILENCE_NO_DELETIONS);
}

/* A dump is heard, and a whole one is of use. */
static void
test_dumps(void **state)
{
	(void)state;
	c.dumps = 1;
	at(10, SILENCE_NONE);
	at(39, SILENCE_NONE);
	at(40, SILENCE_NO_FRAMES);
	c.dumps += 2;
	c.dumps_void += 2;
	at(41, SILENCE_NO_DELETIONS);
	c.dumps++;
	at(42, SILENCE_NONE);
}

/* An interval between dumps is no silence. */
static void
test_minutes(void **state)
{
	static struct conf table = { .source = CONF_TABLE, .quiet = 30 };

	(void)state;
	assert_int_equal(silence_minutes(&table), 30);
	table.interval = 29 * 60 - 1;
	assert_int_equal(silence_minutes(&table), 30);
	table.interval = 3600;
	assert_int_equal(silence_minutes(&table), 61);
	table.quiet = 0;
	assert_int_equal(silence_minutes(&table), 0);
	table.quiet = 30;
	table.source = CONF_PFSYNC;
	assert_int_equal(silence_minutes(&table), 30);
}

static void
test_never(void **state)
{
	(void)state;
	foreign();
	assert_int_equal(silence_look(&q, &c, BEGIN + 9999 * MINUTE, 0, 3),
	    SILENCE_NONE);
}

/* From the first frame on, and whatever else is said or ignored. */
static void
test_undecodable(void **state)
{
	static const unsigned int versions[] = { 1, 5, 6 };
	static const struct conf conf;
	char text[CTL_CONDITION];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		c.frames++;
		assert_int_equal(silence_look(&q, &c, BEGIN, 0, versions[i]),
		    SILENCE_UNDECODABLE);
		silence_text(SILENCE_UNDECODABLE, &conf, versions[i], text);
		assert_non_null(strstr(text, "pfsync version"));
		assert_int_equal(text[15], '0' + (int)versions[i]);
		assert_true(strlen(text) < sizeof(text) - 1);
	}
	deletion();
	assert_int_equal(silence_look(&q, &c, BEGIN, 0, 3), SILENCE_NONE);
}

/* What is said fits, whatever the configuration has. */
static void
test_words(void **state)
{
	static struct conf conf;
	char text[CTL_CONDITION];
	enum silence_state s;

	(void)state;
	memset(conf.interface, 'x', sizeof(conf.interface) - 1);
	conf.quiet = 1440;
	conf.creator = 0x3c7be081;
	for (s = SILENCE_NO_FRAMES; s <= SILENCE_NO_OWN; s++) {
		silence_text(s, &conf, 3, text);
		assert_true(strlen(text) < sizeof(text) - 1);
		assert_non_null(strstr(text, "xxxxxxxxxxxxxxx"));
		assert_non_null(strstr(text, "1440 minutes"));
	}
	silence_text(SILENCE_NO_FRAMES, &conf, 3, text);
	assert_non_null(strstr(text, "syncdev"));
	silence_text(SILENCE_NO_OWN, &conf, 3, text);
	assert_non_null(strstr(text, "0x3c7be081"));
	assert_non_null(strstr(text, "set hostid"));
	assert_non_null(strstr(text, "creator any"));
	silence_text(SILENCE_NONE, &conf, 3, text);
	assert_string_equal(text, "");
	silence_over(SILENCE_NO_FRAMES, &conf, text);
	assert_string_equal(text, "deletions arrive again on xxxxxxxxxxxxxxx");
}

/* The state table has no interface. */
static void
test_words_of_table(void **state)
{
	static const struct conf conf = { .source = CONF_TABLE, .quiet = 30 };
	char text[CTL_CONDITION];

	(void)state;
	silence_text(SILENCE_NO_FRAMES, &conf, 0, text);
	assert_string_equal(text,
	    "no dump of pf's state table for 30 minutes; see the log");
	silence_text(SILENCE_NO_DELETIONS, &conf, 0, text);
	assert_string_equal(text,
	    "no whole dump of pf's state table for 30 minutes; see the log");
	silence_text(SILENCE_NO_OWN, &conf, 0, text);
	assert_non_null(strstr(text, "in pf's state table for 30 minutes"));
	silence_over(SILENCE_NO_OWN, &conf, text);
	assert_string_equal(text,
	    "states of the creator arrive again in pf's state table");
	silence_over(SILENCE_NO_DELETIONS, &conf, text);
	assert_string_equal(text, "dumps of pf's state table arrive again");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_silent, set_up),
		cmocka_unit_test_setup(test_useless, set_up),
		cmocka_unit_test_setup(test_foreign, set_up),
		cmocka_unit_test_setup(test_dumps, set_up),
		cmocka_unit_test(test_minutes),
		cmocka_unit_test_setup(test_never, set_up),
		cmocka_unit_test_setup(test_undecodable, set_up),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_of_table),
	};

	return RUN(tests);
}
