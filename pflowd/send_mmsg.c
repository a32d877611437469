/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/socket.h>
#include <string.h>

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
	struct mmsghdr msgs[SEND_BATCH];
	unsigned int i;

	(void)singly;
	memset(msgs, 0, n * sizeof(msgs[0]));
	for (i = 0; i < n; i++) {
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	return sendmmsg(fd, msgs, n, 0);
}
