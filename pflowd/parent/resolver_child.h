/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The process that resolves one host name: short-lived and without privileges,
 * so that whoever asks sees no DNS packet, and gets an answer of fixed size.
 */

#ifndef RESOLVER_CHILD_H
#define RESOLVER_CHILD_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdint.h>

#include "conf/conf.h"

#define RESOLVER_CHILD_MAX 20 /* its lifetime, in seconds */

struct resolver_question {
	char host[CONF_HOST];
	uint16_t port;	  /* 0: none */
	uint16_t family;  /* preferred; AF_UNSPEC: any */
	uint32_t addrlen; /* 0: no address in use */
	struct sockaddr_storage addr;
};

struct resolver_answer {
	int32_t error; /* getaddrinfo(3)'s code; 0: addr is set */
	uint32_t addrlen;
	struct sockaddr_storage addr;
};

/*
 * Resolve a name to one address: the one in use if it is still listed, else one
 * of the preferred family, else the first.  flags are those of getaddrinfo(3).
 * -1: a->error has the reason.
 */
int resolver_child_find(const struct resolver_question *, int flags,
    struct resolver_answer *a);

/* Run the child: answer one question and exit.  Returns an exit status. */
int resolver_child_main(void);

#endif
