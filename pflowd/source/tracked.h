/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What track.h has of states, as counters and as reports of a source.
 */

#ifndef TRACKED_H
#define TRACKED_H

struct counters;
struct source;
struct track_counts;
struct track_report;

/* Set the counters of the state table; and what an engine before has counted.
 */
void tracked_count(struct counters *, const struct track_counts *);
struct track_counts tracked_counted(const struct counters *);

/* Add a report to those of the last read, for which there is room. */
void tracked_report(struct source *, const struct track_report *);

#endif
