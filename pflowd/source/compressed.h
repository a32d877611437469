/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Compressed files, by their first bytes.
 */

#ifndef COMPRESSED_H
#define COMPRESSED_H

#include "common/bytes.h"

/* Bytes that tell the formats apart. */
#define COMPRESSED_MAGIC 6

struct compressed {
	const char *format;
	const char *tool; /* writes a file uncompressed */
	size_t len;	  /* of magic */
	uint8_t magic[COMPRESSED_MAGIC];
};

/* The format of a file that starts with these bytes.  NULL: not compressed. */
const struct compressed *compressed_format(struct bytes start);

#endif
