/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>

#include "send.h"

void
send_begin(struct send_mode *mode, int fd)
{
	(void)fd;
	mode->singly = 1;
	mode->segment = 0;
}

int
send_datagrams(int fd, const struct iovec *iov, unsigned int n,
    struct send_mode *mode)
{
	unsigned int i;

	(void)mode;
	for (i = 0; i < n; i++)
		if (send(fd, iov[i].iov_base, iov[i].iov_len, 0) == -1)
			return i > 0 ? (int)i : -1;
	return (int)n;
}
