/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The rules of pflowd.conf that select states for export.  Lists have been
 * expanded: a rule has a fixed size, and all of its conditions must match.
 */

#ifndef RULE_H
#define RULE_H

#include <stddef.h>
#include <stdint.h>

#include "flow.h"

#define RULE_MAX 4096	   /* rules, with lists expanded */
#define RULE_TEXT 512	   /* bytes of a rule as text, with NUL */
#define RULE_SELF_MAX 1024 /* most addresses of the firewall */

enum rule_host_kind {
	RULE_ANY,
	RULE_NET,
	RULE_SELF /* an address of the firewall, before translation */
};

struct rule_host {
	uint8_t kind;
	uint8_t negate;
	uint8_t family;	  /* RULE_NET: 4 or 6 */
	uint8_t bits;	  /* length of the prefix */
	uint8_t addr[16]; /* network order, masked */
};

/* The port operators of pf.conf(5). */
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
	RULE_PORT_OUTSIDE  /* low <> high, below low or above high */
};

struct rule_port {
	uint8_t op;
	uint16_t low;
	uint16_t high;
};

struct rule {
	uint8_t ignore; /* 0: export */
	uint8_t quick;
	uint8_t direction; /* enum flow_direction, 0: both */
	uint8_t family;	   /* 4, 6, 0: both */
	uint8_t proto_given;
	uint8_t proto;
	uint8_t number_given;
	uint8_t ifname_not;
	char
	    ifname[FLOW_IFNAME]; /* empty: all; no digit at the end: a driver */
	uint32_t number;	 /* of the pf rule that made the state */
	struct rule_host from;	 /* the initiator */
	struct rule_host to;
	struct rule_port from_port;
	struct rule_port to_port;
};

/*
 * A rule in the form that is compared first: the words of a state (rule.c),
 * under masks.  If a rule has conditions that the words cannot express, they
 * are checked only when the words match.
 */
struct rule_match {
	uint64_t mask[3];
	uint64_t want[3];
	uint32_t more; /* check rule_matches(), too */
	uint32_t quick;
};

#define RULE_NAMES 32 /* interface names that have a bit in a word */

/* Rules in order.  The list owns its memory.  Zero it before first use. */
struct rule_list {
	struct rule *rules;
	struct rule_match *matches; /* also n */
	unsigned int n;
	unsigned int nnames;
	char names[RULE_NAMES][FLOW_IFNAME]; /* used in rules */
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

/* Append a copy of a rule.  -1: out of memory. */
int rule_add(struct rule_list *, const struct rule *);
void rule_clear(struct rule_list *);

/*
 * The rule that applies to a state: the first matching quick rule, else the
 * last matching rule.  NULL: no rule matches.
 */
const struct rule *rule_decide(const struct rule_list *, const struct flow *,
    enum flow_view, const struct rule_self *);

/* True if a rule matches a state, whatever the other rules do. */
int rule_matches(const struct rule *, const struct flow *, enum flow_view,
    const struct rule_self *);

/* True if any rule uses `self`. */
int rule_uses_self(const struct rule_list *);

/* True if an address belongs to the firewall. */
int rule_self_has(const struct rule_self *, uint8_t family,
    const uint8_t addr[16]);
void rule_self_add(struct rule_self *, uint8_t family, const uint8_t addr[16]);

/* Set the bits beyond the prefix to zero. */
void rule_mask(struct rule_host *);

/* Write a rule as in pflowd.conf.  Returns text. */
const char *rule_text(const struct rule *, char text[RULE_TEXT]);

#endif
