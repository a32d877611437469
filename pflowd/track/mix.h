/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Steps of hashes.
 */

#ifndef MIX_H
#define MIX_H

#include <stdint.h>

#define MIX_MULTIPLIER UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio */

static inline uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * MIX_MULTIPLIER;
	return h ^ h >> 32;
}

/*
 * A word's part of NH (RFC 4418, 5.2.2): of a sum of products of halves, each
 * with a key of its own.  Words that differ in a few bits, of whatever place,
 * have the same sum for few keys only.
 */
static inline uint64_t
mix_product(uint64_t word, uint64_t key)
{
	uint32_t low = (uint32_t)word + (uint32_t)key;
	uint32_t high = (uint32_t)(word >> 32) + (uint32_t)(key >> 32);

	return (uint64_t)low * high;
}

#endif
