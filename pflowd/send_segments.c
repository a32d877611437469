/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Linux: datagrams of one size, and a last one that may be shorter, go through
 * the kernel as one message, which it cuts into them (udp(7), UDP_SEGMENT).
 */

#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include <errno.h>
#include <string.h>

#include "send.h"

#define SEGMENTS 64 /* UDP_MAX_SEGMENTS of the kernel */
#define BYTES 65507 /* that UDP carries over IPv4; IPv6 has room for more */

/* One message, of datagrams in a row. */
struct message {
	unsigned int n;
	size_t bytes;
	union {
		char data[CMSG_SPACE(sizeof(uint16_t))];
		struct cmsghdr align;
	} control;
};

/* Whether a message that begins with iov[0] can go on with iov[m->n]. */
static int
takes(const struct message *m, const struct iovec *iov)
{
	return m->n < SEGMENTS && m->bytes + iov[m->n].iov_len <= BYTES &&
	    iov[m->n - 1].iov_len == iov[0].iov_len &&
	    iov[m->n].iov_len <= iov[0].iov_len;
}

static void
set_size(struct msghdr *h, struct message *m, size_t size)
{
	uint16_t value = (uint16_t)size;
	struct cmsghdr *c;

	memset(&m->control, 0, sizeof(m->control));
	h->msg_control = m->control.data;
	h->msg_controllen = sizeof(m->control.data);
	c = CMSG_FIRSTHDR(h);
	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(value));
	memcpy(CMSG_DATA(c), &value, sizeof(value));
}

/* As many of the n datagrams as fit: how many those are. */
static unsigned int
fill(struct msghdr *h, struct message *m, struct iovec *iov, unsigned int n,
    int singly)
{
	m->n = 1;
	m->bytes = iov[0].iov_len;
	while (!singly && m->n < n && takes(m, iov))
		m->bytes += iov[m->n++].iov_len;
	memset(h, 0, sizeof(*h));
	h->msg_iov = iov;
	h->msg_iovlen = m->n;
	if (m->n > 1)
		set_size(h, m, iov[0].iov_len);
	return m->n;
}

static int
send_messages(int fd, struct iovec *iov, unsigned int n, int singly)
{
	struct mmsghdr headers[SEND_BATCH];
	struct message messages[SEND_BATCH];
	unsigned int filled = 0, k = 0, i;
	int taken, sent = 0;

	for (; filled < n; k++)
		filled += fill(&headers[k].msg_hdr, &messages[k], iov + filled,
		    n - filled, singly);
	if ((taken = sendmmsg(fd, headers, k, 0)) == -1)
		return -1;
	for (i = 0; i < k && (int)i < taken; i++)
		sent += (int)messages[i].n;
	return sent;
}

/* A path whose MTU is smaller, or a device that cannot sum them. */
static int
refuses_segments(int error)
{
	return error == EINVAL || error == EIO || error == EMSGSIZE ||
	    error == EOPNOTSUPP;
}

/* A kernel that does not know of it would send them all as one. */
int
send_singly(int fd)
{
	int size = 0;
	socklen_t len = sizeof(size);

	return getsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, &len) == -1;
}

int
send_datagrams(int fd, struct iovec *iov, unsigned int n, int *singly)
{
	int sent = send_messages(fd, iov, n, *singly);

	if (sent != -1 || *singly || n == 1 || !refuses_segments(errno))
		return sent;
	*singly = 1;
	return send_messages(fd, iov, n, 1);
}
