/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A capture read from a pipe.  libpcap reads a stdio stream and may block in
 * the middle of a record.  capture_pipe passes only whole records to libpcap
 * and counts them.  Of the formats (pcap, pcapng) it only parses the lengths of
 * records.
 */

#ifndef CAPTURE_PIPE_H
#define CAPTURE_PIPE_H

#include <stdio.h>

#include "common/bytes.h"

struct capture_pipe;

/* Takes ownership of the descriptor.  NULL and errno: out of memory. */
struct capture_pipe *capture_pipe_new(int fd);
void capture_pipe_free(struct capture_pipe *);

/* Open a stream for libpcap, to be closed before the pipe is freed; or NULL. */
FILE *capture_pipe_stream(struct capture_pipe *);

int capture_pipe_fd(const struct capture_pipe *);

/* Read once from the descriptor, which must be readable. */
void capture_pipe_fill(struct capture_pipe *);

/* True if libpcap can open the stream without blocking. */
int capture_pipe_headed(const struct capture_pipe *);

/*
 * True if libpcap can read a packet without blocking: a packet has arrived, or
 * the end of the pipe, or data that libpcap will refuse.
 */
int capture_pipe_ready(const struct capture_pipe *);

/* The first bytes of the pipe, until a packet was read.  The pipe owns them. */
struct bytes capture_pipe_start(const struct capture_pipe *);

/* An error at the end of the pipe that libpcap cannot see; NULL: none. */
const char *capture_pipe_fault(const struct capture_pipe *);

/* True if the pipe ended without any data. */
int capture_pipe_empty(const struct capture_pipe *);

/* libpcap has read a packet. */
void capture_pipe_took(struct capture_pipe *);

#endif
