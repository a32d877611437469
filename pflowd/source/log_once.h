/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Warnings about traffic.  Most kinds are logged once.
 */

#ifndef LOG_ONCE_H
#define LOG_ONCE_H

#include <stddef.h>
#include <stdint.h>

#include "pfsync.h"

/* Zero it before first use. */
struct log_once {
	unsigned int logged; /* kinds of warnings, as bits */
	uint64_t cleared;    /* when a clear of states was logged, ms */
};

/* Log the fault of an opened frame.  now: ms since the epoch. */
void log_once_frame(struct log_once *, const struct pfsync_frame *,
    enum pfsync_verdict, uint64_t now);

/* Log that a frame of `whole` bytes was captured with only `len`. */
void log_once_snapped(struct log_once *, size_t len, size_t whole);

/* Log that the capture states a wrong link type. */
void log_once_link(struct log_once *);

/* Log a state that no collector's protocol can encode. */
void log_once_inexpressible(struct log_once *, const struct flow *);

#endif
