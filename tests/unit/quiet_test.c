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

static void
test_never(void **state)
{
	(void)state;
	assert_int_equal(quiet_look(&q, &c, BEGIN + 9999 * MINUTE, 0),
	    QUIET_NOT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_silent, set_up),
		cmocka_unit_test_setup(test_useless, set_up),
		cmocka_unit_test_setup(test_never, set_up),
	};

	return RUN(tests);
}
