/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/mman.h>

#include <errno.h>
#include <string.h>

#include "dumpbuffer.h"
#include "statedump.h"

/*
 * Records that are left when all of the table was certainly copied.  FreeBSD
 * leaves out a whole row of its hash that does not fit.
 */
#define SPARE 500

#define LEAST (8 * STATEDUMP_PIECE)

int
dumpbuffer_reserve(struct dumpbuffer *b, size_t len)
{
	uint8_t *data;

	if (len <= b->size)
		return 0;
	if (len > DUMPBUFFER_MOST)
		return EFBIG;
	data = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON,
	    -1, 0);
	if (data == MAP_FAILED)
		return errno;
	if (b->used > 0)
		memcpy(data, b->data, b->used);
	memset(data + b->used, 0, len - b->used);
	if (b->size > 0)
		munmap(b->data, b->size);
	b->data = data;
	b->size = len;
	return 0;
}

int
dumpbuffer_grow(struct dumpbuffer *b)
{
	size_t len = b->size < LEAST ? LEAST : b->size * 2;

	if (b->size == DUMPBUFFER_MOST)
		return EFBIG;
	return dumpbuffer_reserve(b,
	    len < DUMPBUFFER_MOST ? len : DUMPBUFFER_MOST);
}

void
dumpbuffer_free(struct dumpbuffer *b)
{
	if (b->size > 0)
		munmap(b->data, b->size);
	memset(b, 0, sizeof(*b));
}

int
dumpbuffer_fill(struct dumpbuffer *b, size_t record, dumpbuffer_ask *ask,
    void *arg)
{
	const size_t most = DUMPBUFFER_MOST / record;
	size_t last = b->used / record, n, len;
	int error;

	b->used = b->given = 0;
	for (n = last + last / 4 + 2 * SPARE;; n *= 2) {
		if (n > most)
			n = most;
		if ((error = dumpbuffer_reserve(b, n * record)) != 0)
			return error;
		len = n * record;
		if ((error = ask(arg, b->data, &len)) != 0)
			return error;
		if (len % record != 0 || len > n * record)
			return EBADMSG;
		if (len / record + SPARE <= n)
			break;
		if (n == most)
			return EFBIG;
	}
	b->used = len;
	return 0;
}

size_t
dumpbuffer_records(struct dumpbuffer *b, size_t record, const uint8_t **data)
{
	const size_t most = STATEDUMP_PIECE / record * record;
	size_t len = b->used - b->given;

	if (len > most)
		len = most;
	*data = b->data + b->given;
	b->given += len;
	return len;
}
