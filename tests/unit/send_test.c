/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Datagrams as they were handed over arrive as such, whatever their lengths.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "sink.h"

#include "pflowd/os/send.h"

#define LONGEST 1472

/* Linux's; elsewhere there is no such option. */
#ifndef SO_NO_CHECK
#define SO_NO_CHECK -1
#endif

static uint8_t data[SEND_BATCH][LONGEST];
static int to, from; /* a pair of sockets */
static struct send_mode mode;

static int
set_up(void **state)
{
	int size = 1 << 20;

	(void)state;
	to = sink_open();
	setsockopt(to, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	from = sink_sender(to);
	send_begin(&mode, from);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	close(to);
	close(from);
	return 0;
}

/* Hand over n of these lengths, each of them full of its number. */
static void
hand_over(const size_t *lengths, unsigned int n)
{
	struct iovec iov[SEND_BATCH];
	unsigned int i;

	for (i = 0; i < n; i++) {
		memset(data[i], (int)i + 1, lengths[i]);
		iov[i].iov_base = data[i];
		iov[i].iov_len = lengths[i];
	}
	assert_int_equal(send_datagrams(from, iov, n, &mode), n);
}

static void
receive(const size_t *lengths, unsigned int n)
{
	uint8_t got[65536];
	unsigned int i;

	for (i = 0; i < n; i++) {
		assert_int_equal(recv(to, got, sizeof(got), MSG_DONTWAIT),
		    lengths[i]);
		assert_memory_equal(got, data[i], lengths[i]);
	}
	assert_int_equal(recv(to, got, sizeof(got), MSG_DONTWAIT), -1);
}

static void
pass(const size_t *lengths, unsigned int n)
{
	hand_over(lengths, n);
	receive(lengths, n);
}

/* More than one message of the kernel's can have. */
static void
test_full(void **state)
{
	size_t lengths[SEND_BATCH];
	struct send_mode fresh;
	unsigned int i;

	(void)state;
	for (i = 0; i < SEND_BATCH; i++)
		lengths[i] = LONGEST;
	for (i = 1; i <= SEND_BATCH; i++)
		pass(lengths, i);
	for (i = 0; i < SEND_BATCH; i++)
		lengths[i] = 1;
	pass(lengths, SEND_BATCH);
	fresh = mode;
	send_begin(&fresh, from);
	assert_int_equal(mode.singly, fresh.singly); /* none was refused */
	assert_int_equal(mode.segment, fresh.segment);
}

static void
test_lengths(void **state)
{
	static const size_t cases[][6] = {
		{ 100, 100, 100, 100, 100, 1 },
		{ 100, 99, 100, 100, 100, 100 },
		{ 100, 101, 100, 100, 101, 101 },
		{ 1, 2, 3, 4, 5, 6 },
		{ 6, 5, 4, 3, 2, 1 },
		{ 1472, 1472, 72, 1472, 1472, 1464 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		pass(cases[i], 6);
}

/* Two of three lengths, in each order there is of eight. */
static void
test_orders(void **state)
{
	static const size_t of[] = { 24, 72, 1464 };
	size_t lengths[8];
	unsigned int order, i, rest;

	(void)state;
	for (order = 0; order < 6561; order++) {
		for (i = 0, rest = order; i < 8; i++, rest /= 3)
			lengths[i] = of[rest % 3];
		pass(lengths, 8);
	}
}

/* A socket without checksums takes no messages that the kernel has to cut. */
static void
test_refused(void **state)
{
	static const size_t lengths[] = { 100, 100, 100 };
	int on = 1;

	(void)state;
	if (setsockopt(from, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)) == -1)
		skip();
	pass(lengths, 3);
	assert_true(mode.singly);
	pass(lengths, 3);
}

/* Of a socket that is none of UDP's, each goes by itself. */
static void
test_other_socket(void **state)
{
	struct iovec iov[2] = { { data[0], 100 }, { data[1], 100 } };
	struct send_mode alone;
	int ends[2];
	uint8_t got[300];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	send_begin(&alone, ends[0]);
	assert_true(alone.singly);
	assert_int_equal(send_datagrams(ends[0], iov, 2, &alone), 2);
	assert_int_equal(recv(ends[1], got, sizeof(got), MSG_DONTWAIT), 100);
	assert_int_equal(recv(ends[1], got, sizeof(got), MSG_DONTWAIT), 100);
	close(ends[0]);
	close(ends[1]);
}

/* Nobody is there: the first goes, and the next call says so. */
static void
test_nobody(void **state)
{
	struct iovec iov = { data[0], 100 };

	(void)state;
	close(to);
	to = -1;
	assert_int_equal(send_datagrams(from, &iov, 1, &mode), 1);
	assert_int_equal(send_datagrams(from, &iov, 1, &mode), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(send_datagrams(from, &iov, 1, &mode), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_full),
		TEST(test_lengths),
		TEST(test_orders),
		TEST(test_refused),
		TEST(test_other_socket),
		TEST(test_nobody),
	};

	return RUN(tests);
}
