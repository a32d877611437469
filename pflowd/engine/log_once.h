/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Warnings about traffic.  Most kinds are logged once.
 */

#ifndef LOG_ONCE_H
#define LOG_ONCE_H

#include "source/pfsync.h"

struct meter;

/* Log what is wrong with an opened frame. */
void log_once_frame(struct meter *, enum pfsync_verdict);

/* Log a state that no collector's protocol can encode. */
void log_once_inexpressible(struct meter *, const struct flow *);

#endif
