/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Sources of frames: a live interface, a capture file, a capture read from a
 * pipe, or the chunks of a dumper.  Only capture*.c use libpcap.
 */

#ifndef CAPTURE_H
#define CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#include "link_layer.h"
#include "os/capture_os.h"

struct capture;

/* A captured frame.  The capture owns data; it is valid until the next call. */
struct capture_frame {
	const uint8_t *data;
	size_t len;
	size_t missing; /* bytes cut off by the snapshot length */
	enum link_layer layer;
	uint64_t time; /* ms since the epoch */
};

enum capture_result {
	CAPTURE_FRAME,
	CAPTURE_NONE, /* none now: wait until capture_fd() is readable */
	CAPTURE_END,
	CAPTURE_ERROR /* see capture_error() */
};

/*
 * Bytes of kernel buffer that are requested.  capture_short_buffer() is true if
 * a capture got fewer, and stores how many.
 */
#define CAPTURE_BUFFER (16 * 1024 * 1024)
int capture_short_buffer(const struct capture *, uint64_t *bytes);

/*
 * False if a live capture lost its interface, even if another interface with
 * the same name exists now.
 */
int capture_attached(const struct capture *);

/* The reason why an interface cannot be opened. */
enum capture_absence {
	CAPTURE_WRONG,	 /* permanent error */
	CAPTURE_MISSING, /* the interface does not exist now */
	CAPTURE_DOWN	 /* the interface is down */
};

/*
 * Capture deletions and the few other frames that are reported to the user.
 * any_link: treat frames as pfsync, whatever the link type of the interface.
 * On error returns NULL, sets *absence, and writes the error and its remedy to
 * why.
 */
struct capture *capture_open_live(const char *interface, int any_link,
    enum capture_absence *absence, char *why, size_t whylen);

/*
 * Read a capture from a descriptor, without a filter.  Takes ownership of the
 * descriptor, even on error.  name is for messages and is copied.  A pipe is
 * read later, so some of its errors are found later, too.
 */
struct capture *capture_open_fd(int fd, const char *name, int any_link,
    char *why, size_t whylen);

/*
 * Read chunks from the socket of a dumper, which does not block.  Takes
 * ownership of it.  NULL: out of memory.
 */
struct capture *capture_open_dumper(int fd);

void capture_close(struct capture *);

/* The descriptor for poll(2).  -1: a regular file, always ready. */
int capture_fd(const struct capture *);

/* Read from a pipe.  Does not block if capture_fd() is readable. */
void capture_fill(struct capture *);

/* Get the next frame.  Blocks only on the disk of a regular file. */
enum capture_result capture_next(struct capture *, struct capture_frame *);

/* The interface or file, as in messages. */
const char *capture_name(const struct capture *);

/* The message for CAPTURE_ERROR. */
const char *capture_error(const struct capture *);

/* Percent of a regular file read so far; -1: not known. */
int capture_percent(const struct capture *);

/* Get the kernel's counters.  -1: there are none (not a live capture). */
int capture_statistics(const struct capture *, struct capture_stats *);

/* The descriptor of a live capture.  The capture owns it. */
int capture_kernel_fd(const struct capture *);

/*
 * Count the frames that the kernel accepted for a capture since it was opened,
 * without the drops in the given statistics; later drops are included.  fd is
 * the descriptor of the capture, which another process may have opened.  -1:
 * this system does not count them.
 */
int capture_kernel_frames(int fd, const struct capture_stats *,
    uint64_t *frames);

/* True if capture_kernel_frames() works on this system. */
int capture_counts_frames(void);

/* "libpcap version 1.10.3 ..." */
const char *capture_library(void);

#endif
