/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/address.h"
#include "conf.h"
#include "config.h"

#define DEFAULT_PORT 2055
#define DEFAULT_HOLD 5
#define DEFAULT_INTERIM 300
#define DEFAULT_QUIET 30
#define DEFAULT_LOOKUP 60
#define DEFAULT_TEMPLATES_DATAGRAMS 20
#define DEFAULT_TEMPLATES_SECONDS 60

struct conf *
conf_new(void)
{
	struct conf *conf;

	if ((conf = calloc(1, sizeof(*conf))) == NULL)
		return NULL;
	conf->source = PFLOWD_SOURCE;
	strlcpy(conf->interface, "pfsync0", sizeof(conf->interface));
	conf->hold = DEFAULT_HOLD;
	conf->quiet = DEFAULT_QUIET;
	conf->lookup = DEFAULT_LOOKUP;
	record_policy_default(&conf->policy);
	return conf;
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	conf_clear_collectors(conf);
	conf_clear_sockets(conf);
	rule_clear(&conf->filter);
	free(conf);
}

unsigned int
conf_interim(const struct conf *conf, int table)
{
	if (!table)
		return 0;
	return conf->interim_given ? conf->interim : DEFAULT_INTERIM;
}

int
conf_join(const struct conf *conf, int table)
{
	return conf->join_given ? conf->join : table;
}

void
conf_clear_sockets(struct conf *conf)
{
	unsigned int i;

	for (i = 0; i < conf->nsockets; i++)
		if (conf->sockets[i].fd != -1)
			close(conf->sockets[i].fd);
	conf->nsockets = 0;
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
		s->fd = -1;
	}
	s->place[0] = '\0';
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
		rule_clear(&conf->filters[i]);
	}
	conf->ncollectors = 0;
	conf->out_place_collectors[0] = '\0';
}

/*
 * Split host[:port].  Brackets enclose an IPv6 address; without brackets, two
 * colons mean an IPv6 address without port.
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

/* Accept digits only; strtonum() would also accept spaces and signs. */
static int
parse_port(const char *text, uint16_t *port)
{
	const char *error;

	if (text[strspn(text, "0123456789")] != '\0')
		return -1;
	*port = (uint16_t)strtonum(text, 1, 65535, &error);
	return error == NULL ? 0 : -1;
}

/* Write the name for the log from host and port. */
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
conf_family(const char *host)
{
	uint8_t addr[ADDRESS_BYTES];

	return address_parse(host, addr);
}

/*
 * Compare addresses by value (::1 is 0:0:0:0:0:0:0:1), and names ignoring case.
 */
static int
same_host(const char *a, const char *b)
{
	uint8_t addr_a[ADDRESS_BYTES], addr_b[ADDRESS_BYTES];
	int family = address_parse(a, addr_a);

	if (family != address_parse(b, addr_b))
		return 0;
	if (family == 0)
		return strcasecmp(a, b) == 0;
	return memcmp(addr_a, addr_b, sizeof(addr_a)) == 0 &&
	    strcmp(a + strcspn(a, "%"), b + strcspn(b, "%")) == 0;
}

/* FNV-1a hash. */
uint32_t
conf_domain(void)
{
	char name[CONF_HOST] = "";
	uint32_t hash = UINT32_C(2166136261);
	size_t i;

	if (gethostname(name, sizeof(name) - 1) == -1)
		name[0] = '\0';
	for (i = 0; name[i] != '\0'; i++)
		hash = (hash ^ (uint8_t)name[i]) * UINT32_C(16777619);
	return hash == 0 ? 1 : hash;
}

unsigned int
conf_path_mtu(unsigned int path)
{
	if (path == 0 || path > CONF_MTU)
		return CONF_MTU;
	return path > CONF_MTU_LEAST ? path : CONF_MTU_LEAST;
}

int
conf_same_collector(const struct conf_collector *a,
    const struct conf_collector *b)
{
	return same_host(a->host, b->host) && a->port == b->port &&
	    strcmp(a->source, b->source) == 0 && a->protocol == b->protocol &&
	    a->engine_id == b->engine_id && a->domain == b->domain;
}

/*
 * Reject characters that no host name has, or that would belong to something
 * else.
 */
static int
good_host(const char *host)
{
	const char *p;

	for (p = host; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f ||
		    strchr("\"\\[]", *p) != NULL)
			return 0;
	return *host != '\0' &&
	    (strpbrk(host, ":%") == NULL || conf_family(host) == 6);
}

/*
 * Characters of host names.  The DNS has no underscore, but many networks use
 * it.
 */
#define NAME_CHARACTERS                                        \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789-_."

/* Why a well-formed host cannot be a collector; NULL if it can. */
static const char *
bad_address(const char *host)
{
	uint8_t addr[ADDRESS_BYTES];
	int family = address_parse(host, addr);

	if (address_is_link_local(family, addr) && strchr(host, '%') == NULL)
		return ADDRESS_NO_SCOPE;
	if (family != 0)
		return address_wrong(family, addr);
	if (address_is_number(host))
		return "not an address: use four numbers from 0 to 255 without "
		       "leading zeros, or a name";
	if (host[0] == '-' || strstr(host, "..") != NULL ||
	    host[strspn(host, NAME_CHARACTERS)] != '\0')
		return "not a host name";
	return NULL;
}

int
conf_add_collector(struct conf *conf, const char *spec, char *why,
    size_t whylen)
{
	struct conf_collector *c = &conf->collectors[conf->ncollectors];
	const char *host, *port, *wrong;
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
		    "%s: not a collector: use host, host:port or [IPv6 "
		    "address]:port",
		    spec);
		return -1;
	}
	if ((wrong = bad_address(c->host)) != NULL) {
		snprintf(why, whylen, "%s: %s", spec, wrong);
		return -1;
	}
	c->port = DEFAULT_PORT;
	if (port != NULL && parse_port(port, &c->port) == -1) {
		snprintf(why, whylen,
		    "%s: bad port %s: must be from 1 to 65535", spec,
		    *port == '\0' ? "\"\"" : port);
		return -1;
	}
	name_collector(c);
	c->protocol = PROTOCOL_NETFLOW5;
	c->templates_datagrams = DEFAULT_TEMPLATES_DATAGRAMS;
	c->templates_seconds = DEFAULT_TEMPLATES_SECONDS;
	c->fd = -1;
	conf->ncollectors++;
	return 0;
}

/* Rules can be compared as bytes: they are zeroed before they are filled. */
static int
same_list(const struct rule_list *a, const struct rule_list *b)
{
	return a->n == b->n &&
	    (a->n == 0 ||
		memcmp(a->rules, b->rules, a->n * sizeof(a->rules[0])) == 0);
}

int
conf_same_rules(const struct conf *a, const struct conf *b)
{
	unsigned int i;

	if (!same_list(&a->filter, &b->filter) ||
	    a->ncollectors != b->ncollectors)
		return 0;
	for (i = 0; i < a->ncollectors; i++)
		if (!same_list(&a->filters[i], &b->filters[i]))
			return 0;
	return 1;
}

void
conf_set_host(struct conf *conf, const struct conf *from)
{
	conf->interfaces = from->interfaces;
	conf->self = from->self;
}

int
conf_same_host(const struct conf *a, const struct conf *b)
{
	const struct ifindex *i = &a->interfaces, *j = &b->interfaces;

	return i->n == j->n && a->self.n == b->self.n &&
	    memcmp(i->entries, j->entries, i->n * sizeof(i->entries[0])) == 0 &&
	    memcmp(a->self.addrs, b->self.addrs,
		a->self.n * sizeof(a->self.addrs[0])) == 0;
}
