/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The types of rows in pflowd's replies, and their fields.
 */

#ifndef FIELDS_H
#define FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "common/ctl.h"
#include "common/field.h"

#define ROW_PARTS 3

/* In text, a part is left out if it is of another source, and all 0. */
enum part_source {
	PART_ANY_SOURCE,
	PART_PFSYNC,
	PART_TABLE
};

/* A table of fields of the row, or of a struct within the row. */
struct part {
	const char *key; /* of a JSON object of its own, or NULL */
	const struct field *fields;
	const size_t *count;
	size_t base; /* offset of the struct */
	enum part_source source;
};

/* A type of row, and the request that returns such rows. */
struct row_type {
	const char *key;     /* in JSON */
	const char *metrics; /* prefix of metric names; NULL: no metrics */
	uint32_t request;    /* MSG_CTL_ */
	uint32_t reply;
	size_t size;
	int single;	/* one row, not a list; its labels have own metrics */
	int strings;	/* rows are text of any length, without fields */
	size_t payload; /* bytes of the request */
	int flows;	/* rows are struct ctl_flow, without fields */
	int fails;	/* rows may report a failure */
	struct part parts[ROW_PARTS];
};

extern const struct row_type row_status;
extern const struct row_type row_counters;
extern const struct row_type row_sources;
extern const struct row_type row_collectors;
extern const struct row_type row_interfaces;
extern const struct row_type row_rules;
extern const struct row_type row_config;
extern const struct row_type row_errors;
extern const struct row_type row_states;
extern const struct row_type row_tests;

/* The value of a numeric field of any size. */
uint64_t field_value(const struct field *, const void *base);

/* The value of a text field, of at most size bytes. */
const char *field_text(const struct field *, const void *base);

/* The word of a FIELD_STATE; NULL: none. */
const char *field_word(const struct field *, const void *base);

/* True if a field has no value, which is null in JSON. */
int field_is_none(const struct field *, const void *base);

/* True for FIELD_TEXT and FIELD_LABEL. */
int field_is_text(const struct field *);

/* Find a field by its key, which must exist; *base: offset of its struct. */
const struct field *row_field(const struct row_type *, const char *key,
    size_t *base);

#endif
