/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A queue whose system calls fail as this test wants: it has send_datagrams()
 * and send_begin() in place of pflowd/os/send_*.c.
 */

#include "unit.h"

#include <event2/event.h>

#include <errno.h>
#include <unistd.h>

#include "common/clock.h"
#include "pflowd/export/sendqueue.h"
#include "pflowd/os/send.h"
#include "pflowd/process/ledger.h"

static struct event_base *base;
static struct sendqueue *q;
static struct collector_counters counters;
static struct collector_health health;
static int failure;	   /* errno of the next calls; 0: all is accepted */
static unsigned int limit; /* datagrams accepted in a call */
static unsigned int calls, accepted, largest;

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
	calls++;
	if (n > largest)
		largest = n;
	if (failure != 0) {
		errno = failure;
		return -1;
	}
	if (n > limit)
		n = limit;
	accepted += n;
	return (int)n;
}

static int
set_up(void **state)
{
	const struct sendqueue_setup setup = { .name = "test:1",
		.fd = dup(STDIN_FILENO),
		.counters = &counters,
		.health = &health };

	(void)state;
	memset(&counters, 0, sizeof(counters));
	memset(&health, 0, sizeof(health));
	failure = 0;
	limit = SEND_BATCH;
	calls = accepted = largest = 0;
	base = event_base_new();
	q = sendqueue_new(base, &setup);
	return q == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	sendqueue_free(q);
	event_base_free(base);
	return 0;
}

static void
push(unsigned int n)
{
	while (n-- > 0)
		sendqueue_push(q, 100, 1);
}

/* The BSDs' full interface queue: wait a little, and lose nothing. */
static void
test_nobufs(void **state)
{
	uint64_t begin = clock_us();

	(void)state;
	failure = ENOBUFS;
	push(3);
	sendqueue_send(q);
	sendqueue_send(q); /* not before it has waited */
	assert_int_equal(calls, 1);
	assert_int_equal(sendqueue_waiting(q), 3);
	failure = 0;
	event_base_loop(base, EVLOOP_ONCE);
	assert_true(clock_us() - begin >= 5000);
	assert_int_equal(accepted, 3);
	assert_int_equal(counters.sent, 3);
	assert_int_equal(counters_failed(&counters), 0);
	assert_int_equal(counters.errors[SEND_OTHER], 0);
	assert_false(health.failing);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nobufs, set_up, tear_down),
	};

	return RUN(tests);
}
