/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Captures from files and pipes: all formats, any chunking, any damage.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <fcntl.h>
#include <unistd.h>

#include "unit.h"

#include "pflowd/source/capture.h"

#define FRAMES 3

static uint8_t image[1 << 20];
static size_t len;
static int damaged; /* frames need not be as they were made */

static void
put(uint32_t v, int big)
{
	int i;

	for (i = 0; i < 4; i++)
		image[len++] = (uint8_t)(v >> (big ? 24 - 8 * i : 8 * i));
}

/* Frame n is n + 1 bytes of value n. */
static void
put_frame(unsigned int n, unsigned int pad)
{
	memset(image + len, (int)n, n + 1);
	len += n + 1;
	while (pad && len % 4 != 0)
		image[len++] = 0;
}

static void
make_pcap(int big, int nanoseconds, uint32_t link)
{
	unsigned int n;

	len = 0;
	put(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, big);
	put(big ? 2 << 16 | 4 : 4 << 16 | 2, big);
	put(0, big);
	put(0, big);
	put(65535, big);
	put(link, big);
	for (n = 0; n < FRAMES; n++) {
		put(1700000000 + n, big);
		put(nanoseconds ? 250000000 : 250000, big);
		put(n + 1, big);
		put(n + 1, big);
		put_frame(n, 0);
	}
}

static void
block_end(size_t start, int big)
{
	uint32_t total = (uint32_t)(len + 4 - start);
	size_t end;

	put(total, big);
	end = len;
	len = start + 4;
	put(total, big);
	len = end;
}

static size_t
block(uint32_t type, int big)
{
	size_t start = len;

	put(type, big);
	put(0, big);
	return start;
}

static void
make_pcapng(int big)
{
	unsigned int n;
	size_t start;

	len = 0;
	start = block(0x0a0d0d0a, big);
	put(0x1a2b3c4d, big);
	put(big ? 1 << 16 : 1, big);
	put(UINT32_MAX, big);
	put(UINT32_MAX, big);
	block_end(start, big);
	start = block(1, big);
	put(big ? 246U << 16 : 246, big);
	put(65535, big);
	block_end(start, big);
	for (n = 0; n < FRAMES; n++) {
		uint64_t us = (UINT64_C(1700000000) + n) * 1000000 + 250000;

		start = block(6, big);
		put(0, big);
		put((uint32_t)(us >> 32), big);
		put((uint32_t)us, big);
		put(n + 1, big);
		put(n + 1, big);
		put_frame(n, 1);
		block_end(start, big);
		start = block(5, big); /* statistics, of no use here */
		put(0, big);
		put(0, big);
		put(0, big);
		block_end(start, big);
	}
}

/* The frame must be the n-th. */
static void
check_frame(const struct capture_frame *f, unsigned int n)
{
	if (damaged)
		return;
	assert_true(n < FRAMES);
	assert_int_equal(f->len, n + 1);
	assert_int_equal(f->data[n], n);
	assert_int_equal(f->time, (UINT64_C(1700000000) + n) * 1000 + 250);
}

/* Take what there is; returns how it ended. */
static enum capture_result
take(struct capture *c, unsigned int *n)
{
	struct capture_frame f;
	enum capture_result result;

	while ((result = capture_next(c, &f)) == CAPTURE_FRAME)
		check_frame(&f, (*n)++);
	return result;
}

/* Through a pipe, so many bytes at a time. */
static enum capture_result
read_pipe(size_t step, unsigned int *n)
{
	enum capture_result result;
	struct capture *c;
	char why[512];
	size_t at, part;
	int fds[2];

	*n = 0;
	assert_int_equal(pipe(fds), 0);
	c = capture_open_fd(fds[0], "pipe", 0, why, sizeof(why));
	assert_non_null(c);
	assert_int_equal(capture_fd(c), fds[0]);
	assert_int_equal(capture_percent(c), -1);
	for (at = 0; at < len; at += part) {
		part = len - at < step ? len - at : step;
		assert_int_equal(write(fds[1], image + at, part), part);
		capture_fill(c);
		result = take(c, n);
		if (result != CAPTURE_NONE)
			break;
	}
	close(fds[1]);
	if (at >= len) {
		capture_fill(c);
		result = take(c, n);
	}
	if (result == CAPTURE_ERROR)
		assert_int_equal(strncmp(capture_error(c), "pipe", 4), 0);
	capture_close(c);
	return result;
}

