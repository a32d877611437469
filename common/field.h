/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Descriptions of the members of a reply.  Each struct has one table of fields,
 * which is used for text, JSON and metrics.
 */

#ifndef FIELD_H
#define FIELD_H

#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_TEXT,	/* char[size], NUL terminated */
	FIELD_LABEL,	/* likewise; identifies a row */
	FIELD_COUNTER,	/* uint64_t that only grows */
	FIELD_BYTES,	/* likewise, of bytes */
	FIELD_GAUGE,	/* uint64_t */
	FIELD_SIZE,	/* likewise, of bytes */
	FIELD_NUMBER,	/* uint32_t, a setting */
	FIELD_FLAG,	/* uint32_t, 0 or 1 */
	FIELD_TIME,	/* uint64_t, ms since the epoch; 0: never */
	FIELD_MS,	/* uint64_t, a length of time; 0: none */
	FIELD_INDEX,	/* unsigned; identifies a row */
	FIELD_OPTION,	/* uint32_t, a setting; UINT32_MAX: none */
	FIELD_POSITIVE, /* unsigned; 0: none */
	FIELD_STATE	/* uint32_t, the number of a word; beyond all: none */
};

struct field {
	const char *key;  /* in JSON, and in a metric's name */
	const char *name; /* in text; NULL: not shown there */
	enum field_type type;
	int depth; /* in text, of parts below their sum */
	size_t offset;
	size_t size;
	const char *help;   /* one sentence, without a full stop */
	const char *metric; /* name without unit; NULL: the key */
	const char *reason; /* label of one of several fields of a metric */
	const char *const *words; /* of FIELD_STATE, and NULL */
};

#define FIELD_OF(type, member) \
	offsetof(type, member), sizeof(((type *)NULL)->member)

#endif
