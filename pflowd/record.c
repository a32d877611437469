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
record_rules_default(struct record_rules *rules)
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
 * From expiry to the message: half a pass of the purge, and half of the second
 * for which pfsync gathers records (pf_purge_thread, pfsync_get_mbuf).
 */
static uint64_t
mean_purge_lag(const struct record_rules *rules)
{
	return (uint64_t)rules->timeout[FLOW_INTERVAL] * MS / 2 + MS / 2;
}

/*
 * How long before the message the last packet passed, if the state expired by
 * itself or tells what was left of its timeout.  0 when it did not: killed,
 * flushed (TCP levels 0:0) or its ports reused, up to the last moment in use.
 */
ALWAYS_INLINE static uint64_t
idle_time(const struct flow *f, const struct record_rules *rules)
{
	uint64_t timeout, left;

	if (f->timeout >= FLOW_STATE_TIMEOUTS)
		return 0;
	if (f->proto == IPPROTO_TCP && f->level[0] == FLOW_TCP_CLOSED_LEVEL &&
	    f->level[1] == FLOW_TCP_CLOSED_LEVEL)
		return 0;
	timeout = rules->timeout[f->timeout];
	left = f->expire_left ? f->expire : 0;
	if (left >= timeout || f->age < timeout - left)
		return 0;
	return (timeout - left) * MS + (left > 0 ? 0 : mean_purge_lag(rules));
}

/* Of the only packet that there was, the start is the end. */
static int
single_packet(const struct flow *f)
{
	return (f->packets[0] | f->packets[1]) == 1 &&
	    f->packets[0] != f->packets[1];
}

static inline uint64_t
end_of(const struct flow *f, const struct record_rules *rules, uint64_t start,
    uint64_t now)
{
	uint64_t idle;

	if (rules->end == RECORD_DELETION)
		return now;
	if (single_packet(f))
		return start;
	idle = idle_time(f, rules);
	return idle > now - start ? start : now - idle;
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
static const uint8_t sent[FLOW_TCP_PROXY_DST + 1] = {
	[FLOW_TCP_SYN_SENT] = RECORD_SYN,
	[3] = RECORD_SYN,
	[FLOW_TCP_ESTABLISHED_LEVEL] = RECORD_SYN,
	[5] = RECORD_SYN,
	[6] = RECORD_SYN,
	[FLOW_TCP_CLOSING_LEVEL] = RECORD_SYN | RECORD_FIN,
	[8] = RECORD_SYN,
	[FLOW_TCP_FIN_WAIT_2] = RECORD_SYN | RECORD_FIN,
};
static const uint8_t acked[FLOW_TCP_PROXY_DST + 1] = {
	[FLOW_TCP_ESTABLISHED_LEVEL] = RECORD_ACK,
	[5] = RECORD_ACK,
	[6] = RECORD_ACK,
	[FLOW_TCP_CLOSING_LEVEL] = RECORD_ACK,
	[8] = RECORD_ACK,
	[FLOW_TCP_FIN_WAIT_2] = RECORD_ACK,
};

/* What the levels of both ends prove that each of them has sent. */
static void
set_tcp_flags(uint8_t flags[2], const struct flow *f)
{
	uint8_t a = f->level[FLOW_INITIATOR], b = f->level[FLOW_RESPONDER];

	flags[0] = flags[1] = 0;
	if (f->proto != IPPROTO_TCP || f->odd & FLOW_ODD_LEVELS)
		return;
	if (a >= FLOW_TCP_PROXY_SRC) {
		flags_of_proxy(flags, f);
	} else if (a == FLOW_TCP_TIME_WAIT && b == FLOW_TCP_TIME_WAIT) {
		flags_after_reset(flags, f);
	} else {
		flags[0] = sent[a] | acked[b];
		flags[1] = sent[b] | acked[a];
	}
}

/* Killed, flushed, or ended by its own close: or nothing came any more. */
static uint8_t
end_reason(const struct flow *f, const struct record_rules *rules)
{
	uint8_t a = f->level[0], b = f->level[1];

	if (f->timeout >= FLOW_STATE_TIMEOUTS ||
	    (f->expire_left && f->expire > 0) ||
	    f->age < rules->timeout[f->timeout])
		return RECORD_FORCED;
	if (f->proto == IPPROTO_TCP && a >= FLOW_TCP_CLOSING_LEVEL &&
	    b >= FLOW_TCP_CLOSING_LEVEL)
		return RECORD_FINISHED;
	return RECORD_IDLE;
}

/* What is seen on the other side of the firewall, whatever the view is. */
static enum flow_view
other_view(const struct flow *f, enum flow_view view)
{
	if (view == FLOW_INSIDE ||
	    (view == FLOW_ORIGINAL && f->direction == FLOW_OUT))
		return FLOW_OUTSIDE;
	return FLOW_INSIDE;
}

ALWAYS_INLINE static void
set_hosts(struct flow_host hosts[2], const struct flow *f, enum flow_view view)
{
	hosts[0] = *flow_host(f, view, FLOW_INITIATOR);
	hosts[1] = *flow_host(f, view, FLOW_RESPONDER);
	if (!flow_has_ports(f->proto))
		hosts[0].port = hosts[1].port = 0;
}

static void
set_across(struct record *r, const struct flow *f, enum flow_view view)
{
	r->translated = 1;
	set_hosts(r->across, f, other_view(f, view));
}

unsigned int
record_make(struct record *r, const struct flow *f,
    const struct record_rules *rules, uint32_t index, uint64_t now)
{
	unsigned int directions = (f->packets[0] > 0) + (f->packets[1] > 0);

	if (directions == 0)
		return 0;
	r->times.start = start_of(f, now);
	r->times.end = end_of(f, rules, r->times.start, now);
	r->id = f->id;
	r->packets[0] = f->packets[0];
	r->packets[1] = f->packets[1];
	r->octets[0] = f->bytes[0];
	r->octets[1] = f->bytes[1];
	set_hosts(r->host, f, rules->view);
	memcpy(r->nexthop, f->rt_addr, sizeof(r->nexthop));
	r->index = index;
	r->family = f->family;
	r->proto = f->proto;
	set_tcp_flags(r->tcp_flags, f);
	r->directions = (uint8_t)directions;
	r->out = f->direction == FLOW_OUT;
	r->reason = end_reason(f, rules);
	r->translated = 0;
	if (flow_translated(f))
		set_across(r, f, rules->view);
	return directions;
}
