/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: datagrams of one size, and a last one that may be shorter, go through
 * the kernel as one message, which it cuts into them (udp(7), UDP_SEGMENT). The
 * size is the socket's, not the message's, so that a confined engine needs no
 * sendmsg(2), whose address no filter of system calls can see.
 */

#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include <errno.h>

#include "send.h"

#define SEGMENTS 64 /* UDP_MAX_SEGMENTS of the kernel */
#define BYTES 65507 /* that UDP carries over IPv4; IPv6 has room for more */

/* How many of the n datagrams, from the first, go as one message. */
static unsigned int
run_length(const struct iovec *iov, unsigned int n, int singly)
{
	size_t bytes = iov[0].iov_len;
	unsigned int i;

	for (i = 1; i < n && i < SEGMENTS && !singly; i++) {
		if (iov[i - 1].iov_len != iov[0].iov_len ||
		    iov[i].iov_len > iov[0].iov_len ||
		    bytes + iov[i].iov_len > BYTES)
			break;
		bytes += iov[i].iov_len;
	}
	return i;
}

static int
set_segment(int fd, struct send_mode *mode, unsigned int size)
{
	int value = (int)size;

	if (mode->segment == size)
		return 0;
	if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, &value, sizeof(value)) == -1)
		return -1;
	mode->segment = size;
	return 0;
}

/* What is no longer than a segment goes whole, so the size may stay. */
static unsigned int
segment_for(const struct iovec *iov, unsigned int n,
    const struct send_mode *mode)
{
	if (n > 1)
		return (unsigned int)iov[0].iov_len;
	if (mode->singly || iov[0].iov_len > mode->segment)
		return 0;
	return mode->segment;
}

static int
send_run(int fd, const struct iovec *iov, unsigned int n,
    struct send_mode *mode)
{
	if (set_segment(fd, mode, segment_for(iov, n, mode)) == -1)
		return -1;
	return writev(fd, iov, (int)n) == -1 ? -1 : 0;
}

/*
 * Whether to try again without segments: a path whose MTU is smaller, or a
 * device that cannot sum them.  That several are too long may be news of an
 * earlier one, and is to be counted; that one is, when it is sent alone.
 */
static int
goes_singly(struct send_mode *mode, unsigned int run, int error)
{
	if (mode->segment == 0 || mode->singly)
		return 0;
	if (error != EINVAL && error != EIO && error != EMSGSIZE &&
	    error != EOPNOTSUPP)
		return 0;
	mode->singly = 1;
	return run == 1 || error != EMSGSIZE;
}

/* A kernel that does not know of it would send them all as one. */
void
send_begin(struct send_mode *mode, int fd)
{
	int size = 0;
	socklen_t len = sizeof(size);

	mode->singly = getsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, &len) == -1;
	mode->segment = mode->singly ? 0 : (unsigned int)size;
}

int
send_datagrams(int fd, const struct iovec *iov, unsigned int n,
    struct send_mode *mode)
{
	unsigned int sent = 0, run;

	while (sent < n) {
		run = run_length(iov + sent, n - sent, mode->singly);
		if (send_run(fd, iov + sent, run, mode) == 0)
			sent += run;
		else if (!goes_singly(mode, run, errno))
			break;
	}
	return sent > 0 ? (int)sent : -1;
}
