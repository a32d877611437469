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

#include "common/proto.h"
#include "rule.h"

/* A text being written.  RULE_TEXT has room for the longest rule. */
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
