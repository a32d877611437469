/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Lists, and the rules made from them: one for each combination of members.
 */

#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/proto.h"
#include "parse_local.h"

#define TRIES (16 * RULE_MAX) /* list combinations, possible or not */

/* A new item; one that nobody uses if out of memory. */
static struct item *
item_new(struct lex *lex)
{
	static struct item none;
	struct item *i = lex_alloc(lex, sizeof(*i));

	if (i == NULL) {
		memset(&none, 0, sizeof(none));
		i = &none;
	}
	i->last = i;
	return i;
}

struct item *
item_append(struct item *list, struct item *more)
{
	list->last->next = more;
	list->last = more->last;
	return list;
}

struct item *
item_ifname(struct lex *lex, const char *name, int negate)
{
	struct item *i = item_new(lex);
	char checked[FLOW_IFNAME];

	parse_ifname(lex, checked, name, "on");
	i->name = name;
	i->negate = negate;
	return i;
}

struct item *
item_proto(struct lex *lex, const char *name)
{
	struct item *i = item_new(lex);
	int proto = proto_number(name);

	i->name = name;
	if (proto == -1)
		lex_error(lex,
		    "proto \"%s\": must be a name in /etc/protocols "
		    "or a number from 0 to 255",
		    name);
	else
		i->number = (uint32_t)proto;
	return i;
}

struct item *
item_number(struct lex *lex, const char *text)
{
	struct item *i = item_new(lex);

	i->number = parse_number(lex, text, 0, UINT32_MAX - 1, "rule");
	return i;
}

struct item *
item_any(struct lex *lex, int host)
{
	struct item *i = item_new(lex);

	i->host.kind = (uint8_t)host;
	return i;
}

/*
 * Returns 4 or 6, with the address in network order, or 0.  Accepts no scope.
 */
static uint8_t
host_address(const char *text, uint8_t addr[ADDRESS_BYTES])
{
	if (strchr(text, '%') != NULL)
		return 0;
	return (uint8_t)address_parse(text, addr);
}

/* Complete an abbreviated network: 10/8 is 10.0.0.0/8. */
static void
fill_octets(char *addr, size_t size)
{
	const char *p;
	int dots = 0;

	if (addr[strspn(addr, "0123456789.")] != '\0')
		return;
	for (p = addr; *p != '\0'; p++)
		dots += *p == '.';
	for (; dots < 3; dots++)
		strlcat(addr, ".0", size);
}

struct item *
item_host(struct lex *lex, const char *text)
{
	struct item *i = item_any(lex, RULE_NET);
	char addr[LEX_WORD_MAX + 8];
	const char *error = NULL;
	char *slash;
	int most;

	strlcpy(addr, text, sizeof(addr));
	if ((slash = strchr(addr, '/')) != NULL) {
		*slash = '\0';
		slash = strchr(text, '/') + 1;
		fill_octets(addr, sizeof(addr));
	}
	if ((i->host.family = host_address(addr, i->host.addr)) == 0) {
		lex_error(lex,
		    "\"%s\" is not an address: use an address, a "
		    "network as address/bits, any or self",
		    text);
		return i;
	}
	most = i->host.family == 6 ? 128 : 32;
	i->host.bits = (uint8_t)most;
	if (slash != NULL)
		i->host.bits = (uint8_t)strtonum(slash, 0, most, &error);
	if (error != NULL)
		lex_error(lex, "\"%s\": prefix length must be from 0 to %d",
		    text, most);
	rule_mask(&i->host);
	return i;
}

/*
 * `word` is the word to show in an error: text, or the range that contains it.
 */
static uint16_t
port_number(struct lex *lex, const char *text, const char *word)
{
	int port = proto_port(text);

	if (port != -1)
		return (uint16_t)port;
	lex_error(lex,
	    "port \"%s\": must be a name in /etc/services or a "
	    "number from 0 to 65535%s",
	    word, strchr(word, '-') != NULL ? "; a range is low:high" : "");
	return 0;
}

/* Set a range; word: the word that has both, or NULL. */
static void
set_ports(struct lex *lex, struct item *i, const char *low, const char *high,
    const char *word)
{
	i->port.low = port_number(lex, low, word != NULL ? word : low);
	i->port.high = port_number(lex, high, word != NULL ? word : high);
	if (i->port.high < i->port.low)
		lex_error(lex, "ports %s and %s: the lower one must come first",
		    low, high);
}

