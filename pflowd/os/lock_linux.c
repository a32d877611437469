/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: packet(7).  The engine's sandbox refuses to send frames.
 */

#include <sys/socket.h>

#include "capture_os.h"

int
capture_os_lock(int fd)
{
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on));
}
