/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <netdb.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "process/build.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/msg.h"
#include "process/link.h"
#include "process/privsep.h"
#include "resolver_child.h"
#include "os/sandbox.h"

#define QUEUE 4096 /* bytes on the link: one question, one answer */

struct resolve_question {
	char host[CONF_HOST];
	uint16_t port;
	uint16_t family;  /* preferred; AF_UNSPEC: any */
	uint32_t addrlen; /* 0: no address in use */
	struct sockaddr_storage addr;
};

/*
 * Keep the address in use if it is still listed: round-robin DNS alone must not
 * move a collector.
 */
static const struct addrinfo *
choose(const struct addrinfo *list, const struct resolve_question *q)
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

/* Resolve a name to one address; flags are those of getaddrinfo(3). */
static int
lookup(const struct resolve_question *q, int flags, struct resolve_answer *a)
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
	if ((error = getaddrinfo(q->host, port, &hints, &list)) != 0) {
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
question(const struct conf_collector *c, int keep, struct resolve_question *q)
{
	int family = conf_family(c->source);

	memset(q, 0, sizeof(*q));
	memcpy(q->host, c->host, sizeof(q->host));
	q->port = c->port;
	q->family = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNSPEC;
	if (keep && c->fd != -1) {
		q->addr = c->addr;
		q->addrlen = (uint32_t)c->addrlen;
	}
}

int
resolve_numeric(struct conf_collector *c)
{
	struct resolve_question q;
	struct resolve_answer a;

	question(c, 0, &q);
	if (lookup(&q, AI_NUMERICHOST, &a) == -1)
		return 0;
	c->addr = a.addr;
	c->addrlen = a.addrlen;
	return 1;
}

static void
say_hello(struct msg_conn *link)
{
	struct link_hello hello;

	memset(&hello, 0, sizeof(hello));
	strlcpy(hello.build, build_id, sizeof(hello.build));
	msg_put(link, MSG_HELLO, 0, &hello, sizeof(hello), -1);
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
resolve_main(void)
{
	struct msg_conn link;
	struct resolve_question q;
	struct resolve_answer a;
	struct msg msg;

	drop_root();
	if (sandbox_end_with_parent() == -1)
		fatal("resolver: parent");
	signal(SIGALRM, SIG_DFL);
	alarm(RESOLVE_PATIENCE);
	if (sandbox_resolver() == -1)
		fatal("resolver: sandbox");
	msg_init(&link, PRIVSEP_FD, QUEUE, 0);
	say_hello(&link);
	if (msg_receive(&link, &msg) != 1 || msg.type != MSG_RESOLVE_HOST ||
	    msg_payload(&msg, &q, sizeof(q)) == -1)
		return 1;
	q.host[sizeof(q.host) - 1] = '\0';
	lookup(&q, 0, &a);
	return msg_send(&link, MSG_RESOLVE_ADDR, 0, &a, sizeof(a), -1) == -1;
}

pid_t
resolve_ask(const struct conf_collector *c, int keep, struct msg_conn *link)
{
	struct resolve_question q;
	pid_t pid;
	int fd;

	if ((pid = privsep_start(PRIVSEP_RESOLVER, &fd, -1)) == -1)
		return -1;
	question(c, keep, &q);
	msg_init(link, fd, QUEUE, 0);
	/* If this fails, the child is gone, and no answer will come. */
	msg_send(link, MSG_RESOLVE_HOST, 0, &q, sizeof(q), -1);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return pid;
}

const char *
resolve_error(int32_t code)
{
	static const int known[] = { EAI_AGAIN, EAI_BADFLAGS, EAI_FAIL,
		EAI_FAMILY, EAI_MEMORY, EAI_NONAME, EAI_OVERFLOW, EAI_SERVICE,
		EAI_SOCKTYPE, EAI_SYSTEM, RESOLVE_NODATA, RESOLVE_ADDRFAMILY };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == code)
			return gai_strerror(code);
	return "unknown error";
}

/* Accept IPv4 and IPv6 addresses only. */
static int
is_address(const struct resolve_answer *a)
{
	if (a->addr.ss_family == AF_INET)
		return a->addrlen == sizeof(struct sockaddr_in);
	return a->addr.ss_family == AF_INET6 &&
	    a->addrlen == sizeof(struct sockaddr_in6);
}

static int
take_message(const struct msg *msg, struct resolve_answer *a, const char **why)
{
	struct link_hello hello;

	*why = "binary replaced: restart pflowd";
	if (msg->type == MSG_HELLO)
		return msg_payload(msg, &hello, sizeof(hello)) == -1 ||
			strncmp(hello.build, build_id, sizeof(hello.build)) !=
			    0 ?
		    -1 :
		    0;
	*why = "resolver sent an invalid message";
	if (msg->type != MSG_RESOLVE_ADDR ||
	    msg_payload(msg, a, sizeof(*a)) == -1)
		return -1;
	if (a->error == 0)
		return is_address(a) ? 1 : -1;
	*why = resolve_error(a->error);
	return -1;
}

/*
 * Keep the host of an answer only, by printing and parsing it, and set our
 * port.
 */
static int
with_port(struct resolve_answer *a, uint16_t port)
{
	struct resolve_question q = { .port = port };

	if (getnameinfo((const struct sockaddr *)&a->addr,
		(socklen_t)a->addrlen, q.host, sizeof(q.host), NULL, 0,
		NI_NUMERICHOST) != 0)
		return -1;
	return lookup(&q, AI_NUMERICHOST, a);
}

int
resolve_take(struct msg_conn *link, uint16_t port, struct resolve_answer *a,
    const char **why)
{
	struct msg msg;
	int n;

	if ((n = msg_read(link)) == -1 && errno == EAGAIN)
		return 0;
	*why = "resolver does not answer";
	if (n != 1)
		return -1;
	while ((n = msg_get(link, &msg)) == 1) {
		if ((n = take_message(&msg, a, why)) == 0)
			continue;
		return n == 1 ? with_port(a, port) == 0 ? 1 : -1 : n;
	}
	if (n == -1)
		*why = "resolver sent an invalid message";
	return n;
}

/* True if fd is readable before a time of clock_us(). */
static int
readable(int fd, uint64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t now = clock_us();

	if (now >= until)
		return 0;
	return poll(&p, 1, (int)((until - now) / 1000) + 1) != 0;
}

/* Wait for the child to answer or time out; ends the child before returning. */
static int
ask_and_wait(const struct conf_collector *c, struct resolve_answer *a,
    const char **why)
{
	uint64_t until = clock_us() + RESOLVE_DEADLINE * UINT64_C(1000000);
	struct msg_conn link;
	pid_t pid;
	int n;

	if ((pid = resolve_ask(c, 0, &link)) == -1) {
		*why = strerror(errno);
		return -1;
	}
	while ((n = resolve_take(&link, c->port, a, why)) == 0 &&
	    readable(link.fd, until))
		continue;
	if (n == 0)
		*why = "resolver does not answer";
	msg_close(&link);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	return n == 1 ? 0 : -1;
}

int
resolve_collectors(struct conf *conf, char *why, size_t whylen)
{
	struct resolve_answer a;
	const char *reason;
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++) {
		struct conf_collector *c = &conf->collectors[i];

		if (resolve_numeric(c))
			continue;
		if (ask_and_wait(c, &a, &reason) == -1) {
			snprintf(why, whylen,
			    "%scollector %s: %s: use a name that resolves, or "
			    "an address",
			    c->place, c->name, reason);
			return -1;
		}
		c->addr = a.addr;
		c->addrlen = a.addrlen;
	}
	return 0;
}
