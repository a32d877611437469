/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: packet(7) counts the frames of a socket.
 */

#include <sys/socket.h>
#include <linux/if_packet.h>

#include <string.h>

#include "capture_os.h"

int
capture_os_counts_frames(void)
{
	return 1;
}

/* Reading resets the kernel's counters: add those that libpcap has read. */
int
capture_os_kernel_frames(int fd, const struct capture_stats *stats,
    uint64_t *frames)
{
	struct tpacket_stats_v3 s;
	socklen_t len = sizeof(s);

	memset(&s, 0, sizeof(s));
	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &s, &len) == -1)
		return -1;
	*frames = stats->received + s.tp_packets - stats->dropped;
	return 0;
}
