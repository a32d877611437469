/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * FreeBSD: shm_open(2) without a name.
 */

#include <sys/mman.h>

#include <fcntl.h>

#include "memory.h"

int
memory_open(void)
{
	return shm_open(SHM_ANON, O_RDWR | O_CLOEXEC, 0600);
}
