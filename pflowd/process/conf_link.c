/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <errno.h>
#include <string.h>

#include "common/msg.h"
#include "conf_link.h"
#include "link.h"

_Static_assert(sizeof(struct conf_globals) <= MSG_DATA, "conf_globals");
_Static_assert(sizeof(struct conf_collector) <= MSG_DATA, "conf_collector");
_Static_assert(sizeof(struct conf_socket) <= MSG_DATA, "conf_socket");

static int
put_globals(struct msg_conn *c, const struct conf *conf)
{
	struct conf_globals g;

	memset(&g, 0, sizeof(g));
	g.source = conf->source;
	memcpy(g.interface, conf->interface, sizeof(g.interface));
	g.pfsync_link = conf->pfsync_link;
	g.interval = conf->interval;
	g.states = conf->states;
	g.interim = conf->interim;
	g.interim_given = conf->interim_given;
	g.join = conf->join;
	g.join_given = conf->join_given;
	g.debug = conf->debug;
	g.verbose = conf->verbose;
	g.hold = conf->hold;
	g.quiet = conf->quiet;
	g.lookup = conf->lookup;
	g.policy = conf->policy;
	g.creator_given = conf->creator_given;
	g.creator = conf->creator;
	g.account_self = conf->account_self;
	g.generation = conf->generation;
	return msg_put(c, MSG_CONF_BEGIN, 0, &g, sizeof(g), -1);
}

static int
put_rules(struct msg_conn *c, uint32_t collector, const struct rule_list *list)
{
	struct conf_rule r;
	unsigned int i;

	memset(&r, 0, sizeof(r));
	r.collector = collector;
	for (i = 0; i < list->n; i++) {
		r.rule = list->rules[i];
		if (msg_put(c, MSG_CONF_RULE, 0, &r, sizeof(r), -1) == -1)
			return -1;
	}
	return 0;
}

static int
put_collectors(struct msg_conn *c, const struct conf *conf)
{
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++) {
		const struct conf_collector *k = &conf->collectors[i];

		if (msg_put(c, MSG_CONF_COLLECTOR, 0, k, sizeof(*k), k->fd) ==
			-1 ||
		    put_rules(c, i, &conf->filters[i]) == -1)
			return -1;
	}
	return put_rules(c, CONF_COLLECTORS, &conf->filter);
}

static int
put_host(struct msg_conn *c, const struct conf *conf)
{
	unsigned int i;

	for (i = 0; i < conf->interfaces.n; i++)
		if (msg_put(c, MSG_CONF_INTERFACE, 0,
			&conf->interfaces.entries[i],
			sizeof(conf->interfaces.entries[i]), -1) == -1)
			return -1;
	for (i = 0; i < conf->self.n; i++)
		if (msg_put(c, MSG_CONF_SELF, 0, &conf->self.addrs[i],
			sizeof(conf->self.addrs[i]), -1) == -1)
			return -1;
	return 0;
}

int
conf_link_put_host(struct msg_conn *c, const struct conf *conf)
{
	if (msg_put(c, MSG_HOST_BEGIN, 0, NULL, 0, -1) == -1 ||
	    put_host(c, conf) == -1)
		return -1;
	return msg_put(c, MSG_HOST_COMMIT, 0, NULL, 0, -1);
}

static int
put_sockets(struct msg_conn *c, const struct conf *conf)
{
	unsigned int i;

	for (i = 0; i < conf->nsockets; i++)
		if (msg_put(c, MSG_CONF_SOCKET, 0, &conf->sockets[i],
			sizeof(conf->sockets[i]), conf->sockets[i].fd) == -1)
			return -1;
	return 0;
}

int
conf_link_put(struct msg_conn *c, const struct conf *conf)
{
	if (put_globals(c, conf) == -1 || put_collectors(c, conf) == -1 ||
	    put_host(c, conf) == -1 || put_sockets(c, conf) == -1)
		return -1;
	return msg_put(c, MSG_CONF_COMMIT, 0, NULL, 0, -1);
}

