/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Which states are exported: the rules of pflowd.conf, after lists have been
 * expanded, so that a rule is of fixed size and is one conjunction.
 */

#ifndef RULE_H
#define RULE_H

#include <stddef.h>
#include <stdint.h>

#include "flow.h"

#define RULE_MAX 4096	   /* of a configuration, lists expanded */
#define RULE_TEXT 512	   /* bytes of a rule as text, NUL included */
#define RULE_SELF_MAX 1024 /* the firewall's own addresses */

enum rule_host_kind {
	RULE_ANY,
	RULE_NET,
	RULE_SELF /* the firewall's own addresses, untranslated in any view */
};

struct rule_host {
	uint8_t kind;
	uint8_t negate;
	uint8_t family; /* of a net: 4 or 6 */
	uint8_t bits;
	uint8_t addr[16]; /* network order, masked */
};

/* Inclusive ends, as pf.conf(5) has the operators. */
enum rule_port_op {
	RULE_PORT_ANY,
	RULE_PORT_EQ,
	RULE_PORT_NE,
	RULE_PORT_LT,
	RULE_PORT_LE,
	RULE_PORT_GT,
	RULE_PORT_GE,
	RULE_PORT_RANGE,   /* low:high, inclusive */
	RULE_PORT_BETWEEN, /* low >< high, exclusive */
	RULE_PORT_OUTSIDE  /* low <> high */
};

struct rule_port {
	uint8_t op;
	uint16_t low;
	uint16_t high;
};

struct rule {
	uint8_t ignore; /* or export */
	uint8_t quick;
	uint8_t direction; /* enum flow_direction, 0: both */
	uint8_t family;	   /* 4, 6, 0: both */
	uint8_t proto_given;
	uint8_t proto;
	uint8_t number_given;
	uint8_t ifname_not;
	char ifname[FLOW_IFNAME]; /* empty: all; without a digit: a group */
	uint32_t number;	  /* pf's of the rule that made the state */
	struct rule_host from;	  /* the initiator */
	struct rule_host to;
	struct rule_port from_port;
	struct rule_port to_port;
};

/*
 * A rule as it is looked at: words of a state, put together once, under masks.
 * What they cannot say is looked at only when they match.
 */
struct rule_match {
	uint64_t mask[3];
	uint64_t want[3];
	uint32_t more; /* look at the rule itself, too */
	uint32_t quick;
};

#define RULE_NAMES 32 /* of interfaces, that have a bit in a word */

/* Rules in their order.  The memory is the list's; zeroed to begin with. */
struct rule_list {
	struct rule *rules;
	struct rule_match *matches; /* of as many */
	unsigned int n;
	unsigned int nnames;
	char names[RULE_NAMES][FLOW_IFNAME]; /* that rules name */
};

struct rule_address {
	uint8_t family; /* 4 or 6 */
	uint8_t addr[16];
};

/* The firewall's own addresses, for `self`. */
struct rule_self {
	unsigned int n;
	struct rule_address addrs[RULE_SELF_MAX];
};

/* -1: out of memory. */
int rule_add(struct rule_list *, const struct rule *);
void rule_clear(struct rule_list *);

/*
 * The rule that decides about a state: the first quick one that matches, else
 * the last that does.  NULL: none matches.
 */
const struct rule *rule_decide(const struct rule_list *, const struct flow *,
    enum flow_view, const struct rule_self *);

/* Whether a rule matches a state, by itself. */
int rule_matches(const struct rule *, const struct flow *, enum flow_view,
    const struct rule_self *);

/* Whether a rule compares with the firewall's own addresses. */
int rule_uses_self(const struct rule_list *);

/* Whether an address is the firewall's own. */
int rule_self_has(const struct rule_self *, uint8_t family,
    const uint8_t addr[16]);
void rule_self_add(struct rule_self *, uint8_t family, const uint8_t addr[16]);

/* Set the bits beyond the prefix to zero. */
void rule_mask(struct rule_host *);

/* As pflowd.conf has it.  Returns text, of RULE_TEXT bytes. */
const char *rule_text(const struct rule *, char text[RULE_TEXT]);

#endif
