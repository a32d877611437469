/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "msg.h"

struct header {
	uint32_t type;
	uint32_t len;
};

/* Room for one descriptor, aligned as a control message wants it. */
union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int))];
};

static void
attach(struct msghdr *mh, union control *control, int fd)
{
	struct cmsghdr *cm;

	memset(control, 0, sizeof(*control));
	mh->msg_control = control->space;
	mh->msg_controllen = sizeof(control->space);
	cm = CMSG_FIRSTHDR(mh);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
}

static int
send_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		if ((n = send(fd, p, len, MSG_NOSIGNAL)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The descriptor goes with the header, which is too short to be cut. */
int
msg_send(struct msg_link *link, uint32_t type, const void *data, size_t len,
    int fd)
{
	struct header header = { type, (uint32_t)len };
	struct iovec iov = { &header, sizeof(header) };
	struct msghdr mh;
	union control control;
	ssize_t n;

	if (len > MSG_DATA) {
		errno = EMSGSIZE;
		return -1;
	}
	memset(&mh, 0, sizeof(mh));
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	if (fd != -1)
		attach(&mh, &control, fd);
	do {
		n = sendmsg(link->fd, &mh, MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	if (n != (ssize_t)sizeof(header))
		return -1;
	return send_all(link->fd, data, len);
}

static int
descriptor(struct msghdr *mh)
{
	struct cmsghdr *cm = CMSG_FIRSTHDR(mh);
	int fd;

	if (cm == NULL || cm->cmsg_level != SOL_SOCKET ||
	    cm->cmsg_type != SCM_RIGHTS ||
	    cm->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(cm), sizeof(fd));
	return fd;
}

static int
receive_all(int fd, void *data, size_t len)
{
	char *p = data;
	ssize_t n;

	while (len > 0) {
		if ((n = recv(fd, p, len, MSG_WAITALL)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (n == 0) {
			errno = EPROTO;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static ssize_t
receive_header(int fd, struct header *header, struct msg *msg)
{
	struct iovec iov = { header, sizeof(*header) };
	struct msghdr mh;
	union control control;
	ssize_t n;

	memset(&mh, 0, sizeof(mh));
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	mh.msg_control = control.space;
	mh.msg_controllen = sizeof(control.space);
	do {
		n = recvmsg(fd, &mh, MSG_WAITALL);
	} while (n == -1 && errno == EINTR);
	if (n > 0)
		msg->fd = descriptor(&mh);
	return n;
}

int
msg_receive(struct msg_link *link, struct msg *msg)
{
	struct header header = { 0, 0 };
	ssize_t n;

	msg->fd = -1;
	if ((n = receive_header(link->fd, &header, msg)) <= 0)
		return (int)n;
	if (n != (ssize_t)sizeof(header) || header.len > MSG_DATA) {
		errno = EPROTO;
		goto fail;
	}
	msg->type = header.type;
	msg->len = header.len;
	if (receive_all(link->fd, msg->data, msg->len) == -1)
		goto fail;
	return 1;
fail:
	msg_discard(msg);
	return -1;
}

int
msg_payload(const struct msg *msg, void *to, size_t len)
{
	if (msg->len != len) {
		errno = EPROTO;
		return -1;
	}
	memcpy(to, msg->data, len);
	return 0;
}

void
msg_discard(struct msg *msg)
{
	if (msg->fd != -1)
		close(msg->fd);
	msg->fd = -1;
}
