/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the engine has to show, row by row, so that a long answer takes no more
 * memory than a short one.
 */

#ifndef SHOW_H
#define SHOW_H

#include <stddef.h>
#include <stdint.h>

#include "common/ctl.h"

struct meter;

/* A collector that was sent a record for a test, and its errors before. */
struct show_test {
	char name[CTL_NAME];
	uint64_t errors;
};

/*
 * A configuration as text, lines ended by NULs: one for all clients that read
 * it, so that many take no more memory than one.
 */
struct show_text {
	struct show_text **shared; /* where who comes next looks for it */
	unsigned int readers;
	uint32_t generation; /* of the configuration */
	char *lines;
	size_t len;
};

/* How far an answer is; zeroed at its beginning. */
struct show {
	unsigned int row; /* that comes next: who takes one counts it */
	struct show_text *text;
	size_t at;
	unsigned int last; /* row that at is for */
	struct show_test *tests;
	unsigned int ntests;
};

/* A row: a message's type, and what it holds, valid until the next one. */
struct show_out {
	uint32_t type;
	const void *data;
	size_t len;
	union {
		struct ctl_status status;
		struct counters counters;
		struct ctl_collector collector;
		struct ctl_interface interface;
		struct ctl_rule rule;
		struct ctl_tested tested;
	} u;
};

enum show_result {
	SHOW_ROW,
	SHOW_END,
	SHOW_FAILED /* no memory */
};

/* The row that comes next; the same again until it is counted. */
typedef enum show_result show_row(struct meter *, struct show *,
    struct show_out *);

show_row show_status;
show_row show_counters;
show_row show_collector;
show_row show_interface;
show_row show_rule;
show_row show_config;
show_row show_tested;

/*
 * Send a record to the collectors of this name, all if it is empty, to be shown
 * a moment later.  -1: there is no such collector, or no memory.
 */
int show_test(struct meter *, struct show *, const char *name);

void show_free(struct show *);

#endif
