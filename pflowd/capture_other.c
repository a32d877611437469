/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Systems without a way to lock a capture's filter.
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
capture_os_lock(int fd)
{
	(void)fd;
	return 0;
}

int
capture_os_counts_taken(void)
{
	return 0;
}

int
capture_os_taken(int fd, const struct capture_stats *stats, uint64_t *taken)
{
	(void)fd;
	(void)stats;
	(void)taken;
	return -1;
}
