/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Messages on a connected UNIX stream socket: a header, at most MSG_DATA bytes
 * of payload, at most one descriptor.  Used between the processes of pflowd,
 * and between pflowd and its clients (ctl.h); payloads are plain structs in
 * host order, of which the receiver checks every size.  Nothing here waits but
 * msg_flush(), msg_send() and msg_receive(); who calls the others has a loop of
 * his own.
 */

#ifndef MSG_H
#define MSG_H

#include <stddef.h>
#include <stdint.h>

#define MSG_VERSION 1 /* of the header and of ctl.h */
#define MSG_DATA 2048

struct msg {
	uint32_t type;
	uint32_t id;  /* of a request, and of its answers */
	uint32_t len; /* of data */
	int fd;	      /* the receiver's own, or -1 */
	uint8_t data[MSG_DATA];
};

struct msg_out;

#define MSG_HEADER 16
#define MSG_FDS 4	   /* received before their messages are whole */
#define MSG_QUEUED_FDS 512 /* waiting to be sent */

/* An end of a connection.  Owns its descriptor and what is queued. */
struct msg_conn {
	int fd;
	int takes_fds;
	size_t limit;  /* bytes that may wait to be sent */
	size_t queued; /* bytes that do */
	unsigned int queued_fds;
	struct msg_out *first;
	struct msg_out *last;
	unsigned int peer_version; /* after EPROTONOSUPPORT */
	unsigned int nfds;
	int fds[MSG_FDS];
	size_t have; /* bytes in in[] */
	uint8_t in[MSG_HEADER + MSG_DATA];
};

/*
 * Begin with a descriptor.  takes_fds: descriptors may come from the peer; who
 * is not trusted to send any must not.
 */
void msg_init(struct msg_conn *, int fd, size_t limit, int takes_fds);

/* Close the descriptor, and forget what was queued. */
void msg_close(struct msg_conn *);

/* Bytes that the queue has room for, headers included; 0 if it is full. */
size_t msg_room(const struct msg_conn *);

/*
 * Queue a message; fd is -1 or goes with it (the caller keeps its own).  -1 and
 * errno: ENOBUFS, the limit, or that of descriptors, would be passed; EMSGSIZE;
 * or no memory.
 */
int msg_put(struct msg_conn *, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd);

/*
 * Where the queue ends, and back to there: what was put since is forgotten.
 * Nothing may be written in between.
 */
struct msg_out *msg_mark(const struct msg_conn *);
void msg_back(struct msg_conn *, struct msg_out *mark);

/* Write what is queued.  1: all is gone; 0: the rest later; -1 and errno. */
int msg_write(struct msg_conn *);

/*
 * Read once.  1: something came; 0: the peer has closed; -1 and errno (EAGAIN
 * if nothing is there).  Only when msg_get() has no more.
 */
int msg_read(struct msg_conn *);

/*
 * The next whole message that was read.  1; 0: none yet; -1: what came is no
 * message (EPROTO), or of another version (EPROTONOSUPPORT).
 */
int msg_get(struct msg_conn *, struct msg *);

/*
 * Write all that is queued, waiting for the peer to take it, each time for ms
 * milliseconds at most (-1: for ever).  0; -1 and errno.
 */
int msg_flush(struct msg_conn *, int ms);

/* Queue and write one message, waiting until it is gone; -1 and errno. */
int msg_send(struct msg_conn *, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd);

/* Wait for the next message.  1; 0: the peer closed; -1 and errno. */
int msg_receive(struct msg_conn *, struct msg *);

/* Copy a payload of exactly len bytes; -1 if the message has another size. */
int msg_payload(const struct msg *, void *to, size_t len);

/* Close the descriptor that came with a message nobody wanted. */
void msg_discard(struct msg *);

#endif
