/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Rows of the ledger: those of collectors that went become free again.
 */

#include "exports.h"

/* Collectors that no other configuration here has. */
static struct conf *
conf_anew(unsigned int n)
{
	static unsigned int port = 2000;
	struct conf *c = conf_with(0);
	char spec[32], why[128];

	while (n-- > 0) {
		snprintf(spec, sizeof(spec), "127.0.0.1:%u", port++);
		assert_int_equal(conf_add_collector(c, spec, why, sizeof(why)),
		    0);
	}
	return c;
}

static unsigned int
rows(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < LEDGER_COLLECTORS; i++)
		n += ledger->collectors[i].key[0] != '\0';
	return n;
}

/* More than can be retired at a time: the oldest are forgotten. */
static void
test_retired(void **state)
{
	unsigned int i;

	(void)state;
	start(0);
	for (i = 0; i < 5; i++) {
		apply(conf_anew(CONF_COLLECTORS));
		give(1, 100, NOW); /* no socket, so it waits */
	}
	assert_int_equal(rows(), 2 * CONF_COLLECTORS);
	assert_int_equal(ledger->counters.gone, 3 * CONF_COLLECTORS);
	event_base_loop(base, 0); /* until all are forgotten */
	assert_int_equal(rows(), CONF_COLLECTORS);
	assert_int_equal(ledger->counters.gone, 4 * CONF_COLLECTORS);
	end_export();
	free(ledger);
}

/* Each engine dies, and the next has another configuration. */
static void
test_swept(void **state)
{
	unsigned int i;

	(void)state;
	start(0);
	for (i = 0; i <= LEDGER_COLLECTORS; i++) {
		end_export();
		begin_export();
		apply(conf_anew(1));
	}
	assert_int_equal(rows(), 1);
	end_export();
	free(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retired),
		cmocka_unit_test(test_swept),
	};

	return RUN(tests);
}
