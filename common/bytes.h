/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Bounded reading of untrusted memory, and big-endian (network order) reads
 * and writes at any alignment.  No other file converts byte order.
 */

#ifndef BYTES_H
#define BYTES_H

#include <sys/types.h>
#include <sys/endian.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define BYTES_MUST_CHECK __attribute__((warn_unused_result))
#else
#define BYTES_MUST_CHECK
#endif

/* Bytes not read yet.  Does not own the memory. */
struct bytes {
	const uint8_t *data;
	size_t left;
};

/*
 * Consume the next n bytes and return their start.  If fewer are left, returns
 * NULL and consumes none.  Offsets below n can be read with the functions
 * below.
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

/* Compilers turn each memcpy() into one load or store. */
static inline uint16_t
get_be16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

static inline uint32_t
get_be32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static inline uint64_t
get_be64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

/* In the order of this host. */
static inline uint16_t
get_host16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t
get_host32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t
get_host64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint16_t
get_le16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return le16toh(v);
}

static inline uint32_t
get_le32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline uint64_t
get_le64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static inline void
put_be16(uint8_t *p, uint16_t v)
{
	v = htobe16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void
put_be32(uint8_t *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void
put_be64(uint8_t *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
}

#endif
