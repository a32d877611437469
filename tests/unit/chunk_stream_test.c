/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

#include "pflowd/source/chunk_stream.h"

static struct chunk_stream stream;
static int writer;

static int
begin(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	chunk_stream_init(&stream, pair[0]);
	writer = pair[1];
	return 0;
}

static int
end(void **state)
{
	(void)state;
	chunk_stream_close(&stream);
	close(writer);
	return 0;
}

static void
header(uint8_t h[CHUNK_HEADER], size_t len)
{
	static const uint8_t none[1];
	const struct chunk c = { .kind = CHUNK_STATES,
		.layout = 1,
		.dump = 1,
		.wall = 1234,
		.data = { none, len } };

	chunk_write(&c, h);
}

static void
put(const void *data, size_t len)
{
	assert_int_equal(write(writer, data, len), len);
}

/* Chunks may arrive in any pieces. */
static void
test_pieces(void **state)
{
	uint8_t chunks[2 * CHUNK_HEADER + 7];
	size_t len = 0, i;

	(void)state;
	header(chunks, 7);
	memcpy(chunks + CHUNK_HEADER, "states!", 7);
	header(chunks + CHUNK_HEADER + 7, 0);
	for (i = 0; i < CHUNK_HEADER + 7; i++) {
		assert_int_equal(chunk_stream_next(&stream, &len), 0);
		put(chunks + i, 1);
	}
	assert_int_equal(chunk_stream_next(&stream, &len), 1);
	assert_int_equal(len, CHUNK_HEADER + 7);
	assert_memory_equal(stream.chunk, chunks, len);
	assert_int_equal(chunk_stream_next(&stream, &len), 0);
	put(chunks + i, CHUNK_HEADER);
	assert_int_equal(chunk_stream_next(&stream, &len), 1);
	assert_int_equal(len, CHUNK_HEADER);
	assert_int_equal(chunk_wall(stream.chunk), 1234);
}

static void
test_end(void **state)
{
	uint8_t h[CHUNK_HEADER];
	size_t len;

	(void)state;
	header(h, 100);
	put(h, sizeof(h));
	assert_int_equal(chunk_stream_next(&stream, &len), 0);
	assert_int_equal(shutdown(writer, SHUT_WR), 0);
	assert_int_equal(chunk_stream_next(&stream, &len), -1);
	assert_null(stream.error);
}

/* Nothing is read into the buffer that a chunk must not have. */
static void
test_hostile(void **state)
{
	uint8_t h[CHUNK_HEADER];
	size_t len;

	(void)state;
	header(h, CHUNK_DATA + 1);
	put(h, sizeof(h));
	assert_int_equal(chunk_stream_next(&stream, &len), -1);
	assert_string_equal(stream.error, "a chunk is too long");
	assert_int_equal(chunk_stream_next(&stream, &len), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pieces, begin, end),
		cmocka_unit_test_setup_teardown(test_end, begin, end),
		cmocka_unit_test_setup_teardown(test_hostile, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
