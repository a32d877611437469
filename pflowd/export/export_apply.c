/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Sessions are made, changed and removed as the configuration demands.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/address.h"
#include "common/log.h"
#include "process/ledger.h"
#include "session.h"
#include "recut.h"

/* IP and UDP header bytes, subtracted from the MTU. */

#define IP4_UDP_HEADERS 28
#define IP6_UDP_HEADERS 48

/* An unknown address counts as IPv6: then a datagram fits either family. */
static size_t
payload(const struct session *s)
{
	size_t headers = s->peer.ss_family == AF_INET ? IP4_UDP_HEADERS :
							IP6_UDP_HEADERS;
	size_t mtu = s->conf->mtu > 0 ? s->conf->mtu :
					conf_path_mtu(s->path_mtu);
	size_t max_len = mtu - headers;

	return max_len < SENDQUEUE_DATAGRAM ? max_len : SENDQUEUE_DATAGRAM;
}

/* Read the source address that the system chose. */
static void
learn_local(int fd, struct sockaddr_storage *local)
{
	socklen_t len = sizeof(*local);

	memset(local, 0, sizeof(*local));
	if (getsockname(fd, (struct sockaddr *)local, &len) == -1)
		memset(local, 0, sizeof(*local));
}

static void
learn_addresses(struct session *s, int fd, const struct sockaddr_storage *peer,
    socklen_t len)
{
	s->peer_before = s->peer;
	s->local_before = s->local;
	memset(&s->peer, 0, sizeof(s->peer));
	memcpy(&s->peer, peer, len);
	learn_local(fd, &s->local);
}

/*
 * True if the configuration has a socket other than the one in use: there was
 * none, or the message about it was lost for lack of memory.
 */
static int
has_other_socket(const struct session *s, const struct conf_collector *c)
{
	struct sockaddr_storage local;

	if (c->fd == -1)
		return 0;
	if (s->peer.ss_family == 0 ||
	    memcmp(&s->peer, &c->addr, c->addrlen) != 0)
		return 1;
	learn_local(c->fd, &local);
	return !address_same(&s->local, &local);
}

/* With a smaller payload, the open datagram may be full: close it then. */
static void
fit_payload(struct session *s, uint64_t now)
{
	s->max_len = payload(s);
	if (s->records > 0 && s->used + s->protocol->record[0] > s->max_len)
		session_close(s, now);
}

static void
on_down(void *arg, const struct sendqueue *to)
{
	struct export *x = arg;
	unsigned int i;

	for (i = 0; i < x->n; i++)
		if (x->sessions[i]->queue == to && x->hooks.down != NULL)
			x->hooks.down(x->hooks.arg, i);
}

/*
 * The cut adds a datagram; advance the sequence of those behind it if the
 * protocol counts datagrams.
 */
static int
on_cut(void *arg, struct sendqueue *to, struct sendqueue_datagram *first,
    struct sendqueue_datagram *rest)
{
	struct sendqueue_datagram *d;
	struct session *s = arg;
	unsigned int i;

	if (recut(s->protocol, first, rest) == -1)
		return -1;
	s->counters->begun++;
	if (!s->protocol->by_datagram)
		return 0;
	s->domain.sequence++;
	for (i = 0; (d = sendqueue_behind(to, i)) != NULL; i++)
		recut_move(d);
	return 0;
}

static void
on_writable(void *arg)
{
	struct export *x = arg;

	if (x->hooks.writable != NULL)
		x->hooks.writable(x->hooks.arg);
}

void
session_free(struct session *s)
{
	if (s->queue != NULL)
		sendqueue_free(s->queue);
	free(s);
}

/* Key of a session in the ledger, independent of the order in the file. */
static void
identity(const struct conf_collector *c, char key[LEDGER_KEY])
{
	snprintf(key, LEDGER_KEY, "%s %s %s %u %" PRIu32,
	    protocol_facts[c->protocol].name, c->name, c->source, c->engine_id,
	    c->domain);
}

/*
 * Undo session_new().  Before the first configuration, the ledger row belongs
 * to the previous engine and stays for the next.
 */
