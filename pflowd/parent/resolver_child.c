/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netdb.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/msg.h"
#include "os/sandbox.h"
#include "process/link.h"
#include "process/privsep.h"
#include "resolver_child.h"

#define QUEUE 4096 /* bytes on the link: hello, and one answer */

/*
 * Keep the address in use if it is still listed: round-robin DNS alone must not
 * move a collector.
 */
static const struct addrinfo *
choose(const struct addrinfo *list, const struct resolver_question *q)
{
	const struct addrinfo *a, *first = NULL;

	for (a = list; a != NULL; a = a->ai_next) {
		if (a->ai_addrlen == q->addrlen &&
		    memcmp(a->ai_addr, &q->addr, a->ai_addrlen) == 0)
			return a;
		if (first == NULL && a->ai_family == q->family)
			first = a;
	}
	return first != NULL ? first : list;
}

int
resolver_child_find(const struct resolver_question *q, int flags,
    struct resolver_answer *a)
{
	struct addrinfo hints, *list;
	const struct addrinfo *chosen;
	char port[8];
	int error;

	memset(a, 0, sizeof(*a));
	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_DGRAM;
	hints.ai_flags = flags | AI_NUMERICSERV;
	snprintf(port, sizeof(port), "%u", q->port);
	error = getaddrinfo(q->host, q->port != 0 ? port : NULL, &hints, &list);
	if (error != 0) {
		a->error = error;
		return -1;
	}
	chosen = choose(list, q);
	memcpy(&a->addr, chosen->ai_addr, chosen->ai_addrlen);
	a->addrlen = (uint32_t)chosen->ai_addrlen;
	freeaddrinfo(list);
	return 0;
}

static void
drop_root(void)
{
	struct privsep_user user;
	char why[256];

	if (geteuid() != 0)
		return;
	if (privsep_lookup(&user, why, sizeof(why)) == -1)
		fatalx("%s", why);
	privsep_drop(&user, 0);
}

int
resolver_child_main(void)
{
	struct msg_conn link;
	struct resolver_question q;
	struct resolver_answer a;
	struct msg msg;

	drop_root();
	if (sandbox_end_with_parent() == -1)
		fatal("resolver: parent");
	signal(SIGALRM, SIG_DFL);
	alarm(RESOLVER_CHILD_MAX);
	if (sandbox_resolver() == -1)
		fatal("resolver: sandbox");
	msg_init(&link, PRIVSEP_FD, QUEUE, 0);
	if (link_send_hello(&link) == -1 || msg_receive(&link, &msg) != 1 ||
	    msg.type != MSG_RESOLVE_HOST ||
	    msg_payload(&msg, &q, sizeof(q)) == -1)
		return 1;
	q.host[sizeof(q.host) - 1] = '\0';
	resolver_child_find(&q, 0, &a);
	return msg_send(&link, MSG_RESOLVE_ADDR, 0, &a, sizeof(a), -1) == -1;
}
