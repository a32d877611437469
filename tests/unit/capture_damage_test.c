/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Captures with any byte wrong, with lengths beyond all bounds, and with more
 * of what is no packet than a buffer has room for.
 */

#include "images.h"

static struct image m;

/* Any one byte of it may be wrong: there is an end to it, or an error. */
static void
test_damage(void **state)
{
	unsigned int n;
	size_t at;
	int format;

	(void)state;
	m.damaged = 1;
	for (format = 0; format < 2; format++) {
		for (at = 0; at == 0 || at < m.len; at++) {
			enum capture_result result;

			if (format == 0)
				image_pcap(&m, 0, 0, 246);
			else
				image_pcapng(&m, 0);
			m.data[at] ^= 0xff;
			result = image_read_pipe(&m, 5, &n);
			assert_true(result == CAPTURE_END ||
			    result == CAPTURE_ERROR);
		}
	}
	m.damaged = 0;
}

/* A length beyond any capture's must not make it wait for so much. */
static void
test_huge_record(void **state)
{
	unsigned int n;

	(void)state;
	image_pcap(&m, 0, 0, 246);
	m.data[24 + 11] = 0x7f;
	assert_int_equal(image_read_pipe(&m, 5, &n), CAPTURE_ERROR);
	assert_int_equal(n, 0);
	image_pcapng(&m, 0);
	m.data[48 + 7] = 0x7f;
	assert_int_equal(image_read_pipe(&m, 5, &n), CAPTURE_ERROR);
}

/* The first frame, statistics of this many bytes this often, and the rest. */
static void
make_wordy(size_t size, unsigned int times)
{
	size_t first = 28 + 20, frame = 36, rest;
	static uint8_t tail[4096];

	image_pcapng(&m, 0);
	rest = m.len - first - frame;
	memcpy(tail, m.data + first + frame, rest);
	m.len = first + frame;
	while (times-- > 0) {
		size_t start = image_begin_block(&m, 5, 0);

		memset(m.data + m.len, 0x55, size);
		m.len += size;
		image_end_block(&m, start, 0);
	}
	memcpy(m.data + m.len, tail, rest);
	m.len += rest;
}

/* What is no packet takes no room, however much of it there is. */
static void
test_wordy_pcapng(void **state)
{
	unsigned int n;

	(void)state;
	make_wordy(60000, 12);
	assert_int_equal(image_read_file(&m, &n), CAPTURE_END);
	assert_int_equal(n, FRAMES);
	assert_int_equal(image_read_pipe(&m, 65536, &n), CAPTURE_END);
	assert_int_equal(n, FRAMES);
	make_wordy(700000, 1);
	assert_int_equal(image_read_pipe(&m, 50000, &n), CAPTURE_END);
	assert_int_equal(n, FRAMES);
	m.len = 500000;
	assert_int_equal(image_read_pipe(&m, 50000, &n), CAPTURE_ERROR);
	assert_int_equal(n, 1);
}

/* A buffer full of interfaces, and never a packet: an end, not a wait. */
static void
test_interfaces_alone(void **state)
{
	unsigned int n;
	size_t start;

	(void)state;
	image_pcapng(&m, 0);
	m.len = 28;
	while (m.len < 600000) {
		start = image_begin_block(&m, 1, 0);
		image_put(&m, 246, 0);
		image_put(&m, 65535, 0);
		image_end_block(&m, start, 0);
	}
	assert_int_equal(image_read_pipe(&m, 65536, &n), CAPTURE_ERROR);
	assert_int_equal(n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_huge_record),
		cmocka_unit_test(test_wordy_pcapng),
		cmocka_unit_test(test_interfaces_alone),
	};

	return RUN(tests);
}