static void
session_undo(struct export *x, struct session *s)
{
	if (x->conf != NULL)
		ledger_release(x->ledger, s->counters);
	session_free(s);
}

/* The sequence continues from all that was ever built for this collector. */
static struct session *
session_new(struct export *x, const struct conf_collector *c)
{
	struct sendqueue_setup setup = {
		.name = c->name,
		.fd = -1,
		.rate = c->rate,
		.writable = on_writable,
		.down = on_down,
		.cut = on_cut,
		.arg = x,
	};
	struct ledger_collector *row;
	char key[LEDGER_KEY];
	struct session *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return NULL;
	setup.cut_arg = s;
	identity(c, key);
	s->protocol = protocols[c->protocol];
	s->conf = c;
	row = ledger_collector(x->ledger, key);
	s->counters = setup.counters = &row->counters;
	s->octets_before = row->counters.octets_built;
	setup.health = &row->health;
	s->domain.id = c->domain != 0 ? c->domain : c->engine_id;
	s->domain.sequence = (uint32_t)(s->protocol->by_datagram ?
		s->counters->begun :
		s->counters->built);
	s->domain.options = (uint32_t)s->counters->options;
	s->queue = sendqueue_new(x->base, &setup);
	if (s->queue == NULL) {
		session_undo(x, s);
		errno = ENOMEM;
		return NULL;
	}
	return s;
}

struct export *
export_new(struct event_base *base, struct ledger *ledger,
    const struct export_hooks *hooks)
{
	struct export *x;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return NULL;
	x->base = base;
	x->ledger = ledger;
	x->hooks = *hooks;
	x->due = UINT64_MAX;
	return x;
}

void
export_free(struct export *x)
{
	unsigned int i;

	if (x == NULL)
		return;
	for (i = 0; i < x->n; i++)
		session_free(x->sessions[i]);
	for (i = 0; i < x->nretired; i++)
		session_free(x->retired[i]);
	free(x);
}

/* Slot of the existing session for a collector, with its state; or NULL. */
static struct session **
session_before(struct export *x, const struct conf_collector *c)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		if (x->sessions[i] != NULL &&
		    conf_same_collector(x->sessions[i]->conf, c))
			return &x->sessions[i];
	return NULL;
}

/*
 * Apply settings that can change in place.  The open datagram may be full then.
 */
static void
session_adjust(struct export *x, struct session *s, struct conf_collector *c,
    const struct rule_list *filter, uint64_t *hits, uint64_t now)
{
	char key[LEDGER_KEY];

	identity(c, key);
	ledger_rename(x->ledger, s->counters, key);
	s->conf = c;
	memset(s->template_sent, 0, sizeof(s->template_sent));
	s->options_sent = 0;
	s->filter = filter;
	s->hits = hits;
	sendqueue_rate(s->queue, c->rate);
	s->path_mtu = c->path_mtu;
	if (has_other_socket(s, c)) {
		learn_addresses(s, c->fd, &c->addr, c->addrlen);
		sendqueue_socket(s->queue, c->fd);
		c->fd = -1;
	}
	fit_payload(s, now);
}

/* Create sessions for the new collectors: all of them, or none and -1. */
static int
make_sessions(struct export *x, const struct conf *conf, struct session *made[])
{
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++) {
		const struct conf_collector *c = &conf->collectors[i];

		made[i] = NULL;
		if (session_before(x, c) == NULL &&
		    (made[i] = session_new(x, c)) == NULL)
			break;
	}
	if (i == conf->ncollectors)
		return 0;
	while (i-- > 0)
		if (made[i] != NULL)
			session_undo(x, made[i]);
	return -1;
}

/* Move the existing sessions of collectors that stay. */
static void
inherit_sessions(struct export *x, const struct conf *conf,
    struct session *made[])
{
	struct session **before;
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++) {
		if (made[i] != NULL)
			continue;
		before = session_before(x, &conf->collectors[i]);
		made[i] = *before;
		*before = NULL;
	}
}

