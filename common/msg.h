/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Messages between parent and engine, on a connected UNIX stream socket:
 * a header, then at most MSG_DATA bytes of a type's fixed payload, and at most
 * one descriptor.  Both ends are the same binary, so payloads are plain structs
 * in host order; the receiver still checks every size.
 */

#ifndef MSG_H
#define MSG_H

#include <stddef.h>
#include <stdint.h>

#define MSG_DATA 2048

enum msg_type {
	MSG_CONF_BEGIN = 1, /* parent to engine: struct msg_conf */
	MSG_CONF_COLLECTOR, /* struct conf_collector and its socket */
	MSG_CONF_INTERFACE, /* struct ifindex_entry */
	MSG_CONF_COMMIT,
	MSG_ENGINE_STATS, /* log the counters */
	MSG_ENGINE_STOP,  /* send what is queued and end */
	MSG_ENGINE_READY, /* engine to parent: root is gone, capture is open */
	MSG_RESOLVE_HOST, /* parent to resolver: struct resolve_question */
	MSG_RESOLVE_ADDR  /* resolver to parent: struct resolve_answer */
};

struct msg {
	uint32_t type;
	uint32_t len; /* of data */
	int fd;	      /* the receiver's own, or -1 */
	uint8_t data[MSG_DATA];
};

/* An end of a link.  Owns the descriptor. */
struct msg_link {
	int fd;
};

/*
 * Send one message, waiting until it is gone; fd is -1 or goes with it (the
 * sender keeps its own).  -1 and errno: the other end is gone.
 */
int msg_send(struct msg_link *, uint32_t type, const void *data, size_t len,
    int fd);

/*
 * Wait for the next message.  1; 0: the other end closed; -1 and errno: the
 * link is broken (EPROTO: what came is no message).
 */
int msg_receive(struct msg_link *, struct msg *);

/* Copy a payload of exactly len bytes; -1 if the message has another size. */
int msg_payload(const struct msg *, void *to, size_t len);

/* Close the descriptor that came with a message nobody wanted. */
void msg_discard(struct msg *);

#endif
