/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <arpa/inet.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/proto.h"
#include "rule.h"

static size_t
addr_size(uint8_t family)
{
	return family == 6 ? 16 : 4;
}

int
rule_add(struct rule_list *list, const struct rule *r)
{
	struct rule *rules;

	rules = reallocarray(list->rules, list->n + 1, sizeof(*rules));
	if (rules == NULL)
		return -1;
	list->rules = rules;
	list->rules[list->n++] = *r;
	return 0;
}

void
rule_clear(struct rule_list *list)
{
	free(list->rules);
	list->rules = NULL;
	list->n = 0;
}

void
rule_self_add(struct rule_self *self, uint8_t family, const uint8_t addr[16])
{
	if (self->n == RULE_SELF_MAX || rule_self_has(self, family, addr))
		return;
	self->addrs[self->n].family = family;
	memcpy(self->addrs[self->n].addr, addr, addr_size(family));
	self->n++;
}

int
rule_self_has(const struct rule_self *self, uint8_t family,
    const uint8_t addr[16])
{
	unsigned int i;

	for (i = 0; i < self->n; i++)
		if (self->addrs[i].family == family &&
		    memcmp(self->addrs[i].addr, addr, addr_size(family)) == 0)
			return 1;
	return 0;
}

void
rule_mask(struct rule_host *h)
{
	unsigned int i, bits = h->bits;

	for (i = 0; i < sizeof(h->addr); i++) {
		if (bits >= 8)
			bits -= 8;
		else {
			h->addr[i] &= (uint8_t)(0xff00 >> bits);
			bits = 0;
		}
	}
}

static int
in_net(const struct rule_host *h, const uint8_t addr[16])
{
	unsigned int whole = h->bits / 8, rest = h->bits % 8;

	if (memcmp(h->addr, addr, whole) != 0)
		return 0;
	return rest == 0 ||
	    ((h->addr[whole] ^ addr[whole]) & (0xff00 >> rest) & 0xff) == 0;
}

/* A network says its family too, in "! 10/8" as in "10/8", as in pf. */
static int
host_matches(const struct rule_host *h, const struct flow *f,
    const struct flow_host *host, const struct rule_self *self)
{
	int matches;

	switch (h->kind) {
	case RULE_NET:
		if (h->family != f->family)
			return 0;
		matches = in_net(h, host->addr);
		break;
	case RULE_SELF:
		matches = rule_self_has(self, f->family, host->addr);
		break;
	default:
		return 1;
	}
	return matches != h->negate;
}

static int
port_matches(const struct rule_port *p, const struct flow *f, uint16_t port)
{
	if (p->op == RULE_PORT_ANY)
		return 1;
	if (!flow_has_ports(f->proto))
		return 0;
	switch (p->op) {
	case RULE_PORT_EQ:
		return port == p->low;
	case RULE_PORT_NE:
		return port != p->low;
	case RULE_PORT_LT:
		return port < p->low;
	case RULE_PORT_LE:
		return port <= p->low;
	case RULE_PORT_GT:
		return port > p->low;
	case RULE_PORT_GE:
		return port >= p->low;
	case RULE_PORT_RANGE:
		return port >= p->low && port <= p->high;
	case RULE_PORT_BETWEEN:
		return port > p->low && port < p->high;
	case RULE_PORT_OUTSIDE:
		return port < p->low || port > p->high;
	}
	return 0;
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* em0 is one interface, em stands for every em. */
static int
ifname_matches(const struct rule *r, const struct flow *f)
{
	size_t len = strlen(r->ifname);
	int matches;

	if (len == 0)
		return 1;
	if (is_digit(r->ifname[len - 1]))
		matches = strcmp(r->ifname, f->ifname) == 0;
	else
		matches = strncmp(r->ifname, f->ifname, len) == 0 &&
		    (f->ifname[len] == '\0' || is_digit(f->ifname[len]));
	return matches != r->ifname_not;
}

static int
matches(const struct rule *r, const struct flow *f,
    const struct flow_host *from, const struct flow_host *to,
    const struct rule_self *self)
{
	if (r->direction != 0 && r->direction != f->direction)
		return 0;
	if (r->family != 0 && r->family != f->family)
		return 0;
	if (r->proto_given && r->proto != f->proto)
		return 0;
	if (r->number_given && r->number != f->rule)
		return 0;
	return ifname_matches(r, f) &&
	    port_matches(&r->from_port, f, from->port) &&
	    port_matches(&r->to_port, f, to->port) &&
	    host_matches(&r->from, f, from, self) &&
	    host_matches(&r->to, f, to, self);
}

const struct rule *
rule_decide(const struct rule_list *list, const struct flow *f,
    enum flow_view view, const struct rule_self *self)
{
	const struct flow_host *from = flow_host(f, view, FLOW_INITIATOR);
	const struct flow_host *to = flow_host(f, view, FLOW_RESPONDER);
	const struct rule *last = NULL;
	unsigned int i;

	for (i = 0; i < list->n; i++) {
		if (!matches(&list->rules[i], f, from, to, self))
			continue;
		last = &list->rules[i];
		if (last->quick)
			break;
	}
	return last;
}

/* A text that grows; what does not fit RULE_TEXT cannot come from a rule. */
struct text {
	char *at;
	size_t left;
};

static void put(struct text *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->at, t->left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->left)
		return;
	t->at += n;
	t->left -= (size_t)n;
}

