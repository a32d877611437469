/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * One pf state at its end, as the kernel announced it: host byte order, no
 * wire types, the same whatever version of pfsync carried it.
 */

#ifndef FLOW_H
#define FLOW_H

#include <stdint.h>

#define FLOW_IFNAME 16 /* bytes of an interface name, NUL included */

/* pf's values (PF_IN, PF_OUT in net/pfvar.h). */
enum flow_direction {
	FLOW_IN = 1,
	FLOW_OUT = 2
};

/* Which end of a flow: the sender of the packet that made the state, or not. */
enum flow_end {
	FLOW_INITIATOR = 0,
	FLOW_RESPONDER = 1
};

/*
 * How a NATed flow's addresses are told (the `addresses` statement of
 * pflowd.conf): as the host behind the firewall has them, as seen beyond the
 * firewall, or as in the packet that made the state.
 */
enum flow_view {
	FLOW_INSIDE,
	FLOW_OUTSIDE,
	FLOW_ORIGINAL
};

/*
 * What is wrong with a state, as bits of flow.odd.  The first two make it
 * inexpressible in any protocol; the others are exported and counted.
 */
enum flow_odd {
	FLOW_ODD_DIRECTION = 1 << 0, /* neither in nor out */
	FLOW_ODD_FAMILY = 1 << 1,    /* neither IPv4 nor IPv6 */
	FLOW_ODD_COUNTERS = 1 << 2,  /* bytes that no such packets can have */
	FLOW_ODD_AGE = 1 << 3,	     /* 2^31 s or more, taken for 0 */
	FLOW_ODD_TIMEOUT = 1 << 4,   /* a timeout index that no pf has */
	FLOW_ODD_LEVELS = 1 << 5     /* TCP levels that no pf has */
};
#define FLOW_INEXPRESSIBLE (FLOW_ODD_DIRECTION | FLOW_ODD_FAMILY)

struct flow_host {
	uint8_t addr[16]; /* network order; IPv4 uses the first 4 only */
	uint16_t port;
};

/* What pf's TCP tracking keeps of one end (struct pfsync_state_peer). */
struct flow_peer {
	uint32_t seqlo;
	uint32_t seqhi;
	uint32_t seqdiff;
	uint32_t ts_mod;
	uint16_t max_win;
	uint16_t mss;
	uint16_t scrub_flags;
	uint8_t scrubbed; /* the scrub fields are valid */
	uint8_t ttl;
	uint8_t wscale;
	uint8_t level; /* TCP: 0 closed ... 12 proxy; others: 0 to 2 */
};

/*
 * lan is the host behind the firewall, gwy the same end as seen beyond it
 * (equal without translation), ext the other end.  Counters and peers are
 * indexed by flow_end: [0] went from the initiator to the responder.
 */
struct flow {
	uint64_t id;
	uint64_t packets[2];
	uint64_t bytes[2];
	struct flow_host lan;
	struct flow_host gwy;
	struct flow_host ext;
	struct flow_peer peer[2];
	uint8_t rt_addr[16];	  /* route-to gateway, or zero */
	char ifname[FLOW_IFNAME]; /* NUL terminated and padded */
	uint32_t rule;		  /* UINT32_MAX: none; anchor, nat_rule too */
	uint32_t anchor;
	uint32_t nat_rule;
	uint32_t age;	   /* seconds from creation to the end */
	uint32_t expire;   /* seconds that were left, see expire_left */
	uint32_t creator;  /* host id */
	uint8_t version;   /* of pfsync */
	uint8_t family;	   /* 4, 6, or 0: see odd */
	uint8_t proto;	   /* IP protocol */
	uint8_t direction; /* enum flow_direction, or see odd */
	uint8_t log;
	uint8_t options; /* allow_opts, state_flags */
	uint8_t timeout; /* index, enum flow_timeout */
	uint8_t sync_flags;
	uint8_t updates;
	uint8_t expire_left; /* the version fills expire with time remaining */
	uint8_t odd;	     /* enum flow_odd */
};

/* pf's timeout indices (PFTM_ in net/pfvar.h), the same in every version. */
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
	FLOW_INTERVAL = 15,  /* seconds of one pass of the purge */
	FLOW_TIMEOUTS,
	FLOW_PURGE_OLD = 20, /* marked for purge: OpenBSD 3.5, DragonFly v2 */
	FLOW_PURGE = 21	     /* and everywhere else */
};

/* TCP levels (TCPS_ in netinet/tcp_fsm.h, PF_TCPS_PROXY_ in net/pfvar.h). */
enum flow_level {
	FLOW_TCP_CLOSED_LEVEL = 0,
	FLOW_TCP_SYN_SENT = 2,
	FLOW_TCP_ESTABLISHED_LEVEL = 4,
	FLOW_TCP_CLOSING_LEVEL = 7,
	FLOW_TCP_FIN_WAIT_2 = 9,
	FLOW_TCP_TIME_WAIT = 10,
	FLOW_TCP_PROXY_SRC = 11,
	FLOW_TCP_PROXY_DST = 12
};

/* The host at one end of the flow, in the given view. */
const struct flow_host *flow_host(const struct flow *, enum flow_view,
    enum flow_end);

/* Whether the flow's addresses or ports were translated. */
int flow_translated(const struct flow *);

/* Whether the interface is known: not floating ("all", "self") or empty. */
int flow_bound(const struct flow *);

/* Whether the protocol has ports (in pf's sense). */
int flow_has_ports(uint8_t proto);

#endif
