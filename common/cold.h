/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * For the path of every state: what is seldom called stays out of its way, and
 * what is called with constants is compiled for each.
 */

#ifndef COLD_H
#define COLD_H

#if defined(__GNUC__)
#define COLD __attribute__((cold, noinline))
#define NEVER_INLINE __attribute__((noinline))
#define ALWAYS_INLINE __attribute__((always_inline)) inline
#else
#define COLD
#define NEVER_INLINE
#define ALWAYS_INLINE inline
#endif

#endif
