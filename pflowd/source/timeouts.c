/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>
#include <string.h>

#include "timeouts.h"

/* The timeouts of a protocol, the last one included. */
struct range {
	uint8_t first;
	uint8_t last;
};

void
timeouts_set(struct timeouts *t, const uint32_t seconds[FLOW_TIMEOUTS])
{
	memcpy(t->seconds, seconds, sizeof(t->seconds));
}

void
timeouts_states(struct timeouts *t, uint64_t states)
{
	t->states_before = t->states;
	t->states = states;
}

/* As pf_state_expires() in net/pf.c scales a timeout. */
static uint32_t
scaled(const struct timeouts *t, uint32_t seconds, uint64_t states)
{
	uint64_t start = t->seconds[FLOW_ADAPTIVE_START];
	uint64_t end = t->seconds[FLOW_ADAPTIVE_END];

	if (states <= start || start >= end)
		return seconds;
	if (states >= end)
		return 0;
	return (uint32_t)(seconds * (end - states) / (end - start));
}

static struct range
range_of(const struct flow *f)
{
	switch (f->proto) {
	case IPPROTO_TCP:
		return (struct range){ FLOW_TCP_FIRST, FLOW_TCP_CLOSED };
	case IPPROTO_UDP:
		return (struct range){ FLOW_UDP_FIRST, FLOW_UDP_MULTIPLE };
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return (struct range){ FLOW_ICMP_FIRST, FLOW_ICMP_ERROR };
	case FLOW_SCTP:
		return (struct range){ FLOW_SCTP_FIRST, FLOW_SCTP_CLOSED };
	}
	return (struct range){ FLOW_OTHER_FIRST, FLOW_OTHER_MULTIPLE };
}

static int
of_states(uint8_t timeout)
{
	return timeout < FLOW_STATE_TIMEOUTS || flow_sctp_timeout(timeout);
}

uint32_t
timeouts_of(const struct timeouts *t, const struct flow *f)
{
	if (!of_states(f->timeout))
		return 0;
	return scaled(t, t->seconds[f->timeout], t->states);
}

static uint64_t
most_states(const struct timeouts *t)
{
	return t->states > t->states_before ? t->states : t->states_before;
}

uint32_t
timeouts_shortest(const struct timeouts *t, const struct flow *f)
{
	struct range r = range_of(f);
	uint32_t least = UINT32_MAX;

	for (; r.first <= r.last; r.first++)
		if (t->seconds[r.first] < least)
			least = t->seconds[r.first];
	return scaled(t, least, most_states(t));
}

uint32_t
timeouts_least(const struct timeouts *t)
{
	uint32_t least = UINT32_MAX;
	uint8_t i;

	for (i = 0; i < FLOW_TIMEOUTS; i++)
		if (of_states(i) && t->seconds[i] > 0 && t->seconds[i] < least)
			least = t->seconds[i];
	return least == UINT32_MAX ? least : scaled(t, least, t->states);
}
