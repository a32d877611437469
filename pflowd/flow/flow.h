/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * An ended pf state as announced by the kernel: in host byte order, without
 * wire types, independent of the version of pfsync.
 */

#ifndef FLOW_H
#define FLOW_H

#include <stdint.h>
#include <string.h>

#define FLOW_IFNAME 16 /* bytes of an interface name, NUL included */

/* pf's values (PF_IN, PF_OUT in net/pfvar.h). */
enum flow_direction {
	FLOW_IN = 1,
	FLOW_OUT = 2
};

/* The ends of a flow.  The initiator sent the packet that made the state. */
enum flow_end {
	FLOW_INITIATOR = 0,
	FLOW_RESPONDER = 1
};

/*
 * Which addresses of a translated flow are exported (the `addresses` statement
 * of pflowd.conf): those used behind the firewall, those used outside of it, or
 * those in the packet that made the state.
 */
enum flow_view {
	FLOW_INSIDE,
	FLOW_OUTSIDE,
	FLOW_ORIGINAL
};

/*
 * Errors in a state, as bits of flow.anomalies.  States with one of the first
 * two cannot be encoded in any protocol; the others are exported and counted.
 */
enum flow_anomaly {
	FLOW_BAD_DIRECTION = 1 << 0, /* neither in nor out */
	FLOW_BAD_FAMILY = 1 << 1,    /* neither IPv4 nor IPv6 */
	FLOW_BAD_COUNTERS = 1 << 2,  /* bytes impossible for these packets */
	FLOW_BAD_AGE = 1 << 3,	     /* 2^31 s or more, read as 0 */
	FLOW_BAD_TIMEOUT = 1 << 4,   /* timeout index unknown to any pf */
	FLOW_BAD_TCP_STATE = 1 << 5  /* TCP states unknown to any pf */
};
#define FLOW_INEXPRESSIBLE (FLOW_BAD_DIRECTION | FLOW_BAD_FAMILY)

/* How sure the counters of a state are; those of a piece are not its last. */
enum flow_label {
	FLOW_FINAL,	  /* pf announced them when the state ended */
	FLOW_EXACT,	  /* the state expired after pf was asked for them */
	FLOW_PERHAPS_CUT, /* likewise, but packets may have come in between */
	FLOW_CUT,     /* it was removed early: packets in between are lost */
	FLOW_ALIVE,   /* it has not ended, but nothing more is reported of it */
	FLOW_INTERIM, /* a piece: it goes on */
	FLOW_LABELS
};
#define FLOW_ENDS FLOW_INTERIM /* labels below it are those of ends */

struct flow_host {
	uint8_t addr[16]; /* network order; IPv4 uses the first 4 only */
	uint16_t port;
	uint8_t family; /* 4, 6, or 0: see anomalies */
};

#define FLOW_EXPIRES_UNKNOWN UINT32_MAX

/*
 * A state as pf reported it; nothing changes it after it was decoded.  lan is
 * the host behind the firewall, gwy the same host as seen from outside (equal
 * without translation), ext the other host.  Counters and TCP states are
 * indexed by flow_end: [0] counts from the initiator to the responder.
 */
struct flow {
	uint64_t id;
	uint64_t packets[2]; /* since the state was created */
	uint64_t bytes[2];
	struct flow_host lan;
	struct flow_host gwy;
	struct flow_host ext;
	uint8_t rt_addr[16];	  /* route-to gateway, or zero */
	char ifname[FLOW_IFNAME]; /* NUL terminated and padded */
	uint32_t rule;		  /* pf rule number; UINT32_MAX: none */
	uint32_t age;		  /* seconds since its creation */
	uint32_t expires;	  /* seconds to the timeout, 0: it expired */
	uint32_t creator;	  /* host id */
	uint16_t icmp;		  /* of the initiator: type * 256; 0: unknown */
	uint8_t anomalies;	  /* enum flow_anomaly */
	uint8_t label;		  /* enum flow_label, once it is reported */
	uint8_t version;	  /* of pfsync; 0: from the state table */
	uint8_t proto;		  /* IP protocol */
	uint8_t direction;	  /* enum flow_direction, or see anomalies */
	uint8_t timeout;	  /* enum flow_timeout */
	uint8_t tcp_state[2];	  /* enum flow_tcp_state; not TCP: 0 to 2 */
};

/*
 * pf's timeout indices: PFTM_ in net/pfvar.h, the same in every version, but
 * for those of SCTP.
 */
