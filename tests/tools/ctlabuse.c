/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A client that does what none should, to see that pflowd does not mind.
 */

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/ctl.h"
#include "common/msg.h"

#define MANY 4000
#define PIPELINES 16 /* all connections that a socket allows */
#define PIPELINE_ROUNDS 200

static const char *path;

static int
connected(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return -1;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
must_connect(void)
{
	int fd;

	if ((fd = connected()) == -1)
		err(1, "%s", path);
	return fd;
}

/* A header as it stands before a message. */
static void
send_header(int fd, uint16_t version, uint16_t flags, uint32_t type,
    uint32_t len)
{
	struct {
		uint16_t version, flags;
		uint32_t type, id, len;
	} h = { version, flags, type, 1, len };

	if (write(fd, &h, sizeof(h)) == -1 && errno != EPIPE)
		err(1, "write");
}

/* Whether the other end closes within a few seconds; what it says is read. */
static int
hung_up(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char buf[65536];
	ssize_t n;

	while (poll(&pfd, 1, 5000) == 1) {
		n = read(fd, buf, sizeof(buf));
		if (n == 0 || (n == -1 && errno != EINTR))
			return 1;
	}
	return 0;
}

static int
check_hung_up(int fd)
{
	int result = hung_up(fd) ? 0 : 1;

	if (result != 0)
		warnx("it does not hang up");
	close(fd);
	return result;
}

static int
garbage(void)
{
	uint8_t bytes[4096];
	unsigned int i, n, failed = 0;
	int fd;

	for (n = 0; n < 200; n++) {
		fd = must_connect();
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)rand();
		if (n % 2 == 0) /* beyond the version's check */
			memcpy(bytes, &(uint16_t){ MSG_VERSION }, 2);
		if (write(fd, bytes, 1 + (size_t)rand() % sizeof(bytes)) > 0)
			shutdown(fd, SHUT_WR);
		failed |= (unsigned int)check_hung_up(fd);
	}
	return (int)failed;
}

/* Each breaks one rule. */
static int
rules(void)
{
	static const struct {
		uint16_t version, flags;
		uint32_t type, len;
	} bad[] = {
		{ MSG_VERSION + 1, 0, MSG_CTL_SHOW_STATUS, 0 },
		{ MSG_VERSION, 1, MSG_CTL_SHOW_STATUS, 0 },
		{ MSG_VERSION, 0x8000, MSG_CTL_SHOW_STATUS, 0 },
		{ MSG_VERSION, 0, MSG_CTL_SHOW_STATUS, MSG_DATA + 1 },
		{ MSG_VERSION, 0, MSG_CTL_SHOW_STATUS, UINT32_MAX },
		{ MSG_VERSION, 0, 1, 0 },
		{ MSG_VERSION, 0, MSG_CTL_STATUS, 0 },
		{ MSG_VERSION, 0, MSG_CTL_END, 0 },
		{ MSG_VERSION, 0, UINT32_MAX, 0 },
		{ MSG_VERSION, 0, MSG_CTL_LOG, 0 },
	};
	unsigned int i;
	int fd, failed = 0;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fd = must_connect();
		send_header(fd, bad[i].version, bad[i].flags, bad[i].type,
		    bad[i].len);
		failed |= check_hung_up(fd);
	}
	fd = must_connect(); /* a second request on top of the first */
	send_header(fd, MSG_VERSION, 0, MSG_CTL_MONITOR, 0);
	send_header(fd, MSG_VERSION, 0, MSG_CTL_MONITOR, 0);
	return failed | check_hung_up(fd);
}

/* Descriptors that nobody asked for: the daemon must not keep them. */
static int
descriptors(void)
{
	struct msg_conn c;
	int n, failed = 0;

	for (n = 0; n < 100; n++) {
		msg_init(&c, must_connect(), 1 << 16, 0);
		msg_send(&c, MSG_CTL_SHOW_STATUS, 1, NULL, 0, c.fd);
		if (!hung_up(c.fd))
			failed = 1;
		msg_close(&c);
	}
	return failed;
}

