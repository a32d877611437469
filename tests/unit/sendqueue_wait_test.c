/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A queue whose system calls fail as this test wants: it has send_datagrams()
 * and send_begin() in place of pflowd/os/send_*.c.
 */

#include "unit.h"

#include <sys/socket.h>

#include <event2/event.h>

#include <dlfcn.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "pflowd/export/sendqueue.h"
#include "pflowd/os/send.h"
#include "pflowd/process/ledger.h"

#define CALLS 256

static struct event_base *base;
static struct sendqueue *q;
static struct collector_counters counters;
static struct collector_health health;
static int peer;
static int failure;	   /* errno of the next calls; 0: all is accepted */
static unsigned int limit; /* datagrams accepted in a call */
static unsigned int calls, sizes[CALLS]; /* datagrams offered in each */
static unsigned int downs;
static time_t passed; /* seconds, beside those that really pass */

/* In place of the system's. */
int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	int result;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	result = real(clock, ts);
	ts->tv_sec += passed;
	return result;
}

void
send_begin(struct send_mode *mode, int fd)
{
	(void)mode;
	(void)fd;
}

int
send_datagrams(int fd, const struct iovec *iov, unsigned int n,
    struct send_mode *mode)
{
	(void)fd;
	(void)iov;
	(void)mode;
	assert_true(calls < CALLS);
	sizes[calls++] = n;
	if (failure != 0) {
		errno = failure;
		return -1;
	}
	return n < limit ? (int)n : (int)limit;
}

static void
on_down(void *arg, const struct sendqueue *of)
{
	(void)arg;
	assert_ptr_equal(of, q);
	downs++;
}

static void
start(void)
{
	struct sendqueue_setup setup = { .name = "test:1",
		.counters = &counters,
		.health = &health,
		.down = on_down };
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	setup.fd = pair[0];
	peer = pair[1];
	assert_non_null(q = sendqueue_new(base, &setup));
}

static void
stop(void)
{
	sendqueue_free(q);
	close(peer);
}

static int
set_up(void **state)
{
	(void)state;
	memset(&counters, 0, sizeof(counters));
	memset(&health, 0, sizeof(health));
	failure = 0;
	limit = SEND_BATCH;
	calls = downs = 0;
	passed = 0;
	assert_non_null(base = event_base_new());
	start();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	stop();
	event_base_free(base);
	return 0;
}

/* Datagrams of a record. */
static void
push(unsigned int n)
{
	while (n-- > 0)
		sendqueue_push(q, 100, 1, 50);
}

/* Push one, and have it sent with this result: an errno, or 0. */
static void
send_one(int error)
{
	failure = error;
	push(1);
	sendqueue_send(q);
}

/* The BSDs' full interface queue: wait a little, and lose nothing. */
static void
test_nobufs(void **state)
{
	uint64_t begin = clock_us();

	(void)state;
	push(2);
	send_one(ENOBUFS);
	sendqueue_send(q); /* not before it has waited */
	assert_int_equal(calls, 1);
	assert_int_equal(sendqueue_waiting(q), 3);
	failure = 0;
	event_base_loop(base, EVLOOP_ONCE);
	assert_true(clock_us() - begin >= 5000);
	assert_int_equal(counters.sent, 3);
	assert_int_equal(counters_failed(&counters), 0);
	assert_int_equal(counters.errors[SEND_OTHER], 0);
	assert_false(health.failing);
}

/* What stopped a call is known if the next are of one datagram each. */
static void
test_short(void **state)
{
	unsigned int i;

	(void)state;
	push(10);
	limit = 4;
	sendqueue_send(q);
	assert_int_equal(calls, 7);
	assert_int_equal(sizes[0], 10);
	for (i = 1; i < 7; i++)
		assert_int_equal(sizes[i], 1);
	limit = SEND_BATCH;
	push(SEND_BATCH - 1);
	calls = 0;
	sendqueue_send(q); /* 58 one by one, and the rest together */
	assert_int_equal(calls, SEND_BATCH - 6 + 1);
	assert_int_equal(sizes[calls - 1], SEND_BATCH - 1 - (SEND_BATCH - 6));
	assert_int_equal(counters.sent, 10 + SEND_BATCH - 1);
	/* An error is what was looked for. */
	push(10);
	limit = 4;
	sendqueue_send(q);
	send_one(ECONNREFUSED);
	failure = 0;
	limit = SEND_BATCH;
	push(5);
	calls = 0;
	sendqueue_send(q);
	assert_int_equal(sizes[0], 5);
}

