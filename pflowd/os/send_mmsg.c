/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/socket.h>
#include <string.h>

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
	struct iovec copy[SEND_BATCH];
	struct mmsghdr msgs[SEND_BATCH];
	unsigned int i;

	(void)mode;
	memset(msgs, 0, n * sizeof(msgs[0]));
	for (i = 0; i < n; i++) {
		copy[i] = iov[i];
		msgs[i].msg_hdr.msg_iov = &copy[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	return sendmmsg(fd, msgs, n, 0);
}
