/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Questions to FreeBSD's pf by generic netlink (RFC 3549), family "pfctl":
 * netlink/netlink_generic.h and netpfil/pf/pf_nl.h.  Numbers are in the order
 * of the host.  All functions that return an int return 0 or an errno.
 */

#ifndef NETLINK_H
#define NETLINK_H

#include <stddef.h>
#include <stdint.h>

#include "dumpbuffer.h"

/* Generic netlink's own family has a number that is known. */
enum {
	NETLINK_CONTROL = 16,
	NETLINK_GETFAMILY = 3,
	NETLINK_FAMILY_ID = 1,
	NETLINK_FAMILY_NAME = 2
};

/* Commands of family "pfctl", and their attributes. */
enum {
	NETLINK_GETSTATES = 1,
	NETLINK_GET_STATUS = 11,
	NETLINK_GET_TIMEOUT = 16,
	NETLINK_GET_LIMIT = 18,
	NETLINK_STATUS_RUNNING = 2,
	NETLINK_STATUS_FCOUNTERS = 12,
	NETLINK_COUNTER = 1,
	NETLINK_COUNTER_ID = 3,
	NETLINK_TIMEOUT_INDEX = 1,
	NETLINK_TIMEOUT_SECONDS = 2,
	NETLINK_LIMIT_INDEX = 1,
	NETLINK_LIMIT = 2
};

struct netlink {
	int fd;		   /* a socket that is connected to the kernel */
	uint16_t family;   /* its number of "pfctl" */
	uint32_t sequence; /* of the last question */
};

/* Look up the family.  ENOENT: this pf has none. */
int netlink_open(struct netlink *, int fd);

/*
 * Read all states, without a pause: what is not read stays in the kernel's
 * memory.  A dump that was interrupted, or lost messages, is an error.
 */
int netlink_states(struct netlink *, struct dumpbuffer *);

/* The next messages of what was read, as dumpbuffer_records(). */
size_t netlink_messages(struct dumpbuffer *, const uint8_t **data);

int netlink_timeout(struct netlink *, uint32_t index, uint32_t *seconds);
int netlink_limit(struct netlink *, uint32_t index, uint32_t *limit);

/* counters: of inserts and removals of states. */
int netlink_status(struct netlink *, int *enabled, uint64_t counters[2]);

#endif