/* A socket that accepts nothing for seconds, however often it is tried. */
static void
test_stuck(void **state)
{
	int i;

	(void)state;
	send_one(EAGAIN);
	assert_false(sendqueue_stuck(q));
	for (i = 0; i < 2; i++) {
		assert_false(sendqueue_stuck(q));
		passed += 3;
		event_base_loop(base, EVLOOP_ONCE); /* not yet */
	}
	assert_int_equal(calls, 3);
	assert_true(sendqueue_stuck(q));
	failure = 0;
	event_base_loop(base, EVLOOP_ONCE);
	assert_false(sendqueue_stuck(q));
	send_one(EAGAIN);
	assert_false(sendqueue_stuck(q));
	passed += 6;
	assert_true(sendqueue_stuck(q));
	sendqueue_socket(q, dup(peer)); /* another may be better */
	assert_false(sendqueue_stuck(q));
}

/* A reload that does not change the rate lets no more through. */
static void
test_rate(void **state)
{
	(void)state;
	sendqueue_rate(q, 1);
	send_one(0);
	send_one(0); /* a late timer may be made up for */
	assert_int_equal(sendqueue_waiting(q), 0);
	sendqueue_rate(q, 1);
	send_one(0);
	assert_int_equal(sendqueue_waiting(q), 1);
}

/* In bursts, each of which is spent before the next. */
static void
test_bursts(void **state)
{
	(void)state;
	sendqueue_rate(q, 10 * 1250);
	push(30);
	sendqueue_send(q);
	assert_true(calls >= 2);
	assert_int_equal(sizes[0], 10);
	assert_int_equal(sizes[1], 10);
}

static void
on_gone(void *arg, struct sendqueue *of)
{
	assert_ptr_equal(of, q);
	++*(int *)arg;
}

/* A removed collector's queue ends when it is sent, or after two seconds. */
static void
test_retired(void **state)
{
	int gone = 0;

	(void)state;
	send_one(EAGAIN);
	sendqueue_retire(q, on_gone, &gone);
	event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(gone, 0);
	failure = 0;
	event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(sendqueue_waiting(q), 0);
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(gone, 1);
	stop();
	start();
	send_one(EAGAIN);
	sendqueue_retire(q, on_gone, &gone);
	passed += 1;
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(gone, 1);
	passed += 1;
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(gone, 2);
}

/*
 * An error comes back after the datagram was accepted, so the first datagram
 * after a pause proves nothing.
 */
static void
test_seldom_used(void **state)
{
	(void)state;
	send_one(ECONNREFUSED);
	passed += 20;
	send_one(0);
	assert_true(health.failing);
	passed += 20;
	send_one(ECONNREFUSED);
	send_one(0);
	assert_true(health.failing);
	assert_int_equal(downs, 1);
	passed += 11;
	send_one(0);
	assert_false(health.failing);
}

/* It works again after ten seconds without an error, also for a successor. */
static void
test_recovers(void **state)
{
	(void)state;
	send_one(ECONNREFUSED);
	assert_true(health.failing);
	assert_int_equal(downs, 1);
	send_one(0);
	assert_true(health.failing);
	passed += 9;
	send_one(ECONNREFUSED);
	assert_int_equal(downs, 1); /* it is known to be down */
	passed += 9;
	send_one(0);
	assert_true(health.failing);
	stop();
	start();
	send_one(0);
	assert_true(health.failing);
	passed += 11;
	send_one(0);
	assert_false(health.failing);
}

/* A path that became narrow is reported at intervals, and is no failure. */
static void
test_narrow(void **state)
{
	(void)state;
	send_one(EMSGSIZE);
	send_one(EMSGSIZE);
	assert_int_equal(downs, 1);
	passed += 2;
	send_one(EMSGSIZE);
	assert_int_equal(downs, 2);
	assert_false(health.failing);
	assert_int_equal(counters.errors[SEND_TOO_BIG], 6); /* each twice */
	assert_int_equal(counters.failed[SEND_TOO_BIG], 3);
}

static void
test_kinds(void **state)
{
	static const struct {
		int error;
		enum send_error kind;
	} kinds[] = {
		{ ECONNREFUSED, SEND_REFUSED },
		{ EHOSTUNREACH, SEND_NO_HOST },
		{ EHOSTDOWN, SEND_NO_HOST },
		{ ENETUNREACH, SEND_NO_NET },
		{ ENETDOWN, SEND_NO_NET },
		{ EACCES, SEND_DENIED },
		{ EPERM, SEND_DENIED },
		{ EIO, SEND_OTHER },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint64_t before = counters.failed[kinds[i].kind];

		send_one(kinds[i].error);
		assert_int_equal(counters.failed[kinds[i].kind], before + 1);
	}
	assert_int_equal(sendqueue_waiting(q), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nobufs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_short, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stuck, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_seldom_used, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_recovers, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_rate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bursts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_retired, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_narrow, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_kinds, set_up, tear_down),
	};

	return RUN(tests);
}
