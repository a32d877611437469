/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What flow records say, before any protocol: both directions of one state,
 * each of which is a record of its own if it carried packets.
 */

#ifndef RECORD_H
#define RECORD_H

#include <netinet/in.h>
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
 * Pairs are indexed by flow_end: of a host, or of the direction from it.  All
 * that is pointed to is the flow's, which must stay.
 */
struct record {
	const struct flow *flow; /* whose counters and protocol it tells */
	const struct flow_host *host[2];
	struct record_times times;
	uint32_t input[2]; /* index of the interface by which it comes in, 0 */
	uint16_t ports;	   /* a mask, 0 where the protocol has none */
	uint8_t tcp_flags[2];
	uint8_t expired; /* nothing came for as long as its timeout */
};

/* Directions that carried packets: each is a record, or both are one. */
static inline unsigned int
record_directions(const struct record *r)
{
	return (unsigned int)(r->flow->packets[0] > 0) +
	    (r->flow->packets[1] > 0);
}

/* A host as it is seen on the other side of the firewall. */
static inline const struct flow_host *
record_across(const struct record *r, enum flow_end end)
{
	const struct flow *f = r->flow;

	if (r->host[end] == &f->ext)
		return &f->ext;
	return r->host[end] == &f->lan ? &f->gwy : &f->lan;
}

/* Nothing came any more, or not after the FIN of both ends. */
static inline enum record_reason
record_reason(const struct record *r)
{
	static const uint8_t reasons[] = { RECORD_IDLE, RECORD_FINISHED };
	const struct flow *f = r->flow;

	return r->expired ? reasons[(f->proto == IPPROTO_TCP) &
				(f->level[0] >= FLOW_TCP_CLOSING_LEVEL) &
				(f->level[1] >= FLOW_TCP_CLOSING_LEVEL)] :
			    RECORD_FORCED;
}

/* The port of a record's host. */
static inline uint16_t
record_port(const struct record *r, const struct flow_host *host)
{
	return host->port & r->ports;
}

/* Of the initiator's direction, from the high bits on: source, destination. */
static inline uint32_t
record_ports(const struct record *r)
{
	return (uint32_t)record_port(r, r->host[FLOW_INITIATOR]) << 16 |
	    record_port(r, r->host[FLOW_RESPONDER]);
}

/* Two numbers of 16 bits, of the initiator's direction, as those of `from`. */
static inline uint32_t
record_turned(uint32_t v, enum flow_end from)
{
	return from == FLOW_INITIATOR ? v : v << 16 | v >> 16;
}

/*
 * The index of the interface by which the packets of a direction come in, by
 * which they leave; 0: by none that is known.
 */
static inline uint32_t
record_input(const struct record *r, enum flow_end from)
{
	return r->input[from];
}

static inline uint32_t
record_output(const struct record *r, enum flow_end from)
{
	return r->input[!from];
}

/* The index of the state's interface, or 0. */
static inline uint32_t
record_index(const struct record *r)
{
	return r->input[0] | r->input[1];
}

/* Whether what comes from an end leaves by the interface, or comes in by it. */
static inline unsigned int
record_egress(const struct record *r, enum flow_end from)
{
	return (r->flow->direction == FLOW_OUT) ^ (unsigned int)from;
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
struct record_policy {
	enum flow_view view;
	enum record_end end;
	uint32_t timeout[FLOW_TIMEOUTS]; /* seconds, pf's, by its index */
	uint8_t timeout_source[FLOW_TIMEOUTS];
};

/* pf's defaults. */
void record_policy_default(struct record_policy *);

/* As pf.conf(5) calls a timeout; NULL: of an index that is none. */
const char *record_timeout_name(enum flow_timeout);

/* A report of the meter: a state ended, as its deletion announced. */
struct report {
	const struct flow *flow; /* with a packet, not FLOW_INEXPRESSIBLE */
	uint64_t time;		 /* ms since the epoch */
	uint32_t index;		 /* of the state's interface, or 0 */
};

/* Make the records of n of them. */
void record_make(struct record *, const struct report *, unsigned int n,
    const struct record_policy *);

#endif
