/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>
#include <string.h>

#include "common/cold.h"
#include "record.h"

#define MS 1000

/* pf's names and defaults: pf.conf(5), set timeout. */
static const struct {
	const char *name;
	uint32_t seconds;
} timeouts[FLOW_TIMEOUTS] = {
	[FLOW_TCP_FIRST] = { "tcp.first", 120 },
	[FLOW_TCP_OPENING] = { "tcp.opening", 30 },
	[FLOW_TCP_ESTABLISHED] = { "tcp.established", 86400 },
	[FLOW_TCP_CLOSING] = { "tcp.closing", 900 },
	[FLOW_TCP_FINWAIT] = { "tcp.finwait", 45 },
	[FLOW_TCP_CLOSED] = { "tcp.closed", 90 },
	[FLOW_UDP_FIRST] = { "udp.first", 60 },
	[FLOW_UDP_SINGLE] = { "udp.single", 30 },
	[FLOW_UDP_MULTIPLE] = { "udp.multiple", 60 },
	[FLOW_ICMP_FIRST] = { "icmp.first", 20 },
	[FLOW_ICMP_ERROR] = { "icmp.error", 10 },
	[FLOW_OTHER_FIRST] = { "other.first", 60 },
	[FLOW_OTHER_SINGLE] = { "other.single", 30 },
	[FLOW_OTHER_MULTIPLE] = { "other.multiple", 60 },
	[FLOW_INTERVAL] = { "interval", 10 },
};

void
record_policy_default(struct record_policy *rules)
{
	int i;

	memset(rules, 0, sizeof(*rules));
	rules->view = FLOW_INSIDE;
	rules->end = RECORD_LAST_PACKET;
	for (i = 0; i < FLOW_TIMEOUTS; i++)
		rules->timeout[i] = timeouts[i].seconds;
}

