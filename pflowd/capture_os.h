/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What differs between systems in capturing: one of capture_bpf.c,
 * capture_netbsd.c, capture_linux.c and capture_other.c, one of lock_bpf.c,
 * lock_linux.c and lock_none.c, and one of attached_bpf.c, attached_linux.c and
 * attached_woken.c, as configure finds them.
 */

#ifndef CAPTURE_OS_H
#define CAPTURE_OS_H

#include <stdint.h>
#include <stdio.h>

#include "capture.h"

/* Whether frames are best handed over at once, not buffer by buffer. */
int capture_os_immediate(void);

/* Nobody else reads this file: do without its lock, where there is a way. */
void capture_os_only_reader(FILE *);

/*
 * Let nobody change the filter of this capture any more, nor, where the system
 * can refuse that, send a frame by it; -1 and errno.
 */
int capture_os_lock(int fd);

/* Bytes of the kernel's buffer; -1: this system does not say. */
int capture_os_buffer(int fd, uint64_t *bytes);

/*
 * Whether a capture is still on the interface that it was opened on.  Some
 * systems wake nobody when that is destroyed.
 */
int capture_os_attached(int fd, const char *interface);

/* capture_counts_taken() and capture_taken(). */
int capture_os_counts_taken(void);
int capture_os_taken(int fd, const struct capture_stats *, uint64_t *taken);

#endif
