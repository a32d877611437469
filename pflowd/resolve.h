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
#include <netdb.h>

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "conf.h"

#define RESOLVE_PATIENCE 20 /* seconds for one name: the child's life */

/* Seconds after which whoever asked ends it, if it did not end itself. */
#define RESOLVE_DEADLINE (RESOLVE_PATIENCE + 2)

/* Codes that not every system has: another one stands for them there. */
#ifdef EAI_NODATA
#define RESOLVE_NODATA EAI_NODATA
#else
#define RESOLVE_NODATA EAI_NONAME
#endif
#ifdef EAI_ADDRFAMILY
#define RESOLVE_ADDRFAMILY EAI_ADDRFAMILY
#else
#define RESOLVE_ADDRFAMILY EAI_FAMILY
#endif

struct resolve_answer {
	int32_t error; /* getaddrinfo's code; 0: there is an address */
	uint32_t addrlen;
	struct sockaddr_storage addr;
};

/* Whether a collector's host is an address: then it is filled in. */
int resolve_numeric(struct conf_collector *);

/*
 * Start a child that looks up a collector's host, and ask it over its link,
 * which is the caller's and does not block.  Of several addresses the answer is
 * one of the source's family, and, to keep, the one that is in use already.
 * Returns the child's process id, which is the caller's to end and to wait for;
 * -1 and errno.
 */
pid_t resolve_ask(const struct conf_collector *, int keep, struct msg_conn *);

/*
 * What came over the link.  1: an address, with this port; 0: nothing yet; -1:
 * there will be none, and *why is a text of ours that says so.
 */
int resolve_take(struct msg_conn *, uint16_t port, struct resolve_answer *,
    const char **why);

/*
 * Fill in the addresses of all of a configuration's collectors, waiting for
 * them.  Returns -1 after writing to why which name failed and how.
 */
int resolve_collectors(struct conf *, char *why, size_t whylen);

/*
 * getaddrinfo(3)'s code as text, by gai_strerror(3) if it is one that there is:
 * it may be an attacker's.
 */
const char *resolve_error(int32_t code);

/* The child: answers one question and ends.  Returns an exit status. */
int resolve_main(void);

#endif
