/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Captures from files and pipes: all formats, in any pieces, cut anywhere.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <fcntl.h>
#include <unistd.h>

#include "images.h"

static struct image m;

static void
check_all(void)
{
	unsigned int n;
	size_t step;

	assert_int_equal(image_read_file(&m, &n), CAPTURE_END);
	assert_int_equal(n, FRAMES);
	for (step = 1; step <= m.len; step++) {
		assert_int_equal(image_read_pipe(&m, step, &n), CAPTURE_END);
		assert_int_equal(n, FRAMES);
	}
}

static void
test_pcap(void **state)
{
	(void)state;
	image_pcap(&m, 0, 0, 246);
	check_all();
	image_pcap(&m, 1, 0, 246);
	check_all();
	image_pcap(&m, 0, 1, 18);
	check_all();
	image_pcap(&m, 1, 1, 121);
	check_all();
}

static void
test_pcapng(void **state)
{
	(void)state;
	image_pcapng(&m, 0);
	check_all();
	image_pcapng(&m, 1);
	check_all();
}

/* Cut anywhere: the same from a file as from a pipe, and no byte invented. */
static void
test_cuts(void **state)
{
	unsigned int n, piped;
	size_t whole;
	int format;

	(void)state;
	for (format = 0; format < 4; format++) {
		if (format < 2)
			image_pcap(&m, format, 0, 246);
		else
			image_pcapng(&m, format - 2);
		for (whole = m.len, m.len = 0; m.len < whole; m.len++) {
			enum capture_result file = image_read_file(&m, &n);

			assert_int_equal(image_read_pipe(&m, 7, &piped), file);
			assert_int_equal(n, piped);
		}
	}
}

/* A packet can be read as soon as it has arrived, without more to come. */
static void
test_no_waiting(void **state)
{
	struct capture *c;
	char why[512];
	unsigned int n = 0;
	int fds[2];

	(void)state;
	image_pcap(&m, 0, 0, 246);
	assert_int_equal(pipe(fds), 0);
	c = capture_open_fd(fds[0], "pipe", 0, why, sizeof(why));
	assert_int_equal(write(fds[1], m.data, 24 + 17), 24 + 17);
	capture_fill(c);
	assert_int_equal(image_take(&m, c, &n), CAPTURE_NONE);
	assert_int_equal(n, 1);
	assert_int_equal(write(fds[1], m.data + 41, 18), 18);
	capture_fill(c);
	assert_int_equal(image_take(&m, c, &n), CAPTURE_NONE);
	assert_int_equal(n, 2);
	capture_close(c);
	close(fds[1]);
}

/* Kuznetzov's tcpdump had eight bytes more in front of each packet. */
static void
test_patched_pcap(void **state)
{
	unsigned int i, n;
	size_t step;

	(void)state;
	image_pcap(&m, 0, 0, 246);
	m.len = 0;
	image_put(&m, 0xa1b2cd34, 0);
	m.len = 24;
	for (i = 0; i < FRAMES; i++) {
		image_put(&m, 1700000000 + i, 0);
		image_put(&m, 250000, 0);
		image_put(&m, i + 1, 0);
		image_put(&m, i + 1, 0);
		image_put(&m, 0, 0);
		image_put(&m, 0, 0);
		image_put_frame(&m, i, 0);
	}
	for (step = 1; step < m.len; step++) {
		assert_int_equal(image_read_pipe(&m, step, &n), CAPTURE_END);
		assert_int_equal(n, FRAMES);
	}
}

/* A read that fails is no end as any other. */
static void
test_read_error(void **state)
{
	struct capture *c;
	struct linger reset = { 1, 0 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t size = sizeof(in);
	char why[512];
	unsigned int n = 0;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int from = socket(AF_INET, SOCK_STREAM, 0), to;

	(void)state;
	image_pcap(&m, 0, 0, 246);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&in, size), 0);
	assert_int_equal(listen(listener, 1), 0);
	getsockname(listener, (struct sockaddr *)&in, &size);
	assert_int_equal(connect(from, (struct sockaddr *)&in, size), 0);
	to = accept(listener, NULL, NULL);
	c = capture_open_fd(to, "pipe", 0, why, sizeof(why));
	assert_int_equal(write(from, m.data, m.len), m.len);
	capture_fill(c);
	assert_int_equal(image_take(&m, c, &n), CAPTURE_NONE);
	assert_int_equal(n, FRAMES);
	setsockopt(from, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(from);
	capture_fill(c);
	assert_int_equal(image_take(&m, c, &n), CAPTURE_ERROR);
	assert_string_equal(capture_error(c), "pipe: Connection reset by peer");
	capture_close(c);
	close(listener);
}

static void
test_link(void **state)
{
	struct capture *c;
	char why[512];
	unsigned int n = 0;

	(void)state;
	image_pcap(&m, 0, 0, 105);
	assert_null(capture_open_fd(image_temporary(&m), "file", 0, why,
	    sizeof(why)));
	assert_non_null(strstr(why, "link type is IEEE802_11 (105)"));
	assert_int_equal(image_read_pipe(&m, 9, &n), CAPTURE_ERROR);
	c = capture_open_fd(image_temporary(&m), "file", 1, why, sizeof(why));
	assert_non_null(c);
	assert_int_equal(image_take(&m, c, &n), CAPTURE_END);
	assert_int_equal(n, FRAMES);
	capture_close(c);
}

static void
test_directory(void **state)
{
	enum capture_absence absence;
	char why[512];

	(void)state;
	assert_null(capture_open_fd(open("/", O_RDONLY), "/", 0, why,
	    sizeof(why)));
	assert_string_equal(why, "/: is a directory");
	assert_null(capture_open_live("no-such-if", 0, &absence, why,
	    sizeof(why)));
	assert_non_null(strstr(why, "no-such-if"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap),
		cmocka_unit_test(test_pcapng),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_no_waiting),
		cmocka_unit_test(test_patched_pcap),
		cmocka_unit_test(test_read_error),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_directory),
	};

	return RUN(tests);
}
