/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/msg.h"
#include "conf.h"

#define DEFAULT_PORT 2055
#define DEFAULT_MTU 1500
#define DEFAULT_HOLD 5

struct conf *
conf_new(void)
{
	struct conf *conf;

	if ((conf = calloc(1, sizeof(*conf))) == NULL)
		return NULL;
	strlcpy(conf->interface, "pfsync0", sizeof(conf->interface));
	conf->hold = DEFAULT_HOLD;
	record_rules_default(&conf->rules);
	return conf;
}

void
conf_free(struct conf *conf)
{
	unsigned int i;

	if (conf == NULL)
		return;
	for (i = 0; i < conf->ncollectors; i++)
		if (conf->collectors[i].fd != -1)
			close(conf->collectors[i].fd);
	free(conf);
}

/*
 * Where the host ends in host[:port], and where the port begins: brackets
 * guard an IPv6 address, and without them two colons are one.
 */
static int
split_host_port(const char *spec, const char **host, size_t *len,
    const char **port)
{
	const char *end;

	*host = spec;
	*port = NULL;
	if (*spec == '[') {
		if ((end = strchr(spec, ']')) == NULL)
			return -1;
		*host = spec + 1;
		*len = (size_t)(end - *host);
		if (end[1] == ':')
			*port = end + 2;
		return end[1] == '\0' || end[1] == ':' ? 0 : -1;
	}
	end = strchr(spec, ':');
	if (end == NULL || strchr(end + 1, ':') != NULL) {
		*len = strlen(spec);
		return 0;
	}
	*len = (size_t)(end - spec);
	*port = end + 1;
	return 0;
}

static int
parse_port(const char *text, uint16_t *port)
{
	const char *error;

	*port = (uint16_t)strtonum(text, 1, 65535, &error);
	return error == NULL ? 0 : -1;
}

static void
name_collector(struct conf_collector *c)
{
	char name[CONF_NAME] = "";
	int brackets = strchr(c->host, ':') != NULL;

	snprintf(name, sizeof(name), "%s%s%s:%u", brackets ? "[" : "", c->host,
	    brackets ? "]" : "", c->port);
	memcpy(c->name, name, sizeof(c->name));
}

int
conf_add_collector(struct conf *conf, const char *spec, char *why,
    size_t whylen)
{
	struct conf_collector *c = &conf->collectors[conf->ncollectors];
	const char *host, *port;
	size_t len;

	if (conf->ncollectors == CONF_COLLECTORS) {
		snprintf(why, whylen, "%s: more than %d collectors", spec,
		    CONF_COLLECTORS);
		return -1;
	}
	memset(c, 0, sizeof(*c));
	if (split_host_port(spec, &host, &len, &port) == -1 || len == 0 ||
	    len >= sizeof(c->host)) {
		snprintf(why, whylen,
		    "%s: not a collector: give host, host:port or "
		    "[IPv6 address]:port",
		    spec);
		return -1;
	}
	memcpy(c->host, host, len);
	c->port = DEFAULT_PORT;
	if (port != NULL && parse_port(port, &c->port) == -1) {
		snprintf(why, whylen, "%s: bad port %s: give 1 to 65535", spec,
		    *port == '\0' ? "\"\"" : port);
		return -1;
	}
	name_collector(c);
	c->mtu = DEFAULT_MTU;
	c->fd = -1;
	conf->ncollectors++;
	return 0;
}

static int
connect_collector(struct conf_collector *c)
{
	int fd;

	if ((fd = socket(c->addr.ss_family, SOCK_DGRAM, 0)) == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&c->addr, c->addrlen) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1) {
		close(fd);
		return -1;
	}
	c->fd = fd;
	return 0;
}

int
conf_connect(struct conf *conf, char *why, size_t whylen)
{
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++) {
		struct conf_collector *c = &conf->collectors[i];

		if (connect_collector(c) == -1) {
			snprintf(why, whylen, "collector %s: %s", c->name,
			    strerror(errno));
			return -1;
		}
	}
	return 0;
}

