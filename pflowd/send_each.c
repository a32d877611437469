/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>

#include "send.h"

int
send_singly(int fd)
{
	(void)fd;
	return 1;
}

int
send_datagrams(int fd, struct iovec *iov, unsigned int n, int *singly)
{
	unsigned int i;

	(void)singly;
	for (i = 0; i < n; i++)
		if (send(fd, iov[i].iov_base, iov[i].iov_len, 0) == -1)
			return i > 0 ? (int)i : -1;
	return (int)n;
}
