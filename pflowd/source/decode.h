/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the decoders of pf's states share.
 */

#ifndef DECODE_H
#define DECODE_H

#include <stdint.h>

#include "common/bytes.h"
#include "flow/flow.h"

/* AF_INET is 2 on every system.  AF_INET6 depends on the kernel's system. */
enum {
	AF_4 = 2,
	AF_6_OPENBSD = 24, /* and NetBSD */
	AF_6_FREEBSD = 28, /* and DragonFly */
	AF_6_MACOS = 30
};

/* The IP version of an address family; 0: none. */
extern const uint8_t decode_families[256];

static inline void
decode_host(struct flow_host *h, const uint8_t *addr, const uint8_t *port)
{
	memcpy(h->addr, addr, sizeof(h->addr));
	h->port = get_be16(port);
}

/*
 * Copy the name and set its last byte to NUL.  The name is stored as two halves
 * because it is later loaded as two halves: a load that spans several stores
 * stalls.
 */
static inline void
decode_name(char name[FLOW_IFNAME], const uint8_t *at)
{
	memcpy(name, at, 8);
	put_be64((uint8_t *)name + 8, get_be64(at + 8) & ~UINT64_C(0xff));
}

#endif