/* What is not in a list, as one message. */
struct msg_conf {
	char interface[FLOW_IFNAME];
	int pfsync_link;
	int debug;
	int verbose;
	unsigned int hold;
	struct record_rules rules;
};
_Static_assert(sizeof(struct msg_conf) <= MSG_DATA, "msg_conf");
_Static_assert(sizeof(struct conf_collector) <= MSG_DATA, "conf_collector");

int
conf_send(struct msg_link *link, const struct conf *conf)
{
	struct msg_conf m;
	unsigned int i;

	memset(&m, 0, sizeof(m));
	memcpy(m.interface, conf->interface, sizeof(m.interface));
	m.pfsync_link = conf->pfsync_link;
	m.debug = conf->debug;
	m.verbose = conf->verbose;
	m.hold = conf->hold;
	m.rules = conf->rules;
	if (msg_send(link, MSG_CONF_BEGIN, &m, sizeof(m), -1) == -1)
		return -1;
	for (i = 0; i < conf->ncollectors; i++) {
		const struct conf_collector *c = &conf->collectors[i];

		if (msg_send(link, MSG_CONF_COLLECTOR, c, sizeof(*c), c->fd) ==
		    -1)
			return -1;
	}
	for (i = 0; i < conf->interfaces.n; i++) {
		const struct ifindex_entry *e = &conf->interfaces.entries[i];

		if (msg_send(link, MSG_CONF_INTERFACE, e, sizeof(*e), -1) == -1)
			return -1;
	}
	return msg_send(link, MSG_CONF_COMMIT, NULL, 0, -1);
}

static int
receive_globals(struct conf *conf, const struct msg *msg)
{
	struct msg_conf m;

	if (msg_payload(msg, &m, sizeof(m)) == -1)
		return -1;
	memcpy(conf->interface, m.interface, sizeof(conf->interface));
	conf->pfsync_link = m.pfsync_link;
	conf->debug = m.debug;
	conf->verbose = m.verbose;
	conf->hold = m.hold;
	conf->rules = m.rules;
	return 0;
}

static int
receive_collector(struct conf *conf, struct msg *msg)
{
	struct conf_collector *c = &conf->collectors[conf->ncollectors];

	if (conf->ncollectors == CONF_COLLECTORS || msg->fd == -1 ||
	    msg_payload(msg, c, sizeof(*c)) == -1)
		return -1;
	c->fd = msg->fd;
	msg->fd = -1;
	conf->ncollectors++;
	return 0;
}

static int
receive_interface(struct conf *conf, const struct msg *msg)
{
	struct ifindex_entry e;

	if (msg_payload(msg, &e, sizeof(e)) == -1)
		return -1;
	e.name[sizeof(e.name) - 1] = '\0';
	ifindex_add(&conf->interfaces, e.name, e.index);
	return 0;
}

/* 1: that was the last one; 0: more to come; -1: it has no place here. */
static int
receive_item(struct conf *conf, struct msg *msg)
{
	switch (msg->type) {
	case MSG_CONF_BEGIN:
		return receive_globals(conf, msg);
	case MSG_CONF_COLLECTOR:
		return receive_collector(conf, msg);
	case MSG_CONF_INTERFACE:
		return receive_interface(conf, msg);
	case MSG_CONF_COMMIT:
		return 1;
	}
	errno = EPROTO;
	return -1;
}

struct conf *
conf_receive(struct msg_link *link)
{
	struct conf *conf;
	struct msg msg;
	int done = 0;

	if ((conf = conf_new()) == NULL)
		return NULL;
	while (done == 0) {
		if (msg_receive(link, &msg) != 1)
			break;
		done = receive_item(conf, &msg);
		msg_discard(&msg);
	}
	if (done == 1)
		return conf;
	conf_free(conf);
	return NULL;
}
