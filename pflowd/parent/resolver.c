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

#include "common/clock.h"
#include "common/log.h"
#include "common/msg.h"
#include "conf/conf.h"
#include "resolver.h"
#include "resolver_child.h"

/*
 * Seconds between failing attempts: doubled from the first to the last value.
 */
#define PAUSE_FIRST 1
#define PAUSE_LAST 64

/*
 * Minimum interval between attempts that the engine requests, per name
 * (seconds) and per socket (microseconds).
 */
#define NAME_AGAIN 10
#define SOCKET_AGAIN_US 1000000

/* Lookup state of one collector. */
struct search {
	struct lookup *lookup;
	unsigned int collector;
	unsigned int pause; /* before the next attempt, in seconds */
	int failing;	    /* a failure was logged */
	char why[256];	    /* last reason, or empty */
	int socketless;	    /* the failure is its socket's, not its name's */
	int down;	    /* the engine reported it as down */
	int asking;	    /* a child is running */
	pid_t child;	    /* 0: already reaped */
	uint64_t asked_us;  /* when the child was started */
	uint64_t again_us;  /* last attempt requested by the engine */
	struct msg_conn link;
	struct event *readable; /* on the child's link */
	struct event *timer;	/* next attempt, or the child's deadline */
	struct sockaddr_storage addr;
	socklen_t addrlen; /* 0: unknown */
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

/* True if the host is an address, which needs no child. */
static int
is_numeric(const struct search *s)
{
	return conf_family(collector(s)->host) != 0;
}

/* End the child, whatever its progress. */
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

/*
 * Log a reason once, until another reason replaces it or the collector
 * recovers.
 */
static void
complain(struct search *s, const char *why)
{
	int known = s->failing && s->why[0] == '\0'; /* see begin() */

	if (!known && strcmp(s->why, why) != 0)
		log_warnx("collector %s: %s; will retry", collector(s)->name,
		    why);
	strlcpy(s->why, why, sizeof(s->why));
	s->failing = 1;
}

static void
failed(struct search *s, const char *why)
{
	complain(s, why);
	try_later(s);
}

static void
recovered(struct search *s)
{
	if (s->failing)
		log_info("collector %s: %s", collector(s)->name,
		    s->socketless ? "ready now" : "resolved now");
	s->failing = s->socketless = 0;
	s->why[0] = '\0';
	s->pause = PAUSE_FIRST;
}

/*
 * Parse the address again: the index of a scope's interface may have changed.
 */
static int
learn_numeric(struct search *s)
{
	struct conf_collector numeric = *collector(s);

	if (!resolve_numeric(&numeric))
		return -1;
	s->addr = numeric.addr;
	s->addrlen = numeric.addrlen;
	return 0;
}

/* Have the socket checked: opened if there is none, replaced if it is stale. */
static int
look(struct search *s)
{
	struct lookup *l = s->lookup;
	int known = !is_numeric(s) || learn_numeric(s) == 0;
	char why[256];

	if (l->found(l->arg, s->collector, known ? &s->addr : NULL, s->addrlen,
		why, sizeof(why)) == -1) {
		complain(s, why);
		s->socketless = 1;
		return -1;
	}
	if (s->socketless)
		recovered(s);
	return 0;
}

static void
look_or_wait(struct search *s)
{
	if (look(s) == -1)
		try_later(s);
	else if (!is_numeric(s))
		wait_for(s, s->lookup->conf->lookup);
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
	if ((n = resolve_take(&s->link, collector(s)->port, &a, &why)) == 0)
		return;
	stop_asking(s);
	if (n == -1) {
		failed(s, why);
		return;
	}
	if (!s->socketless)
		recovered(s);
	s->down = 0;
	s->addr = a.addr;
	s->addrlen = (socklen_t)a.addrlen;
	look_or_wait(s);
}

static void
ask(struct search *s)
{
	struct event_base *base = s->lookup->base;

	s->asked_us = clock_us();
	s->child = resolve_ask(collector(s), !s->down, &s->link);
	if (s->child == -1) {
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

/* Start the next attempt, or end a child that took too long. */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct search *s = arg;

	(void)fd;
	(void)what;
	if (s->asking) {
		stop_asking(s);
		failed(s, "resolver does not answer");
	} else if (is_numeric(s)) {
		look_or_wait(s);
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

/*
 * Start looking up a collector.  If an address has no socket, the code that
 * read the configuration has already logged the reason.
 */
static void
begin(struct search *s)
{
	const struct conf_collector *c = collector(s);

	s->pause = PAUSE_FIRST;
	s->failing = s->socketless = is_numeric(s) && c->fd == -1;
	s->why[0] = '\0';
	s->down = 0;
	s->addr = c->addr;
	s->addrlen = c->fd == -1 ? 0 : c->addrlen;
	wait_for(s, s->socketless ? PAUSE_FIRST : 0);
}

void
lookup_begin(struct lookup *l, const struct conf *conf)
{
	unsigned int i;

	for (i = 0; i < CONF_COLLECTORS; i++) {
		stop_asking(&l->searches[i]);
		event_del(l->searches[i].timer);
	}
	l->conf = conf;
	for (i = 0; conf != NULL && i < conf->ncollectors; i++)
		begin(&l->searches[i]);
}

void
lookup_look(struct lookup *l)
{
	unsigned int i;

	for (i = 0; l->conf != NULL && i < l->conf->ncollectors; i++)
		if (is_numeric(&l->searches[i]) || l->searches[i].addrlen > 0)
			look(&l->searches[i]);
}

/* Resolve a name now, or NAME_AGAIN seconds after the previous attempt. */
static void
ask_again(struct search *s, uint64_t now)
{
	unsigned int since = (unsigned int)((now - s->asked_us) / 1000000);

	if (!s->asking)
		wait_for(s, since < NAME_AGAIN ? NAME_AGAIN - since : 0);
}

/* Rate-limited, as a compromised engine may call this in a loop. */
void
lookup_again(struct lookup *l, unsigned int i)
{
	uint64_t now = clock_us();
	struct search *s;

	if (l->conf == NULL || i >= l->conf->ncollectors)
		return;
	s = &l->searches[i];
	if (now - s->again_us < SOCKET_AGAIN_US)
		return;
	s->again_us = now;
	s->down = 1;
	if (is_numeric(s) || s->addrlen > 0)
		look(s);
	if (!is_numeric(s))
		ask_again(s, now);
}

void
lookup_reaped(struct lookup *l, pid_t pid)
{
	unsigned int i;

	for (i = 0; i < CONF_COLLECTORS; i++)
		if (l->searches[i].child == pid)
			l->searches[i].child = 0;
}
