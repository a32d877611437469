/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>
#include <string.h>

#include "common/cold.h"
#include "last_packet.h"

#define MS 1000

static uint64_t
start_of(const struct flow *f, uint64_t now)
{
	uint64_t age = (uint64_t)f->age * MS;

	if (f->anomalies & FLOW_BAD_AGE)
		return now;
	return age > now ? 0 : now - age;
}

/*
 * True if the state's timeout expired.  A state that began in the future (the
 * clock was set back) never counts as expired, because the time of its last
 * packet cannot be computed.
 */
static int
expired(const struct flow *f, const struct record_policy *policy)
{
	return f->timeout < FLOW_STATE_TIMEOUTS && f->expires == 0 &&
	    (f->anomalies & FLOW_BAD_AGE) == 0 &&
	    f->age >= policy->timeout[f->timeout];
}

/* pf sets both states of a TCP state to CLOSED when it is killed or flushed. */
static int
killed(const struct flow *f)
{
	return (f->tcp_state[0] | f->tcp_state[1]) == FLOW_TCPS_CLOSED &&
	    f->proto == IPPROTO_TCP;
}

/*
 * Mean time in ms from expiry to the message: half a purge interval
 * (pf_purge_thread) plus half of the second for which pfsync collects records
 * (pfsync_get_mbuf).
 */
static uint64_t
mean_purge_lag(const struct record_policy *policy)
{
	return (policy->timeout[FLOW_INTERVAL] + UINT64_C(1)) * (MS / 2);
}

/* ms from the last packet of an expired state to the message. */
static uint64_t
idle_expired(const struct flow *f, const struct record_policy *policy,
    uint64_t lag)
{
	uint64_t timeout = policy->timeout[f->timeout];

	return timeout == 0 || killed(f) ? 0 : timeout * MS + lag;
}

/*
 * ms from the last packet to the message for a state that did not expire.  It
 * is known if the message has the rest of the timeout, as in version 4.  Else
 * it is 0: a state that was killed, flushed or replaced (ports reused) may have
 * been in use until its end.
 */
COLD static uint64_t
idle_ended(const struct flow *f, const struct record_policy *policy)
{
	uint64_t timeout;

	if (f->timeout >= FLOW_STATE_TIMEOUTS || f->expires == 0 ||
	    f->expires == FLOW_EXPIRES_UNKNOWN || killed(f))
		return 0;
	timeout = policy->timeout[f->timeout];
	if (f->expires >= timeout || f->age < timeout - f->expires)
		return 0;
	return (timeout - f->expires) * MS;
}

/* A flow of a single packet ends when it starts. */
static int
single_packet(const struct flow *f)
{
	return (f->packets[0] | f->packets[1]) == 1 &&
	    f->packets[0] != f->packets[1];
}

/* The end of the flow: `idle` ms before the message, but not before start. */
static inline uint64_t
end_of(const struct flow *f, const struct record_policy *policy, uint64_t idle,
    uint64_t start, uint64_t now)
{
	if (policy->end == RECORD_DELETION)
		return now;
	if (idle > now - start || single_packet(f))
		return start;
	return now - idle;
}

/* No unpredictable branches here: mispredicting them costs time. */
ALWAYS_INLINE static void
report_one(struct report *r, const struct flow *f, uint64_t time,
    const struct record_policy *policy, uint64_t lag)
{
	int idled = expired(f, policy);
	uint64_t idle = idled ? idle_expired(f, policy, lag) :
				idle_ended(f, policy);

	r->flow = f;
	r->twin = NULL;
	r->ending = idled ? REPORT_EXPIRED : REPORT_FORCED;
	memcpy(r->packets, f->packets, sizeof(r->packets));
	memcpy(r->bytes, f->bytes, sizeof(r->bytes));
	r->times.start = start_of(f, time);
	r->times.end = end_of(f, policy, idle, r->times.start, time);
}

void
last_packet_report(struct report *r, const struct flow *f, unsigned int n,
    uint64_t time, const struct record_policy *policy)
{
	uint64_t lag = mean_purge_lag(policy);

	for (; n > 0; n--)
		report_one(r++, f++, time, policy, lag);
}
