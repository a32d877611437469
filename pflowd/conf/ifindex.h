/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Interface indexes by name, for a process whose sandbox refuses to read them.
 */

#ifndef IFINDEX_H
#define IFINDEX_H

#include <stdint.h>

#include "flow/flow.h"
#include "flow/rule.h"

#define IFINDEX_MAX 512 /* interfaces; others have no index */

struct ifindex_entry {
	char name[FLOW_IFNAME]; /* NUL padded */
	uint32_t index;
	uint32_t fixed; /* set in pflowd.conf, overrides the system */
};

struct ifindex {
	unsigned int n;
	struct ifindex_entry entries[IFINDEX_MAX];
};

/*
 * Read the system's interfaces again; fixed entries are kept.  Returns -1 and
 * sets errno on error.
 */
int ifindex_load(struct ifindex *);

/* True if the name has a fixed index. */
int ifindex_fixed(const struct ifindex *, const char *name);

/* Set the fixed index of a name, replacing any other.  -1: table full. */
int ifindex_fix(struct ifindex *, const char *name, uint32_t index);

/* Read the system's own addresses.  Returns -1 and sets errno on error. */
int ifindex_self(struct rule_self *);

/* True if an IPv4 address is the broadcast address of a local network. */
int ifindex_is_broadcast(const uint8_t addr[4]);

/* True if an interface exists and, if up is set, is up. */
int ifindex_there(const char *name, int up);

/* Add an entry.  Ignored if the table is full. */
void ifindex_add(struct ifindex *, const struct ifindex_entry *);

/* Find the index of a name; 0: unknown. */
uint32_t ifindex_find(const struct ifindex *, const char *name);

#endif
