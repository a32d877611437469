/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "chunk_stream.h"

void
chunk_stream_init(struct chunk_stream *s, int fd)
{
	s->fd = fd;
	s->have = 0;
	s->error = NULL;
}

void
chunk_stream_close(struct chunk_stream *s)
{
	close(s->fd);
	s->fd = -1;
}

/* Read until there are len bytes.  Returns as chunk_stream_next(). */
static int
fill(struct chunk_stream *s, size_t len)
{
	ssize_t n;

	while (s->have < len) {
		n = read(s->fd, s->chunk + s->have, len - s->have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return 0;
		if (n == -1 && errno != ECONNRESET) /* killed, not wrong */
			s->error = strerror(errno);
		if (n <= 0)
			return -1;
		s->have += (size_t)n;
	}
	return 1;
}

int
chunk_stream_next(struct chunk_stream *s, size_t *len)
{
	int filled;

	if ((filled = fill(s, CHUNK_HEADER)) != 1)
		return filled;
	if ((s->error = chunk_len(s->chunk, len)) != NULL)
		return -1;
	if ((filled = fill(s, *len)) == 1)
		s->have = 0;
	return filled;
}
