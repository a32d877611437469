/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <unistd.h>

#include "images.h"

void
image_put(struct image *m, uint32_t v, int big)
{
	int i;

	for (i = 0; i < 4; i++)
		m->data[m->len++] = (uint8_t)(v >> (big ? 24 - 8 * i : 8 * i));
}

/* Frame n is n + 1 bytes of value n. */
void
image_put_frame(struct image *m, unsigned int n, unsigned int pad)
{
	memset(m->data + m->len, (int)n, n + 1);
	m->len += n + 1;
	while (pad && m->len % 4 != 0)
		m->data[m->len++] = 0;
}

void
image_pcap(struct image *m, int big, int nanoseconds, uint32_t link)
{
	unsigned int n;

	m->len = 0;
	image_put(m, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, big);
	image_put(m, big ? 2 << 16 | 4 : 4 << 16 | 2, big);
	image_put(m, 0, big);
	image_put(m, 0, big);
	image_put(m, 65535, big);
	image_put(m, link, big);
	for (n = 0; n < FRAMES; n++) {
		image_put(m, 1700000000 + n, big);
		image_put(m, nanoseconds ? 250000000 : 250000, big);
		image_put(m, n + 1, big);
		image_put(m, n + 1, big);
		image_put_frame(m, n, 0);
	}
}

void
image_end_block(struct image *m, size_t start, int big)
{
	uint32_t total = (uint32_t)(m->len + 4 - start);
	size_t end;

	image_put(m, total, big);
	end = m->len;
	m->len = start + 4;
	image_put(m, total, big);
	m->len = end;
}

size_t
image_begin_block(struct image *m, uint32_t type, int big)
{
	size_t start = m->len;

	image_put(m, type, big);
	image_put(m, 0, big);
	return start;
}

void
image_pcapng(struct image *m, int big)
{
	unsigned int n;
	size_t start;

	m->len = 0;
	start = image_begin_block(m, 0x0a0d0d0a, big);
	image_put(m, 0x1a2b3c4d, big);
	image_put(m, big ? 1 << 16 : 1, big);
	image_put(m, UINT32_MAX, big);
	image_put(m, UINT32_MAX, big);
	image_end_block(m, start, big);
	start = image_begin_block(m, 1, big);
	image_put(m, big ? 246U << 16 : 246, big);
	image_put(m, 65535, big);
	image_end_block(m, start, big);
	for (n = 0; n < FRAMES; n++) {
		uint64_t us = (UINT64_C(1700000000) + n) * 1000000 + 250000;

		start = image_begin_block(m, 6, big);
		image_put(m, 0, big);
		image_put(m, (uint32_t)(us >> 32), big);
		image_put(m, (uint32_t)us, big);
		image_put(m, n + 1, big);
		image_put(m, n + 1, big);
		image_put_frame(m, n, 1);
		image_end_block(m, start, big);
		start = image_begin_block(m, 5,
		    big); /* statistics, of no use here */
		image_put(m, 0, big);
		image_put(m, 0, big);
		image_put(m, 0, big);
		image_end_block(m, start, big);
	}
}

/* The frame must be the n-th. */
static void
check_frame(const struct image *m, const struct capture_frame *f,
    unsigned int n)
{
	if (m->damaged)
		return;
	assert_true(n < FRAMES);
	assert_int_equal(f->len, n + 1);
	assert_int_equal(f->data[n], n);
	assert_int_equal(f->time, (UINT64_C(1700000000) + n) * 1000 + 250);
}

/* Take what there is; returns how it ended. */
enum capture_result
image_take(const struct image *m, struct capture *c, unsigned int *n)
{
	struct capture_frame f;
	enum capture_result result;

	while ((result = capture_next(c, &f)) == CAPTURE_FRAME)
		check_frame(m, &f, (*n)++);
	return result;
}

/* Through a pipe, so many bytes at a time. */
enum capture_result
image_read_pipe(const struct image *m, size_t step, unsigned int *n)
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
	for (at = 0; at < m->len; at += part) {
		part = m->len - at < step ? m->len - at : step;
		assert_int_equal(write(fds[1], m->data + at, part), part);
		capture_fill(c);
		result = image_take(m, c, n);
		if (result != CAPTURE_NONE)
			break;
	}
	close(fds[1]);
	if (at >= m->len) {
		capture_fill(c);
		result = image_take(m, c, n);
	}
	if (result == CAPTURE_ERROR)
		assert_int_equal(strncmp(capture_error(c), "pipe", 4), 0);
	capture_close(c);
	return result;
}

int
image_temporary(const struct image *m)
{
	char name[] = "/tmp/pflowd-capture.XXXXXX";
	int fd = mkstemp(name);

	assert_int_not_equal(fd, -1);
	unlink(name);
	assert_int_equal(write(fd, m->data, m->len), m->len);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

enum capture_result
image_read_file(const struct image *m, unsigned int *n)
{
	enum capture_result result;
	struct capture *c;
	char why[512];

	*n = 0;
	c = capture_open_fd(image_temporary(m), "file", 0, why, sizeof(why));
	if (c == NULL) {
		assert_true(strstr(why, "not a capture") != NULL);
		return CAPTURE_ERROR;
	}
	assert_int_equal(capture_fd(c), -1);
	result = image_take(m, c, n);
	if (result == CAPTURE_END)
		assert_int_equal(capture_percent(c), 100);
	capture_close(c);
	return result;
}
