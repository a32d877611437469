/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The connection to pflowd: requests, and the rows of their replies.  All
 * functions exit on error, with one line that says what to do.
 */

#ifndef SESSION_H
#define SESSION_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "common/log.h"
#include "common/msg.h"
#include "output.h"

struct session {
	struct msg_conn conn;
	const char *path;
	ino_t inode;		     /* of the socket */
	int timeout;		     /* seconds of each wait for pflowd */
	uint32_t id;		     /* of the last request */
	struct answer answer;	     /* of the command */
	const struct output *errors; /* prints why it failed */
};

/*
 * Connect to pflowd.  While the backlog is full, Linux waits for as long as
 * sending may take; other systems refuse the connection.
 */
void session_open(struct session *, const char *path, int timeout);

/*
 * Wait until pflowd closes the connection, and then until it has removed the
 * socket or, at the end of a replay, no longer listens on it.
 */
void session_wait(struct session *);

/*
 * Send a request.  If pflowd refuses a client, it sends the reason and closes
 * the connection, so a broken pipe is ignored: the reason can still be read.
 */
void session_send(struct session *, uint32_t type, const void *data,
    size_t len);

/* Read the next row of the reply to the last request.  0: end of the reply. */
int session_row(struct session *, struct msg *);

/* The end of a reply.  Exits with its error if the request failed. */
void session_end(const struct msg *);

/* Request the rows of a type and read them all.  payload: as the type has it.
 */
void session_collect(struct session *, struct rows *, const void *payload);

/* Exit after a function of msg.h returned 0, or -1 and errno. */
void session_lost(const struct session *, int) LOG_NORETURN;

/* Exit because of a reply that breaks the protocol. */
void session_garbled(void) LOG_NORETURN;

#endif
