/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What flow records say, before any protocol: both directions of one state,
 * each of which is a record of its own if it carried packets.
 */

#ifndef RECORD_H
#define RECORD_H

#include <stdint.h>

#include "flow.h"

/* TCP header flags (RFC 9293, 3.1). */
enum {
	RECORD_FIN = 0x01,
	RECORD_SYN = 0x02,
	RECORD_RST = 0x04,
	RECORD_ACK = 0x10
};

/* Why a flow ended: flowEndReason of RFC 5102, 5.11.3. */
enum record_reason {
	RECORD_IDLE = 1,
	RECORD_FINISHED = 3,
	RECORD_FORCED = 4
};

/* Milliseconds since the epoch. */
struct record_times {
	uint64_t start;
	uint64_t end;
};

/*
 * Host order but for addresses.  Pairs are indexed by flow_end: of a host, or
 * of the direction from it.
 */
struct record {
	struct record_times times;
	uint64_t id; /* pf's of the state */
	uint64_t packets[2];
	uint64_t octets[2];
	struct flow_host host[2];   /* ports 0 where the protocol has none */
	struct flow_host across[2]; /* the firewall, if translated is set */
	uint8_t nexthop[16];	    /* network order; IPv4 uses the first 4 */
	uint32_t index;		    /* of the state's interface, 0: unknown */
	uint8_t family;		    /* 4 or 6 */
	uint8_t proto;
	uint8_t tcp_flags[2];
	uint8_t directions; /* that carried packets: 1 or 2 */
	uint8_t translated;
	uint8_t out;	/* the initiator's packets left by the interface */
	uint8_t reason; /* enum record_reason */
};

/* Whether what comes from an end leaves by the interface, or comes in by it. */
static inline unsigned int
record_egress(const struct record *r, enum flow_end from)
{
	return r->out ^ (unsigned int)from;
}

/* The index of the interface by which it comes in, leaves; 0: unknown. */
static inline uint32_t
record_input(const struct record *r, enum flow_end from)
{
	return record_egress(r, from) ? 0 : r->index;
}

static inline uint32_t
record_output(const struct record *r, enum flow_end from)
{
	return record_egress(r, from) ? r->index : 0;
}

/* When a record ends. */
enum record_end {
	RECORD_LAST_PACKET, /* estimated: record.c says how */
	RECORD_DELETION	    /* when the message came */
};

/* Who said how long a timeout is. */
enum record_timeout_source {
	RECORD_BY_DEFAULT, /* pf's own defaults */
	RECORD_BY_FILE,
	RECORD_BY_PF /* as it is in force */
};

/* How records are made; what pflowd.conf says of it. */
struct record_rules {
	enum flow_view view;
	enum record_end end;
	uint32_t timeout[FLOW_TIMEOUTS]; /* seconds, pf's, by its index */
	uint8_t timeout_source[FLOW_TIMEOUTS];
};

/* pf's defaults. */
void record_rules_default(struct record_rules *);

/* As pf.conf(5) calls a timeout; NULL: of an index that is none. */
const char *record_timeout_name(enum flow_timeout);

/*
 * Make the record of a state whose deletion was announced at `now`
 * (milliseconds since the epoch).  index is that of the state's interface, or
 * 0.  The flow must not be FLOW_INEXPRESSIBLE.  Returns how many of its
 * directions carried packets: of none there is nothing to say, and the record
 * is not made.
 */
unsigned int record_make(struct record *, const struct flow *,
    const struct record_rules *, uint32_t index, uint64_t now);

#endif