static int
temporary(void)
{
	char name[] = "/tmp/pflowd-capture.XXXXXX";
	int fd = mkstemp(name);

	assert_int_not_equal(fd, -1);
	unlink(name);
	assert_int_equal(write(fd, image, len), len);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static enum capture_result
read_file(unsigned int *n)
{
	enum capture_result result;
	struct capture *c;
	char why[512];

	*n = 0;
	c = capture_open_fd(temporary(), "file", 0, why, sizeof(why));
	if (c == NULL) {
		assert_true(strstr(why, "not a capture") != NULL);
		return CAPTURE_ERROR;
	}
	assert_int_equal(capture_fd(c), -1);
	result = take(c, n);
	if (result == CAPTURE_END)
		assert_int_equal(capture_percent(c), 100);
	capture_close(c);
	return result;
}

static void
check_all(void)
{
	unsigned int n;
	size_t step;

	assert_int_equal(read_file(&n), CAPTURE_END);
	assert_int_equal(n, FRAMES);
	for (step = 1; step <= len; step++) {
		assert_int_equal(read_pipe(step, &n), CAPTURE_END);
		assert_int_equal(n, FRAMES);
	}
}

static void
test_pcap(void **state)
{
	(void)state;
	make_pcap(0, 0, 246);
	check_all();
	make_pcap(1, 0, 246);
	check_all();
	make_pcap(0, 1, 18);
	check_all();
	make_pcap(1, 1, 121);
	check_all();
}

static void
test_pcapng(void **state)
{
	(void)state;
	make_pcapng(0);
	check_all();
	make_pcapng(1);
	check_all();
}

/* Cut anywhere: the same from a file as from a pipe, and no byte invented. */
static void
test_cuts(void **state)
{
	unsigned int n, m;
	size_t whole;
	int format;

	(void)state;
	for (format = 0; format < 4; format++) {
		if (format < 2)
			make_pcap(format, 0, 246);
		else
			make_pcapng(format - 2);
		for (whole = len, len = 0; len < whole; len++) {
			enum capture_result file = read_file(&n);

			assert_int_equal(read_pipe(7, &m), file);
			assert_int_equal(n, m);
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
	make_pcap(0, 0, 246);
	assert_int_equal(pipe(fds), 0);
	c = capture_open_fd(fds[0], "pipe", 0, why, sizeof(why));
	assert_int_equal(write(fds[1], image, 24 + 17), 24 + 17);
	capture_fill(c);
	assert_int_equal(take(c, &n), CAPTURE_NONE);
	assert_int_equal(n, 1);
	assert_int_equal(write(fds[1], image + 41, 18), 18);
	capture_fill(c);
	assert_int_equal(take(c, &n), CAPTURE_NONE);
	assert_int_equal(n, 2);
	capture_close(c);
	close(fds[1]);
}

/* Any one byte of it may be wrong: there is an end to it, or an error. */
static void
test_damage(void **state)
{
	unsigned int n;
	size_t at;
	int format;

	(void)state;
	damaged = 1;
	for (format = 0; format < 2; format++) {
		for (at = 0; at == 0 || at < len; at++) {
			enum capture_result result;

			if (format == 0)
				make_pcap(0, 0, 246);
			else
				make_pcapng(0);
			image[at] ^= 0xff;
			result = read_pipe(5, &n);
			assert_true(result == CAPTURE_END ||
			    result == CAPTURE_ERROR);
		}
	}
	damaged = 0;
}

/* A length beyond any capture's must not make it wait for so much. */
static void
test_huge_record(void **state)
{
	unsigned int n;

	(void)state;
	make_pcap(0, 0, 246);
	image[24 + 11] = 0x7f;
	assert_int_equal(read_pipe(5, &n), CAPTURE_ERROR);
	assert_int_equal(n, 0);
	make_pcapng(0);
	image[48 + 7] = 0x7f;
	assert_int_equal(read_pipe(5, &n), CAPTURE_ERROR);
}

/* The first frame, statistics of this many bytes this often, and the rest. */
static void
make_wordy(size_t size, unsigned int times)
{
	size_t first = 28 + 20, frame = 36, rest;
	static uint8_t tail[4096];

	make_pcapng(0);
	rest = len - first - frame;
	memcpy(tail, image + first + frame, rest);
	len = first + frame;
	while (times-- > 0) {
		size_t start = block(5, 0);

		memset(image + len, 0x55, size);
		len += size;
		block_end(start, 0);
	}
	memcpy(image + len, tail, rest);
	len += rest;
}

/* What is no packet takes no room, however much of it there is. */
static void
test_wordy_pcapng(void **state)
{
	unsigned int n;

	(void)state;
	make_wordy(60000, 12);
	assert_int_equal(read_file(&n), CAPTURE_END);
	assert_int_equal(n, FRAMES);
	assert_int_equal(read_pipe(65536, &n), CAPTURE_END);
	assert_int_equal(n, FRAMES);
	make_wordy(700000, 1);
	assert_int_equal(read_pipe(50000, &n), CAPTURE_END);
	assert_int_equal(n, FRAMES);
	len = 500000;
	assert_int_equal(read_pipe(50000, &n), CAPTURE_ERROR);
	assert_int_equal(n, 1);
}

/* A buffer full of interfaces, and never a packet: an end, not a wait. */
static void
test_interfaces_alone(void **state)
{
	unsigned int n;
	size_t start;

	(void)state;
	make_pcapng(0);
	len = 28;
	while (len < 600000) {
		start = block(1, 0);
		put(246, 0);
		put(65535, 0);
		block_end(start, 0);
	}
	assert_int_equal(read_pipe(65536, &n), CAPTURE_ERROR);
	assert_int_equal(n, 0);
}

/* Kuznetzov's tcpdump had eight bytes more in front of each packet. */
static void
test_patched_pcap(void **state)
{
	unsigned int i, n;
	size_t step;

	(void)state;
	make_pcap(0, 0, 246);
	len = 0;
	put(0xa1b2cd34, 0);
	len = 24;
	for (i = 0; i < FRAMES; i++) {
		put(1700000000 + i, 0);
		put(250000, 0);
		put(i + 1, 0);
		put(i + 1, 0);
		put(0, 0);
		put(0, 0);
		put_frame(i, 0);
	}
	for (step = 1; step < len; step++) {
		assert_int_equal(read_pipe(step, &n), CAPTURE_END);
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
	make_pcap(0, 0, 246);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&in, size), 0);
	assert_int_equal(listen(listener, 1), 0);
	getsockname(listener, (struct sockaddr *)&in, &size);
	assert_int_equal(connect(from, (struct sockaddr *)&in, size), 0);
	to = accept(listener, NULL, NULL);
	c = capture_open_fd(to, "pipe", 0, why, sizeof(why));
	assert_int_equal(write(from, image, len), len);
	capture_fill(c);
	assert_int_equal(take(c, &n), CAPTURE_NONE);
	assert_int_equal(n, FRAMES);
	setsockopt(from, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(from);
	capture_fill(c);
	assert_int_equal(take(c, &n), CAPTURE_ERROR);
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
	make_pcap(0, 0, 1);
	assert_null(capture_open_fd(temporary(), "file", 0, why, sizeof(why)));
	assert_non_null(strstr(why, "link type is EN10MB (1)"));
	assert_int_equal(read_pipe(9, &n), CAPTURE_ERROR);
	c = capture_open_fd(temporary(), "file", 1, why, sizeof(why));
	assert_non_null(c);
	assert_int_equal(take(c, &n), CAPTURE_END);
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
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_huge_record),
		cmocka_unit_test(test_wordy_pcapng),
		cmocka_unit_test(test_interfaces_alone),
		cmocka_unit_test(test_patched_pcap),
		cmocka_unit_test(test_read_error),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_directory),
	};

	return RUN(tests);
}
