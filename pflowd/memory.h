/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Memory that processes share by a descriptor, without a name that others could
 * take or a file system that others could fill: one of memory_memfd.c,
 * memory_shm.c and memory_file.c, as configure finds memfd_create(2) and
 * SHM_ANON.
 */

#ifndef MEMORY_H
#define MEMORY_H

/*
 * A descriptor of memory of no size yet, closed on exec, the caller's own; -1
 * and errno.
 */
int memory_open(void);

#endif
