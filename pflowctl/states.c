/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/log.h"
#include "common/proto.h"
#include "config.h"
#include "states.h"

#define TEXT 1024 /* bytes of all words */
#define WORDS 64

/* The words that are not parsed yet; the last one is NULL. */
struct words {
	char text[TEXT];
	char *words[WORDS + 1];
	char **next;
};

static const char *const orders[CTL_ORDERS] = {
	[CTL_BY_BYTES] = "octets",
	[CTL_BY_PACKETS] = "packets",
	[CTL_BY_AGE] = "age",
	[CTL_BY_RATE] = "rate",
};

static const struct {
	const char *sign;
	uint16_t op;
} signs[] = {
	{ "=", CTL_PORT_EQ },
	{ "!=", CTL_PORT_NE },
	{ "<", CTL_PORT_LT },
	{ "<=", CTL_PORT_LE },
	{ ">", CTL_PORT_GT },
	{ ">=", CTL_PORT_GE },
	{ "><", CTL_PORT_BETWEEN },
	{ "<>", CTL_PORT_OUTSIDE },
};

/* A shell may have passed several words as one, and "!" before a word. */
static void
split(struct words *w, char *const argv[])
{
	char *word;
	int n = 0;

	w->text[0] = '\0';
	for (; *argv != NULL; argv++) {
		strlcat(w->text, *argv, sizeof(w->text));
		if (strlcat(w->text, " ", sizeof(w->text)) >= sizeof(w->text))
			fatalx("show states: too long a filter");
	}
	for (word = strtok(w->text, " \t\n"); word != NULL;
	     word = strtok(NULL, " \t\n")) {
		if (n == WORDS)
			fatalx("show states: too many words");
		w->words[n++] = word;
	}
	w->words[n] = NULL;
	w->next = w->words;
}

/* Take the next word if it is this one. */
static int
take(struct words *w, const char *word)
{
	if (*w->next == NULL || strcmp(*w->next, word) != 0)
		return 0;
	w->next++;
	return 1;
}

/* Take the word that must follow the last one. */
static const char *
need(struct words *w)
{
	if (*w->next == NULL)
		fatalx("show states: \"%s\" needs another word", w->next[-1]);
	if (strpbrk(*w->next, "{},") != NULL)
		fatalx("show states: \"%s\": lists are not possible here",
		    *w->next);
	return *w->next++;
}

/* "!" may be a word of its own. */
static uint8_t
negated(struct words *w)
{
	if (take(w, "!"))
		return 1;
	if (*w->next == NULL || (*w->next)[0] != '!')
		return 0;
	(*w->next)++;
	return 1;
}

static void
parse_interface(struct words *w, struct ctl_states *c)
{
	const char *name;

	c->ifname_not = negated(w);
	name = need(w);
	if (strlen(name) >= sizeof(c->ifname))
		fatalx("on \"%s\": too long a name", name);
	memcpy(c->ifname, name, strlen(name));
}

static void
parse_proto(struct words *w, struct ctl_states *c)
{
	const char *name = need(w);
	int proto = proto_number(name);

	if (proto == -1)
		fatalx("proto \"%s\": must be a name in /etc/protocols or a "
		       "number from 0 to 255",
		    name);
	c->proto_given = 1;
	c->proto = (uint8_t)proto;
}

/* An address, or a network as address/bits. */
static void
parse_net(const char *text, struct ctl_host *h)
{
	char addr[TEXT];
	const char *error = NULL;
	char *slash;
	int most;

	strlcpy(addr, text, sizeof(addr));
	if ((slash = strchr(addr, '/')) != NULL)
		*slash++ = '\0';
	h->family = (uint8_t)address_parse(addr, h->addr);
	if (h->family == 0 || strchr(addr, '%') != NULL)
		fatalx("\"%s\" is not an address: use an address, a network as "
		       "address/bits, any or self",
		    text);
	most = h->family == 6 ? 128 : 32;
	h->kind = CTL_HOST_NET;
	h->bits = (uint8_t)(slash == NULL ? most :
					    strtonum(slash, 0, most, &error));
	if (error != NULL)
		fatalx("\"%s\": prefix length must be from 0 to %d", text,
		    most);
}

static uint16_t
port_number(const char *text)
{
	int port = proto_port(text);

	if (port == -1)
		fatalx("port \"%s\": must be a name in /etc/services or a "
		       "number from 0 to 65535",
		    text);
	return (uint16_t)port;
}

/* The operator that a word is; CTL_PORT_ANY: none. */
static uint16_t
operator_of(const char *word)
{
	size_t i;

	for (i = 0; word != NULL && i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strcmp(signs[i].sign, word) == 0)
			return signs[i].op;
	return CTL_PORT_ANY;
}

static void
parse_port(struct words *w, struct ctl_port *p)
{
	char word[TEXT], *colon;

	p->op = operator_of(*w->next);
	if (p->op != CTL_PORT_ANY) {
		w->next++;
		p->low = port_number(need(w));
		return;
	}
	strlcpy(word, need(w), sizeof(word));
	p->op = CTL_PORT_EQ;
	if ((colon = strchr(word, ':')) != NULL) {
		*colon = '\0';
		p->op = CTL_PORT_RANGE;
		p->high = port_number(colon + 1);
	} else if (operator_of(*w->next) >= CTL_PORT_BETWEEN) {
		p->op = operator_of(*w->next++);
		p->high = port_number(need(w));
	}
	p->low = port_number(word);
}

static void
parse_host(struct words *w, struct ctl_host *h, struct ctl_port *p)
{
	const char *word;

	if (!take(w, "port")) {
		h->negate = negated(w);
		word = need(w);
		if (strcmp(word, "self") == 0)
			h->kind = CTL_HOST_SELF;
		else if (strcmp(word, "any") != 0)
			parse_net(word, h);
		if (!take(w, "port"))
			return;
	}
	parse_port(w, p);
}

static void
parse_number(struct words *w, struct ctl_states *c)
{
	const char *text = need(w), *error;

	c->number_given = 1;
	c->number = (uint32_t)strtonum(text, 0, UINT32_MAX - 1, &error);
	if (error != NULL)
		fatalx("rule \"%s\": must be a number", text);
}

static void
parse_order(struct words *w, struct ctl_states *c)
{
	uint32_t i;

	for (i = 0; i < CTL_ORDERS; i++)
		if (take(w, orders[i]))
			c->order = i;
}

/* In the order of a rule. */
void
states_parse(char *const argv[], struct ctl_states *c)
{
	struct words w;

	split(&w, argv);
	parse_order(&w, c);
	if (take(&w, "in"))
		c->direction = 1;
	else if (take(&w, "out"))
		c->direction = 2;
	if (!take(&w, "all") && take(&w, "on"))
		parse_interface(&w, c);
	if (take(&w, "inet"))
		c->family = 4;
	else if (take(&w, "inet6"))
		c->family = 6;
	if (take(&w, "proto"))
		parse_proto(&w, c);
	if (take(&w, "from"))
		parse_host(&w, &c->from, &c->from_port);
	if (take(&w, "to"))
		parse_host(&w, &c->to, &c->to_port);
	if (take(&w, "rule"))
		parse_number(&w, c);
	if (*w.next != NULL)
		fatalx("show states: unexpected word \"%.40s\": expected "
		       "octets, packets, rate or age, and then conditions as "
		       "in a rule of pflowd.conf(5)",
		    *w.next);
}
