/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Where frames come from: a live interface, a capture file, or a capture that
 * arrives through a pipe.  The only files that know libpcap are capture*.c.
 */

#ifndef CAPTURE_H
#define CAPTURE_H

#include <stddef.h>
#include <stdint.h>

struct capture;

/* A frame as captured.  data is the capture's, until the next call. */
struct capture_frame {
	const uint8_t *data;
	size_t len;
	uint64_t time; /* ms since the epoch */
};

enum capture_result {
	CAPTURE_FRAME,
	CAPTURE_NONE, /* at present: wait until capture_fd() is readable */
	CAPTURE_END,
	CAPTURE_ERROR /* see capture_error() */
};

/* How large a buffer is asked for, and whether a capture has less; bytes. */
#define CAPTURE_BUFFER (16 * 1024 * 1024)
int capture_short_buffer(const struct capture *, uint64_t *bytes);

/* Whether a live capture is still on its interface, which may be another. */
int capture_attached(const struct capture *);

/* What the kernel saw, and could not keep for us. */
struct capture_stats {
	uint64_t received;
	uint64_t dropped;
	uint64_t if_dropped;
};

/* Why an interface cannot be listened on. */
enum capture_absence {
	CAPTURE_WRONG,	 /* it will not get better by itself */
	CAPTURE_MISSING, /* it does not exist, at present */
	CAPTURE_DOWN	 /* it has to be brought up */
};

/*
 * Capture the deletions, and what a user must be told of, on an interface.
 * any_link takes its frames for pfsync whatever link type it states.  Returns
 * NULL after writing to why what is wrong and what to do, and *absence.
 */
struct capture *capture_open_live(const char *interface, int any_link,
    enum capture_absence *absence, char *why, size_t whylen);

/*
 * Read a capture from a descriptor, unfiltered; it is the capture's from now
 * on, even on error.  name is for messages (not copied).  Of a pipe the rest
 * is read later, and so are some of its faults.
 */
struct capture *capture_open_fd(int fd, const char *name, int any_link,
    char *why, size_t whylen);

void capture_close(struct capture *);

/* To wait for with poll(2); -1: a regular file, always ready. */
int capture_fd(const struct capture *);

/* capture_fd() is readable: take in what a pipe has.  Never blocks then. */
void capture_fill(struct capture *);

/* The next frame.  Never blocks but on a regular file's disk. */
enum capture_result capture_next(struct capture *, struct capture_frame *);

/* What CAPTURE_ERROR was about. */
const char *capture_error(const struct capture *);

/* How much of a regular file was read, in percent; -1: not to be known. */
int capture_percent(const struct capture *);

/* -1: there are none (a file). */
int capture_statistics(const struct capture *, struct capture_stats *);

/* The descriptor that the kernel keeps its frames by; the capture's own. */
int capture_kernel_fd(const struct capture *);

/*
 * How many frames the kernel has had for a capture since it was opened, by its
 * descriptor, whoever opened it, but for the drops that libpcap last told of:
 * those since are among them.  -1: this system does not tell.
 */
int capture_taken(int fd, const struct capture_stats *, uint64_t *taken);

/* Whether this system tells capture_taken(). */
int capture_counts_taken(void);

/* "libpcap version 1.10.3 ..." */
const char *capture_library(void);

#endif
