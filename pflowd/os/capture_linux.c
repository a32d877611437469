/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: packet(7).  Immediate mode is off: with it, each frame takes a ring
 * slot of the snapshot length, and a burst overruns the ring.  Without it,
 * frames are packed.
 */

#include <stdio_ext.h>

#include "capture_os.h"

int
capture_os_immediate(void)
{
	return 0;
}

void
capture_os_only_reader(FILE *file)
{
	__fsetlocking(file, FSETLOCKING_BYCALLER);
}

int
capture_os_buffer(int fd, uint64_t *bytes)
{
	(void)fd;
	(void)bytes;
	return -1;
}
