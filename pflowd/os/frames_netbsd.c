/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * NetBSD: bpf(4) counts the frames that pass the filter (bs_capt).
 */

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <net/bpf.h>
#include <net/if.h>

#include "capture_os.h"

int
capture_os_counts_frames(void)
{
	return 1;
}

int
capture_os_kernel_frames(int fd, const struct capture_stats *stats,
    uint64_t *frames)
{
	struct bpf_stat s;

	if (ioctl(fd, BIOCGSTATS, &s) == -1)
		return -1;
	*frames = s.bs_capt - stats->dropped;
	return 0;
}
