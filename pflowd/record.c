/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>
#include <string.h>

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

uint64_t
record_start(const struct flow *f, uint64_t now)
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
static uint64_t
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

uint64_t
record_end(const struct flow *f, const struct record_rules *rules, uint64_t now)
{
	uint64_t start = record_start(f, now);
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
 * cases that the counters decide.
 */
static uint8_t
flags_after_reset(const struct flow *f, enum flow_end sender)
{
	int refused = f->packets[0] == 1 && f->packets[1] == 1;

	if (sender == FLOW_RESPONDER)
		return refused ? RECORD_RST | RECORD_ACK : 0;
	return f->packets[1] == 0 ? RECORD_SYN | RECORD_RST : RECORD_SYN;
}

/* pf answered the client's handshake itself (synproxy). */
static uint8_t
flags_of_proxy(const struct flow *f, enum flow_end sender)
{
	if (sender == FLOW_RESPONDER)
		return 0;
	return f->level[0] == FLOW_TCP_PROXY_SRC ? RECORD_SYN :
						   RECORD_SYN | RECORD_ACK;
}

/* By an end's own level: what it has sent; by the other's: that it has acked.
 */
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

uint8_t
record_tcp_flags(const struct flow *f, enum flow_end sender)
{
	uint8_t own = f->level[sender], other = f->level[!sender];

	if (f->proto != IPPROTO_TCP || f->odd & FLOW_ODD_LEVELS)
		return 0;
	if (own == FLOW_TCP_TIME_WAIT && other == FLOW_TCP_TIME_WAIT)
		return flags_after_reset(f, sender);
	if (f->level[FLOW_INITIATOR] >= FLOW_TCP_PROXY_SRC)
		return flags_of_proxy(f, sender);
	return sent[own] | acked[other];
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

static void
set_hosts(struct flow_host hosts[2], const struct flow *f, enum flow_view view)
{
	hosts[0] = *flow_host(f, view, FLOW_INITIATOR);
	hosts[1] = *flow_host(f, view, FLOW_RESPONDER);
	if (!flow_has_ports(f->proto))
		hosts[0].port = hosts[1].port = 0;
}

unsigned int
record_make(struct record *r, const struct flow *f,
    const struct record_rules *rules, uint32_t index, uint64_t now)
{
	unsigned int directions = (f->packets[0] > 0) + (f->packets[1] > 0);

	if (directions == 0)
		return 0;
	r->times.start = record_start(f, now);
	r->times.end = record_end(f, rules, now);
	r->id = f->id;
	memcpy(r->packets, f->packets, sizeof(r->packets));
	memcpy(r->octets, f->bytes, sizeof(r->octets));
	set_hosts(r->host, f, rules->view);
	r->translated = (uint8_t)flow_translated(f);
	if (r->translated)
		set_hosts(r->across, f, other_view(f, rules->view));
	memcpy(r->nexthop, f->rt_addr, sizeof(r->nexthop));
	r->index = index;
	r->directions = (uint8_t)directions;
	r->family = f->family;
	r->proto = f->proto;
	r->tcp_flags[0] = record_tcp_flags(f, FLOW_INITIATOR);
	r->tcp_flags[1] = record_tcp_flags(f, FLOW_RESPONDER);
	r->out = f->direction == FLOW_OUT;
	r->reason = end_reason(f, rules);
	return directions;
}
