/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Memory that processes share by a descriptor.  It has no name that others
 * could take, and needs no file system that others could fill.  configure
 * chooses memory_memfd.c (memfd_create(2)), memory_shm.c (SHM_ANON) or
 * memory_file.c.
 */

#ifndef MEMORY_H
#define MEMORY_H

/*
 * Create shared memory of size 0.  The caller owns the descriptor, which is
 * closed on exec.  Returns -1 and sets errno on error.
 */
int memory_open(void);

#endif
