/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include "pflowd/quiet.h"

#define MINUTE UINT64_C(60000)
#define BEGIN (1000 * MINUTE)

static struct counters c;
static struct quiet q;

static int
set_up(void **state)
{
	(void)state;
	memset(&c, 0, sizeof(c));
	quiet_begin(&q, &c, BEGIN);
	return 0;
}

static void
at(unsigned int minutes, enum quiet_state wanted)
{
	assert_int_equal(quiet_look(&q, &c, BEGIN + minutes * MINUTE, 30),
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
	at(29, QUIET_NOT);
	at(30, QUIET_SILENT);
	at(500, QUIET_SILENT);
	deletion();
	at(501, QUIET_NOT);
	at(530, QUIET_NOT);
	at(531, QUIET_SILENT);
}

/* Frames that say nothing of use are told from none. */
static void
test_useless(void **state)
{
	(void)state;
	c.frames++;
	at(10, QUIET_NOT);
	at(30, QUIET_USELESS);
	at(39, QUIET_USELESS);
	at(40, QUIET_SILENT);
	c.frames++;
	at(41, QUIET_USELESS);
	deletion();
	at(42, QUIET_NOT);
}

/* All that comes is of other creators: was ours drawn anew? */
static void
test_foreign(void **state)
{
	(void)state;
	deletion();
	foreign();
	at(1, QUIET_NOT);
	foreign();
	at(30, QUIET_NOT);
	at(31, QUIET_FOREIGN);
	at(59, QUIET_FOREIGN);
	at(60, QUIET_SILENT);
	foreign();
	at(61, QUIET_FOREIGN);
	foreign();
	deletion();
	at(62, QUIET_NOT);
	at(91, QUIET_NOT); /* nothing came since */
	at(92, QUIET_SILENT);
	c.frames++;
	at(93, QUIET_USELESS);
}

static void
test_never(void **state)
{
	(void)state;
	foreign();
	assert_int_equal(quiet_look(&q, &c, BEGIN + 9999 * MINUTE, 0),
	    QUIET_NOT);
}

/* What is said fits, whatever the configuration has. */
static void
test_words(void **state)
{
	static struct conf conf;
	char text[CTL_NOTICE];
	enum quiet_state s;

	(void)state;
	memset(conf.interface, 'x', sizeof(conf.interface) - 1);
	conf.quiet = 1440;
	conf.creator = 0x3c7be081;
	for (s = QUIET_SILENT; s <= QUIET_FOREIGN; s++) {
		quiet_words(s, &conf, text);
		assert_true(strlen(text) < sizeof(text) - 1);
		assert_non_null(strstr(text, "xxxxxxxxxxxxxxx"));
		assert_non_null(strstr(text, "1440 minutes"));
	}
	quiet_words(QUIET_SILENT, &conf, text);
	assert_non_null(strstr(text, "syncdev"));
	quiet_words(QUIET_FOREIGN, &conf, text);
	assert_non_null(strstr(text, "0x3c7be081"));
	assert_non_null(strstr(text, "set hostid"));
	assert_non_null(strstr(text, "creator any"));
	quiet_words(QUIET_NOT, &conf, text);
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_silent, set_up),
		cmocka_unit_test_setup(test_useless, set_up),
		cmocka_unit_test_setup(test_foreign, set_up),
		cmocka_unit_test_setup(test_never, set_up),
		cmocka_unit_test(test_words),
	};

	return RUN(tests);
}
