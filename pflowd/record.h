/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What a flow record says, before any protocol: one direction of one state.
 */

#ifndef RECORD_H
#define RECORD_H

#include <stdint.h>

#include "flow.h"

struct ifindex;

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

/* Host order but for addresses; times are milliseconds since the epoch. */
struct record {
	uint64_t start;
	uint64_t end;
	uint64_t packets;
	uint64_t octets;
	uint32_t input; /* interface index, 0: unknown or none */
	uint32_t output;
	uint16_t sport;
	uint16_t dport;
	uint8_t src[16]; /* network order; IPv4 uses the first 4 */
	uint8_t dst[16];
	uint8_t nexthop[16];
	uint8_t post_src[16]; /* across the firewall, if translated is set */
	uint8_t post_dst[16];
	uint16_t post_sport;
	uint16_t post_dport;
	uint64_t id;	/* pf's of the state: both directions have it */
	uint8_t family; /* 4 or 6 */
	uint8_t proto;
	uint8_t tcp_flags;
	uint8_t translated;
	uint8_t egress; /* leaves by the state's interface, or comes in by it */
	uint8_t reason; /* enum record_reason */
};

/* When a record ends. */
enum record_end {
	RECORD_LAST_PACKET, /* estimated: see record_end() */
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
 * Make the records of a state whose deletion was announced at `now`
 * (milliseconds since the epoch): one for each direction that carried packets,
 * the initiator's first.  index is that of the state's interface, or 0.  The
 * flow must not be FLOW_INEXPRESSIBLE.  Returns how many, 0 to 2.
 */
unsigned int record_make(struct record[2], const struct flow *,
    const struct record_rules *, uint32_t index, uint64_t now);

/* The lifetime of a state that was announced at `now`, in the same unit. */
uint64_t record_start(const struct flow *, uint64_t now);
uint64_t record_end(const struct flow *, const struct record_rules *,
    uint64_t now);

/* TCP flags that the peers' levels prove one end to have sent. */
uint8_t record_tcp_flags(const struct flow *, enum flow_end sender);

#endif
