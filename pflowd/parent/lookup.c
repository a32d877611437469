/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/conf.h"
#include "lookup.h"
#include "process/watch.h"

struct process {
	struct lookups *lookups;
	struct resolver_ask ask;
};

struct lookups {
	TAILQ_HEAD(lookup_queue, lookup) waiting; /* the oldest first */
	struct watch *start;
	struct process processes[LOOKUP_PROCESSES];
};

static int
same_host(const struct resolver_question *a, const char *host)
{
	return strcasecmp(a->host, host) == 0;
}

static int
same_question(const struct resolver_question *a,
    const struct resolver_question *b)
{
	return same_host(a, b->host) && a->family == b->family &&
	    a->addrlen == b->addrlen &&
	    memcmp(&a->addr, &b->addr, a->addrlen) == 0;
}

/* A process that has no question; NULL: all have one. */
static struct resolver_ask *
idle(struct lookups *l)
{
	int i;

	for (i = 0; i < LOOKUP_PROCESSES; i++)
		if (!l->processes[i].ask.waiting)
			return &l->processes[i].ask;
	return NULL;
}

static int
runs(const struct lookups *l, const char *host)
{
	int i;

	for (i = 0; i < LOOKUP_PROCESSES; i++)
		if (l->processes[i].ask.waiting &&
		    same_host(&l->processes[i].ask.question, host))
			return 1;
	return 0;
}

/* The oldest lookup whose name is not being looked up; NULL: none. */
static struct lookup *
first(struct lookups *l)
{
	struct lookup *k;

	TAILQ_FOREACH(k, &l->waiting, entry)
		if (!runs(l, k->question.host))
			break;
	return k;
}

static void
on_start(void *arg)
{
	struct lookups *l = arg;
	struct resolver_ask *ask;
	struct lookup *k;

	while ((ask = idle(l)) != NULL && (k = first(l)) != NULL)
		resolver_ask_start(ask, &k->question);
}

static void
on_answer(void *arg, const struct resolver_answer *a, const char *why)
{
	struct process *p = arg;
	struct lookups *l = p->lookups;
	struct lookup *k, *next;

	for (k = TAILQ_FIRST(&l->waiting); k != NULL; k = next) {
		next = TAILQ_NEXT(k, entry);
		if (!same_question(&k->question, &p->ask.question))
			continue;
		TAILQ_REMOVE(&l->waiting, k, entry);
		k->waiting = 0;
		k->done(k->arg, a, why);
	}
	watch_ms(l->start, 0);
}

struct lookups *
lookup_new(struct event_base *base, struct child_list *children)
{
	struct lookups *l;
	struct process *p;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	TAILQ_INIT(&l->waiting);
	l->start = watch_timer(base, on_start, l);
	for (p = l->processes; p < l->processes + LOOKUP_PROCESSES; p++) {
		p->lookups = l;
		if (l->start != NULL &&
		    resolver_ask_init(&p->ask, children, base, on_answer, p) ==
			0)
			continue;
		lookup_free(l);
		errno = ENOMEM;
		return NULL;
	}
	return l;
}

void
lookup_free(struct lookups *l)
{
	int i;

	if (l == NULL)
		return;
	for (i = 0; i < LOOKUP_PROCESSES; i++)
		resolver_ask_free(&l->processes[i].ask);
	watch_free(l->start);
	free(l);
}

void
lookup_start(struct lookups *l, struct lookup *k,
    const struct conf_collector *c, int keep)
{
	resolver_ask_question(&k->question, c, keep);
	if (!k->waiting)
		TAILQ_INSERT_TAIL(&l->waiting, k, entry);
	k->waiting = 1;
	watch_ms(l->start, 0);
}

static int
has_name(const struct conf *conf, const struct resolver_question *q)
{
	unsigned int i;

	for (i = 0; conf != NULL && i < conf->ncollectors; i++)
		if (same_host(q, conf->collectors[i].host))
			return 1;
	return 0;
}

void
lookup_begin(struct lookups *l, const struct conf *conf)
{
	struct lookup *k;
	int i;

	while ((k = TAILQ_FIRST(&l->waiting)) != NULL) {
		TAILQ_REMOVE(&l->waiting, k, entry);
		k->waiting = 0;
	}
	for (i = 0; i < LOOKUP_PROCESSES; i++) {
		struct resolver_ask *ask = &l->processes[i].ask;

		if (ask->waiting && !has_name(conf, &ask->question))
			resolver_ask_stop(ask);
	}
}
