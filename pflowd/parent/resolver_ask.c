/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <event2/event.h>
#include <netdb.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/bytes.h"
#include "common/log.h"
#include "process/link.h"
#include "process/watch.h"
#include "resolver_ask.h"

#define QUEUE 4096 /* bytes on the link: one question */

static void
set_question(struct resolver_question *q, const struct conf_collector *c,
    int keep)
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

void
resolver_ask_port(struct sockaddr_storage *ss, uint16_t port)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;

	if (ss->ss_family == AF_INET)
		put_be16((uint8_t *)&in->sin_port, port);
	else if (ss->ss_family == AF_INET6)
		put_be16((uint8_t *)&in6->sin6_port, port);
}

void
resolver_ask_question(struct resolver_question *q,
    const struct conf_collector *c, int keep)
{
	set_question(q, c, keep);
	q->port = 0;
	resolver_ask_port(&q->addr, 0);
}

int
resolver_ask_numeric(struct conf_collector *c)
{
	struct resolver_question q;
	struct resolver_answer a;

	set_question(&q, c, 0);
	if (resolver_child_find(&q, AI_NUMERICHOST, &a) == -1)
		return 0;
	c->addr = a.addr;
	c->addrlen = a.addrlen;
	return 1;
}

const char *
resolver_ask_error(int32_t code)
{
	static const int known[] = { EAI_AGAIN, EAI_BADFLAGS, EAI_FAIL,
		EAI_FAMILY, EAI_MEMORY, EAI_NONAME, EAI_OVERFLOW, EAI_SERVICE,
		EAI_SOCKTYPE, EAI_SYSTEM, RESOLVER_NODATA,
		RESOLVER_ADDRFAMILY };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == code)
			return gai_strerror(code);
	return "unknown error";
}

/* Accept IPv4 and IPv6 addresses only. */
static int
is_address(const struct resolver_answer *a)
{
	if (a->addr.ss_family == AF_INET)
		return a->addrlen == sizeof(struct sockaddr_in);
	return a->addr.ss_family == AF_INET6 &&
	    a->addrlen == sizeof(struct sockaddr_in6);
}

/*
 * Keep the host of an answer only, by printing and parsing it, and set our
 * port.
 */
static int
set_port(struct resolver_answer *a, uint16_t port)
{
	struct resolver_question q = { .port = port };

	if (getnameinfo((const struct sockaddr *)&a->addr,
		(socklen_t)a->addrlen, q.host, sizeof(q.host), NULL, 0,
		NI_NUMERICHOST) != 0)
		return -1;
	return resolver_child_find(&q, AI_NUMERICHOST, a);
}

static void
finish(struct resolver_ask *r, const struct resolver_answer *a, const char *why)
{
	if (!r->waiting)
		return;
	r->waiting = 0;
	r->done(r->arg, a, why);
}

static void
on_answer(void *arg, struct msg *msg)
{
	struct resolver_ask *r = arg;
	struct resolver_answer a;

	if (msg_payload(msg, &a, sizeof(a)) == -1 ||
	    (a.error == 0 &&
		(!is_address(&a) || set_port(&a, r->question.port) == -1))) {
		child_kill(&r->child, CHILD_INVALID);
		return;
	}
	child_end(&r->child);
	if (a.error == 0)
		finish(r, &a, NULL);
	else
		finish(r, NULL, resolver_ask_error(a.error));
}

static void
on_begun(void *arg)
{
	struct resolver_ask *r = arg;

	if (child_send(&r->child, MSG_RESOLVE_HOST, 0, &r->question,
		sizeof(r->question), -1) == -1)
		child_kill(&r->child, CHILD_NO_MEMORY);
}

static void
on_failed(void *arg, enum child_fault fault)
{
	const char *const why[] = {
		[CHILD_NOT_STARTED] = strerror(errno),
		[CHILD_OTHER_BUILD] = "binary replaced: restart pflowd",
		[CHILD_INVALID] = "resolver sent an invalid message",
		[CHILD_FULL] = "resolver does not read its messages",
		[CHILD_LATE] = "resolver does not answer",
		[CHILD_NO_MEMORY] = "out of memory",
	};

	finish(arg, NULL, why[fault]);
}

