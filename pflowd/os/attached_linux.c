/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: packet(7), which also wakes the reader when the interface is
 * destroyed.
 */

#include <sys/socket.h>
#include <linux/if_packet.h>

#include <string.h>

#include "capture_os.h"

/* A socket whose interface was destroyed is bound to no interface. */
int
capture_os_attached(int fd, const char *interface)
{
	struct sockaddr_ll ll;
	socklen_t len = sizeof(ll);

	(void)interface;
	memset(&ll, 0, sizeof(ll));
	return getsockname(fd, (struct sockaddr *)&ll, &len) == 0 &&
	    ll.sll_ifindex > 0;
}
