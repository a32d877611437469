/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Replies of pflowd, and the formats to print them.  A format prints rows by
 * their tables of fields, so it also prints fields that it does not know.
 */

#ifndef OUTPUT_H
#define OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fields.h"

#define ANSWER_TYPES 6 /* maximum */

enum view {
	VIEW_SUMMARY,
	VIEW_COLLECTORS,
	VIEW_COUNTERS,
	VIEW_INTERFACES,
	VIEW_RULES,
	VIEW_SOURCES,
	VIEW_STATES,
	VIEW_CONFIG,
	VIEW_TESTS,
	VIEW_NONE, /* silent */
	VIEW_ALL
};

/* All rows of one type. */
struct rows {
	const struct row_type *type;
	size_t n;
	size_t room;
	uint8_t *data;
};

/* The rows that a command prints. */
struct answer {
	enum view view;
	size_t n;
	struct rows rows[ANSWER_TYPES];
};

/*
 * An output format.  It prints a head, the rows of each type, and a tail.
 * error prints why a command failed, with the errors of a configuration.
 * flow and lost print the rows of monitor.  NULL: not supported.
 */
struct output {
	const char *name;
	void (*head)(FILE *, const struct answer *);
	void (*rows)(FILE *, const struct answer *, const struct rows *);
	void (*tail)(FILE *, const struct answer *);
	void (*error)(const struct answer *, const char *text);
	void (*flow)(FILE *, const struct ctl_flow *);
	void (*lost)(FILE *, uint64_t flows);
};

extern const struct output output_text;
extern const struct output output_json;
extern const struct output output_metrics;

/* Find an output by name, which must exist. */
const struct output *output_find(const char *name);

/* Print an answer in this format. */
void output_answer(const struct output *, FILE *, const struct answer *);

/* Add a zeroed row.  NULL: out of memory, or more than ROWS_MAX rows. */
void *rows_add(struct rows *);

/* The ith row. */
const void *rows_at(const struct rows *, size_t i);

/* Find a field of a row by its key, which must exist; *base: its struct. */
const struct field *rows_field(const struct rows *, const void *row,
    const char *key, const char **base);

/* The value of a numeric field of a row. */
uint64_t rows_value(const struct rows *, const void *row, const char *key);

/* The rows of a type in an answer; NULL: the type was not requested. */
const struct rows *answer_rows(const struct answer *, const struct row_type *);

/* Free the rows of an answer, which is empty afterwards. */
void answer_free(struct answer *);

#endif