static int
read_globals(struct conf *conf, const struct msg *msg)
{
	struct conf_globals g;

	if (msg_payload(msg, &g, sizeof(g)) == -1)
		return -1;
	conf->source = g.source;
	memcpy(conf->interface, g.interface, sizeof(conf->interface));
	conf->pfsync_link = g.pfsync_link;
	conf->interval = g.interval;
	conf->states = g.states;
	conf->interim = g.interim;
	conf->interim_given = g.interim_given;
	conf->join = g.join;
	conf->join_given = g.join_given;
	conf->debug = g.debug;
	conf->verbose = g.verbose;
	conf->hold = g.hold;
	conf->quiet = g.quiet;
	conf->lookup = g.lookup;
	conf->policy = g.policy;
	conf->creator_given = g.creator_given;
	conf->creator = g.creator;
	conf->account_self = g.account_self;
	conf->generation = g.generation;
	return 0;
}

static int
read_collector(struct conf *conf, struct msg *msg)
{
	struct conf_collector *k = &conf->collectors[conf->ncollectors];

	if (conf->ncollectors == CONF_COLLECTORS ||
	    msg_payload(msg, k, sizeof(*k)) == -1 || k->protocol >= PROTOCOLS)
		return -1;
	k->fd = msg->fd;
	msg->fd = -1;
	conf->ncollectors++;
	return 0;
}

static int
read_rule(struct conf *conf, const struct msg *msg)
{
	struct conf_rule r;

	if (msg_payload(msg, &r, sizeof(r)) == -1)
		return -1;
	if (r.collector == CONF_COLLECTORS)
		return rule_add(&conf->filter, &r.rule);
	if (r.collector >= conf->ncollectors)
		return -1;
	return rule_add(&conf->filters[r.collector], &r.rule);
}

static int
read_interface(struct conf *conf, const struct msg *msg)
{
	struct ifindex_entry e;

	if (msg_payload(msg, &e, sizeof(e)) == -1)
		return -1;
	e.name[sizeof(e.name) - 1] = '\0';
	ifindex_add(&conf->interfaces, &e);
	return 0;
}

static int
read_self(struct conf *conf, const struct msg *msg)
{
	struct rule_address a;

	if (msg_payload(msg, &a, sizeof(a)) == -1)
		return -1;
	rule_self_add(&conf->self, a.family, a.addr);
	return 0;
}

static int
read_socket(struct conf *conf, struct msg *msg)
{
	struct conf_socket *s = &conf->sockets[conf->nsockets];

	if (conf->nsockets == CONF_SOCKETS ||
	    msg_payload(msg, s, sizeof(*s)) == -1)
		return -1;
	s->fd = msg->fd;
	msg->fd = -1;
	conf->nsockets++;
	return 0;
}

static int
read_item(struct conf *conf, struct msg *msg)
{
	switch (msg->type) {
	case MSG_CONF_BEGIN:
		return read_globals(conf, msg);
	case MSG_CONF_COLLECTOR:
		return read_collector(conf, msg);
	case MSG_CONF_RULE:
		return read_rule(conf, msg);
	case MSG_CONF_INTERFACE:
		return read_interface(conf, msg);
	case MSG_CONF_SELF:
		return read_self(conf, msg);
	case MSG_CONF_SOCKET:
		return read_socket(conf, msg);
	case MSG_HOST_BEGIN:
		return 0;
	case MSG_CONF_COMMIT:
		return 1;
	case MSG_HOST_COMMIT:
		return 2;
	}
	return -1;
}

int
conf_link_receive(struct conf **conf, struct msg *msg)
{
	int done = -1, error;

	errno = msg->fd_lost ? EMFILE : EPROTO;
	if ((msg->type == MSG_CONF_BEGIN || msg->type == MSG_HOST_BEGIN) &&
	    *conf == NULL)
		*conf = conf_new();
	if (*conf != NULL && !msg->fd_lost)
		done = read_item(*conf, msg);
	if (done == -1) {
		error = errno;
		conf_free(*conf);
		*conf = NULL;
		errno = error;
	}
	return done;
}