static void
keep_rule_hits(struct export *x, const struct conf *conf)
{
	if (x->ledger->generation != conf->generation &&
	    (x->conf == NULL || !conf_same_rules(x->conf, conf)))
		memset(x->ledger->rule_hits, 0, sizeof(x->ledger->rule_hits));
	x->ledger->generation = conf->generation;
}

/* Rows of collectors removed while no engine ran are released. */
static int
is_wanted(const void *arg, const char *key)
{
	const struct conf *conf = arg;
	char wanted[LEDGER_KEY];
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++) {
		identity(&conf->collectors[i], wanted);
		if (strcmp(wanted, key) == 0)
			return 1;
	}
	return 0;
}

/* Install the new sessions; left[] gets the sessions of removed collectors. */
static unsigned int
place_sessions(struct export *x, struct session *const made[], unsigned int n,
    struct session *left[])
{
	unsigned int i, nleft = 0;

	for (i = 0; i < x->n; i++)
		if (x->sessions[i] != NULL)
			left[nleft++] = x->sessions[i];
	memcpy(x->sessions, made, n * sizeof(x->sessions[0]));
	x->n = n;
	return nleft;
}

/* Sending may call the hooks, so all sessions must be in place before it. */
int
export_apply(struct export *x, struct conf *conf, uint64_t now)
{
	struct session *made[CONF_COLLECTORS] = { NULL };
	struct session *left[CONF_COLLECTORS];
	uint64_t *hits = x->ledger->rule_hits + conf->filter.n;
	unsigned int i, nleft;

	if (x->conf == NULL)
		ledger_sweep(x->ledger, is_wanted, conf);
	if (make_sessions(x, conf, made) == -1)
		return -1;
	inherit_sessions(x, conf, made);
	nleft = place_sessions(x, made, conf->ncollectors, left);
	for (i = 0; i < nleft; i++) /* under the old rules */
		retired_finish(x, left[i], now);
	keep_rule_hits(x, conf);
	x->conf = conf;
	for (i = 0; i < x->n; i++) {
		session_adjust(x, x->sessions[i], &conf->collectors[i],
		    &conf->filters[i], hits, now);
		hits += conf->filters[i].n;
	}
	for (i = 0; i < nleft; i++)
		retired_add(x, left[i], now);
	x->hold = conf->hold * 1000;
	x->due = 0; /* hold may be shorter now */
	export_clock(x, now);
	return 0;
}

void
export_socket(struct export *x, unsigned int i, int fd,
    const struct sockaddr_storage *peer, socklen_t len)
{
	struct session *s;

	if (i >= x->n || len > sizeof(s->peer)) {
		close(fd);
		return;
	}
	s = x->sessions[i];
	learn_addresses(s, fd, peer, len);
	fit_payload(s, x->clock);
	sendqueue_socket(s->queue, fd);
}

void
export_path(struct export *x, unsigned int i, unsigned int mtu)
{
	if (i >= x->n)
		return;
	x->sessions[i]->path_mtu = mtu;
	fit_payload(x->sessions[i], x->clock);
}

void
export_withdraw(struct export *x, unsigned int i)
{
	if (i < x->n)
		sendqueue_withdraw(x->sessions[i]->queue);
}

unsigned int
export_collectors(const struct export *x)
{
	return x->n;
}

const struct collector_counters *
export_counters(const struct export *x, unsigned int i)
{
	return x->sessions[i]->counters;
}

void
export_status(const struct export *x, unsigned int i,
    struct export_status *status)
{
	const struct session *s = x->sessions[i];

	status->name = sendqueue_name(s->queue);
	status->protocol = protocol_facts[s->conf->protocol].name;
	status->addr = &s->peer;
	status->queued = s->records + sendqueue_queued(s->queue);
	status->octets = session_octets(s) + sendqueue_octets(s->queue);
	status->waiting = sendqueue_waiting(s->queue);
	status->rate = s->conf->rate;
	status->engine_id = s->conf->engine_id;
	status->domain = s->conf->domain;
	sendqueue_state(s->queue, &status->state);
}
