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
#include "conf/conf.h"

#define RESOLVE_PATIENCE 20 /* lifetime of a child, in seconds per name */

/* Seconds after which the caller ends a child that has not ended itself. */
#define RESOLVE_DEADLINE (RESOLVE_PATIENCE + 2)

/* Codes missing on some systems; another code replaces them there. */
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
	int32_t error; /* getaddrinfo(3)'s code; 0: addr is set */
	uint32_t addrlen;
	struct sockaddr_storage addr;
};

/* True if a collector's host is an address, which is then filled in. */
int resolve_numeric(struct conf_collector *);

/*
 * Start a child that resolves a collector's host, and send it the question.
 * The link is the caller's, and non-blocking.  Of several addresses, the answer
 * is one of the source's family, and with keep the one in use if it is among
 * them.  Returns the child's process id, which the caller must kill and reap;
 * -1 and errno.
 */
pid_t resolve_ask(const struct conf_collector *, int keep, struct msg_conn *);

/*
 * Read from the link.  Returns 1 if there is an address, with this port; 0 if
 * nothing arrived yet; -1 if there will be none, with *why pointing to a static
 * text.
 */
int resolve_take(struct msg_conn *, uint16_t port, struct resolve_answer *,
    const char **why);

/*
 * Fill in the addresses of all collectors of a configuration, waiting for each.
 * Returns -1, with the failing name and the reason in why.
 */
int resolve_collectors(struct conf *, char *why, size_t whylen);

/*
 * Text of a getaddrinfo(3) code: gai_strerror(3) if the code exists, as it may
 * come from a compromised child.
 */
const char *resolve_error(int32_t code);

/* Run the child: answer one question and exit.  Returns an exit status. */
int resolve_main(void);

#endif
