/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>
#include <string.h>

#include "timeouts.h"

/* s by which two times of a kernel may differ. */
#define SLACK 2

/* The timeouts of a protocol, the last one included. */
struct range {
	uint8_t first;
	uint8_t last;
};

void
timeouts_set(struct timeouts *t, const uint32_t seconds[FLOW_TIMEOUTS])
{
	if (memcmp(t->seconds, seconds, sizeof(t->seconds)) == 0)
		return;
	memcpy(t->seconds, seconds, sizeof(t->seconds));
	memset(t->rules, 0, sizeof(t->rules));
}

void
timeouts_states(struct timeouts *t, uint64_t states)
{
	t->states_before = t->states;
	t->states = states;
}

static uint64_t
most_states(const struct timeouts *t)
{
	return t->states > t->states_before ? t->states : t->states_before;
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

/* Where the timeout of a rule is, if any. */
static uint32_t
place(uint32_t rule, uint8_t timeout)
{
	return (rule * FLOW_TIMEOUTS + timeout) % TIMEOUTS_RULES;
}

static int
is_of(const struct timeouts_rule *own, uint32_t rule, uint8_t timeout)
{
	return own->least > 0 && own->rule == rule && own->timeout == timeout;
}

/* A timeout of states that match a rule, if pf has few states. */
static uint32_t
seconds_of(const struct timeouts *t, uint32_t rule, uint8_t timeout)
{
	const struct timeouts_rule *own = &t->rules[place(rule, timeout)];

	return is_of(own, rule, timeout) ? own->least : t->seconds[timeout];
}

/* Narrow what is known of a rule's timeout.  0: the rule has another one. */
static int
narrow(struct timeouts_rule *own, uint32_t least, uint64_t most)
{
	if (least > own->most || most < own->least)
		return 0;
	if (least > own->least)
		own->least = least;
	if (most < own->most)
		own->most = most;
	return 1;
}

/* The timeout is at most that which would have begun with the state. */
void
timeouts_learn(struct timeouts *t, const struct flow *f, uint32_t expires,
    int sure)
{
	struct timeouts_rule *own = &t->rules[place(f->rule, f->timeout)];
	uint64_t most = (uint64_t)expires + f->age + SLACK;

	if (!of_states(f->timeout) || expires > INT32_MAX ||
	    scaled(t, 1000, most_states(t)) != 1000)
		return;
	if (!sure && expires > t->seconds[f->timeout])
		return;
	if (is_of(own, f->rule, f->timeout)) {
		if (narrow(own, expires, most))
			return;
		own->least = 0;
	}
	if (expires > t->seconds[f->timeout] || most < t->seconds[f->timeout])
		*own = (struct timeouts_rule){ .rule = f->rule,
			.least = expires,
			.most = most,
			.timeout = f->timeout };
}

uint32_t
timeouts_of(const struct timeouts *t, const struct flow *f)
{
	if (!of_states(f->timeout))
		return 0;
	return scaled(t, seconds_of(t, f->rule, f->timeout), t->states);
}

uint32_t
timeouts_shortest(const struct timeouts *t, const struct flow *f)
{
	struct range r = range_of(f);
	uint32_t least = UINT32_MAX, seconds;

	for (; r.first <= r.last; r.first++)
		if ((seconds = seconds_of(t, f->rule, r.first)) < least)
			least = seconds;
	return scaled(t, least, most_states(t));
}

uint32_t
timeouts_least(const struct timeouts *t)
{
	uint32_t least = UINT32_MAX;
	unsigned int i;

	for (i = 0; i < FLOW_TIMEOUTS; i++)
		if (of_states((uint8_t)i) && t->seconds[i] > 0 &&
		    t->seconds[i] < least)
			least = t->seconds[i];
	for (i = 0; i < TIMEOUTS_RULES; i++)
		if (t->rules[i].least > 0 && t->rules[i].least < least)
			least = t->rules[i].least;
	return least == UINT32_MAX ? least : scaled(t, least, t->states);
}
