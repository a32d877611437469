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
	RECORD_ACTIVE = 2,
	RECORD_FINISHED = 3,
	RECORD_FORCED = 4
};

/* Milliseconds since the epoch. */
struct record_times {
	uint64_t start;
	uint64_t end;
};

/* Why a source reports a state. */
enum report_ending {
	REPORT_FORCED,	/* it ended early, or nothing more is read of it */
	REPORT_EXPIRED, /* its timeout passed: it was idle */
	REPORT_INTERIM	/* it goes on: this is a piece */
};

/*
 * What a source reports of a state, or of a pair: the in- and the out-state of
 * a forwarded connection.  Arrays are indexed by the flow_end that sent the
 * packets; of a pair, [0] is counted by the in-state, [1] by the out-state.
 */
struct report {
	const struct flow *flow; /* of a pair: the in-state */
	const struct flow *twin; /* of a pair: the out-state; else NULL */
	uint64_t packets[2];	 /* since the last report */
	uint64_t bytes[2];
	struct record_times times; /* of first and last packet, not later than
				    * the report */
	enum report_ending ending;
};

/* True if a report has packets. */
static inline int
report_counted(const struct report *r)
{
	return (r->packets[0] | r->packets[1]) > 0;
}

/* The octets of directions that have packets, of a report or record. */
static inline uint64_t
record_octets(const uint64_t packets[2], const uint64_t bytes[2])
{
	return (packets[0] > 0 ? bytes[0] : 0) +
	    (packets[1] > 0 ? bytes[1] : 0);
}

#define BATCH 16 /* most states that go through each step together */

/*
 * Arrays are indexed by flow_end: a host, or the direction from it.  Pointers
 * point into the flows, which must outlive the record.
 */
struct record {
	const struct flow *flow; /* of a pair: the in-state */
	const struct flow *twin; /* of a pair: the out-state; else NULL */
	const struct flow_host *host[2];
	const struct flow_host *translated[2]; /* across the firewall */
	uint64_t packets[2];
	uint64_t bytes[2];
	struct record_times times;
	uint32_t in;	/* interface index of the initiator's packets, or 0 */
	uint32_t out;	/* likewise */
	uint16_t ports; /* mask; 0 if the protocol has no ports */
	uint8_t tcp_flags[2];
	uint8_t ending; /* enum report_ending */
};

/* What expired is idle or, after a FIN of both ends, finished. */
static inline enum record_reason
record_reason(const struct record *r)
{
	static const uint8_t reasons[][2] = {
		[REPORT_FORCED] = { RECORD_FORCED, RECORD_FORCED },
		[REPORT_EXPIRED] = { RECORD_IDLE, RECORD_FINISHED },
		[REPORT_INTERIM] = { RECORD_ACTIVE, RECORD_ACTIVE },
	};
	const struct flow *f = r->flow;

	return reasons[r->ending][(f->proto == IPPROTO_TCP) &
	    (f->tcp_state[0] >= FLOW_TCPS_CLOSING) &
	    (f->tcp_state[1] >= FLOW_TCPS_CLOSING)];
}

/* The number of directions with packets. */
static inline unsigned int
record_directions(const struct record *r)
{
	return (unsigned int)(r->packets[0] > 0) + (r->packets[1] > 0);
}

/* The IP version of a record. */
static inline uint8_t
record_family(const struct record *r)
{
	return r->host[0]->family;
}

/* The port of a record's host; 0 if the protocol has no ports. */
static inline uint16_t
record_port(const struct record *r, const struct flow_host *host)
{
	return host->port & r->ports;
}

/*
 * The port that a direction's packets are sent to; for ICMP, the type in the
 * high byte, as NetFlow has it, or 0 if it is not known.
 */
static inline uint16_t
record_port_to(const struct record *r, enum flow_end from)
{
	if (r->ports == 0)
		return flow_icmp(r->flow, from);
	return r->host[!from]->port;
}

/* The input and output interface index of a direction; 0: not known. */
static inline uint32_t
record_input(const struct record *r, enum flow_end from)
{
	return from == FLOW_INITIATOR ? r->in : r->out;
}

static inline uint32_t
record_output(const struct record *r, enum flow_end from)
{
	return from == FLOW_INITIATOR ? r->out : r->in;
}

/* True if an address or port of the flow, or of either of a pair, was
 * translated. */
static inline int
record_translated(const struct record *r)
{
	return flow_translated(r->flow) ||
	    (r->twin != NULL && flow_translated(r->twin));
}

/* The gateway of route-to, of either state of a pair; or zero.  IPv4 only. */
static inline const uint8_t *
record_next_hop(const struct record *r)
{
	static const uint8_t none[4];

	if (r->twin != NULL && memcmp(r->flow->rt_addr, none, 4) == 0)
		return r->twin->rt_addr;
	return r->flow->rt_addr;
}

/* True if an interface index is larger than this limit, one less than 2^n. */
static inline int
record_index_exceeds(const struct record *r, uint32_t most)
{
	return (r->in | r->out) > most;
}

/* 1 if the direction from this end leaves by the state's interface, else 0. */
static inline unsigned int
record_egress(const struct record *r, enum flow_end from)
{
	return (r->flow->direction == FLOW_OUT) ^ (unsigned int)from;
}

/* The end time of a record. */
enum record_end {
	RECORD_LAST_PACKET, /* estimated, see last_packet.c */
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

/*
 * Make the record of a report, with the addresses of this view, but for its
 * twin.  index is that of the state's interface, or 0.
 */
void record_make(struct record *, const struct report *, enum flow_view,
    uint32_t index);

/* Add the out-state of a pair to the record of the in-state; likewise. */
void record_join(struct record *, const struct flow *twin, enum flow_view,
    uint32_t index);

#endif
