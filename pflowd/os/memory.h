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

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

/*
 * Create shared memory of size 0.  The caller owns the descriptor, which is
 * closed on exec.  Returns -1 and sets errno on error.
 */
int memory_open(void);

/*
 * Make it end len bytes behind `from`, and write zeros there.  A page that was
 * never written is allocated at its first use, and running out of memory then
 * is a SIGBUS; here, it is an error: -1 and errno.
 */
int memory_grow(int fd, off_t from, size_t len);

/* Bytes of memory that the machine has; 0: not known. */
uint64_t memory_size(void);

#endif
