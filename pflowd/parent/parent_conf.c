/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "parent_local.h"
#include "reload.h"
#include "sockets.h"

struct reload {
	struct parent *parent;
	uint32_t id; /* the engine's id of the requesting client; 0: a signal */
	unsigned int errors;
	char first[LINK_TEXT]; /* first error */
};

static void
reload_error(void *arg, const char *text)
{
	struct reload *r = arg;
	size_t len = strlen(text);

	if (r->errors == 0)
		strlcpy(r->first, text, sizeof(r->first));
	if (r->errors++ >= PARSE_ERRORS)
		return;
	if (r->id == 0)
		log_warnx("%s", text);
	else
		child_send(&r->parent->engine, MSG_RELOAD_LINE, r->id, text,
		    len < MSG_DATA ? len : MSG_DATA, -1);
}

static void
reload_done(struct parent *p, const struct reload *r)
{
	struct link_done d;

	memset(&d, 0, sizeof(d));
	d.failed = r->errors > 0;
	if (r->errors > PARSE_ERRORS)
		snprintf(d.text, sizeof(d.text),
		    "%u more errors; keeping the old configuration",
		    r->errors - PARSE_ERRORS);
	else if (r->errors > 0)
		snprintf(d.text, sizeof(d.text),
		    "keeping the old configuration");
	if (r->errors > 0)
		log_warnx("%s was not loaded: %u error%s: %s", p->cmdline->file,
		    r->errors, r->errors == 1 ? "" : "s, the first", r->first);
	else {
		log_info("configuration reloaded");
		log_settled("%s was not loaded", p->cmdline->file);
		log_settled("control socket ");
		log_settled("interface ");
	}
	if (r->errors > 0)
		parent_send_done(p, r->id, &d);
}

/*
 * Put a configuration in force that only a new engine can apply.  The reply
 * goes to the engine that is replaced.
 */
static void
change_engine(struct parent *p, struct conf *conf, const struct reload *r)
{
	const struct link_done done = { 0 };

	if (p->previous == NULL)
		p->previous = p->conf;
	else
		reload_free(p->conf, conf); /* no engine ran with it */
	p->conf = conf;
	if (p->engine.state == CHILD_RUNNING)
		parent_send_done(p, r->id, &done);
	parent_replace_engine(p);
	resolver_begin(p->resolver, conf);
}

const char *
parent_source(const struct conf *conf, char text[PARENT_SOURCE])
{
	if (conf->source == CONF_TABLE)
		return "reading pf's state table";
	snprintf(text, PARENT_SOURCE, "listening on %s", conf->interface);
	return text;
}

void
parent_reload_keep(struct parent *p)
{
	char source[PARENT_SOURCE];

	log_info("%s%s", parent_source(p->conf, source),
	    p->listening == LINK_LISTENING ? " now" :
					     ", once the interface appears");
	reload_free(p->previous, p->conf);
	p->previous = NULL;
}

void
parent_reload_undo(struct parent *p)
{
	struct conf *failed = p->conf;
	char wanted[PARENT_SOURCE], source[PARENT_SOURCE];

	log_warnx("cannot start %s: %s again", parent_source(failed, wanted),
	    parent_source(p->previous, source));
	p->conf = p->previous;
	p->previous = NULL;
	reload_free(failed, p->conf);
}

/*
 * Send the new configuration and put it in force.  The engine receives all of
 * it before it receives the end of the reload.
 */
static void
change_conf(struct parent *p, struct conf *conf, struct reload *r)
{
	struct conf *old = p->conf;

	if (p->previous != NULL || reload_needs_root(conf, old)) {
		change_engine(p, conf, r);
		return;
	}
	p->conf = conf;
	if (parent_send_conf(p, r->id) == -1) {
		p->conf = old;
		reload_error(r, strerror(errno));
		reload_free(conf, old);
		return;
	}
	resolver_begin(p->resolver, conf);
	reload_free(old, conf);
}

void
parent_reload(struct parent *p, uint32_t id)
{
	struct reload r = { .parent = p, .id = id };
	struct conf *conf;

	conf = reload_conf(p->cmdline, p->conf, reload_error, &r);
	if (conf != NULL)
		change_conf(p, conf, &r);
	reload_done(p, &r);
}

static void
check_interfaces(struct parent *p)
{
	struct conf *now;

	if ((now = conf_new()) == NULL)
		return;
	conf_set_host(now, p->conf);
	if (ifindex_load(&now->interfaces) == 0 &&
	    ifindex_self(&now->self) == 0 && !conf_same_host(now, p->conf) &&
	    parent_send_host(p, now) == 0)
		conf_set_host(p->conf, now);
	conf_free(now);
}