/* The next question waits for the end of the process that had the last one. */
static void
on_ended(void *arg, int status)
{
	struct resolver_ask *r = arg;

	(void)status;
	if (!r->child.wanted)
		finish(r, NULL, "resolver does not answer");
}

static const struct child_message messages[] = {
	{ MSG_RESOLVE_ADDR, sizeof(struct resolver_answer), CHILD_OPENING,
	    CHILD_OPENING, on_answer },
};

static const struct child_kind kind = {
	.name = "the resolver",
	.role = PRIVSEP_RESOLVER,
	.queue = QUEUE,
	.start_max = RESOLVER_ASK_MAX,
	.messages = messages,
	.nmessages = sizeof(messages) / sizeof(messages[0]),
	.begun = on_begun,
	.failed = on_failed,
	.ended = on_ended,
};

int
resolver_ask_init(struct resolver_ask *r, struct child_list *children,
    struct event_base *base, resolver_ask_cb *done, void *arg)
{
	memset(r, 0, sizeof(*r));
	r->done = done;
	r->arg = arg;
	return child_init(&r->child, children, base, &kind, r);
}

void
resolver_ask_free(struct resolver_ask *r)
{
	child_free(&r->child);
}

void
resolver_ask_start(struct resolver_ask *r, const struct resolver_question *q)
{
	r->question = *q;
	r->waiting = 1;
	if (child_start(&r->child) == -1)
		finish(r, NULL, strerror(errno));
}

void
resolver_ask_stop(struct resolver_ask *r)
{
	r->waiting = 0;
	child_stop(&r->child);
}

/* A question whose answer is waited for. */
struct waiting {
	struct event_base *base;
	struct child_list children;
	struct watch *sigchld;
	struct resolver_ask ask;
	struct conf_collector *collector;
	const char *why; /* NULL: the collector has its address */
};

static void
on_found(void *arg, const struct resolver_answer *a, const char *why)
{
	struct waiting *w = arg;

	w->why = why;
	if (a == NULL)
		return;
	w->collector->addr = a->addr;
	w->collector->addrlen = a->addrlen;
	resolver_ask_port(&w->collector->addr, w->collector->port);
}

static void
on_child(void *arg)
{
	struct waiting *w = arg;

	child_reap(&w->children);
	if (w->ask.child.pid == 0)
		event_base_loopbreak(w->base);
}

/* Returns NULL, or the reason if there is no address. */
static const char *
ask_and_wait(struct conf_collector *c)
{
	struct waiting w = { .collector = c, .why = "out of memory" };
	struct resolver_question q;

	resolver_ask_question(&q, c, 0);
	LIST_INIT(&w.children);
	if ((w.base = event_base_new()) == NULL)
		return w.why;
	w.sigchld = watch_signal(w.base, SIGCHLD, on_child, &w);
	if (resolver_ask_init(&w.ask, &w.children, w.base, on_found, &w) == 0 &&
	    w.sigchld != NULL) {
		resolver_ask_start(&w.ask, &q);
		if (w.ask.child.pid != 0)
			event_base_dispatch(w.base);
	}
	resolver_ask_free(&w.ask);
	watch_free(w.sigchld);
	event_base_free(w.base);
	return w.why;
}

int
resolver_ask_all(struct conf *conf, char *why, size_t whylen)
{
	const char *reason;
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++) {
		struct conf_collector *c = &conf->collectors[i];

		if (resolver_ask_numeric(c))
			continue;
		if ((reason = ask_and_wait(c)) == NULL)
			continue;
		snprintf(why, whylen,
		    "%scollector %s: %s: give a name that resolves, or an "
		    "address",
		    c->place, c->name, reason);
		return -1;
	}
	return 0;
}
