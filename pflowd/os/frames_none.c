/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Systems that do not count the frames of a descriptor.
 */

#include "capture_os.h"

int
capture_os_counts_frames(void)
{
	return 0;
}

int
capture_os_kernel_frames(int fd, const struct capture_stats *stats,
    uint64_t *frames)
{
	(void)fd;
	(void)stats;
	(void)frames;
	return -1;
}
