/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The same on every system.
 */

#include <sys/types.h>

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "memory.h"

/* FreeBSD does not write beyond the size set with ftruncate. */
int
memory_grow(int fd, off_t from, size_t len)
{
	static const uint8_t zeros[4096];
	ssize_t n;

	if (ftruncate(fd, from + (off_t)len) == -1 ||
	    lseek(fd, from, SEEK_SET) == -1)
		return -1;
	for (; len > 0; len -= (size_t)n) {
		n = write(fd, zeros, len < sizeof(zeros) ? len : sizeof(zeros));
		if (n == -1)
			return -1;
		if (n == 0) {
			errno = ENOSPC;
			return -1;
		}
	}
	return 0;
}
