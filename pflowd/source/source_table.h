/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Between source.c and source_table.c.
 */

#ifndef SOURCE_TABLE_H
#define SOURCE_TABLE_H

#include "source.h"

struct source_table;

/* Read a chunk of a dump, which the next reads look at. */
enum source_result source_table_open(struct source *,
    const struct capture_frame *);

/* True if source_table_read() has work to do before the next chunk. */
int source_table_busy(const struct source_table *);

/*
 * Track some states of the chunk, or report n of those that have ended, at
 * most.
 */
enum source_result source_table_read(struct source *, unsigned int n);

/* No chunk follows: report what lives.  `result` is returned after that. */
enum source_result source_table_end(struct source *, enum source_result);

/* No chunk follows: report what has ended, and is thought to have. */
void source_table_leave(struct source_table *);

/* No chunk follows of this capture: a dump that has not ended is void. */
void source_table_cut(struct source *);

/*
 * Another source is read, whose reports have all that was counted of states:
 * leave in them what was not reported.
 */
void source_table_deleted(struct source *);

/* See source_looks(). */
uint32_t source_table_looks(const struct source_table *);

/* What was wrong with a chunk; NULL: nothing. */
const char *source_table_error(const struct source_table *);

void source_table_free(struct source_table *);

#endif
