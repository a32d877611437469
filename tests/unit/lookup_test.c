/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Lookups whose processes cannot be started.
 */

#include <sys/types.h>
#include <sys/resource.h>
#include <event2/event.h>

#include <errno.h>

#include "unit.h"

#include "pflowd/conf/conf.h"
#include "pflowd/parent/lookup.h"
#include "pflowd/process/build.h"

const char build_id[] = "a build of ours";

#define NAMES (2 * LOOKUP_PROCESSES)
#define LOOKUPS (2 * NAMES)

static struct event_base *base;
static struct child_list children;
static struct lookups *lookups;
static struct lookup lookup[LOOKUPS];
static struct conf_collector collectors[LOOKUPS];
static unsigned int answers[LOOKUPS];
static struct rlimit limit;

static void
on_done(void *arg, const struct resolver_answer *a, const char *why)
{
	assert_null(a);
	assert_string_equal(why, strerror(EMFILE));
	++*(unsigned int *)arg;
}

/* Two of each name, and no descriptor for a process. */
static int
set_up(void **state)
{
	struct rlimit none;
	unsigned int i;

	(void)state;
	LIST_INIT(&children);
	base = event_base_new();
	lookups = lookup_new(base, &children);
	if (lookups == NULL)
		return -1;
	memset(answers, 0, sizeof(answers));
	for (i = 0; i < LOOKUPS; i++) {
		lookup[i].done = on_done;
		lookup[i].arg = &answers[i];
		snprintf(collectors[i].host, sizeof(collectors[i].host),
		    i % 2 ? "name%u.test" : "NAME%u.test", i / 2);
		collectors[i].port = (uint16_t)(1000 + i);
		collectors[i].fd = -1;
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return -1;
	none = limit;
	none.rlim_cur = 3;
	return setrlimit(RLIMIT_NOFILE, &none);
}

static int
tear_down(void **state)
{
	(void)state;
	setrlimit(RLIMIT_NOFILE, &limit);
	lookup_free(lookups);
	assert_true(LIST_EMPTY(&children));
	event_base_free(base);
	return 0;
}

static void
start_all(void)
{
	unsigned int i;

	for (i = 0; i < LOOKUPS; i++)
		lookup_start(lookups, &lookup[i], &collectors[i], 0);
}

static void
all_have(unsigned int n)
{
	unsigned int i;

	event_base_loop(base, EVLOOP_NONBLOCK);
	for (i = 0; i < LOOKUPS; i++) {
		assert_int_equal(answers[i], n);
		assert_int_equal(lookup[i].waiting, 0);
	}
}

/* Each is answered, once, and can be started again. */
static void
test_answered(void **state)
{
	(void)state;
	start_all();
	lookup_start(lookups, &lookup[0], &collectors[0], 0);
	all_have(1);
	start_all();
	all_have(2);
}

/* A reload forgets those that wait. */
static void
test_forgotten(void **state)
{
	(void)state;
	start_all();
	lookup_begin(lookups, NULL);
	all_have(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answered, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_forgotten, set_up,
		    tear_down),
	};

	return RUN(tests);
}
