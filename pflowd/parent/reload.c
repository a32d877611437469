/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "dumper.h"
#include "os/pftimeout.h"
#include "process/descriptors.h"
#include "reload.h"
#include "resolver_ask.h"
#include "sockets.h"

/* Receiver of errors. */
struct error_sink {
	lex_error_cb *cb;
	void *arg;
};

static int
fail(const struct error_sink *sink, const char *why)
{
	sink->cb(sink->arg, why);
	return -1;
}

static const struct conf_collector *
find_collector(const struct conf *conf, const struct conf_collector *c)
{
	unsigned int i;

	for (i = 0; conf != NULL && i < conf->ncollectors; i++)
		if (conf_same_collector(&conf->collectors[i], c))
			return &conf->collectors[i];
	return NULL;
}

static int
fail_collector(const struct error_sink *sink, const struct conf_collector *c,
    const char *why)
{
	char line[CONF_PLACE + CONF_NAME + 272];

	snprintf(line, sizeof(line), "%scollector %s: %s", c->place, c->name,
	    why);
	return fail(sink, line);
}

/*
 * Duplicate the socket in use, so that the old configuration keeps its own if
 * the reload fails.
 */
static int
inherit_collector(struct conf_collector *c, const struct conf_collector *old,
    const struct error_sink *sink)
{
	if ((c->fd = fcntl(old->fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return fail_collector(sink, c, strerror(errno));
	c->addr = old->addr;
	c->addrlen = old->addrlen;
	c->source_port = old->source_port;
	c->path_mtu = old->path_mtu;
	return 0;
}

/* Log it once: not if the same collector had no socket before. */
static void
log_later(const struct conf_collector *c, const struct conf_collector *before,
    const char *why)
{
	if (before == NULL || before->fd != -1)
		log_warnx("collector %s: %s; will retry", c->name, why);
}

/*
 * Open a collector's socket.  A missing address, source or route is no error:
 * it is retried later.
 */
static int
open_collector(struct conf_collector *c, const struct conf *old,
    const struct error_sink *sink)
{
	const struct conf_collector *before = find_collector(old, c);
	char why[256];

	if (before != NULL && before->fd != -1)
		return inherit_collector(c, before, sink);
	if (conf_family(c->host) == 0)
		return 0;
	if (!resolver_ask_numeric(c)) {
		log_later(c, before, "interface does not exist");
		return 0;
	}
	switch (sockets_another(c, why, sizeof(why))) {
	case SOCKETS_OPEN:
		break;
	case SOCKETS_LATER:
	case SOCKETS_NO_SOURCE:
		log_later(c, before, why);
		break;
	case SOCKETS_WRONG:
		return fail_collector(sink, c, why);
	}
	return 0;
}

static const struct conf_socket *
find_socket(const struct conf *conf, const struct conf_socket *s)
{
	unsigned int i;

	for (i = 0; conf != NULL && i < conf->nsockets; i++)
		if (strcmp(conf->sockets[i].path, s->path) == 0)
			return &conf->sockets[i];
	return NULL;
}

static int
fail_socket(const struct error_sink *sink, const struct conf_socket *s,
    const char *why)
{
	char line[CONF_PLACE + CONF_PATH + 544];

	snprintf(line, sizeof(line), "%scontrol socket %s: %s", s->place,
	    s->path, why);
	return fail(sink, line);
}

static int
make_socket(struct conf_socket *s, const struct error_sink *sink)
{
	char why[512];

	if (sockets_control(s, why, sizeof(why)) == 0)
		return 0;
	return fail_socket(sink, s, why);
}

/*
 * Reuse or create a control socket.  A path that somebody else replaced is left
 * to them; a missing one is created again.
 */
static int
open_socket(struct conf_socket *s, const struct conf *old,
    const struct error_sink *sink)
{
	const struct conf_socket *before = find_socket(old, s);

	if (before == NULL || before->fd == -1)
		return make_socket(s, sink);
	if (sockets_gone(before))
		return make_socket(s, sink);
	s->dev = before->dev;
	s->ino = before->ino;
	if ((s->fd = fcntl(before->fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return fail_socket(sink, s, strerror(errno));
	return 0;
}

int
reload_needs_root(const struct conf *conf, const struct conf *old)
{
	unsigned int i;

	if (conf->source != old->source ||
	    strcmp(conf->interface, old->interface) != 0 ||
	    conf->pfsync_link != old->pfsync_link)
		return 1;
	for (i = 0; i < conf->nsockets; i++) {
		const struct conf_socket *s = &conf->sockets[i];
		const struct conf_socket *before = find_socket(old, s);

		if (before != NULL &&
		    (s->restricted != before->restricted ||
			strcmp(s->group, before->group) != 0))
			return 1;
	}
	return 0;
}

static int
open_all(struct conf *conf, const struct conf *old,
    const struct error_sink *sink)
{
	unsigned int i;
	int failed = 0;

	for (i = 0; i < conf->ncollectors; i++)
		if (open_collector(&conf->collectors[i], old, sink) == -1)
			failed = 1;
	for (i = 0; i < conf->nsockets; i++)
		if (open_socket(&conf->sockets[i], old, sink) == -1)
			failed = 1;
	return failed ? -1 : 0;
}

static int
check_source(const struct conf *conf, const struct error_sink *sink)
{
	char why[256];

	if (conf->source == CONF_PFSYNC ||
	    dumper_possible(why, sizeof(why)) == 0)
		return 0;
	return fail(sink, why);
}

/* Set the dscp, which is shared by all copies of a socket. */
static void
adjust(const struct conf *conf, const struct conf *old)
{
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++) {
		const struct conf_collector *c = &conf->collectors[i];
		const struct conf_collector *before = find_collector(old, c);

		if (before != NULL && c->fd != -1 && c->dscp != before->dscp)
			sockets_adjust(c);
	}
}

/* Use pf's timeouts where pf can be asked, but never override the file. */
static void
read_timeouts(struct record_policy *rules)
{
	uint32_t seconds[FLOW_PF_TIMEOUTS];
	int i;

	if (pftimeout_ask(seconds, FLOW_PF_TIMEOUTS) == -1)
		return;
	for (i = 0; i < FLOW_PF_TIMEOUTS; i++) {
		if (record_timeout_name((enum flow_timeout)i) == NULL ||
		    rules->timeout_source[i] == RECORD_BY_FILE)
			continue;
		rules->timeout[i] = seconds[i];
		rules->timeout_source[i] = RECORD_BY_PF;
	}
}

struct conf *
reload_conf(const struct cmdline *o, const struct conf *old, lex_error_cb *cb,
    void *arg)
{
	const struct error_sink sink = { cb, arg };
	struct conf *conf;

	if ((conf = cmdline_conf(o, cb, arg)) == NULL)
		return NULL;
	descriptors_warn(conf->ncollectors);
	if (check_source(conf, &sink) == -1 ||
	    open_all(conf, old, &sink) == -1) {
		reload_free(conf, old);
		return NULL;
	}
	if (old != NULL)
		conf_settle(old);
	conf_warn(conf, conf->source == CONF_TABLE);
	adjust(conf, old);
	if (old != NULL) {
		conf->generation = old->generation + 1;
		conf->verbose = old->verbose;
	}
	read_timeouts(&conf->policy);
	if (ifindex_load(&conf->interfaces) == -1)
		log_warn("cannot read the interface indexes");
	if (ifindex_self(&conf->self) == -1)
		log_warn("cannot read the addresses of this host");
	return conf;
}

static void
renew_collector(struct conf_collector *c)
{
	char why[256];

	if (c->fd == -1)
		return;
	close(c->fd);
	c->fd = -1;
	if (sockets_collector(c, why, sizeof(why)) != SOCKETS_OPEN)
		log_warnx("collector %s: %s; will retry", c->name, why);
}

/*
 * Close the old socket first: only a path without a listener may be replaced.
 * A resolver that has just been forked still holds a copy, until it executes.
 */
static void
renew_socket(struct conf_socket *s)
{
	char why[256];

	if (s->fd != -1) {
		shutdown(s->fd, SHUT_RDWR);
		close(s->fd);
	}
	s->fd = -1;
	if (sockets_control(s, why, sizeof(why)) == -1)
		log_warnx("control socket %s: %s; reload to retry", s->path,
		    why);
}

void
reload_renew(struct conf *conf)
{
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++)
		renew_collector(&conf->collectors[i]);
	for (i = 0; i < conf->nsockets; i++)
		renew_socket(&conf->sockets[i]);
}

/* Compare the inode too, as the path may have been created again. */
static int
has_socket(const struct conf *conf, const struct conf_socket *s)
{
	const struct conf_socket *its = find_socket(conf, s);

	return its != NULL && its->dev == s->dev && its->ino == s->ino;
}

void
reload_free(struct conf *old, const struct conf *now)
{
	unsigned int i;

	if (old == NULL)
		return;
	for (i = 0; i < old->nsockets; i++)
		if (old->sockets[i].ino != 0 &&
		    !has_socket(now, &old->sockets[i]))
			sockets_remove(&old->sockets[i]);
	conf_free(old);
}
