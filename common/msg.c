/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "msg.h"

/* On systems without MSG_NOSIGNAL, the program ignores SIGPIPE. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* flags of a header */
#define HAS_FD 1U

struct header {
	uint16_t version;
	uint16_t flags;
	uint32_t type;
	uint32_t id;
	uint32_t len;
};
_Static_assert(sizeof(struct header) == MSG_HEADER, "header");

struct msg_out {
	TAILQ_ENTRY(msg_out) entry;
	size_t len;
	size_t sent;
	int fd; /* a duplicate of the caller's, or -1 */
	uint8_t bytes[];
};

/* Space for one descriptor, aligned for a control message. */
union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int))];
};

void
msg_init(struct msg_conn *c, int fd, size_t limit, int takes_fds)
{
	memset(c, 0, sizeof(*c));
	TAILQ_INIT(&c->queue);
	c->fd = fd;
	c->limit = limit;
	c->takes_fds = takes_fds;
	c->wait_ms = -1;
}

/* Close the descriptor of a queued message: sent, or not needed any more. */
static void
close_queued_fd(struct msg_conn *c, struct msg_out *out)
{
	if (out->fd == -1)
		return;
	close(out->fd);
	out->fd = -1;
	c->queued_fds--;
}

/* Remove a message from the queue and free it; its unsent bytes are lost. */
static void
unqueue(struct msg_conn *c, struct msg_out *out)
{
	TAILQ_REMOVE(&c->queue, out, entry);
	c->queued -= out->len - out->sent;
	close_queued_fd(c, out);
	free(out);
}

void
msg_close(struct msg_conn *c)
{
	struct msg_out *out, *next;
	unsigned int i;

	for (out = TAILQ_FIRST(&c->queue); out != NULL; out = next) {
		next = TAILQ_NEXT(out, entry);
		unqueue(c, out);
	}
	for (i = 0; i < c->nfds; i++)
		if (c->fds[i] != -1)
			close(c->fds[i]);
	if (c->fd != -1)
		close(c->fd);
	msg_init(c, -1, 0, 0);
}

