/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: memfd_create(2).
 */

#include <sys/mman.h>

#include "memory.h"

int
memory_open(void)
{
	return memfd_create("pflowd", MFD_CLOEXEC);
}
