/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: packet(7).  In immediate mode the ring has one frame to a slot of the
 * snapshot length, which a burst overruns; without it, it is packed.
 */

#include <sys/socket.h>

#include "capture_os.h"

int
capture_os_immediate(void)
{
	return 0;
}

int
capture_os_lock(int fd)
{
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on));
}
