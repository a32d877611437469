/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include "pflowctl/parser.h"

static char error[PARSER_ERROR];
static const char *argument;

static const struct command *
parse_words(int argc, char *argv[])
{
	int n;
	const struct command *c = parser_parse(argc, argv, &n, error);

	argument = c != NULL && n < argc ? argv[n] : NULL;
	return c;
}

/* The command of words that blanks part. */
static const struct command *
parse(const char *line)
{
	char copy[512], *argv[16];
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (argv[0] = strtok(copy, " "); argv[argc] != NULL;
	     argv[argc] = strtok(NULL, " "))
		argc++;
	return parse_words(argc, argv);
}

static void
shows(const char *line, enum view view)
{
	const struct command *c = parse(line);

	assert_non_null(c);
	assert_int_equal(c->verb, VERB_SHOW);
	assert_int_equal(c->view, view);
	assert_non_null(c->rows[0]);
	assert_string_equal(error, "");
}

/* A word of the user's own may follow, one. */
static void
test_argument(void **state)
{
	char test[] = "test", none[] = "";
	char *empty[] = { test, none };

	(void)state;
	shows("test", VIEW_TESTS);
	assert_null(argument);
	shows("t", VIEW_TESTS);
	shows("test 127.0.0.1:9", VIEW_TESTS);
	assert_string_equal(argument, "127.0.0.1:9");
	shows("te show", VIEW_TESTS);
	assert_string_equal(argument, "show");
	assert_null(parse("test a b"));
	assert_null(argument);
	assert_null(parse_words(2, empty));
	assert_null(argument);
	assert_string_equal(error,
	    "empty name after \"test\": name a collector, or none for all");
	shows("show", VIEW_SUMMARY);
	assert_null(argument);
}

static void
refuses(const char *line, const char *why)
{
	assert_null(parse(line));
	assert_string_equal(error, why);
}

static void
test_show(void **state)
{
	(void)state;
	shows("show", VIEW_SUMMARY);
	shows("show summary", VIEW_SUMMARY);
	shows("s su", VIEW_SUMMARY);
	shows("s so", VIEW_SOURCES);
	shows("s", VIEW_SUMMARY); /* as stop must be given in full */
	shows("show collectors x", VIEW_COLLECTORS);
	assert_string_equal(argument, "x");
	shows("show collectors", VIEW_COLLECTORS);
	shows("sh col", VIEW_COLLECTORS);
	shows("sho cou", VIEW_COUNTERS);
	shows("s con", VIEW_CONFIG);
	shows("s i", VIEW_INTERFACES);
	shows("s st", VIEW_STATES);
	assert_null(argument);
	shows("show states age proto tcp", VIEW_STATES);
	assert_string_equal(argument, "age");
	shows("s r", VIEW_RULES);
	shows("s m", VIEW_ALL);
	assert_string_equal(parse("s m")->output, "metrics");
}

static void
test_others(void **state)
{
	(void)state;
	assert_int_equal(parse("m")->verb, VERB_MONITOR);
	assert_ptr_equal(parse("reload")->rows[0], &row_errors);
	assert_int_equal(parse("log brief")->verb, VERB_LOG);
	assert_int_equal(parse("log brief")->verbose, 0);
	assert_int_equal(parse("l verb")->verbose, 1);
	assert_int_equal(parse("l")->verb, VERB_LEVEL);
	assert_int_equal(parse("stop")->verb, VERB_STOP);
	assert_int_equal(parse("c")->verb, VERB_CHECK);
	assert_int_equal(parse("h")->verb, VERB_HELP);
}

static void
test_errors(void **state)
{
	(void)state;
	refuses("",
	    "missing command: expected check, help, log, monitor, reload, show, stop, test");
	refuses("shows",
	    "unknown word \"shows\": expected check, help, log, monitor, reload, show, "
	    "stop, test");
	refuses("Show",
	    "unknown word \"Show\": expected check, help, log, monitor, reload, show, stop, test");
	refuses("show c",
	    "ambiguous word \"c\" after \"show\": expected "
	    "collectors, config, counters");
	refuses("s x",
	    "unknown word \"x\" after \"show\": expected collectors, "
	    "config, counters, interfaces, metrics, rules, sources, states, summary");
	refuses("sto",
	    "unknown word \"sto\": expected check, help, log, "
	    "monitor, reload, show, stop, test");
	refuses("m x",
	    "unknown word \"x\" after \"monitor\": it takes no more words");
	refuses("s r x y",
	    "unknown word \"x\" after \"show rules\": it takes "
	    "no more words");
	refuses("0123456789012345678901234567890123456789012345",
	    "unknown word \"0123456789012345678901234567890123456789\": "
	    "expected check, help, log, monitor, reload, show, stop, test");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_argument),
	};

	return RUN(tests);
}