/* As many connections as can be had, idle or in the middle of a message. */
static int
flood(void)
{
	struct rlimit rl = { MANY + 100, MANY + 100 };
	static int fds[MANY];
	int n, held = 0;

	setrlimit(RLIMIT_NOFILE, &rl);
	for (n = 0; n < MANY; n++) {
		if ((fds[n] = connected()) == -1)
			break;
		if (n % 2 == 0 && write(fds[n], "\1\0\0", 3) == 3)
			held++;
	}
	printf("%d\n", n);
	fflush(stdout);
	sleep(3);
	return held == 0;
}

/* Requests of one kind in a row, as many as a write may take. */
static size_t
many_requests(uint32_t type, uint8_t *to, size_t room)
{
	struct {
		uint16_t version, flags;
		uint32_t type, id, len;
	} h = { MSG_VERSION, 0, type, 1, 0 };
	size_t n;

	if (type == MSG_CTL_LOG)
		h.len = sizeof(struct ctl_log);
	else if (type == MSG_CTL_TEST)
		h.len = sizeof(struct ctl_test);
	memset(to, 0, room);
	for (n = 0; room - n >= sizeof(h) + h.len; n += sizeof(h) + h.len)
		memcpy(to + n, &h, sizeof(h));
	return n;
}

/* Write what goes, from where the last write ended; -1: hung up on. */
static int
push(int fd, const uint8_t *bytes, size_t len, size_t *at)
{
	ssize_t n;

	while ((n = write(fd, bytes + *at, len - *at)) > 0)
		*at = (*at + (size_t)n) % len;
	return n == -1 && errno == EAGAIN ? 0 : -1;
}

/*
 * Send requests of one kind without reading an answer, on all connections
 * there are, each made anew when it is hung up on.  Returns the writes that
 * took something.
 */
static uint64_t
pipeline_kind(uint32_t type)
{
	static uint8_t bytes[60000];
	size_t len = many_requests(type, bytes, sizeof(bytes)), before;
	struct {
		int fd;
		size_t at;
	} ends[PIPELINES];
	uint64_t sent = 0;
	int n, round;

	for (n = 0; n < PIPELINES; n++)
		ends[n].fd = -1;
	for (round = 0; round < PIPELINE_ROUNDS; round++) {
		for (n = 0; n < PIPELINES; n++) {
			if (ends[n].fd == -1 &&
			    (ends[n].fd = connected()) != -1) {
				fcntl(ends[n].fd, F_SETFL, O_NONBLOCK);
				ends[n].at = 0;
			}
			if (ends[n].fd == -1)
				continue;
			before = ends[n].at;
			if (push(ends[n].fd, bytes, len, &ends[n].at) == -1) {
				close(ends[n].fd);
				ends[n].fd = -1;
			}
			sent += ends[n].at != before;
		}
		usleep(2000);
	}
	for (n = 0; n < PIPELINES; n++)
		if (ends[n].fd != -1)
			close(ends[n].fd);
	return sent;
}

static int
pipeline(void)
{
	uint32_t type;
	int quiet = 0;

	for (type = MSG_CTL_SHOW_STATUS; type <= MSG_CTL_TEST; type++)
		if (pipeline_kind(type) == 0)
			quiet = 1;
	return quiet;
}

/* Asks, and never reads. */
static void mute(uint32_t) __attribute__((noreturn));

static void
mute(uint32_t type)
{
	int fd = must_connect(), size = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	send_header(fd, MSG_VERSION, 0, type, 0);
	printf("mute\n");
	fflush(stdout);
	for (;;)
		pause();
}

int
main(int argc, char *argv[])
{
	if (argc != 3)
		errx(1, "usage: ctlabuse how socket");
	path = argv[2];
	signal(SIGPIPE, SIG_IGN);
	if (strcmp(argv[1], "garbage") == 0)
		return garbage();
	if (strcmp(argv[1], "rules") == 0)
		return rules();
	if (strcmp(argv[1], "descriptors") == 0)
		return descriptors();
	if (strcmp(argv[1], "flood") == 0)
		return flood();
	if (strcmp(argv[1], "pipeline") == 0)
		return pipeline();
	if (strcmp(argv[1], "monitor") == 0)
		mute(MSG_CTL_MONITOR);
	if (strcmp(argv[1], "config") == 0)
		mute(MSG_CTL_SHOW_CONFIG);
	errx(1, "%s: no such abuse", argv[1]);
}
