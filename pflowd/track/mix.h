/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A step of a hash.
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

#endif
