/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Host names to addresses, by a short-lived child without privileges: whoever
 * asks sees no DNS packet, and gets an answer of fixed size.
 */

#ifndef RESOLVE_H
#define RESOLVE_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>

#include "common/msg.h"
#include "conf.h"

#define RESOLVE_PATIENCE 20 /* seconds for one name: the child's life */

struct resolve_answer {
	char error[128]; /* empty: there is an address */
	struct sockaddr_storage addr;
	socklen_t addrlen;
};

/* Whether a collector's host is an address: then it is filled in. */
int resolve_numeric(struct conf_collector *);

/*
 * Start a child that looks up a collector's host, and ask it over its link,
 * which is the caller's.  -1 and errno.
 */
pid_t resolve_ask(const struct conf_collector *, struct msg_conn *);

/*
 * What came over the link.  1: the answer; 0: nothing yet; -1: there will be
 * none, and the answer's error says why.
 */
int resolve_take(struct msg_conn *, struct resolve_answer *);

/*
 * Fill in the addresses of all of a configuration's collectors, waiting for
 * them.  Returns -1 after writing to why which name failed and how.
 */
int resolve_collectors(struct conf *, char *why, size_t whylen);

/* The child: answers one question and ends.  Returns an exit status. */
int resolve_main(void);

#endif
