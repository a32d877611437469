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

	if (f->odd & FLOW_ODD_AGE)
		return now;
	return age > now ? 0 : now - age;
}

/*
 * Whether nothing came any more for as long as its timeout.  Not if it began in
 * the future by a clock that was set back: then so did its last packet.
 */
static int
expired(const struct flow *f, const struct record_policy *rules)
{
	return f->timeout < FLOW_STATE_TIMEOUTS && f->left == 0 &&
	    (f->odd & FLOW_ODD_AGE) == 0 &&
	    f->age >= rules->timeout[f->timeout];
}

/* Killed or flushed: then a TCP state has these levels. */
static int
killed(const struct flow *f)
{
	return (f->level[0] | f->level[1]) == FLOW_TCP_CLOSED_LEVEL &&
	    f->proto == IPPROTO_TCP;
}

/*
 * From expiry to the message: half a pass of the purge, and half of the second
 * for which pfsync gathers records (pf_purge_thread, pfsync_get_mbuf).
 */
static uint64_t
mean_purge_lag(const struct record_policy *rules)
{
	return (rules->timeout[FLOW_INTERVAL] + UINT64_C(1)) * (MS / 2);
}

/* How long before the message the last packet of an expired state passed. */
static uint64_t
idle_expired(const struct flow *f, const struct record_policy *rules,
    uint64_t lag)
{
	uint64_t timeout = rules->timeout[f->timeout];

	return timeout == 0 || killed(f) ? 0 : timeout * MS + lag;
}

/*
 * ... and of one that did not expire: known if it tells what was left of its
 * timeout, as version 4 does.  Killed, flushed or its ports reused, it was up
 * to the last moment in use.
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

/* Of the only packet that there was, the start is the end. */
static int
single_packet(const struct flow *f)
{
	return (f->packets[0] | f->packets[1]) == 1 &&
	    f->packets[0] != f->packets[1];
}

/* When the last packet passed; `idle` before the message, or never. */
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
 * A reset moves both levels to TIME_WAIT and hides who sent it, but for two
 * cases that the counters decide: a packet that was refused, and one end alone.
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
	flags[0] = f->level[0] == FLOW_TCP_PROXY_SRC ? RECORD_SYN :
						       RECORD_SYN | RECORD_ACK;
	flags[1] = 0;
}

/* By an end's own level, what it has sent; by the other's, that it acked. */
struct level_flags {
	uint8_t sent;
	uint8_t acked;
};
static const struct level_flags tcp_levels[FLOW_TCP_PROXY_DST + 1] = {
	[FLOW_TCP_SYN_SENT] = { RECORD_SYN, 0 },
	[3] = { RECORD_SYN, 0 },
	[FLOW_TCP_ESTABLISHED_LEVEL] = { RECORD_SYN, RECORD_ACK },
	[5] = { RECORD_SYN, RECORD_ACK },
	[6] = { RECORD_SYN, RECORD_ACK },
	[FLOW_TCP_CLOSING_LEVEL] = { RECORD_SYN | RECORD_FIN, RECORD_ACK },
	[8] = { RECORD_SYN, RECORD_ACK },
	[FLOW_TCP_FIN_WAIT_2] = { RECORD_SYN | RECORD_FIN, RECORD_ACK },
};

/* Of levels that are not TCP's: nothing. */
static const struct level_flags other_levels[FLOW_TCP_PROXY_DST + 1];

/* What the levels of both ends prove that each of them has sent. */
static void
set_flags(uint8_t flags[2], const struct flow *f)
{
	static const struct level_flags *const levels[] = { other_levels,
		tcp_levels };
	const struct level_flags *of = levels[f->proto == IPPROTO_TCP];
	uint8_t a = f->level[FLOW_INITIATOR], b = f->level[FLOW_RESPONDER];

	flags[0] = of[a].sent | of[b].acked;
	flags[1] = of[b].sent | of[a].acked;
}

/* Levels that tell more, or less, or nothing. */
NEVER_INLINE static void
set_special_flags(uint8_t flags[2], const struct flow *f)
{
	uint8_t a = f->level[FLOW_INITIATOR], b = f->level[FLOW_RESPONDER];

	if (f->proto != IPPROTO_TCP || f->odd & FLOW_ODD_LEVELS)
		flags[0] = flags[1] = 0;
	else if (a >= FLOW_TCP_PROXY_SRC)
		flags_of_proxy(flags, f);
	else if (a == FLOW_TCP_TIME_WAIT && b == FLOW_TCP_TIME_WAIT)
		flags_after_reset(flags, f);
	else
		set_flags(flags, f);
}

ALWAYS_INLINE static void
set_tcp_flags(uint8_t flags[2], const struct flow *f)
{
	if ((f->level[0] | f->level[1]) >= FLOW_TCP_TIME_WAIT)
		set_special_flags(flags, f);
	else
		set_flags(flags, f);
}

/*
 * Who sent the first packet, and to whom.  What comes from the inner end
 * leaves by the interface, what comes from the other end comes in by it.
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

	/* No branch here is taken by every other state: it would be guessed. */
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
