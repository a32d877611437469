/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Between source.c and source_pfsync.c.
 */

#ifndef SOURCE_PFSYNC_H
#define SOURCE_PFSYNC_H

#include "source.h"

/* Check and count a frame, and read n of its states at most. */
enum source_result source_pfsync_open(struct source *,
    const struct capture_frame *, unsigned int n);

/*
 * Give up to n reports of states that have waited long enough for their twins,
 * or of all if none are joined any longer.  0: there are none.
 */
int source_pfsync_held(struct source *, unsigned int n);

/* Read n states of the open frame at most. */
enum source_result source_pfsync_read(struct source *, unsigned int n);

#endif
