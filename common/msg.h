/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Messages on a connected UNIX stream socket: a header, at most MSG_DATA bytes
 * of payload, at most one descriptor.  They are used between the processes of
 * pflowd, and between pflowd and its clients (ctl.h).  Payloads are plain
 * structs in host order.  The receiver checks every size.  Only msg_flush(),
 * msg_send() and msg_receive() block; the other functions are for event loops.
 */

#ifndef MSG_H
#define MSG_H

#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#define MSG_VERSION 1 /* of the header and of ctl.h */
#define MSG_DATA 2048

struct msg {
	uint32_t type;
	uint32_t id;  /* of a request, and of its replies */
	uint32_t len; /* bytes in data */
	int fd;	      /* owned by the receiver, or -1 */
	int fd_lost;  /* one was sent, but the receiver has too many */
	uint8_t data[MSG_DATA];
};

/* A queued message. */
struct msg_out;
TAILQ_HEAD(msg_queue, msg_out);

#define MSG_HEADER 16
#define MSG_FDS 4	   /* received before their messages are complete */
#define MSG_QUEUED_FDS 512 /* waiting to be sent */

/*
 * One end of a connection.  Owns its descriptor and queued messages.  It must
 * not be copied.
 */
struct msg_conn {
	int fd;
	int takes_fds;
	struct msg_queue queue; /* to be written */
	size_t limit;		/* most bytes in the queue */
	size_t queued;		/* bytes in the queue */
	unsigned int queued_fds;
	unsigned int peer_version; /* after EPROTONOSUPPORT */
	int wait_ms; /* limit of each wait of msg_send() and msg_receive() */
	unsigned int nfds;
	int fds[MSG_FDS];
	size_t have; /* bytes in in[] */
	uint8_t in[MSG_HEADER + MSG_DATA];
};

/*
 * Initialize a connection, which takes ownership of fd.  takes_fds: receive
 * descriptors from the peer; set it only if the peer is trusted to send them.
 * wait_ms is -1, no limit, until the caller sets it.
 */
void msg_init(struct msg_conn *, int fd, size_t limit, int takes_fds);

/* Close the descriptor and discard the queue. */
void msg_close(struct msg_conn *);

/* Bytes, with headers, that the queue has room for; 0: full. */
size_t msg_room(const struct msg_conn *);

/*
 * Queue a message.  fd: a descriptor to send with it, which is duplicated, or
 * -1.  Returns -1 and sets errno on error.  ENOBUFS: the limit of bytes or
 * descriptors would be exceeded; EMSGSIZE; or out of memory.
 */
int msg_put(struct msg_conn *, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd);

/*
 * Mark the end of the queue, and discard the messages queued after the mark.
 * Do not write in between.
 */
struct msg_out *msg_mark(const struct msg_conn *);
void msg_back(struct msg_conn *, struct msg_out *mark);

/* Write the queue.  1: all written; 0: some is left; -1 and errno. */
int msg_write(struct msg_conn *);

/*
 * Read once.  Call only after msg_get() returned 0.  Returns 1: bytes were
 * read; 0: the peer closed; -1 and errno (EAGAIN: nothing to read).
 */
int msg_read(struct msg_conn *);

/*
 * Get the next complete message.  Returns 1; 0: none yet; -1: not a message
 * (EPROTO), or another version (EPROTONOSUPPORT).
 */
int msg_get(struct msg_conn *, struct msg *);

/*
 * Write the whole queue.  Each wait for the peer takes at most ms milliseconds
 * (-1: no limit).  Returns 0; -1 and errno.
 */
int msg_flush(struct msg_conn *, int ms);

/*
 * Queue a message and wait until it is written.  Returns 0; -1 and errno
 * (ETIMEDOUT: the peer does not read).
 */
int msg_send(struct msg_conn *, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd);

/*
 * Wait for the next message.  Returns 1; 0: the peer closed; -1 and errno
 * (ETIMEDOUT: the peer does not write).
 */
int msg_receive(struct msg_conn *, struct msg *);

/* Copy a payload of exactly len bytes.  -1: the payload has another size. */
int msg_payload(const struct msg *, void *to, size_t len);

/* Close the descriptor of a message, if any. */
void msg_discard(struct msg *);

#endif
