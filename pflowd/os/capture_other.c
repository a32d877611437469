/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Other systems.
 */

#include "capture_os.h"

int
capture_os_immediate(void)
{
	return 1;
}

void
capture_os_only_reader(FILE *file)
{
	(void)file;
}

int
capture_os_buffer(int fd, uint64_t *bytes)
{
	(void)fd;
	(void)bytes;
	return -1;
}
