/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Between source.c and source_pfsync.c.
 */

#ifndef SOURCE_PFSYNC_H
#define SOURCE_PFSYNC_H

#include "source.h"

/* Check and count a frame, whose states are then to be read. */
void source_pfsync_open(struct source *, const struct capture_frame *);

/* Read n states of the open frame at most. */
enum source_result source_pfsync_read(struct source *, unsigned int n);

#endif
