/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The contents of flow records, independent of the protocol: both directions of
 * one state.  Each direction with packets is exported as a record.
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

/* flowEndReason (RFC 5102, 5.11.3). */
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
 * Arrays are indexed by flow_end: a host, or the direction from it.  Pointers
 * point into the flow, which must outlive the record.
 */
struct record {
	const struct flow *flow; /* counters, protocol and the rest */
	const struct flow_host *host[2];
	struct record_times times;
	uint32_t input[2]; /* index of the input interface, or 0 */
	uint16_t ports;	   /* mask; 0 if the protocol has no ports */
	uint8_t tcp_flags[2];
	uint8_t expired; /* the state's timeout expired */
};

/* The number of directions with packets. */
static inline unsigned int
record_directions(const struct record *r)
{
	return (unsigned int)(r->flow->packets[0] > 0) +
	    (r->flow->packets[1] > 0);
}

/* A host's address and port on the other side of the firewall. */
static inline const struct flow_host *
record_across(const struct record *r, enum flow_end end)
{
	const struct flow *f = r->flow;

	if (r->host[end] == &f->ext)
		return &f->ext;
	return r->host[end] == &f->lan ? &f->gwy : &f->lan;
}

/* Idle or, after a FIN of both ends, finished; forced if it did not expire. */
static inline enum record_reason
record_reason(const struct record *r)
{
	static const uint8_t reasons[] = { RECORD_IDLE, RECORD_FINISHED };
	const struct flow *f = r->flow;

	return r->expired ? reasons[(f->proto == IPPROTO_TCP) &
				(f->tcp_state[0] >= FLOW_TCPS_CLOSING) &
				(f->tcp_state[1] >= FLOW_TCPS_CLOSING)] :
			    RECORD_FORCED;
}

/* The port of a record's host. */
static inline uint16_t
record_port(const struct record *r, const struct flow_host *host)
{
	return host->port & r->ports;
}

/* Ports of the initiator's direction: source << 16 | destination. */
static inline uint32_t
record_ports(const struct record *r)
{
	return (uint32_t)record_port(r, r->host[FLOW_INITIATOR]) << 16 |
	    record_port(r, r->host[FLOW_RESPONDER]);
}

/* Swap the 16-bit halves of an initiator's value if `from` is the responder. */
static inline uint32_t
record_turned(uint32_t v, enum flow_end from)
{
	return from == FLOW_INITIATOR ? v : v << 16 | v >> 16;
}

/*
 * The input and output interface index of a direction; 0: not known.
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

/* 1 if the direction from this end leaves by the state's interface, else 0. */
static inline unsigned int
record_egress(const struct record *r, enum flow_end from)
{
	return (r->flow->direction == FLOW_OUT) ^ (unsigned int)from;
}

/* The end time of a record. */
enum record_end {
	RECORD_LAST_PACKET, /* estimated, see record.c */
	RECORD_DELETION	    /* when the deletion arrived */
};

/* Where the length of a timeout comes from. */
enum record_timeout_source {
	RECORD_BY_DEFAULT, /* pf's own defaults */
	RECORD_BY_FILE,	   /* pflowd.conf */
	RECORD_BY_PF	   /* the running pf */
};

/* How records are made, as set in pflowd.conf. */
struct record_policy {
	enum flow_view view;
	enum record_end end;
	uint32_t timeout[FLOW_TIMEOUTS]; /* pf's timeouts, seconds */
	uint8_t timeout_source[FLOW_TIMEOUTS];
};

/* Set the defaults, with pf's default timeouts. */
void record_policy_default(struct record_policy *);

/* The name of a timeout in pf.conf(5); NULL: not a timeout. */
const char *record_timeout_name(enum flow_timeout);

/* The meter's report of an ended state. */
struct report {
	const struct flow *flow; /* has packets, not FLOW_INEXPRESSIBLE */
	uint64_t time;		 /* ms since the epoch */
	uint32_t index;		 /* of the state's interface, or 0 */
};

/* Make the records of n reports. */
void record_make(struct record *, const struct report *, unsigned int n,
    const struct record_policy *);

#endif
