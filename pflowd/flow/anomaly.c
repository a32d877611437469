/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "anomaly.h"

/* With more packets than this, packets * ANOMALY_PACKET_MOST overflows 64 bits.
 */
#define PACKETS_MAX (UINT64_MAX / ANOMALY_PACKET_MOST)

static int
counters_implausible(uint64_t packets, uint64_t bytes, unsigned int header)
{
	if (packets > PACKETS_MAX)
		return bytes / header < packets;
	return anomaly_bytes_bad(packets, bytes, header);
}

static int
timeout_implausible(uint8_t timeout)
{
	return timeout >= FLOW_STATE_TIMEOUTS && timeout != FLOW_PURGE &&
	    timeout != FLOW_PURGE_OLD && !flow_sctp_timeout(timeout);
}

uint8_t
flow_anomalies(const struct flow *f)
{
	unsigned int header = flow_family(f) == 6 ? ANOMALY_HEADER_6 :
						    ANOMALY_HEADER_4;
	unsigned int anomalies = 0;

	if (f->direction != FLOW_IN && f->direction != FLOW_OUT)
		anomalies |= FLOW_BAD_DIRECTION;
	if (flow_family(f) == 0)
		anomalies |= FLOW_BAD_FAMILY;
	if (counters_implausible(f->packets[0], f->bytes[0], header) ||
	    counters_implausible(f->packets[1], f->bytes[1], header))
		anomalies |= FLOW_BAD_COUNTERS;
	if (f->age >= ANOMALY_AGE_BAD)
		anomalies |= FLOW_BAD_AGE;
	if (timeout_implausible(f->timeout))
		anomalies |= FLOW_BAD_TIMEOUT;
	if (f->tcp_state[0] > FLOW_TCPS_PROXY_DST ||
	    f->tcp_state[1] > FLOW_TCPS_PROXY_DST)
		anomalies |= FLOW_BAD_TCP_STATE;
	return (uint8_t)anomalies;
}
