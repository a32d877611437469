/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What pflowd answered, and the ways to show it.  A renderer knows rows by
 * the tables of their fields; what it does not know it shows all the same.
 */

#ifndef OUTPUT_H
#define OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fields.h"

#define ANSWER_KINDS 5 /* at most */

enum view {
	VIEW_SUMMARY,
	VIEW_COLLECTORS,
	VIEW_COUNTERS,
	VIEW_INTERFACES,
	VIEW_RULES,
	VIEW_CONFIG,
	VIEW_TESTS,
	VIEW_ALL
};

/* All rows of one kind. */
struct rows {
	const struct kind *kind;
	size_t n;
	size_t room;
	uint8_t *data;
};

struct answer {
	enum view view;
	size_t n;
	struct rows rows[ANSWER_KINDS];
};

/*
 * A way to show answers: head, the rows of each kind, tail.  flow and lost are
 * for what comes without end; NULL: it cannot show that.
 */
struct output {
	const char *name;
	void (*head)(FILE *, const struct answer *);
	void (*rows)(FILE *, const struct answer *, const struct rows *);
	void (*tail)(FILE *, const struct answer *);
	void (*flow)(FILE *, const struct ctl_flow *);
	void (*lost)(FILE *, uint64_t flows);
};

extern const struct output output_text;
extern const struct output output_json;
extern const struct output output_ometric;

/* The output of a name; it must exist. */
const struct output *output_find(const char *name);

void output_answer(const struct output *, FILE *, const struct answer *);

/* Room for one more row, zeroed; NULL: no memory, or beyond any reason. */
void *rows_add(struct rows *);

const void *rows_at(const struct rows *, size_t i);

/* The rows of a kind that came; NULL: it was not asked for. */
const struct rows *answer_rows(const struct answer *, const struct kind *);

void answer_free(struct answer *);

#endif
