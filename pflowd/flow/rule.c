/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "rule.h"

static size_t
addr_size(uint8_t family)
{
	return family == 6 ? 16 : 4;
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

int
rule_uses_self(const struct rule_list *list)
{
	unsigned int i;

	for (i = 0; i < list->n; i++)
		if (list->rules[i].from.kind == RULE_SELF ||
		    list->rules[i].to.kind == RULE_SELF)
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

/*
 * As in pf, a network matches only states of its own family, in "! 10/8" as in
 * "10/8".  `self` always uses the inside view, because in the outside view
 * every translated connection has an address of the firewall.
 */
static int
host_matches(const struct rule_host *h, const struct flow *f,
    enum flow_view view, enum flow_end end, const struct rule_self *self)
{
	const struct flow_host *host;
	int matches;

	host = flow_host(f, h->kind == RULE_SELF ? FLOW_INSIDE : view, end);
	switch (h->kind) {
	case RULE_NET:
		if (h->family != host->family)
			return 0;
		matches = in_net(h, host->addr);
		break;
	case RULE_SELF:
		matches = rule_self_has(self, host->family, host->addr);
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

/* "em0" is one interface; "em" matches every em interface. */
static int
names_interface(const char *name, const struct flow *f)
{
	size_t len = strlen(name);

	if (is_digit(name[len - 1]))
		return strcmp(name, f->ifname) == 0;
	return strncmp(name, f->ifname, len) == 0 &&
	    (f->ifname[len] == '\0' || is_digit(f->ifname[len]));
}

static int
ifname_matches(const struct rule *r, const struct flow *f)
{
	return r->ifname[0] == '\0' ||
	    names_interface(r->ifname, f) != r->ifname_not;
}

int
rule_matches(const struct rule *r, const struct flow *f, enum flow_view view,
    const struct rule_self *self)
{
	const struct flow_host *from = flow_host(f, view, FLOW_INITIATOR);
	const struct flow_host *to = flow_host(f, view, FLOW_RESPONDER);

	if (r->direction != 0 && r->direction != f->direction)
		return 0;
	if (r->family != 0 && r->family != flow_family(f))
		return 0;
	if (r->proto_given && r->proto != f->proto)
		return 0;
	if (r->number_given && r->number != f->rule)
		return 0;
	return ifname_matches(r, f) &&
	    port_matches(&r->from_port, f, from->port) &&
	    port_matches(&r->to_port, f, to->port) &&
	    host_matches(&r->from, f, view, FLOW_INITIATOR, self) &&
	    host_matches(&r->to, f, view, FLOW_RESPONDER, self);
}

/* The words of a state or rule, and the bit positions of fields in them. */
enum {
	WORD_KIND,  /* direction, family, protocol, has ports, rule number */
	WORD_PORTS, /* initiator, responder; a bit for each interface name */
	WORD_HOSTS, /* IPv4, initiator and responder */
	WORDS
};
#define AT_DIRECTION 56
#define AT_FAMILY 48
#define AT_PROTO 40
#define AT_HAS_PORTS 32
#define AT_NUMBER 0
#define AT_FROM 32
#define AT_TO 0
#define AT_FROM_PORT 48
#define AT_TO_PORT 32

static void
want(struct rule_match *m, int word, unsigned int at, uint64_t mask,
    uint64_t value)
{
	m->mask[word] |= mask << at;
	m->want[word] |= (value & mask) << at;
}

/* Get the bit of an interface name.  -1: all bits are in use. */
static int
name_bit(struct rule_list *list, const char *name)
{
	unsigned int i;

	for (i = 0; i < list->nnames; i++)
		if (strcmp(list->names[i], name) == 0)
			return (int)i;
	if (list->nnames == RULE_NAMES)
		return -1;
	strlcpy(list->names[i], name, sizeof(list->names[i]));
	list->nnames++;
	return (int)i;
}

static void
want_interface(struct rule_list *list, struct rule_match *m,
    const struct rule *r)
{
	int bit;

	if (r->ifname[0] == '\0')
		return;
	if ((bit = name_bit(list, r->ifname)) == -1)
		m->more = 1;
	else
		want(m, WORD_PORTS, (unsigned int)bit, 1, !r->ifname_not);
}

static void
want_port(struct rule_match *m, unsigned int at, const struct rule_port *p)
{
	if (p->op == RULE_PORT_ANY)
		return;
	want(m, WORD_KIND, AT_HAS_PORTS, 1, 1);
	if (p->op == RULE_PORT_EQ)
		want(m, WORD_PORTS, at, 0xffff, p->low);
	else
		m->more = 1;
}

static void
want_host(struct rule_match *m, unsigned int at, const struct rule_host *h)
{
	if (h->kind == RULE_ANY)
		return;
	if (h->kind == RULE_NET)
		want(m, WORD_KIND, AT_FAMILY, 0xff, h->family);
	if (h->kind == RULE_NET && h->family == 4 && !h->negate)
		want(m, WORD_HOSTS, at,
		    UINT64_C(0xffffffff) << (32 - h->bits) & 0xffffffff,
		    get_be32(h->addr));
	else
		m->more = 1;
}

static void
make_match(struct rule_list *list, struct rule_match *m, const struct rule *r)
{
	memset(m, 0, sizeof(*m));
	m->quick = r->quick;
	if (r->direction != 0)
		want(m, WORD_KIND, AT_DIRECTION, 0xff, r->direction);
	if (r->family != 0)
		want(m, WORD_KIND, AT_FAMILY, 0xff, r->family);
	if (r->proto_given)
		want(m, WORD_KIND, AT_PROTO, 0xff, r->proto);
	if (r->number_given)
		want(m, WORD_KIND, AT_NUMBER, UINT32_MAX, r->number);
	want_interface(list, m, r);
	want_port(m, AT_FROM_PORT, &r->from_port);
	want_port(m, AT_TO_PORT, &r->to_port);
	want_host(m, AT_FROM, &r->from);
	want_host(m, AT_TO, &r->to);
}

int
rule_add(struct rule_list *list, const struct rule *r)
{
	struct rule_match *matches;
	struct rule *rules;

	rules = reallocarray(list->rules, list->n + 1, sizeof(*rules));
	if (rules == NULL)
		return -1;
	list->rules = rules;
	matches = reallocarray(list->matches, list->n + 1, sizeof(*matches));
	if (matches == NULL)
		return -1;
	list->matches = matches;
	list->rules[list->n] = *r;
	make_match(list, &list->matches[list->n], r);
	list->n++;
	return 0;
}

void
rule_clear(struct rule_list *list)
{
	free(list->rules);
	free(list->matches);
	memset(list, 0, sizeof(*list));
}

static uint32_t
name_bits(const struct rule_list *list, const struct flow *f)
{
	uint32_t bits = 0;
	unsigned int i;

	for (i = 0; i < list->nnames; i++)
		if (names_interface(list->names[i], f))
			bits |= UINT32_C(1) << i;
	return bits;
}

static void
make_words(uint64_t words[WORDS], const struct rule_list *list,
    const struct flow *f, enum flow_view view)
{
	const struct flow_host *from = flow_host(f, view, FLOW_INITIATOR);
	const struct flow_host *to = flow_host(f, view, FLOW_RESPONDER);

	words[WORD_KIND] = (uint64_t)f->direction << AT_DIRECTION |
	    (uint64_t)flow_family(f) << AT_FAMILY |
	    (uint64_t)f->proto << AT_PROTO |
	    (uint64_t)(flow_has_ports(f->proto) != 0) << AT_HAS_PORTS |
	    (uint64_t)f->rule << AT_NUMBER;
	words[WORD_PORTS] = (uint64_t)from->port << AT_FROM_PORT |
	    (uint64_t)to->port << AT_TO_PORT | name_bits(list, f);
	words[WORD_HOSTS] = (uint64_t)get_be32(from->addr) << AT_FROM |
	    (uint64_t)get_be32(to->addr) << AT_TO;
}

/* Most rules do not match: comparing the words first rejects them cheaply. */
const struct rule *
rule_decide(const struct rule_list *list, const struct flow *f,
    enum flow_view view, const struct rule_self *self)
{
	const struct rule_match *m = list->matches, *last = NULL, *end;
	uint64_t w[WORDS];

	if (list->n == 0)
		return NULL;
	end = m + list->n;
	make_words(w, list, f, view);
	for (; m < end; m++) {
		if ((w[WORD_KIND] & m->mask[WORD_KIND]) != m->want[WORD_KIND] ||
		    (w[WORD_HOSTS] & m->mask[WORD_HOSTS]) !=
			m->want[WORD_HOSTS] ||
		    (w[WORD_PORTS] & m->mask[WORD_PORTS]) !=
			m->want[WORD_PORTS])
			continue;
		if (m->more &&
		    !rule_matches(&list->rules[m - list->matches], f, view,
			self))
			continue;
		last = m;
		if (m->quick)
			break;
	}
	return last == NULL ? NULL : &list->rules[last - list->matches];
}
