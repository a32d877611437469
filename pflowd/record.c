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
	if (f->proto == IPPROTO_TCP &&
	    f->peer[0].level == FLOW_TCP_CLOSED_LEVEL &&
	    f->peer[1].level == FLOW_TCP_CLOSED_LEVEL)
		return 0;
	timeout = rules->timeout[f->timeout];
	left = f->expire_left ? f->expire : 0;
	if (left >= timeout || f->age < timeout - left)
		return 0;
	return (timeout - left) * MS + (left > 0 ? 0 : mean_purge_lag(rules));
}

uint64_t
record_end(const struct flow *f, const struct record_rules *rules, uint64_t now)
{
	uint64_t start = record_start(f, now);
	uint64_t idle;

	if (rules->end == RECORD_DELETION)
		return now;
	if ((f->packets[0] == 0 && f->packets[1] == 1) ||
	    (f->packets[0] == 1 && f->packets[1] == 0))
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
	return f->peer[0].level == FLOW_TCP_PROXY_SRC ? RECORD_SYN :
							RECORD_SYN | RECORD_ACK;
}

static int
within(uint8_t level, uint8_t low)
{
	return level >= low && level <= FLOW_TCP_FIN_WAIT_2;
}

uint8_t
record_tcp_flags(const struct flow *f, enum flow_end sender)
{
	uint8_t own = f->peer[sender].level;
	uint8_t other = f->peer[!sender].level;
	uint8_t flags = 0;

	if (f->proto != IPPROTO_TCP || f->odd & FLOW_ODD_LEVELS)
		return 0;
	if (own == FLOW_TCP_TIME_WAIT && other == FLOW_TCP_TIME_WAIT)
		return flags_after_reset(f, sender);
	if (f->peer[FLOW_INITIATOR].level >= FLOW_TCP_PROXY_SRC)
		return flags_of_proxy(f, sender);
	if (within(own, FLOW_TCP_SYN_SENT))
		flags |= RECORD_SYN;
	if (within(other, FLOW_TCP_ESTABLISHED_LEVEL))
		flags |= RECORD_ACK;
	if (own == FLOW_TCP_CLOSING_LEVEL || own == FLOW_TCP_FIN_WAIT_2)
		flags |= RECORD_FIN;
	return flags;
}

/* Killed, flushed, or ended by its own close: or nothing came any more. */
static uint8_t
end_reason(const struct flow *f, const struct record_rules *rules)
{
	uint8_t a = f->peer[0].level, b = f->peer[1].level;

	if (f->timeout >= FLOW_STATE_TIMEOUTS ||
	    (f->expire_left && f->expire > 0) ||
	    f->age < rules->timeout[f->timeout])
		return RECORD_FORCED;
	if (f->proto == IPPROTO_TCP && a >= FLOW_TCP_CLOSING_LEVEL &&
	    b >= FLOW_TCP_CLOSING_LEVEL)
		return RECORD_FINISHED;
	return RECORD_IDLE;
}

static void
set_ends(struct record *r, const struct flow *f, const struct flow_host *from,
    const struct flow_host *to)
{
	r->sport = r->dport = 0;
	if (flow_has_ports(f->proto)) {
		r->sport = from->port;
		r->dport = to->port;
	}
	memcpy(r->src, from->addr, sizeof(r->src));
	memcpy(r->dst, to->addr, sizeof(r->dst));
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
set_translated(struct record *r, const struct flow *f, enum flow_view view)
{
	const struct flow_host *from = flow_host(f, view, FLOW_INITIATOR);
	const struct flow_host *to = flow_host(f, view, FLOW_RESPONDER);

	r->translated = 1;
	r->post_sport = r->post_dport = 0;
	if (flow_has_ports(f->proto)) {
		r->post_sport = from->port;
		r->post_dport = to->port;
	}
	memcpy(r->post_src, from->addr, sizeof(r->post_src));
	memcpy(r->post_dst, to->addr, sizeof(r->post_dst));
}

/* The initiator's record, its counters aside. */
static void
make_forward(struct record *r, const struct flow *f,
    const struct record_rules *rules, uint32_t index, uint64_t now)
{
	int in = f->direction == FLOW_IN;

	r->start = record_start(f, now);
	r->end = record_end(f, rules, now);
	r->input = in ? index : 0;
	r->output = in ? 0 : index;
	set_ends(r, f, flow_host(f, rules->view, FLOW_INITIATOR),
	    flow_host(f, rules->view, FLOW_RESPONDER));
	memcpy(r->nexthop, f->rt_addr, sizeof(r->nexthop));
	r->id = f->id;
	r->family = f->family;
	r->proto = f->proto;
	r->packets = f->packets[0];
	r->octets = f->bytes[0];
	r->tcp_flags = record_tcp_flags(f, FLOW_INITIATOR);
	r->egress = !in;
	r->reason = end_reason(f, rules);
	r->translated = 0;
	if (flow_translated(f))
		set_translated(r, f, other_view(f, rules->view));
}

static void
make_reverse(struct record *r, const struct record *forward,
    const struct flow *f)
{
	r->start = forward->start;
	r->end = forward->end;
	r->input = forward->output;
	r->output = forward->input;
	r->sport = forward->dport;
	r->dport = forward->sport;
	memcpy(r->src, forward->dst, sizeof(r->src));
	memcpy(r->dst, forward->src, sizeof(r->dst));
	memcpy(r->nexthop, forward->nexthop, sizeof(r->nexthop));
	r->id = forward->id;
	r->family = forward->family;
	r->proto = forward->proto;
	r->packets = f->packets[1];
	r->octets = f->bytes[1];
	r->tcp_flags = record_tcp_flags(f, FLOW_RESPONDER);
	r->egress = !forward->egress;
	r->reason = forward->reason;
	r->translated = forward->translated;
	if (!r->translated)
		return;
	r->post_sport = forward->post_dport;
	r->post_dport = forward->post_sport;
	memcpy(r->post_src, forward->post_dst, sizeof(r->post_src));
	memcpy(r->post_dst, forward->post_src, sizeof(r->post_dst));
}

unsigned int
record_make(struct record r[2], const struct flow *f,
    const struct record_rules *rules, uint32_t index, uint64_t now)
{
	make_forward(&r[0], f, rules, index, now);
	if (f->packets[1] == 0)
		return f->packets[0] > 0;
	if (f->packets[0] == 0) {
		struct record forward = r[0];

		make_reverse(&r[0], &forward, f);
		return 1;
	}
	make_reverse(&r[1], &r[0], f);
	return 2;
}
