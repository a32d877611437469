/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The limit of open descriptors (RLIMIT_NOFILE), which children inherit.  Where
 * it is too low, some collectors or clients are refused, so that descriptors
 * are left for everything else.
 */

#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

/*
 * Raise the soft limit as far as a process can need it and the hard limit
 * allows.
 */
void descriptors_raise(void);

/* The soft limit. */
unsigned int descriptors_limit(void);

/* Warn if the limit is too low for so many collectors. */
void descriptors_warn(unsigned int collectors);

/*
 * True if fd, a new socket of a collector, is one too many for this limit: the
 * next configuration and the link to an engine need a copy of each.
 */
int descriptors_short(int fd, unsigned int limit);

#endif
