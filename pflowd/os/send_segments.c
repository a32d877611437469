/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: several datagrams of one size, of which the last may be shorter, are
 * sent as one message that the kernel splits (udp(7), UDP_SEGMENT).  The size
 * is set on the socket, not in a control message, so that the sandboxed engine
 * does not need sendmsg(2): seccomp cannot check its address.
 */

#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include <errno.h>

#include "send.h"

#define SEGMENTS 64 /* UDP_MAX_SEGMENTS of the kernel */
#define BYTES 65507 /* largest UDP payload of IPv4; that of IPv6 is larger */

/* Count the datagrams, from the first, that can be sent as one message. */
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

/* One datagram no longer than the segment size is not split: keep the size. */
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
 * True if sending should be retried without segments: the path MTU is smaller,
 * or the device cannot compute checksums of segments.  EMSGSIZE for several
 * datagrams may be about an earlier one: do not retry, so that it is counted.
 * EMSGSIZE for one datagram is counted when the retry fails.
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

/* A kernel without UDP_SEGMENT would send a run as one datagram. */
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
