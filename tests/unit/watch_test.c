/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include <event2/event.h>

#include <signal.h>
#include <unistd.h>

#include "pflowd/process/watch.h"

static struct event_base *base;
static int calls;

static int
set_up(void **state)
{
	(void)state;
	calls = 0;
	base = event_base_new();
	return base != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	event_base_free(base);
	return 0;
}

static void
count(void *arg)
{
	assert_ptr_equal(arg, &calls);
	calls++;
}

/* Run what is due now. */
static void
turn(void)
{
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
test_timer(void **state)
{
	struct watch *w = watch_timer(base, count, &calls);

	(void)state;
	assert_non_null(w);
	turn();
	assert_int_equal(calls, 0);
	assert_false(watch_is_set(w));
	watch_ms(w, 3600000);
	assert_true(watch_is_set(w));
	turn();
	assert_int_equal(calls, 0);
	watch_ms(w, 0); /* replaces the hour */
	turn();
	turn();
	assert_int_equal(calls, 1);
	assert_false(watch_is_set(w));
	watch_ms(w, 20);
	event_base_dispatch(base); /* until nothing is waited for */
	assert_int_equal(calls, 2);
	watch_ms(w, 0);
	watch_off(w);
	assert_false(watch_is_set(w));
	turn();
	assert_int_equal(calls, 2);
	watch_free(w);
	watch_free(NULL);
}

static void
test_descriptor(void **state)
{
	struct watch *readable, *writable;
	int fds[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	readable = watch_readable(base, fds[0], count, &calls);
	writable = watch_writable(base, fds[1], count, &calls);
	assert_non_null(readable);
	assert_non_null(writable);
	turn();
	assert_int_equal(calls, 0);
	watch_on(writable);
	turn();
	turn();
	assert_int_equal(calls, 1); /* once */
	assert_int_equal(write(fds[1], "x", 1), 1);
	turn();
	turn();
	assert_int_equal(calls, 3); /* whenever */
	watch_off(readable);
	turn();
	assert_int_equal(calls, 3);
	watch_on(readable);
	turn();
	assert_int_equal(calls, 4);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	turn();
	assert_int_equal(calls, 4);
	watch_free(readable);
	watch_free(writable);
	close(fds[0]);
	close(fds[1]);
}

static void
test_signal(void **state)
{
	struct watch *w = watch_signal(base, SIGUSR1, count, &calls);

	(void)state;
	assert_non_null(w);
	assert_int_equal(raise(SIGUSR1), 0);
	turn();
	assert_int_equal(raise(SIGUSR1), 0);
	turn();
	assert_int_equal(calls, 2);
	watch_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_timer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_descriptor, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_signal, set_up, tear_down),
	};

	return RUN(tests);
}
