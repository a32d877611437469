/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Attributes for the path of every state: COLD and NEVER_INLINE keep rare code
 * out of it, ALWAYS_INLINE compiles a function anew for each set of constants.
 * PREFETCH loads a line of memory that is needed soon.
 */

#ifndef COLD_H
#define COLD_H

#if defined(__GNUC__)
#define COLD __attribute__((cold, noinline))
#define NEVER_INLINE __attribute__((noinline))
#define ALWAYS_INLINE __attribute__((always_inline)) inline
#define PREFETCH(p) __builtin_prefetch(p)
#else
#define COLD
#define NEVER_INLINE
#define ALWAYS_INLINE inline
#define PREFETCH(p) (void)(p)
#endif

#endif
