/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netdb.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/msg.h"
#include "conf.h"
#include "privsep.h"
#include "resolve.h"
#include "sandbox.h"

#define PATIENCE 20 /* seconds for one name */

struct resolve_question {
	char host[CONF_HOST];
	uint16_t port;
};

struct resolve_answer {
	char error[128]; /* empty: there is an address */
	struct sockaddr_storage addr;
	socklen_t addrlen;
};

/* The first address of a name; flags are getaddrinfo's. */
static int
lookup(const struct resolve_question *q, int flags, struct resolve_answer *a)
{
	struct addrinfo hints, *list;
	char port[8];
	int error;

	memset(a, 0, sizeof(*a));
	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_DGRAM;
	hints.ai_flags = flags | AI_NUMERICSERV;
	snprintf(port, sizeof(port), "%u", q->port);
	if ((error = getaddrinfo(q->host, port, &hints, &list)) != 0) {
		snprintf(a->error, sizeof(a->error), "%s", gai_strerror(error));
		return -1;
	}
	memcpy(&a->addr, list->ai_addr, list->ai_addrlen);
	a->addrlen = list->ai_addrlen;
	freeaddrinfo(list);
	return 0;
}

int
resolve_main(void)
{
	struct msg_link link = { PRIVSEP_FD };
	struct privsep_user user;
	struct resolve_question q;
	struct resolve_answer a;
	struct msg msg;
	char why[256];

	if (geteuid() == 0) {
		if (privsep_lookup(&user, why, sizeof(why)) == -1)
			fatalx("%s", why);
		privsep_drop(&user, 0);
	}
	if (sandbox_resolver() == -1)
		fatal("sandbox");
	signal(SIGALRM, SIG_DFL);
	alarm(PATIENCE);
	if (msg_receive(&link, &msg) != 1 || msg.type != MSG_RESOLVE_HOST ||
	    msg_payload(&msg, &q, sizeof(q)) == -1)
		return 1;
	q.host[sizeof(q.host) - 1] = '\0';
	lookup(&q, 0, &a);
	return msg_send(&link, MSG_RESOLVE_ADDR, &a, sizeof(a), -1) == -1;
}

/* -1: the child gave none. */
static int
ask_child(const struct resolve_question *q, struct resolve_answer *a)
{
	struct msg_link link;
	struct msg msg;
	pid_t pid;
	int result = -1;

	if ((pid = privsep_start(PRIVSEP_RESOLVER, &link)) == -1)
		return -1;
	if (msg_send(&link, MSG_RESOLVE_HOST, q, sizeof(*q), -1) == 0 &&
	    msg_receive(&link, &msg) == 1 && msg.type == MSG_RESOLVE_ADDR)
		result = msg_payload(&msg, a, sizeof(*a));
	close(link.fd);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	if (a->addrlen > sizeof(a->addr))
		return -1;
	a->error[sizeof(a->error) - 1] = '\0';
	return result;
}

/* An address needs no child. */
static int
resolve(struct conf_collector *c, char *why, size_t whylen)
{
	struct resolve_question q;
	struct resolve_answer a;

	memset(&q, 0, sizeof(q));
	memcpy(q.host, c->host, sizeof(q.host));
	q.port = c->port;
	if (lookup(&q, AI_NUMERICHOST, &a) == -1 && ask_child(&q, &a) == -1)
		snprintf(a.error, sizeof(a.error), "no answer in %d s",
		    PATIENCE);
	if (a.error[0] != '\0') {
		snprintf(why, whylen,
		    "collector %s: %s: give a name that resolves, or an "
		    "address",
		    c->name, a.error);
		return -1;
	}
	c->addr = a.addr;
	c->addrlen = a.addrlen;
	return 0;
}

int
resolve_collectors(struct conf *conf, char *why, size_t whylen)
{
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++)
		if (resolve(&conf->collectors[i], why, whylen) == -1)
			return -1;
	return 0;
}
