/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "chunk.h"

#define MAGIC 0x70667374 /* "pfst" */
#define FORMAT 1

static const char *
check_header(const uint8_t *h)
{
	if (get_be32(h) != MAGIC)
		return "not a recording of pf's state table (if it is pfsync, "
		       "use -y pfsync)";
	if (h[4] != FORMAT)
		return "the recording has a later format than this pflowd";
	return NULL;
}

const char *
chunk_len(const uint8_t h[CHUNK_HEADER], size_t *len)
{
	const char *wrong = check_header(h);
	uint32_t data = get_be32(h + 32);

	if (wrong == NULL && data > CHUNK_DATA)
		wrong = "a chunk is too long";
	*len = CHUNK_HEADER + data;
	return wrong;
}

const char *
chunk_read(struct chunk *c, const uint8_t *data, size_t len)
{
	struct bytes b = { data, len };
	const uint8_t *h = bytes_take(&b, CHUNK_HEADER);
	const char *wrong;

	if (h == NULL)
		return "a chunk is cut";
	if ((wrong = check_header(h)) != NULL)
		return wrong;
	c->kind = h[5];
	c->layout = h[6];
	c->big_endian = h[7] != 0;
	c->dump = get_be32(h + 8);
	c->part = get_be32(h + 12);
	c->wall = get_be64(h + 16);
	c->monotonic = get_be64(h + 24);
	c->status = get_be32(h + 36);
	c->data = b;
	if (c->kind < CHUNK_BEGIN || c->kind >= CHUNK_KINDS)
		return "a chunk is of an unknown kind";
	if (b.left != get_be32(h + 32) || b.left > CHUNK_DATA)
		return "a chunk is cut";
	return NULL;
}

void
chunk_write(const struct chunk *c, uint8_t h[CHUNK_HEADER])
{
	put_be32(h, MAGIC);
	h[4] = FORMAT;
	h[5] = (uint8_t)c->kind;
	h[6] = (uint8_t)c->layout;
	h[7] = (uint8_t)(c->big_endian != 0);
	put_be32(h + 8, c->dump);
	put_be32(h + 12, c->part);
	put_be64(h + 16, c->wall);
	put_be64(h + 24, c->monotonic);
	put_be32(h + 32, (uint32_t)c->data.left);
	put_be32(h + 36, c->status);
}

static const char *
begin(struct chunk_order *o, const struct chunk *c)
{
	if (c->part != 0 || c->dump == 0 || c->dump <= o->dump)
		return "dumps are not in order";
	o->dump = c->dump;
	o->part = 1;
	o->open = 1;
	o->layout = c->layout;
	o->big_endian = c->big_endian;
	return NULL;
}

/* A dump that was left open is cut: its writer was interrupted. */
const char *
chunk_follows(struct chunk_order *o, const struct chunk *c)
{
	int open = o->open;

	o->open = 0;
	if (c->kind == CHUNK_BEGIN)
		return begin(o, c);
	if (!open || c->dump != o->dump || c->part != o->part ||
	    c->layout != o->layout || c->big_endian != o->big_endian)
		return "parts of a dump are missing, or not in order";
	o->part++;
	o->open = c->kind != CHUNK_END;
	return NULL;
}