/* The lexer returns low:high as one word. */
struct item *
item_port(struct lex *lex, int op, const char *low, const char *high)
{
	struct item *i = item_new(lex);
	char both[LEX_WORD_MAX + 1];
	char *colon;

	i->port.op = (uint8_t)op;
	strlcpy(both, low, sizeof(both));
	if (high != NULL) {
		set_ports(lex, i, low, high, NULL);
	} else if (op == RULE_PORT_EQ && (colon = strchr(both, ':')) != NULL) {
		*colon = '\0';
		i->port.op = RULE_PORT_RANGE;
		set_ports(lex, i, both, colon + 1, low);
	} else {
		i->port.low = port_number(lex, low, low);
	}
	return i;
}

/* A rule of lists being expanded. */
struct expansion {
	struct lex *lex;
	struct rule_list *list; /* to add to; NULL: none */
	struct rule rule;	/* with one member of each list applied */
	struct item *const *lists;
	unsigned int *rules; /* of the configuration so far */
};

static void
add_rule(const struct expansion *e)
{
	if (e->list != NULL && (*e->rules)++ < RULE_MAX &&
	    rule_add(e->list, &e->rule) == -1)
		lex_error(e->lex, "out of memory");
}

/* Set the condition that is a member of a list. */
static void
apply(struct rule *r, int list, const struct item *i)
{
	switch (list) {
	case PARSE_IFNAMES:
		memset(r->ifname, 0, sizeof(r->ifname)); /* for memcmp() */
		strlcpy(r->ifname, i->name, sizeof(r->ifname));
		r->ifname_not = (uint8_t)i->negate;
		break;
	case PARSE_PROTOS:
		r->proto_given = 1;
		r->proto = (uint8_t)i->number;
		break;
	case PARSE_FROMS:
		r->from = i->host;
		break;
	case PARSE_TOS:
		r->to = i->host;
		break;
	case PARSE_FROM_PORTS:
		r->from_port = i->port;
		break;
	case PARSE_TO_PORTS:
		r->to_port = i->port;
		break;
	case PARSE_NUMBERS:
		r->number_given = 1;
		r->number = i->number;
		break;
	}
}

/* True if a rule can match: its family and addresses are of one family. */
static int
possible(const struct rule *r)
{
	uint8_t family = r->family;

	if (r->from.family != 0 && family != 0 && r->from.family != family)
		return 0;
	if (r->from.family != 0)
		family = r->from.family;
	return r->to.family == 0 || family == 0 || r->to.family == family;
}

/*
 * Add a rule for every combination of the lists from this one on.  Returns
 * their number.
 */
static unsigned int
expand(struct expansion *e, int list)
{
	const struct item *i;
	unsigned int n = 0;

	if (list == PARSE_LISTS) {
		if (!possible(&e->rule))
			return 0;
		add_rule(e);
		return 1;
	}
	if (e->lists[list] == NULL)
		return expand(e, list + 1);
	for (i = e->lists[list]; i != NULL; i = i->next) {
		apply(&e->rule, list, i);
		n += expand(e, list + 1);
	}
	return n;
}

/* Number of combinations, at most TRIES. */
static unsigned int
combinations(const struct expansion *e)
{
	const struct item *i;
	unsigned int n = 1, members;
	int list;

	for (list = 0; list < PARSE_LISTS; list++) {
		members = e->lists[list] == NULL;
		for (i = e->lists[list]; i != NULL && members < TRIES;
		     i = i->next)
			members++;
		if (n >= TRIES / members)
			return TRIES;
		n *= members;
	}
	return n;
}

/* Report a protocol that has no ports. */
static void
check_ports(const struct expansion *e)
{
	const struct item *i;

	if (e->lists[PARSE_FROM_PORTS] == NULL &&
	    e->lists[PARSE_TO_PORTS] == NULL)
		return;
	for (i = e->lists[PARSE_PROTOS]; i != NULL; i = i->next)
		if (!flow_has_ports((uint8_t)i->number))
			lex_error(e->lex, "proto \"%s\" has no ports", i->name);
}

void
parse_rules(struct lex *lex, struct rule_list *list, const struct rule *rule,
    struct item *const lists[PARSE_LISTS], unsigned int *rules)
{
	struct expansion e = { lex, list, *rule, lists, rules };
	unsigned int before = *rules, errors = lex_errors(lex);

	check_ports(&e);
	if (lex_errors(lex) != errors)
		return;
	if (combinations(&e) == TRIES)
		*rules = RULE_MAX + 1;
	else if (expand(&e, 0) == 0)
		lex_error(lex,
		    "rule matches nothing: its addresses are of "
		    "different families");
	if (before <= RULE_MAX && *rules > RULE_MAX)
		lex_error(lex,
		    "more than %d rules: each combination of list "
		    "members is one",
		    RULE_MAX);
}
