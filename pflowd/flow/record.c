/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>
#include <string.h>

#include "common/cold.h"
#include "record.h"

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
	[FLOW_SCTP_FIRST] = { "sctp.first", 120 },
	[FLOW_SCTP_OPENING] = { "sctp.opening", 30 },
	[FLOW_SCTP_ESTABLISHED] = { "sctp.established", 86400 },
	[FLOW_SCTP_CLOSING] = { "sctp.closing", 900 },
	[FLOW_SCTP_CLOSED] = { "sctp.closed", 90 },
};

void
record_policy_default(struct record_policy *policy)
{
	int i;

	memset(policy, 0, sizeof(*policy));
	policy->view = FLOW_INSIDE;
	policy->end = RECORD_LAST_PACKET;
	for (i = 0; i < FLOW_TIMEOUTS; i++)
		policy->timeout[i] = timeouts[i].seconds;
}

const char *
record_timeout_name(enum flow_timeout i)
{
	return timeouts[i].name;
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

/* States of other protocols prove no flags. */
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

/* States with a special meaning, and invalid ones. */
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

/* The host at the end that a state translates, on both sides. */
ALWAYS_INLINE static void
set_inner(struct record *r, const struct flow *f, enum flow_end inner,
    enum flow_view view)
{
	const struct flow_host *host = flow_inner(f, view);

	r->host[inner] = host;
	r->translated[inner] = host == &f->lan ? &f->gwy : &f->lan;
}

ALWAYS_INLINE static void
set_hosts(struct record *r, const struct flow *f, enum flow_view view)
{
	enum flow_end inner = flow_inner_end(f);

	set_inner(r, f, inner, view);
	r->host[!inner] = r->translated[!inner] = &f->ext;
}

/*
 * Packets from the inner end leave by the state's interface; packets from the
 * outer end come in by it.
 */
ALWAYS_INLINE static void
set_interfaces(struct record *r, const struct flow *f, uint32_t index)
{
	r->in = flow_inner_end(f) == FLOW_INITIATOR ? 0 : index;
	r->out = flow_inner_end(f) == FLOW_INITIATOR ? index : 0;
}

void
record_make(struct record *r, const struct report *of, enum flow_view view,
    uint32_t index)
{
	const struct flow *f = of->flow;

	r->flow = f;
	r->twin = NULL;
	memcpy(r->packets, of->packets, sizeof(r->packets));
	memcpy(r->bytes, of->bytes, sizeof(r->bytes));
	r->times = of->times;
	r->ending = (uint8_t)of->ending;
	r->ports = flow_ports[f->proto];
	set_tcp_flags(r->tcp_flags, f);
	set_hosts(r, f, view);
	set_interfaces(r, f, index);
}

/* The out-state translates the initiator, whose packets leave there. */
void
record_join(struct record *r, const struct flow *twin, enum flow_view view,
    uint32_t index)
{
	r->twin = twin;
	set_inner(r, twin, FLOW_INITIATOR, view);
	r->out = index;
}
