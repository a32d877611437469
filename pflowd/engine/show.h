/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The rows of replies to the show commands, one at a time, so that a long reply
 * takes no more memory than a short one.
 */

#ifndef SHOW_H
#define SHOW_H

#include <stddef.h>
#include <stdint.h>

#include "common/ctl.h"

struct found;
struct meter;

/* A tested collector. */
struct show_test {
	char name[CTL_NAME];
	uint64_t errors; /* before the test */
	int dropped;	 /* the record was, because the queue is full */
};

/*
 * A configuration as text, of lines terminated by NULs.  All clients share one
 * copy, so that many clients need no more memory than one.
 */
struct show_text {
	struct show_text **shared; /* the pointer that the next reader uses */
	unsigned int readers;
	uint32_t generation; /* of the configuration */
	char *lines;
	size_t len;
};

/* Position in a reply; zeroed at its start. */
struct show {
	unsigned int row; /* next row; the caller increments it */
	struct show_text *text;
	size_t at;
	unsigned int last; /* row that `at` refers to */
	struct show_test *tests;
	unsigned int ntests;
	struct found *found; /* states; a reference */
};

/* A row: message type and contents, valid until the next row. */
struct show_out {
	uint32_t type;
	const void *data;
	size_t len;
	union {
		struct ctl_status status;
		struct ctl_counters counters;
		struct ctl_source source;
		struct ctl_collector collector;
		struct ctl_interface interface;
		struct ctl_rule rule;
		struct ctl_tested tested;
	} u;
};

enum show_result {
	SHOW_ROW,
	SHOW_END,
	SHOW_FAILED /* out of memory */
};

/* Return the next row; the same row again until show->row is incremented. */
typedef enum show_result show_row(struct meter *, struct show *,
    struct show_out *);

show_row show_status;
show_row show_counters;
show_row show_source;
show_row show_collector;
show_row show_interface;
show_row show_rule;
show_row show_config;
show_row show_tested;
show_row show_states;

/* Return a row to the caller of one of these functions. */
enum show_result show_one(struct show_out *, uint32_t type, const void *data,
    size_t len);

/*
 * Send a test record to the collectors with this name, all if it is empty; the
 * result is shown later.  -1: no such collector, or out of memory.
 */
int show_test(struct meter *, struct show *, const char *name);

/* Free what a reply holds.  The position is zeroed. */
void show_free(struct show *);

#endif