void
parent_check_host(struct parent *p)
{
	check_interfaces(p);
	resolver_check(p->resolver);
}

static int
same_address(const struct conf_collector *c, const struct sockaddr_storage *ss,
    socklen_t len)
{
	return c->fd != -1 && c->addrlen == len &&
	    memcmp(&c->addr, ss, len) == 0;
}

static int
send_socket(struct parent *p, unsigned int i, const struct conf_collector *c,
    int fd)
{
	struct link_socket s;

	if (p->engine.state < CHILD_OPENING)
		return 0;
	memset(&s, 0, sizeof(s));
	s.collector = i;
	s.addr = c->addr;
	s.addrlen = c->addrlen;
	s.path_mtu = c->path_mtu;
	return child_send(&p->engine, MSG_COLLECTOR_SOCKET, 0, &s, sizeof(s),
	    fd);
}

/* Log what differs from the collector's previous socket. */
static void
log_change(const struct conf_collector *old, const struct conf_collector *c)
{
	char from[SOCKETS_TEXT], to[SOCKETS_TEXT];

	if (same_address(old, &c->addr, c->addrlen))
		log_info("collector %s: source address is now %s, was %s",
		    c->name, sockets_source(c->fd, to),
		    sockets_source(old->fd, from));
	else if (conf_family(c->host) != 0)
		log_info("collector %s: interface was created anew", c->name);
	else
		log_info("collector %s: address changed", c->name);
}

/* Replace a collector's socket.  Its queue and sequence continue. */
static int
replace_socket(struct parent *p, unsigned int i, struct conf_collector *next,
    char *why, size_t whylen)
{
	struct conf_collector *c = &p->conf->collectors[i];

	if (send_socket(p, i, next, next->fd) == -1) {
		snprintf(why, whylen, "cannot send the socket to the engine");
		close(next->fd);
		return -1;
	}
	if (c->fd != -1) {
		log_change(c, next);
		close(c->fd);
	}
	*c = *next;
	return 0;
}

/* Send a changed path MTU.  If that fails, the next check repeats it. */
static void
change_path(struct parent *p, unsigned int i, const struct conf_collector *next)
{
	struct conf_collector *c = &p->conf->collectors[i];
	unsigned int before = conf_path_mtu(c->path_mtu);
	unsigned int now = conf_path_mtu(next->path_mtu);

	if (next->path_mtu == c->path_mtu || send_socket(p, i, next, -1) == -1)
		return;
	c->path_mtu = next->path_mtu;
	if (c->mtu == 0 && now != before)
		log_info("collector %s: path MTU is now %u, was %u", c->name,
		    now, before);
}

/*
 * Close a collector's socket, so that its records wait for a new one instead of
 * failing.
 */
static void
withdraw_socket(struct parent *p, unsigned int i)
{
	struct conf_collector *c = &p->conf->collectors[i];
	struct conf_collector none = *c;

	none.addrlen = 0;
	if (c->fd == -1 || send_socket(p, i, &none, -1) == -1)
		return;
	close(c->fd);
	c->fd = -1;
}

/*
 * Open a new socket to find the source that the system would choose now, and
 * the path MTU.  Use the new socket only if the address or the source changed.
 * If no socket can be opened, keep the old one, unless its source is gone.
 */
int
parent_found_address(void *arg, unsigned int i,
    const struct sockaddr_storage *ss, socklen_t len, char *why, size_t whylen)
{
	struct parent *p = arg;
	struct conf_collector *c = &p->conf->collectors[i];
	struct conf_collector next = *c;
	enum sockets_result opened;
	int same;

	if (ss == NULL) {
		snprintf(why, whylen, "interface does not exist");
		withdraw_socket(p, i);
		return -1;
	}
	same = same_address(c, ss, len);
	next.fd = -1;
	next.source_port = 0; /* the old socket is bound to it */
	next.addr = *ss;
	next.addrlen = len;
	opened = c->fd == -1 ? sockets_another(&next, why, whylen) :
			       sockets_collector(&next, why, whylen);
	switch (opened) {
	case SOCKETS_OPEN:
		break;
	case SOCKETS_NO_SOURCE:
		withdraw_socket(p, i);
		return -1;
	default:
		return same ? 0 : -1;
	}
	if (same && sockets_same_source(c->fd, next.fd)) {
		change_path(p, i, &next);
		close(next.fd);
		return 0;
	}
	return replace_socket(p, i, &next, why, whylen);
}
