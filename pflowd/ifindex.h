/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Interface indexes by name, for a process that can no longer ask the system.
 */

#ifndef IFINDEX_H
#define IFINDEX_H

#include <stdint.h>

#include "flow.h"
#include "rule.h"

#define IFINDEX_MAX 512 /* interfaces; more are unknown */

struct ifindex_entry {
	char name[FLOW_IFNAME]; /* NUL padded */
	uint32_t index;
	uint32_t fixed; /* by pflowd.conf, whatever the system says */
};

struct ifindex {
	unsigned int n;
	struct ifindex_entry entries[IFINDEX_MAX];
};

/*
 * Read the system's interfaces; the fixed ones stay as they are, the others
 * are read anew.  -1 and errno when it does not tell.
 */
int ifindex_load(struct ifindex *);

/* Give a name a fixed index, in place of any other.  -1: no room. */
int ifindex_fix(struct ifindex *, const char *name, uint32_t index);

/* Read the system's own addresses.  -1 and errno when it does not tell. */
int ifindex_self(struct rule_self *);

/* Whether an IPv4 address is the broadcast address of a network of ours. */
int ifindex_is_broadcast(const uint8_t addr[4]);

/* Whether an interface is there, and up if it must be. */
int ifindex_there(const char *name, int up);

/* Add one; of too many the rest is left out. */
void ifindex_add(struct ifindex *, const struct ifindex_entry *);

/* The index of a NUL padded name of FLOW_IFNAME bytes, 0 if unknown. */
uint32_t ifindex_find(const struct ifindex *, const char *name);

#endif
