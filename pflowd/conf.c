/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <arpa/inet.h>

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
	if (conf == NULL)
		return;
	conf_clear_collectors(conf);
	rule_clear(&conf->selection);
	free(conf);
}

struct conf_socket *
conf_control(struct conf *conf)
{
	unsigned int i;

	for (i = 0; i < conf->nsockets; i++)
		if (!conf->sockets[i].restricted)
			return &conf->sockets[i];
	return NULL;
}

int
conf_set_control(struct conf *conf, const char *path)
{
	struct conf_socket *s = conf_control(conf);

	if (s == NULL) {
		s = &conf->sockets[conf->nsockets++];
		memset(s, 0, sizeof(*s));
	}
	return strlcpy(s->path, path, sizeof(s->path)) < sizeof(s->path) ? 0 :
									   -1;
}

void
conf_clear_collectors(struct conf *conf)
{
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++) {
		if (conf->collectors[i].fd != -1)
			close(conf->collectors[i].fd);
		rule_clear(&conf->selections[i]);
	}
	conf->ncollectors = 0;
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

/* An address without its scope, in network order; returns its family, or 0. */
static int
parse_host(const char *host, uint8_t addr[16])
{
	char text[CONF_HOST];
	size_t len = strcspn(host, "%");

	memset(addr, 0, 16);
	if (inet_pton(AF_INET, host, addr) == 1)
		return 4;
	if (len >= sizeof(text))
		return 0;
	memcpy(text, host, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, addr) == 1 ? 6 : 0;
}

int
conf_family(const char *host)
{
	uint8_t addr[16];

	return parse_host(host, addr);
}

/* ::1 and 0:0:0:0:0:0:0:1 are one; a name is the same in any case. */
static int
same_host(const char *a, const char *b)
{
	uint8_t addr_a[16], addr_b[16];
	int family = parse_host(a, addr_a);

	if (family != parse_host(b, addr_b))
		return 0;
	if (family == 0)
		return strcasecmp(a, b) == 0;
	return memcmp(addr_a, addr_b, sizeof(addr_a)) == 0 &&
	    strcmp(a + strcspn(a, "%"), b + strcspn(b, "%")) == 0;
}

int
conf_same_collector(const struct conf_collector *a,
    const struct conf_collector *b)
{
	return same_host(a->host, b->host) && a->port == b->port &&
	    strcmp(a->source, b->source) == 0 && a->engine_id == b->engine_id;
}

/* What no name of a host has, and what would be a part of something else. */
static int
good_host(const char *host)
{
	const char *p;

	for (p = host; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f ||
		    strchr("\"\\[]", *p) != NULL)
			return 0;
	return *host != '\0' &&
	    (strchr(host, ':') == NULL || conf_family(host) == 6);
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
	if (split_host_port(spec, &host, &len, &port) == 0 &&
	    len < sizeof(c->host))
		memcpy(c->host, host, len);
	if (!good_host(c->host)) {
		snprintf(why, whylen,
		    "%s: not a collector: give host, host:port or "
		    "[IPv6 address]:port",
		    spec);
		return -1;
	}
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
