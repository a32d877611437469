/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the members of a reply are called and mean.  One table of these for
 * each struct serves text, JSON and metrics alike.
 */

#ifndef FIELD_H
#define FIELD_H

#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_TEXT,    /* char[size], NUL terminated */
	FIELD_LABEL,   /* the same, and tells rows of one kind apart */
	FIELD_COUNTER, /* uint64_t that only grows */
	FIELD_GAUGE,   /* uint64_t */
	FIELD_NUMBER,  /* uint32_t that says what is set, not what happens */
	FIELD_FLAG,    /* uint32_t, 0 or 1 */
	FIELD_TIME,    /* uint64_t, ms since the epoch; 0: never */
	FIELD_INDEX,   /* unsigned, and tells rows of one kind apart */
	FIELD_OPTION   /* uint32_t as FIELD_NUMBER; UINT32_MAX: none */
};

struct field {
	const char *key;  /* in JSON, and in a metric's name */
	const char *name; /* in text; NULL: not shown there */
	enum field_type type;
	int depth; /* of a sum's parts in text */
	size_t offset;
	size_t size;
	const char *help; /* one sentence, without its full stop */
};

#define FIELD_OF(type, member) \
	offsetof(type, member), sizeof(((type *)NULL)->member)

#endif
