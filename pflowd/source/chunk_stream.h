/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The chunks that a dumper writes, read from its socket.
 */

#ifndef CHUNK_STREAM_H
#define CHUNK_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "chunk.h"

struct chunk_stream {
	int fd;
	size_t have; /* bytes of the chunk */
	const char *error;
	uint8_t chunk[CHUNK_HEADER + CHUNK_DATA];
};

/* Read from this descriptor, which does not block, and own it. */
void chunk_stream_init(struct chunk_stream *, int fd);

/*
 * Read the next chunk.  Returns 1: it is in chunk[], of *len bytes, until the
 * next call; 0: it has not arrived; -1: the end, in the middle of a chunk or
 * not, or an error, which `error` has.
 */
int chunk_stream_next(struct chunk_stream *, size_t *len);

void chunk_stream_close(struct chunk_stream *);

#endif