static void
put_host(struct text *t, const struct rule_host *h)
{
	char addr[INET6_ADDRSTRLEN];

	if (h->negate)
		put(t, " !");
	switch (h->kind) {
	case RULE_ANY:
		put(t, " any");
		return;
	case RULE_SELF:
		put(t, " self");
		return;
	}
	inet_ntop(h->family == 6 ? AF_INET6 : AF_INET, h->addr, addr,
	    sizeof(addr));
	put(t, " %s", addr);
	if (h->bits != (h->family == 6 ? 128 : 32))
		put(t, "/%u", h->bits);
}

static void
put_port(struct text *t, const struct rule_port *p)
{
	static const char *const unary[] = { [RULE_PORT_EQ] = "",
		[RULE_PORT_NE] = "!= ",
		[RULE_PORT_LT] = "< ",
		[RULE_PORT_LE] = "<= ",
		[RULE_PORT_GT] = "> ",
		[RULE_PORT_GE] = ">= " };

	switch (p->op) {
	case RULE_PORT_ANY:
		break;
	case RULE_PORT_RANGE:
		put(t, " port %u:%u", p->low, p->high);
		break;
	case RULE_PORT_BETWEEN:
		put(t, " port %u >< %u", p->low, p->high);
		break;
	case RULE_PORT_OUTSIDE:
		put(t, " port %u <> %u", p->low, p->high);
		break;
	default:
		put(t, " port %s%u", unary[p->op], p->low);
	}
}

static void
put_ends(struct text *t, const struct rule *r)
{
	if (r->from.kind != RULE_ANY || r->from_port.op != RULE_PORT_ANY) {
		put(t, " from");
		put_host(t, &r->from);
		put_port(t, &r->from_port);
	}
	if (r->to.kind != RULE_ANY || r->to_port.op != RULE_PORT_ANY) {
		put(t, " to");
		put_host(t, &r->to);
		put_port(t, &r->to_port);
	}
}

const char *
rule_text(const struct rule *r, char text[RULE_TEXT])
{
	struct text t = { text, RULE_TEXT };
	char proto[PROTO_NAME];
	const char *begin;

	put(&t, "%s%s", r->ignore ? "ignore" : "export",
	    r->quick ? " quick" : "");
	begin = t.at;
	if (r->direction != 0)
		put(&t, " %s", r->direction == FLOW_IN ? "in" : "out");
	if (r->ifname[0] != '\0')
		put(&t, " on %s\"%s\"", r->ifname_not ? "! " : "", r->ifname);
	if (r->family != 0)
		put(&t, " %s", r->family == 6 ? "inet6" : "inet");
	if (r->proto_given)
		put(&t, " proto %s", proto_name(r->proto, proto));
	put_ends(&t, r);
	if (r->number_given)
		put(&t, " rule %" PRIu32, r->number);
	if (t.at == begin)
		put(&t, " all");
	return text;
}
