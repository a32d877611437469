/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "unit.h"

#include "common/msg.h"

static struct msg_link ends[2];

static int
set_up(void **state)
{
	int pair[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return -1;
	ends[0].fd = pair[0];
	ends[1].fd = pair[1];
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	close(ends[0].fd);
	close(ends[1].fd);
	return 0;
}

static void
test_payload(void **state)
{
	uint8_t data[MSG_DATA], copy[MSG_DATA];
	struct msg msg;

	(void)state;
	memset(data, 0x5a, sizeof(data));
	assert_int_equal(msg_send(&ends[0], 7, data, sizeof(data), -1), 0);
	assert_int_equal(msg_send(&ends[0], 8, NULL, 0, -1), 0);
	assert_int_equal(msg_receive(&ends[1], &msg), 1);
	assert_int_equal(msg.type, 7);
	assert_int_equal(msg.fd, -1);
	assert_int_equal(msg_payload(&msg, copy, 10), -1);
	assert_int_equal(msg_payload(&msg, copy, sizeof(copy)), 0);
	assert_memory_equal(copy, data, sizeof(data));
	assert_int_equal(msg_receive(&ends[1], &msg), 1);
	assert_int_equal(msg.type, 8);
	assert_int_equal(msg.len, 0);
}

static void
test_descriptor(void **state)
{
	int fds[2];
	struct msg msg;
	char byte;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(msg_send(&ends[0], 7, "ab", 2, fds[0]), 0);
	assert_int_equal(msg_receive(&ends[1], &msg), 1);
	assert_int_not_equal(msg.fd, -1);
	assert_int_not_equal(msg.fd, fds[0]);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(read(msg.fd, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	msg_discard(&msg);
	assert_int_equal(msg.fd, -1);
	close(fds[0]);
	close(fds[1]);
}

static void
test_too_long_to_send(void **state)
{
	static const uint8_t data[MSG_DATA + 1];

	(void)state;
	assert_int_equal(msg_send(&ends[0], 7, data, sizeof(data), -1), -1);
	assert_int_equal(errno, EMSGSIZE);
}

/* What is no message breaks the link; a descriptor with it is not kept. */
static void
test_rubbish(void **state)
{
	const uint32_t header[2] = { 7, MSG_DATA + 1 };
	struct msg msg;

	(void)state;
	assert_int_equal(write(ends[0].fd, header, sizeof(header)), 8);
	assert_int_equal(msg_receive(&ends[1], &msg), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(msg.fd, -1);
}

static void
test_end(void **state)
{
	struct msg msg;

	(void)state;
	shutdown(ends[0].fd, SHUT_WR);
	assert_int_equal(msg_receive(&ends[1], &msg), 0);
}

/* The end comes within a header, and within a payload. */
static void
test_cut(void **state)
{
	const uint32_t header[2] = { 7, 10 };
	struct msg msg;

	(void)state;
	assert_int_equal(write(ends[0].fd, header, sizeof(header)), 8);
	assert_int_equal(write(ends[0].fd, "abc", 3), 3);
	shutdown(ends[0].fd, SHUT_WR);
	assert_int_equal(msg_receive(&ends[1], &msg), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(write(ends[1].fd, header, 5), 5);
	shutdown(ends[1].fd, SHUT_WR);
	assert_int_equal(msg_receive(&ends[0], &msg), -1);
}

static void
test_nobody_listens(void **state)
{
	int fd;

	(void)state;
	close(ends[1].fd);
	fd = open("/dev/null", O_RDONLY); /* for tear_down to close */
	assert_int_equal(msg_send(&ends[0], 7, "a", 1, -1), -1);
	assert_int_equal(errno, EPIPE);
	ends[1].fd = fd;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_payload, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_descriptor, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_too_long_to_send, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_rubbish, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nobody_listens, set_up,
		    tear_down),
	};

	return RUN(tests);
}