enum flow_timeout {
	FLOW_TCP_FIRST,
	FLOW_TCP_OPENING,
	FLOW_TCP_ESTABLISHED,
	FLOW_TCP_CLOSING,
	FLOW_TCP_FINWAIT,
	FLOW_TCP_CLOSED,
	FLOW_UDP_FIRST,
	FLOW_UDP_SINGLE,
	FLOW_UDP_MULTIPLE,
	FLOW_ICMP_FIRST,
	FLOW_ICMP_ERROR,
	FLOW_OTHER_FIRST,
	FLOW_OTHER_SINGLE,
	FLOW_OTHER_MULTIPLE,
	FLOW_STATE_TIMEOUTS, /* indices below are timeouts of states */
	FLOW_INTERVAL = 15,  /* seconds between purges of states */
	FLOW_ADAPTIVE_START, /* states, as the next */
	FLOW_ADAPTIVE_END,
	FLOW_PF_TIMEOUTS,     /* those below have these numbers in every pf */
	FLOW_PURGE_OLD = 20,  /* marked for purge: OpenBSD 3.5, DragonFly v2 */
	FLOW_PURGE = 21,      /* elsewhere; 26 since FreeBSD 14 */
	FLOW_SCTP_FIRST = 22, /* here; 20 to 24 in FreeBSD since 14 */
	FLOW_SCTP_OPENING,
	FLOW_SCTP_ESTABLISHED,
	FLOW_SCTP_CLOSING,
	FLOW_SCTP_CLOSED,
	FLOW_TIMEOUTS,
	FLOW_TIMEOUT_UNKNOWN = UINT8_MAX
};

/* IANA's number of SCTP, which not every system's netinet/in.h has. */
#define FLOW_SCTP 132

static inline int
flow_sctp_timeout(uint8_t timeout)
{
	return timeout >= FLOW_SCTP_FIRST && timeout <= FLOW_SCTP_CLOSED;
}

/* The state of an end of a TCP connection (TCPS_ in netinet/tcp_fsm.h,
 * PF_TCPS_PROXY_ in net/pfvar.h). */
enum flow_tcp_state {
	FLOW_TCPS_CLOSED = 0,
	FLOW_TCPS_SYN_SENT = 2,
	FLOW_TCPS_ESTABLISHED = 4,
	FLOW_TCPS_CLOSING = 7,
	FLOW_TCPS_FIN_WAIT_2 = 9,
	FLOW_TCPS_TIME_WAIT = 10,
	FLOW_TCPS_PROXY_SRC = 11,
	FLOW_TCPS_PROXY_DST = 12
};

/* The end that is behind the firewall. */
static inline enum flow_end
flow_inner_end(const struct flow *f)
{
	return f->direction == FLOW_OUT ? FLOW_INITIATOR : FLOW_RESPONDER;
}

/* The host at the end behind the firewall, in the given view. */
static inline const struct flow_host *
flow_inner(const struct flow *f, enum flow_view view)
{
	if (view == FLOW_INSIDE ||
	    (view == FLOW_ORIGINAL && f->direction == FLOW_OUT))
		return &f->lan;
	return &f->gwy;
}

/* The host at one end of the flow, in the given view. */
static inline const struct flow_host *
flow_host(const struct flow *f, enum flow_view view, enum flow_end end)
{
	return end == flow_inner_end(f) ? flow_inner(f, view) : &f->ext;
}

/* The address family outside the firewall: 4, 6, or 0: see anomalies. */
static inline uint8_t
flow_family(const struct flow *f)
{
	return f->ext.family;
}

/* Give all hosts one family. */
static inline void
flow_set_family(struct flow *f, uint8_t family)
{
	f->lan.family = f->gwy.family = f->ext.family = family;
}

/* True if the flow's address or port was translated. */
static inline int
flow_translated(const struct flow *f)
{
	return f->lan.port != f->gwy.port || f->lan.family != f->gwy.family ||
	    memcmp(f->lan.addr, f->gwy.addr, 4) != 0 ||
	    (f->lan.family != 4 && memcmp(f->lan.addr, f->gwy.addr, 16) != 0);
}

/* True if the state is bound to an interface, not floating ("all", "self"). */
int flow_bound(const struct flow *);

/* The type of ICMP of a direction's packets, * 256; 0: unknown. */
uint16_t flow_icmp(const struct flow *, enum flow_end from);

/* Mask of ports by IP protocol: 0 if pf has no ports for it. */
extern const uint16_t flow_ports[256];

static inline int
flow_has_ports(uint8_t proto)
{
	return flow_ports[proto] != 0;
}

#endif
