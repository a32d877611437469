/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * One question to a resolver (resolver_child.h) at a time.
 */

#ifndef RESOLVER_ASK_H
#define RESOLVER_ASK_H

#include <sys/types.h>
#include <netdb.h>

#include <stddef.h>
#include <stdint.h>

#include "child.h"
#include "conf/conf.h"
#include "resolver_child.h"

/* Seconds after which a resolver is killed that has not ended itself. */
#define RESOLVER_ASK_MAX (RESOLVER_CHILD_MAX + 2)

/* Codes missing on some systems; another code replaces them there. */
#ifdef EAI_NODATA
#define RESOLVER_NODATA EAI_NODATA
#else
#define RESOLVER_NODATA EAI_NONAME
#endif
#ifdef EAI_ADDRFAMILY
#define RESOLVER_ADDRFAMILY EAI_ADDRFAMILY
#else
#define RESOLVER_ADDRFAMILY EAI_FAMILY
#endif

/*
 * Called once for each question, with the answer, which has the port that was
 * asked for; or with NULL and the reason, a static text.
 */
typedef void resolver_ask_cb(void *arg, const struct resolver_answer *,
    const char *why);

struct resolver_ask {
	struct child child;
	struct resolver_question question;
	int waiting; /* for an answer */
	resolver_ask_cb *done;
	void *arg;
};

/* Nothing is asked yet.  -1: out of memory. */
int resolver_ask_init(struct resolver_ask *, struct child_list *,
    struct event_base *, resolver_ask_cb *, void *arg);
void resolver_ask_free(struct resolver_ask *);

/*
 * The question for the address of a collector's host, without a port.  Of
 * several addresses, the answer is one of the source's family, and with keep
 * the one in use if it is among them.
 */
void resolver_ask_question(struct resolver_question *,
    const struct conf_collector *, int keep);

/* Ask it.  done() may be called before this returns. */
void resolver_ask_start(struct resolver_ask *,
    const struct resolver_question *);

/* Set the port of an IPv4 or IPv6 address. */
void resolver_ask_port(struct sockaddr_storage *, uint16_t port);

/* The answer is not needed any more; the process is killed. */
void resolver_ask_stop(struct resolver_ask *);

/* True if a collector's host is an address, which is then filled in. */
int resolver_ask_numeric(struct conf_collector *);

/*
 * Fill in the addresses of all collectors of a configuration, waiting for each.
 * Returns -1, with the failing name and the reason in why.
 */
int resolver_ask_all(struct conf *, char *why, size_t whylen);

/*
 * Text of a getaddrinfo(3) code: gai_strerror(3) if the code exists, as it may
 * come from a compromised child.
 */
const char *resolver_ask_error(int32_t code);

#endif
