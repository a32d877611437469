/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * NetBSD before 8.  It has no sandbox that refuses fcntl(2).
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "accept.h"

int
accept_client(int listener)
{
	int fd;

	if ((fd = accept(listener, NULL, NULL)) == -1)
		return -1;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		return fd;
	close(fd);
	return -1;
}
