/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The parts of capturing that differ between systems.  configure chooses one of
 * capture_bpf.c, capture_linux.c and capture_other.c, one of frames_netbsd.c,
 * frames_linux.c and frames_none.c, one of lock_bpf.c, lock_linux.c and
 * lock_none.c, and one of attached_bpf.c, attached_linux.c and
 * attached_woken.c.
 */

#ifndef CAPTURE_OS_H
#define CAPTURE_OS_H

#include <stdint.h>
#include <stdio.h>

/* Frames that the kernel received, and dropped. */
struct capture_stats {
	uint64_t received;
	uint64_t dropped;
	uint64_t if_dropped;
};

/* True if libpcap should deliver each frame at once, not full buffers. */
int capture_os_immediate(void);

/* Disable the stdio lock of a file that one thread reads, where possible. */
void capture_os_only_reader(FILE *);

/*
 * Lock the filter of a capture and, where the system allows it, refuse to send
 * frames through it.  Returns -1 and sets errno on error.
 */
int capture_os_lock(int fd);

/* Get the size of the kernel's buffer.  -1: not known on this system. */
int capture_os_buffer(int fd, uint64_t *bytes);

/*
 * True if a capture is still attached to its interface.  Some systems do not
 * wake the reader when the interface is destroyed.
 */
int capture_os_attached(int fd, const char *interface);

/* See capture_counts_frames() and capture_kernel_frames(). */
int capture_os_counts_frames(void);
int capture_os_kernel_frames(int fd, const struct capture_stats *,
    uint64_t *frames);

#endif
