/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Values of a state that no pf can have meant.
 */

#ifndef ANOMALY_H
#define ANOMALY_H

#include <stdint.h>

#include "common/cold.h"
#include "flow.h"

#define ANOMALY_AGE_BAD (UINT32_C(1) << 31) /* seconds */

/* Bytes of the smallest IP header, and of the largest packet. */
#define ANOMALY_HEADER_4 20
#define ANOMALY_HEADER_6 40
#define ANOMALY_PACKET_MOST 65535

/*
 * True if packets of header to ANOMALY_PACKET_MOST bytes each cannot add up to
 * bytes. With too few bytes, the unsigned difference wraps to a large number.
 */
static inline int
anomaly_bytes_bad(uint64_t packets, uint64_t bytes, unsigned int header)
{
	return bytes - packets * header >
	    packets * (ANOMALY_PACKET_MOST - header);
}

/* Quick check: counters valid for both families, and too small to overflow. */
static inline int
anomaly_counters_plain(const uint64_t packets[2], const uint64_t bytes[2])
{
	return (packets[0] | packets[1]) >> 48 == 0 &&
	    !anomaly_bytes_bad(packets[0], bytes[0], ANOMALY_HEADER_6) &&
	    !anomaly_bytes_bad(packets[1], bytes[1], ANOMALY_HEADER_6);
}

/*
 * Quick check that nothing is wrong with a state, as with most.  For the others
 * flow_anomalies() names the faults, if any.
 */
ALWAYS_INLINE static int
flow_plain(const struct flow *f)
{
	return (f->direction == FLOW_IN || f->direction == FLOW_OUT) &&
	    flow_family(f) != 0 &&
	    anomaly_counters_plain(f->packets, f->bytes) &&
	    f->age < ANOMALY_AGE_BAD && f->timeout < FLOW_STATE_TIMEOUTS &&
	    (f->tcp_state[0] | f->tcp_state[1]) <= FLOW_TCPS_PROXY_DST;
}

/* The faults of a state, as bits of enum flow_anomaly. */
COLD uint8_t flow_anomalies(const struct flow *);

#endif
