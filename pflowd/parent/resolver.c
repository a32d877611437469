/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "lookup.h"
#include "process/watch.h"
#include "resolver.h"
#include "resolver_ask.h"

/* Seconds before the first retry; the pause doubles, up to a maximum. */
#define PAUSE_FIRST 1
#define PAUSE_MAX 64

/*
 * Minimum interval between attempts that the engine requests, per name
 * (seconds) and per socket (microseconds).
 */
#define NAME_AGAIN 10
#define SOCKET_AGAIN_US 1000000

/* State of one collector. */
struct search {
	struct resolver *resolver;
	unsigned int collector;
	struct lookup lookup;
	unsigned int pause; /* before the next retry, in seconds */
	int failing;	    /* a failure was logged */
	char why[256];	    /* last reason, or empty */
	int socketless;	    /* the failure is its socket's, not its name's */
	int down;	    /* the engine reported it as down */
	int keep;	    /* the question prefers the address in use */
	uint64_t asked_us;  /* last question */
	uint64_t again_us;  /* last check requested by the engine */
	struct watch *next; /* attempt */
	struct sockaddr_storage addr;
	socklen_t addrlen; /* 0: unknown */
};

struct resolver {
	const struct conf *conf;
	resolver_found_cb *found;
	void *arg;
	struct lookups *lookups;
	struct search searches[CONF_COLLECTORS];
};

static void
wait_seconds(struct search *s, unsigned int seconds)
{
	watch_ms(s->next, seconds * UINT64_C(1000));
}

static const struct conf_collector *
collector(const struct search *s)
{
	return &s->resolver->conf->collectors[s->collector];
}

/* True if the host is an address, which needs no child. */
static int
is_numeric(const struct search *s)
{
	return conf_family(collector(s)->host) != 0;
}

static void
try_later(struct search *s)
{
	wait_seconds(s, s->pause);
	s->pause = s->pause < PAUSE_MAX ? s->pause * 2 : PAUSE_MAX;
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
	if (s->failing) {
		log_info("collector %s: %s", collector(s)->name,
		    s->socketless ? "ready now" : "resolved now");
		log_settled("collector %s: ", collector(s)->name);
	}
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

	if (!resolver_ask_numeric(&numeric))
		return -1;
	s->addr = numeric.addr;
	s->addrlen = numeric.addrlen;
	return 0;
}

/* Have the socket checked: opened if there is none, replaced if it is stale. */
static int
check_socket(struct search *s)
{
	struct resolver *r = s->resolver;
	int known = !is_numeric(s) || learn_numeric(s) == 0;
	char why[256];

	if (r->found(r->arg, s->collector, known ? &s->addr : NULL, s->addrlen,
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
check_or_wait(struct search *s)
{
	if (check_socket(s) == -1)
		try_later(s);
	else if (!is_numeric(s))
		wait_seconds(s, s->resolver->conf->lookup);
}

/* Resolve a name now, or NAME_AGAIN seconds after the previous attempt. */
static void
ask_again(struct search *s)
{
	uint64_t since = (clock_us() - s->asked_us) / 1000000;

	if (!s->lookup.waiting)
		wait_seconds(s,
		    since < NAME_AGAIN ? NAME_AGAIN - (unsigned int)since : 0);
}

static void
on_answer(void *arg, const struct resolver_answer *a, const char *why)
{
	struct search *s = arg;

	if (a == NULL) {
		failed(s, why);
		return;
	}
	if (!s->socketless)
		recovered(s);
	if (!s->keep)
		s->down = 0;
	s->addr = a->addr;
	s->addrlen = (socklen_t)a->addrlen;
	resolver_ask_port(&s->addr, collector(s)->port);
	check_or_wait(s);
	if (s->down) /* since the question */
		ask_again(s);
}

static void
on_next(void *arg)
{
	struct search *s = arg;

	if (is_numeric(s)) {
		check_or_wait(s);
		return;
	}
	s->asked_us = clock_us();
	s->keep = !s->down;
	lookup_start(s->resolver->lookups, &s->lookup, collector(s), s->keep);
}

static int
init_search(struct resolver *r, unsigned int i, struct event_base *base)
{
	struct search *s = &r->searches[i];

	s->resolver = r;
	s->collector = i;
	s->lookup.done = on_answer;
	s->lookup.arg = s;
	s->next = watch_timer(base, on_next, s);
	return s->next == NULL ? -1 : 0;
}

struct resolver *
resolver_new(struct event_base *base, struct child_list *children,
    resolver_found_cb *found, void *arg)
{
	struct resolver *r;
	unsigned int i;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return NULL;
	r->found = found;
	r->arg = arg;
	r->lookups = lookup_new(base, children);
	for (i = 0; i < CONF_COLLECTORS; i++) {
		if (r->lookups != NULL && init_search(r, i, base) == 0)
			continue;
		resolver_free(r);
		errno = ENOMEM;
		return NULL;
	}
	return r;
}

void
resolver_free(struct resolver *r)
{
	unsigned int i;

	if (r == NULL)
		return;
	lookup_free(r->lookups);
	for (i = 0; i < CONF_COLLECTORS; i++)
		watch_free(r->searches[i].next);
	free(r);
}

/*
 * Start with a collector.  If an address has no socket, the code that
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
	wait_seconds(s, s->socketless ? PAUSE_FIRST : 0);
}

void
resolver_begin(struct resolver *r, const struct conf *conf)
{
	unsigned int i;

	lookup_begin(r->lookups, conf);
	for (i = 0; i < CONF_COLLECTORS; i++)
		watch_off(r->searches[i].next);
	r->conf = conf;
	for (i = 0; conf != NULL && i < conf->ncollectors; i++)
		begin(&r->searches[i]);
}

void
resolver_check(struct resolver *r)
{
	unsigned int i;

	for (i = 0; r->conf != NULL && i < r->conf->ncollectors; i++) {
		struct search *s = &r->searches[i];

		if (is_numeric(s) || s->addrlen > 0)
			check_socket(s);
	}
}

/*
 * Limit how often the socket is checked, as a compromised engine may call this
 * in a loop.  A check that is left out is made by the next resolver_check().
 */
void
resolver_retry(struct resolver *r, unsigned int i)
{
	uint64_t now = clock_us();
	struct search *s;

	if (r->conf == NULL || i >= r->conf->ncollectors)
		return;
	s = &r->searches[i];
	s->down = 1;
	if (!is_numeric(s))
		ask_again(s);
	if (now - s->again_us < SOCKET_AGAIN_US)
		return;
	s->again_us = now;
	if (is_numeric(s) || s->addrlen > 0)
		check_socket(s);
}
