/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "unit.h"

#include "common/msg.h"

#define LIMIT 10000

static struct msg_conn ends[2];

static int
set_up(void **state)
{
	int pair[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return -1;
	msg_init(&ends[0], pair[0], LIMIT, 1);
	msg_init(&ends[1], pair[1], LIMIT, 1);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	msg_close(&ends[0]);
	msg_close(&ends[1]);
	return 0;
}

/* What was put since the mark has never been; its descriptor is closed. */
static void
test_back(void **state)
{
	struct msg_out *mark;
	struct msg msg;

	(void)state;
	assert_int_equal(msg_put(&ends[0], 1, 0, "a", 1, -1), 0);
	mark = msg_mark(&ends[0]);
	assert_int_equal(msg_put(&ends[0], 2, 0, "bb", 2, STDIN_FILENO), 0);
	assert_int_equal(msg_put(&ends[0], 3, 0, NULL, 0, -1), 0);
	msg_back(&ends[0], mark);
	assert_int_equal(ends[0].queued, MSG_HEADER + 1);
	msg_back(&ends[0], NULL);
	assert_int_equal(ends[0].queued, 0);
	assert_null(msg_mark(&ends[0]));
	assert_int_equal(msg_send(&ends[0], 4, 0, NULL, 0, -1), 0);
	assert_int_equal(msg_receive(&ends[1], &msg), 1);
	assert_int_equal(msg.type, 4);
}

static void
test_payload(void **state)
{
	uint8_t data[MSG_DATA], copy[MSG_DATA];
	struct msg msg;

	(void)state;
	memset(data, 0x5a, sizeof(data));
	assert_int_equal(msg_send(&ends[0], 7, 5, data, sizeof(data), -1), 0);
	assert_int_equal(msg_send(&ends[0], 8, 5, NULL, 0, -1), 0);
	assert_int_equal(msg_receive(&ends[1], &msg), 1);
	assert_int_equal(msg.type, 7);
	assert_int_equal(msg.id, 5);
	assert_int_equal(msg.fd, -1);
	assert_int_equal(msg_payload(&msg, copy, 10), -1);
	assert_int_equal(msg_payload(&msg, copy, sizeof(copy)), 0);
	assert_memory_equal(copy, data, sizeof(data));
	assert_int_equal(msg_receive(&ends[1], &msg), 1);
	assert_int_equal(msg.type, 8);
	assert_int_equal(msg.len, 0);
}

/* More descriptors than may wait are refused; those that wait are closed. */
static void
test_many_descriptors(void **state)
{
	struct rlimit limit;
	unsigned int i;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (i = 0; i < MSG_QUEUED_FDS; i++)
		assert_int_equal(msg_put(&ends[0], 7, 0, NULL, 0, STDIN_FILENO),
		    0);
	assert_int_equal(msg_put(&ends[0], 7, 0, NULL, 0, STDIN_FILENO), -1);
	assert_int_equal(errno, ENOBUFS);
	assert_int_equal(msg_put(&ends[0], 7, 0, NULL, 0, -1), 0);
	msg_back(&ends[0], NULL);
	assert_int_equal(msg_put(&ends[0], 7, 0, NULL, 0, STDIN_FILENO), 0);
}

/* A message is one when its last byte is there. */
static void
test_piecemeal(void **state)
{
	uint8_t raw[MSG_HEADER + 3];
	struct msg msg;
	size_t i;

	(void)state;
	assert_int_equal(msg_send(&ends[0], 7, 5, "abc", 3, -1), 0);
	assert_int_equal(read(ends[1].fd, raw, sizeof(raw)), sizeof(raw));
	for (i = 0; i < sizeof(raw); i++) {
		assert_int_equal(msg_get(&ends[1], &msg), 0);
		assert_int_equal(write(ends[0].fd, &raw[i], 1), 1);
		assert_int_equal(msg_read(&ends[1]), 1);
	}
	assert_int_equal(msg_get(&ends[1], &msg), 1);
	assert_int_equal(msg.type, 7);
	assert_memory_equal(msg.data, "abc", 3);
	assert_int_equal(msg_get(&ends[1], &msg), 0);
}

static void
test_descriptor(void **state)
{
	int fds[2];
	struct msg msg;
	char byte;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(msg_send(&ends[0], 7, 5, "ab", 2, fds[0]), 0);
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
	assert_int_equal(msg_send(&ends[0], 7, 5, data, sizeof(data), -1), -1);
	assert_int_equal(errno, EMSGSIZE);
}

/* What the other end may write: a header with or without its payload. */
static void
write_header(int end, uint16_t version, uint16_t flags, uint32_t len)
{
	struct {
		uint16_t version, flags;
		uint32_t type, id, len;
	} h = { version, flags, 7, 1, len };

	assert_int_equal(write(ends[end].fd, &h, sizeof(h)), MSG_HEADER);
}

/* What is no message breaks the link. */
static void
test_rubbish(void **state)
{
	struct msg msg;

	(void)state;
	write_header(0, MSG_VERSION, 0, MSG_DATA + 1);
	assert_int_equal(msg_receive(&ends[1], &msg), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(msg.fd, -1);
	write_header(1, MSG_VERSION, 2, 0); /* a flag that there is not */
	assert_int_equal(msg_receive(&ends[0], &msg), -1);
	assert_int_equal(errno, EPROTO);
}

/* A message that should have a descriptor, and has none. */
static void
test_no_descriptor(void **state)
{
	struct msg msg;

	(void)state;
	write_header(0, MSG_VERSION, 1, 0);
	assert_int_equal(msg_receive(&ends[1], &msg), -1);
	assert_int_equal(errno, EPROTO);
}

static void
test_other_version(void **state)
{
	struct msg msg;

	(void)state;
	write_header(0, MSG_VERSION + 1, 0, 0);
	assert_int_equal(msg_receive(&ends[1], &msg), -1);
	assert_int_equal(errno, EPROTONOSUPPORT);
	assert_int_equal(ends[1].peer_version, MSG_VERSION + 1);
}

/*
 * One that there is no room for is lost, and nothing else: the next message has
 * its own.
 */
static void
test_descriptor_lost(void **state)
{
	struct rlimit limit, none;
	struct msg msg;
	int fds[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(msg_send(&ends[0], 7, 5, "ab", 2, fds[1]), 0);
	assert_int_equal(msg_send(&ends[0], 8, 6, NULL, 0, -1), 0);
	assert_int_equal(msg_send(&ends[0], 9, 7, NULL, 0, fds[0]), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3; /* these are open */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(msg_receive(&ends[1], &msg), 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(msg.type, 7);
	assert_int_equal(msg.fd, -1);
	assert_int_equal(msg.fd_lost, 1);
	assert_int_equal(msg_receive(&ends[1], &msg), 1);
	assert_int_equal(msg.type, 8);
	assert_int_equal(msg.fd_lost, 0);
	assert_int_equal(msg_receive(&ends[1], &msg), 1);
	assert_int_equal(msg.type, 9);
	assert_int_equal(msg.fd_lost, 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(read(msg.fd, &byte, 1), 1);
	msg_discard(&msg);
	close(fds[0]);
	close(fds[1]);
}

/* Who takes no descriptors has none, whatever comes. */
static void
test_descriptors_refused(void **state)
{
	struct msg msg;

	(void)state;
	ends[1].takes_fds = 0;
	assert_int_equal(msg_send(&ends[0], 7, 5, NULL, 0, ends[0].fd), 0);
	assert_int_equal(msg_receive(&ends[1], &msg), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(ends[1].nfds, 0);
}

/* A pipe whose reading end was left open somewhere would take the byte. */
static void
test_descriptor_without_room(void **state)
{
	uint8_t rubbish[MSG_HEADER + MSG_DATA];
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	memset(rubbish, 0xff, sizeof(rubbish));
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(ends[0].fd, rubbish, sizeof(rubbish)),
	    (ssize_t)sizeof(rubbish));
	assert_int_equal(msg_read(&ends[1]), 1);
	assert_int_equal(msg_send(&ends[0], 7, 5, NULL, 0, fds[0]), 0);
	assert_int_equal(msg_read(&ends[1]), 0);
	close(fds[0]);
	msg_close(&ends[1]);
	assert_int_equal(write(fds[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(fds[1]);
}

/* More than one at a time is more than any message has. */
static void
test_two_descriptors(void **state)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cm;
	int fds[2], both[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	both[0] = both[1] = fds[0];
	memset(&control, 0, sizeof(control));
	mh.msg_control = control.space;
	mh.msg_controllen = sizeof(control.space);
	cm = CMSG_FIRSTHDR(&mh);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(both));
	memcpy(CMSG_DATA(cm), both, sizeof(both));
	assert_int_equal(sendmsg(ends[0].fd, &mh, 0), 1);
	assert_int_equal(msg_read(&ends[1]), 1);
	assert_int_equal(ends[1].nfds, 0);
	close(fds[0]);
	assert_int_equal(write(fds[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(fds[1]);
}

static void
test_bound(void **state)
{
	static const uint8_t data[1000];
	int n = 0;

	(void)state;
	while (msg_put(&ends[0], 7, 0, data, sizeof(data), -1) == 0)
		n++;
	assert_int_equal(errno, ENOBUFS);
	assert_int_equal(n, LIMIT / (sizeof(data) + MSG_HEADER));
}

/* A queue beyond its limit is full; nothing wraps. */
static void
test_beyond_bound(void **state)
{
	static const uint8_t data[1000];

	(void)state;
	assert_int_equal(msg_room(&ends[0]), LIMIT);
	assert_int_equal(msg_put(&ends[0], 7, 0, data, sizeof(data), -1), 0);
	assert_int_equal(msg_room(&ends[0]), LIMIT - sizeof(data) - MSG_HEADER);
	ends[0].limit = ends[0].queued - 1;
	assert_int_equal(msg_room(&ends[0]), 0);
	assert_int_equal(msg_put(&ends[0], 7, 0, NULL, 0, -1), -1);
	assert_int_equal(errno, ENOBUFS);
	ends[0].limit = ends[0].queued;
	assert_int_equal(msg_put(&ends[0], 7, 0, NULL, 0, -1), -1);
	ends[0].limit = ends[0].queued + MSG_HEADER;
	assert_int_equal(msg_put(&ends[0], 7, 0, NULL, 0, -1), 0);
	assert_int_equal(msg_room(&ends[0]), 0);
}

/* Many messages, some with descriptors, over a socket that takes few. */
static void
test_stream(void **state)
{
	uint8_t data[500];
	struct msg msg;
	int sent = 0, got = 0, n, fd;

	(void)state;
	fcntl(ends[0].fd, F_SETFL, O_NONBLOCK);
	fcntl(ends[1].fd, F_SETFL, O_NONBLOCK);
	while (got < 1000) {
		memset(data, sent & 0xff, sizeof(data));
		fd = sent % 7 == 0 ? ends[0].fd : -1;
		if (sent < 1000 &&
		    msg_put(&ends[0], (uint32_t)sent, 0, data,
			(size_t)(sent % 500), fd) == 0)
			sent++;
		assert_int_not_equal(msg_write(&ends[0]), -1);
		if ((n = msg_read(&ends[1])) == -1)
			assert_int_equal(errno, EAGAIN);
		while ((n = msg_get(&ends[1], &msg)) == 1) {
			assert_int_equal(msg.type, got);
			assert_int_equal(msg.len, got % 500);
			assert_int_equal(msg.fd != -1, got % 7 == 0);
			if (msg.len > 0)
				assert_int_equal(msg.data[msg.len - 1],
				    got & 0xff);
			msg_discard(&msg);
			got++;
		}
		assert_int_equal(n, 0);
	}
	assert_int_equal(ends[0].queued, 0);
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
	struct msg msg;

	(void)state;
	write_header(0, MSG_VERSION, 0, 10);
	assert_int_equal(write(ends[0].fd, "abc", 3), 3);
	shutdown(ends[0].fd, SHUT_WR);
	assert_int_equal(msg_receive(&ends[1], &msg), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(write(ends[1].fd, "abcde", 5), 5);
	shutdown(ends[1].fd, SHUT_WR);
	assert_int_equal(msg_receive(&ends[0], &msg), -1);
}

/* A peer that is stopped neither writes nor reads. */
static void
test_wait(void **state)
{
	static const uint8_t data[MSG_DATA];
	struct msg msg;
	int n = 0;

	(void)state;
	ends[0].wait_ms = 10;
	assert_int_equal(msg_receive(&ends[0], &msg), -1);
	assert_int_equal(errno, ETIMEDOUT);
	assert_int_equal(fcntl(ends[0].fd, F_SETFL, O_NONBLOCK), 0);
	while (msg_send(&ends[0], 7, 5, data, sizeof(data), -1) == 0)
		assert_true(++n < 10000);
	assert_int_equal(errno, ETIMEDOUT);
}

static void
test_nobody_listens(void **state)
{
	int fd;

	(void)state;
	close(ends[1].fd);
	fd = open("/dev/null", O_RDONLY); /* for tear_down to close */
	assert_int_equal(msg_send(&ends[0], 7, 5, "a", 1, -1), -1);
	assert_int_equal(errno, EPIPE);
	ends[1].fd = fd;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_payload, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_many_descriptors, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_piecemeal, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_descriptor, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_descriptor_lost, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_too_long_to_send, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_rubbish, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_no_descriptor, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_other_version, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_descriptors_refused,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_descriptor_without_room,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_two_descriptors, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_bound, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_beyond_bound, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_stream, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nobody_listens, set_up,
		    tear_down),
	};

	return RUN(tests);
}
