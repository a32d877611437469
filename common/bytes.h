/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Bounded reading of untrusted memory, and big-endian (network order) reads
 * and writes at any alignment.  Nothing else in the tree converts byte order.
 */

#ifndef BYTES_H
#define BYTES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define BYTES_MUST_CHECK __attribute__((warn_unused_result))
#else
#define BYTES_MUST_CHECK
#endif

/* Bytes that have not been read yet.  Owns nothing. */
struct bytes {
	const uint8_t *data;
	size_t left;
};

/*
 * Take the next n bytes.  Returns where they start, or NULL, having taken
 * nothing, when fewer are left.  Offsets below n may then be read with the
 * functions that follow.
 */
BYTES_MUST_CHECK static inline const uint8_t *
bytes_take(struct bytes *b, size_t n)
{
	const uint8_t *start = b->data;

	if (n > b->left)
		return NULL;
	b->data += n;
	b->left -= n;
	return start;
}

static inline uint16_t
get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t
get_be64(const uint8_t *p)
{
	return (uint64_t)get_be32(p) << 32 | get_be32(p + 4);
}

static inline uint32_t
get_le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[1] << 8 | p[0];
}

static inline void
put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static inline void
put_be64(uint8_t *p, uint64_t v)
{
	put_be32(p, (uint32_t)(v >> 32));
	put_be32(p + 4, (uint32_t)v);
}

#endif
