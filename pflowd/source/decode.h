/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the decoders of pf's states share: address families, and a check for
 * values that no pf can have meant.
 */

#ifndef DECODE_H
#define DECODE_H

#include <stdint.h>

#include "common/bytes.h"
#include "common/cold.h"
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

#define DECODE_AGE_BAD (UINT32_C(1) << 31) /* seconds */

/* Bytes of the smallest IP header, and of the largest packet. */
#define DECODE_IP4 20
#define DECODE_IP6 40
#define DECODE_PACKET 65535

/*
 * True if packets of header to DECODE_PACKET bytes each cannot add up to bytes.
 * With too few bytes, the unsigned difference wraps to a large number.
 */
static inline int
decode_bytes_bad(uint64_t packets, uint64_t bytes, unsigned int header)
{
	return bytes - packets * header > packets * (DECODE_PACKET - header);
}

/* Quick check: counters valid for both families, and too small to overflow. */
static inline int
decode_counters_plain(const uint64_t packets[2], const uint64_t bytes[2])
{
	return (packets[0] | packets[1]) >> 48 == 0 &&
	    !decode_bytes_bad(packets[0], bytes[0], DECODE_IP6) &&
	    !decode_bytes_bad(packets[1], bytes[1], DECODE_IP6);
}

/*
 * Quick check that nothing is wrong with a state, as with most.  For the others
 * decode_anomalies() names the faults, if any.
 */
ALWAYS_INLINE static int
decode_plain(const struct flow *f)
{
	return (f->direction == FLOW_IN || f->direction == FLOW_OUT) &&
	    flow_family(f) != 0 &&
	    decode_counters_plain(f->packets, f->bytes) &&
	    f->age < DECODE_AGE_BAD && f->timeout < FLOW_STATE_TIMEOUTS &&
	    (f->tcp_state[0] | f->tcp_state[1]) <= FLOW_TCPS_PROXY_DST;
}

/* The faults of a state, as bits of enum flow_anomaly. */
COLD uint8_t decode_anomalies(const struct flow *);

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
