/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <event2/event.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/msg.h"
#include "conf.h"
#include "lookup.h"
#include "resolve.h"

/* Seconds between tries: doubling, from the first to the last. */
#define PAUSE_FIRST 1
#define PAUSE_LAST 64

/* Seconds after which a name that has an address is looked up once more. */
#define REFRESH 900

/* What is done about one collector. */
struct search {
	struct lookup *lookup;
	unsigned int collector;
	unsigned int pause; /* before the next try */
	int failing;	    /* the log has been told */
	int asking;	    /* a child is at work: */
	pid_t child;	    /* 0: it was reaped already */
	struct msg_conn link;
	struct event *readable; /* its link */
	struct event *timer;	/* to the next try, or the child's deadline */
};

struct lookup {
	struct event_base *base;
	const struct conf *conf;
	lookup_found_cb *found;
	void *arg;
	struct search searches[CONF_COLLECTORS];
};

static void
wait_for(struct search *s, unsigned int seconds)
{
	struct timeval tv = { (time_t)seconds, 0 };

	event_add(s->timer, &tv);
}

static const struct conf_collector *
collector(const struct search *s)
{
	return &s->lookup->conf->collectors[s->collector];
}

/* The child ends here, whatever it is at. */
static void
stop_asking(struct search *s)
{
	if (!s->asking)
		return;
	if (s->child != 0)
		kill(s->child, SIGKILL);
	if (s->readable != NULL)
		event_free(s->readable);
	s->readable = NULL;
	msg_close(&s->link);
	s->asking = 0;
	s->child = 0;
}

static void
try_later(struct search *s)
{
	wait_for(s, s->pause);
	s->pause = s->pause < PAUSE_LAST / 2 ? s->pause * 2 : PAUSE_LAST;
}

static void
failed(struct search *s, const char *why)
{
	if (!s->failing)
		log_warnx("collector %s: %s: trying again by and by",
		    collector(s)->name, why);
	s->failing = 1;
	try_later(s);
}

static void
succeeded(struct search *s, const struct sockaddr_storage *addr, socklen_t len)
{
	struct conf_collector numeric = *collector(s);
	struct lookup *l = s->lookup;
	char why[256];

	if (l->found(l->arg, s->collector, addr, len, why, sizeof(why)) == -1) {
		failed(s, why);
		return;
	}
	if (s->failing)
		log_info("collector %s: has an address now", numeric.name);
	s->failing = 0;
	s->pause = PAUSE_FIRST;
	if (!resolve_numeric(&numeric))
		wait_for(s, REFRESH);
}

static void
on_answer(evutil_socket_t fd, short what, void *arg)
{
	struct search *s = arg;
	struct resolve_answer a;
	const char *why;
	int n;

	(void)fd;
	(void)what;
	if ((n = resolve_take(&s->link, &a, &why)) == 0)
		return;
	stop_asking(s);
	if (n == -1)
		failed(s, why);
	else
		succeeded(s, &a.addr, (socklen_t)a.addrlen);
}

static void
ask(struct search *s)
{
	struct event_base *base = s->lookup->base;

	if ((s->child = resolve_ask(collector(s), &s->link)) == -1) {
		s->child = 0;
		failed(s, strerror(errno));
		return;
	}
	s->asking = 1;
	s->readable = event_new(base, s->link.fd, EV_READ | EV_PERSIST,
	    on_answer, s);
	if (s->readable == NULL || event_add(s->readable, NULL) == -1) {
		stop_asking(s);
		failed(s, "out of memory");
		return;
	}
	wait_for(s, RESOLVE_DEADLINE);
}

/* It is time for a try, or a child took too long. */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct search *s = arg;
	struct conf_collector numeric = *collector(s);

	(void)fd;
	(void)what;
	if (s->asking) {
		stop_asking(s);
		failed(s, "no answer from the resolver");
	} else if (resolve_numeric(&numeric)) {
		succeeded(s, &numeric.addr, numeric.addrlen);
	} else {
		ask(s);
	}
}

struct lookup *
lookup_new(struct event_base *base, lookup_found_cb *found, void *arg)
{
	struct lookup *l;
	unsigned int i;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	l->base = base;
	l->found = found;
	l->arg = arg;
	for (i = 0; i < CONF_COLLECTORS; i++) {
		struct search *s = &l->searches[i];

		s->lookup = l;
		s->collector = i;
		s->timer = event_new(base, -1, 0, on_timer, s);
		if (s->timer == NULL) {
			lookup_free(l);
			errno = ENOMEM;
			return NULL;
		}
	}
	return l;
}

void
lookup_free(struct lookup *l)
{
	unsigned int i;

	if (l == NULL)
		return;
	for (i = 0; i < CONF_COLLECTORS; i++) {
		stop_asking(&l->searches[i]);
		if (l->searches[i].timer != NULL)
			event_free(l->searches[i].timer);
	}
	free(l);
}

static void
begin(struct search *s)
{
	struct conf_collector numeric = *collector(s);

	s->pause = PAUSE_FIRST;
	s->failing = 0;
	if (numeric.fd == -1)
		wait_for(s, resolve_numeric(&numeric) ? PAUSE_FIRST : 0);
	else if (!resolve_numeric(&numeric))
		wait_for(s, REFRESH);
}

void
lookup_begin(struct lookup *l, const struct conf *conf)
{
	unsigned int i;

	l->conf = conf;
	for (i = 0; i < CONF_COLLECTORS; i++) {
		stop_asking(&l->searches[i]);
		event_del(l->searches[i].timer);
		if (conf != NULL && i < conf->ncollectors)
			begin(&l->searches[i]);
	}
}

/* At once the first time, then with the pauses of a failing one. */
void
lookup_again(struct lookup *l, unsigned int i)
{
	struct search *s;
	struct conf_collector numeric;

	if (l->conf == NULL || i >= l->conf->ncollectors)
		return;
	s = &l->searches[i];
	numeric = *collector(s);
	if (!s->asking && !resolve_numeric(&numeric))
		try_later(s);
}

void
lookup_reaped(struct lookup *l, pid_t pid)
{
	unsigned int i;

	for (i = 0; i < CONF_COLLECTORS; i++)
		if (l->searches[i].child == pid)
			l->searches[i].child = 0;
}