const char *
record_timeout_name(enum flow_timeout i)
{
	return timeouts[i].name;
}

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
expired(const struct flow *f, const struct record_policy *rules)
{
	return f->timeout < FLOW_STATE_TIMEOUTS && f->left == 0 &&
	    (f->anomalies & FLOW_BAD_AGE) == 0 &&
	    f->age >= rules->timeout[f->timeout];
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
mean_purge_lag(const struct record_policy *rules)
{
	return (rules->timeout[FLOW_INTERVAL] + UINT64_C(1)) * (MS / 2);
}

/* ms from the last packet of an expired state to the message. */
static uint64_t
idle_expired(const struct flow *f, const struct record_policy *rules,
    uint64_t lag)
{
	uint64_t timeout = rules->timeout[f->timeout];

	return timeout == 0 || killed(f) ? 0 : timeout * MS + lag;
}

/*
 * ms from the last packet to the message for a state that did not expire.  It
 * is known if the message has the rest of the timeout, as in version 4.  Else
 * it is 0: a state that was killed, flushed or replaced (ports reused) may have
 * been in use until its end.
 */
COLD static uint64_t
idle_ended(const struct flow *f, const struct record_policy *rules)
{
	uint64_t left = f->left, timeout;

	if (f->timeout >= FLOW_STATE_TIMEOUTS || left == 0 || f->version < 4 ||
	    killed(f))
		return 0;
	timeout = rules->timeout[f->timeout];
	if (left >= timeout || f->age < timeout - left)
		return 0;
	return (timeout - left) * MS;
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
end_of(const struct flow *f, const struct record_policy *rules, uint64_t idle,
    uint64_t start, uint64_t now)
{
	if (rules->end == RECORD_DELETION)
		return now;
	if (idle > now - start || single_packet(f))
		return start;
	return now - idle;
}

/*
 * pf moves both states to TIME_WAIT on a reset and does not record its sender.
 * The counters show it in two cases: the responder sent nothing, or each end
 * sent one packet (a refused connection).
 */
static void
flags_after_reset(uint8_t flags[2], const struct flow *f)
{
	flags[0] = RECORD_SYN;
	flags[1] = 0;
	if (f->packets[1] == 0)
		flags[0] = RECORD_SYN | RECORD_RST;
	else if (f->packets[0] == 1 && f->packets[1] == 1)
		flags[1] = RECORD_RST | RECORD_ACK;
}

/* pf answered the client's handshake itself (synproxy). */
static void
flags_of_proxy(uint8_t flags[2], const struct flow *f)
{
	flags[0] = f->tcp_state[0] == FLOW_TCPS_PROXY_SRC ?
	    RECORD_SYN :
	    RECORD_SYN | RECORD_ACK;
	flags[1] = 0;
}

/*
 * Flags that a state proves: those sent by the end itself, and those sent by
 * the other end, which acknowledged them.
 */
struct state_flags {
	uint8_t sent;
	uint8_t acked;
};
static const struct state_flags tcp_states[FLOW_TCPS_PROXY_DST + 1] = {
	[FLOW_TCPS_SYN_SENT] = { RECORD_SYN, 0 },
	[3] = { RECORD_SYN, 0 },
	[FLOW_TCPS_ESTABLISHED] = { RECORD_SYN, RECORD_ACK },
	[5] = { RECORD_SYN, RECORD_ACK },
	[6] = { RECORD_SYN, RECORD_ACK },
	[FLOW_TCPS_CLOSING] = { RECORD_SYN | RECORD_FIN, RECORD_ACK },
	[8] = { RECORD_SYN, RECORD_ACK },
	[FLOW_TCPS_FIN_WAIT_2] = { RECORD_SYN | RECORD_FIN, RECORD_ACK },
};

/* Levels of other protocols prove no flags. */
static const struct state_flags other_states[FLOW_TCPS_PROXY_DST + 1];

/* Set the flags that the states of both ends prove. */
static void
set_flags(uint8_t flags[2], const struct flow *f)
{
	static const struct state_flags *const states[] = { other_states,
		tcp_states };
	const struct state_flags *of = states[f->proto == IPPROTO_TCP];
	uint8_t a = f->tcp_state[FLOW_INITIATOR],
		b = f->tcp_state[FLOW_RESPONDER];

	flags[0] = of[a].sent | of[b].acked;
	flags[1] = of[b].sent | of[a].acked;
}

/* Levels with a special meaning, and invalid ones. */
NEVER_INLINE static void
set_special_flags(uint8_t flags[2], const struct flow *f)
{
	uint8_t a = f->tcp_state[FLOW_INITIATOR],
		b = f->tcp_state[FLOW_RESPONDER];

	if (f->proto != IPPROTO_TCP || f->anomalies & FLOW_BAD_TCP_STATE)
		flags[0] = flags[1] = 0;
	else if (a >= FLOW_TCPS_PROXY_SRC)
		flags_of_proxy(flags, f);
	else if (a == FLOW_TCPS_TIME_WAIT && b == FLOW_TCPS_TIME_WAIT)
		flags_after_reset(flags, f);
	else
		set_flags(flags, f);
}

ALWAYS_INLINE static void
set_tcp_flags(uint8_t flags[2], const struct flow *f)
{
	if ((f->tcp_state[0] | f->tcp_state[1]) >= FLOW_TCPS_TIME_WAIT)
		set_special_flags(flags, f);
	else
		set_flags(flags, f);
}

/*
 * Set the hosts and input interfaces.  Packets from the inner end leave by the
 * state's interface; packets from the outer end come in by it.
 */
ALWAYS_INLINE static void
set_hosts(struct record *r, const struct flow *f, enum flow_view view,
    uint32_t index)
{
	enum flow_end inner = flow_inner_end(f);

	r->host[inner] = flow_inner(f, view);
	r->host[!inner] = &f->ext;
	r->input[inner] = 0;
	r->input[!inner] = index;
}

ALWAYS_INLINE static void
make(struct record *r, const struct report *d,
    const struct record_policy *rules, uint64_t lag)
{
	const struct flow *f = d->flow;
	uint64_t idle;

	/* No unpredictable branches here: mispredicting them costs time. */
	r->expired = expired(f, rules);
	idle = r->expired ? idle_expired(f, rules, lag) : idle_ended(f, rules);
	r->flow = f;
	r->times.start = start_of(f, d->time);
	r->times.end = end_of(f, rules, idle, r->times.start, d->time);
	set_tcp_flags(r->tcp_flags, f);
	r->ports = flow_ports[f->proto];
	set_hosts(r, f, rules->view, d->index);
}

void
record_make(struct record *r, const struct report *d, unsigned int n,
    const struct record_policy *rules)
{
	uint64_t lag = mean_purge_lag(rules);

	for (; n > 0; n--)
		make(r++, d++, rules, lag);
}
