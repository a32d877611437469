/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "compressed.h"

static const struct compressed formats[] = {
	{ "gzip", "zcat", 2, { 0x1f, 0x8b } }, /* RFC 1952 */
	{ "compress", "zcat", 2, { 0x1f, 0x9d } },
	{ "bzip2", "bzcat", 3, { 'B', 'Z', 'h' } },
	{ "xz", "xzcat", 6, { 0xfd, '7', 'z', 'X', 'Z', 0 } },
	{ "zstd", "zstdcat", 4, { 0x28, 0xb5, 0x2f, 0xfd } }, /* RFC 8878 */
};

const struct compressed *
compressed_format(struct bytes start)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (start.left >= formats[i].len &&
		    memcmp(start.data, formats[i].magic, formats[i].len) == 0)
			return &formats[i];
	return NULL;
}
