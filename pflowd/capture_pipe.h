/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A capture that arrives through a pipe.  libpcap reads a stdio stream and
 * blocks in the middle of a record; this gives it a stream of whole records
 * only, and tells how many there are.  It knows of the formats (pcap, pcapng)
 * just where a record ends.
 */

#ifndef CAPTURE_PIPE_H
#define CAPTURE_PIPE_H

#include <stdio.h>

struct capture_pipe;

/* NULL and errno when there is no memory.  The descriptor is the pipe's now. */
struct capture_pipe *capture_pipe_new(int fd);
void capture_pipe_free(struct capture_pipe *);

/* A stream for libpcap, which closes it before the pipe is freed; or NULL. */
FILE *capture_pipe_stream(struct capture_pipe *);

int capture_pipe_fd(const struct capture_pipe *);

/* Read once from the descriptor, which must be readable. */
void capture_pipe_fill(struct capture_pipe *);

/* Whether libpcap can open the stream without blocking. */
int capture_pipe_headed(const struct capture_pipe *);

/*
 * Whether libpcap can read a packet without blocking: one has arrived, or the
 * end, or something that it will refuse.
 */
int capture_pipe_ready(const struct capture_pipe *);

/* What was wrong with its end, that libpcap cannot know; NULL: nothing. */
const char *capture_pipe_fault(const struct capture_pipe *);

/* Whether it ended before anything came. */
int capture_pipe_empty(const struct capture_pipe *);

/* libpcap has read a packet. */
void capture_pipe_took(struct capture_pipe *);

#endif