/* Make a message for the queue.  NULL and errno. */
static struct msg_out *
out_new(uint32_t type, uint32_t id, const void *data, size_t len, int fd)
{
	struct header header = { MSG_VERSION, fd != -1 ? HAS_FD : 0, type, id,
		(uint32_t)len };
	struct msg_out *out;

	if ((out = malloc(sizeof(*out) + sizeof(header) + len)) == NULL)
		return NULL;
	out->len = sizeof(header) + len;
	out->sent = 0;
	out->fd = -1;
	if (fd != -1 && (out->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1) {
		free(out);
		return NULL;
	}
	memcpy(out->bytes, &header, sizeof(header));
	if (len > 0)
		memcpy(out->bytes + sizeof(header), data, len);
	return out;
}

size_t
msg_room(const struct msg_conn *c)
{
	return c->queued < c->limit ? c->limit - c->queued : 0;
}

int
msg_put(struct msg_conn *c, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd)
{
	struct msg_out *out;

	if (len > MSG_DATA) {
		errno = EMSGSIZE;
		return -1;
	}
	if (sizeof(struct header) + len > msg_room(c)) {
		errno = ENOBUFS;
		return -1;
	}
	if (fd != -1 && c->queued_fds == MSG_QUEUED_FDS) {
		errno = ENOBUFS;
		return -1;
	}
	if ((out = out_new(type, id, data, len, fd)) == NULL)
		return -1;
	c->queued_fds += fd != -1;
	TAILQ_INSERT_TAIL(&c->queue, out, entry);
	c->queued += out->len;
	return 0;
}

struct msg_out *
msg_mark(const struct msg_conn *c)
{
	return TAILQ_LAST(&c->queue, msg_queue);
}

void
msg_back(struct msg_conn *c, struct msg_out *mark)
{
	struct msg_out *out, *before;

	for (out = TAILQ_LAST(&c->queue, msg_queue); out != mark;
	     out = before) {
		before = TAILQ_PREV(out, msg_queue, entry);
		unqueue(c, out);
	}
}

/* Attach a descriptor to a message; control holds it until it is sent. */
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

/* Account n written bytes of the first message; free it if it is complete. */
static void
written(struct msg_conn *c, struct msg_out *out, size_t n)
{
	c->queued -= n;
	out->sent += n;
	close_queued_fd(c, out);
	if (out->sent == out->len)
		unqueue(c, out);
}

/* Send a message with its descriptor, which goes with the first byte. */
static ssize_t
send_with_fd(int fd, struct msg_out *out)
{
	struct iovec iov = { out->bytes + out->sent, out->len - out->sent };
	struct msghdr mh;
	union control control;

	memset(&mh, 0, sizeof(mh));
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	attach(&mh, &control, out->fd);
	return sendmsg(fd, &mh, MSG_NOSIGNAL);
}

/*
 * Use send(2) for messages without a descriptor: a sandbox may refuse
 * sendmsg(2), which could pass descriptors.
 */
static ssize_t
send_some(int fd, struct msg_out *out)
{
	ssize_t n;

	do {
		n = out->fd != -1 ? send_with_fd(fd, out) :
				    send(fd, out->bytes + out->sent,
					out->len - out->sent, MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	return n;
}

int
msg_write(struct msg_conn *c)
{
	struct msg_out *out;
	ssize_t n;

	while ((out = TAILQ_FIRST(&c->queue)) != NULL) {
		if ((n = send_some(c->fd, out)) == -1)
			return errno == EAGAIN || errno == ENOBUFS ? 0 : -1;
		written(c, out, (size_t)n);
	}
	return 1;
}

/*
 * A descriptor was sent, but the limit of open ones is reached.  Its place is
 * kept, so that the next one does not go with this message.
 */
static void
lose_fd(struct msg_conn *c)
{
	if (c->nfds < MSG_FDS)
		c->fds[c->nfds++] = -1;
}

/*
 * Store the descriptor that was received; close those that are too many.
 * Messages have at most one descriptor, but because of its alignment, the
 * control message may hold another one.  If more were sent than fit, cmsg_len
 * may be the length that all of them would need.
 */
static void
store_fds(struct msg_conn *c, struct msghdr *mh)
{
	struct cmsghdr *cm = CMSG_FIRSTHDR(mh);
	size_t i, n, len;
	int fd;

	if (cm == NULL && mh->msg_flags & MSG_CTRUNC) /* Linux */
		lose_fd(c);
	if (cm == NULL || cm->cmsg_level != SOL_SOCKET ||
	    cm->cmsg_type != SCM_RIGHTS)
		return;
	len = cm->cmsg_len < mh->msg_controllen ? cm->cmsg_len :
						  mh->msg_controllen;
	if (len < CMSG_LEN(0))
		return;
	n = (len - CMSG_LEN(0)) / sizeof(fd);
	for (i = 0; i < n; i++) {
		memcpy(&fd, CMSG_DATA(cm) + i * sizeof(fd), sizeof(fd));
		if (n > 1 || c->nfds == MSG_FDS) {
			close(fd);
			continue;
		}
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		c->fds[c->nfds++] = fd;
	}
}

int
msg_read(struct msg_conn *c)
{
	struct iovec iov = { c->in + c->have, sizeof(c->in) - c->have };
	struct msghdr mh;
	union control control;
	ssize_t n;

	memset(&mh, 0, sizeof(mh));
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	if (c->takes_fds) {
		mh.msg_control = control.space;
		mh.msg_controllen = sizeof(control.space);
	}
	do {
		n = recvmsg(c->fd, &mh, 0);
	} while (n == -1 && errno == EINTR);
	if (n == -1 && c->takes_fds &&
	    (errno == EMSGSIZE || errno == EMFILE || errno == ENFILE)) {
		lose_fd(c); /* the BSDs; the bytes are still to be read */
		return 1;
	}
	if (n == -1)
		return -1;
	/* A descriptor may be received even without room for a byte. */
	if (c->takes_fds)
		store_fds(c, &mh);
	c->have += (size_t)n;
	return n > 0;
}

/* Return -1 with this errno. */
static int
refuse(int error)
{
	errno = error;
	return -1;
}

/* Remove the oldest descriptor that was received. */
static int
next_fd(struct msg_conn *c)
{
	int fd = c->fds[0];

	c->nfds--;
	memmove(c->fds, c->fds + 1, c->nfds * sizeof(c->fds[0]));
	return fd;
}

int
msg_get(struct msg_conn *c, struct msg *msg)
{
	struct header h;
	size_t size;

	if (c->have < sizeof(h))
		return 0;
	memcpy(&h, c->in, sizeof(h));
	if (h.version != MSG_VERSION) {
		c->peer_version = h.version;
		return refuse(EPROTONOSUPPORT);
	}
	if (h.len > MSG_DATA || (h.flags & ~HAS_FD) != 0)
		return refuse(EPROTO);
	size = sizeof(h) + h.len;
	if (c->have < size)
		return 0;
	if (h.flags & HAS_FD && c->nfds == 0)
		return refuse(EPROTO);
	msg->type = h.type;
	msg->id = h.id;
	msg->len = h.len;
	msg->fd = h.flags & HAS_FD ? next_fd(c) : -1;
	msg->fd_lost = h.flags & HAS_FD && msg->fd == -1;
	memcpy(msg->data, c->in + sizeof(h), h.len);
	c->have -= size;
	memmove(c->in, c->in + size, c->have);
	return 1;
}

/* Wait until fd is readable or writable.  Returns -1 and errno. */
static int
wait_ready(int fd, short events, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int n;

	do {
		n = poll(&pfd, 1, ms);
	} while (n == -1 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	return n == 1 ? 0 : -1;
}

int
msg_flush(struct msg_conn *c, int ms)
{
	int done;

	while ((done = msg_write(c)) == 0)
		if (wait_ready(c->fd, POLLOUT, ms) == -1)
			return -1;
	return done == 1 ? 0 : -1;
}

int
msg_send(struct msg_conn *c, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd)
{
	if (msg_put(c, type, id, data, len, fd) == -1)
		return -1;
	return msg_flush(c, c->wait_ms);
}

int
msg_receive(struct msg_conn *c, struct msg *msg)
{
	int n;

	msg->fd = -1;
	while ((n = msg_get(c, msg)) == 0) {
		if (wait_ready(c->fd, POLLIN, c->wait_ms) == -1)
			return -1;
		if ((n = msg_read(c)) == 0)
			return c->have > 0 ? refuse(EPROTO) : 0;
		if (n == -1 && errno != EAGAIN)
			return -1;
	}
	return n;
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
