/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The protocol of the control socket.  A client sends a request.  pflowd
 * replies with rows and then MSG_CTL_END, with the id of the request.  A client
 * may have one request in flight.  MSG_CTL_MONITOR ends when the client closes
 * the connection.  A client that is not served gets a MSG_CTL_END with id 0,
 * and is closed.  Integers are in host order, as both ends are on one host.
 */

#ifndef CTL_H
#define CTL_H

#include <stdint.h>

#include "counters.h"

/* Requests and their rows.  Three have a payload. */
enum {
	MSG_CTL_SHOW_STATUS = 100, /* one struct ctl_status */
	MSG_CTL_SHOW_COUNTERS,	   /* one struct ctl_counters */
	MSG_CTL_SHOW_COLLECTORS,   /* struct ctl_collector, each */
	MSG_CTL_SHOW_INTERFACES,   /* struct ctl_interface, each */
	MSG_CTL_SHOW_RULES,	   /* struct ctl_rule, each */
	MSG_CTL_SHOW_CONFIG,	   /* MSG_CTL_LINE, each */
	MSG_CTL_MONITOR,      /* MSG_CTL_BEGUN, then ctl_flow and ctl_lost */
	MSG_CTL_RELOAD,	      /* a MSG_CTL_LINE for each error */
	MSG_CTL_LOG,	      /* payload struct ctl_log; no rows */
	MSG_CTL_TEST,	      /* payload ctl_test; ctl_tested, each */
	MSG_CTL_STOP,	      /* end pflowd; no rows */
	MSG_CTL_SHOW_SOURCES, /* struct ctl_source, each */
	MSG_CTL_SHOW_STATES   /* payload ctl_states; ctl_flow, each */
};

/* Rows of replies, and the end of a reply. */
enum {
	MSG_CTL_STATUS = 200,
	MSG_CTL_COUNTERS,
	MSG_CTL_COLLECTOR,
	MSG_CTL_INTERFACE,
	MSG_CTL_RULE,
	MSG_CTL_LINE, /* text without NUL, at most CTL_LINE bytes */
	MSG_CTL_FLOW,
	MSG_CTL_LOST,
	MSG_CTL_END, /* struct ctl_end */
	MSG_CTL_TESTED,
	MSG_CTL_BEGUN, /* no payload: all flows follow from here on */
	MSG_CTL_SOURCE
};

/* States of a collector. */
#define CTL_DOWN 0
#define CTL_UP 1
#define CTL_UNKNOWN 2 /* nothing was sent to it yet */

/* Where states come from. */
#define CTL_SOURCE_PFSYNC 0
#define CTL_SOURCE_TABLE 1 /* pf's state table */

/* Whether pf is enabled. */
#define CTL_PF_DISABLED 0
#define CTL_PF_ENABLED 1
#define CTL_PF_UNKNOWN 2

/* Why a collector is down that has no error of a datagram. */
#define CTL_NO_SOCKET "no usable address, source or route; see the log"

/* What sets the index of an interface. */
#define CTL_SET_SYSTEM 0
#define CTL_SET_CONF 1 /* pflowd.conf */
#define CTL_SET_NONE 2 /* it is unknown */

#define CTL_LINE 1024
#define CTL_NAME 264 /* bytes of a collector's name, with NUL */
#define CTL_RULE 512
#define CTL_CONDITION 512

struct ctl_status {
	char version[16];   /* of pflowd */
	char sandbox[16];   /* of the engine */
	char interface[16]; /* captured, or empty */
	char absent[128];   /* why the interface is not captured, or empty */
	char error[256];    /* the last warning logged, or empty */
	char condition[CTL_CONDITION]; /* the current problem, or empty */
	uint64_t now;		       /* ms since the epoch, like all times */
	uint64_t started;
	uint64_t engine_started;
	uint64_t reloaded; /* 0: never */
	uint64_t error_time;
	uint64_t drop_time; /* of the last frame or record dropped; 0: never */
	uint64_t engines;   /* started so far: 1 + replaced + died */
	uint64_t engines_replaced;
	uint64_t engines_died;
	uint64_t clients; /* connected now */
	uint64_t records; /* built, for all collectors */
	uint64_t buffer;  /* bytes, if smaller than requested, else 0 */
	uint32_t listening;
	uint32_t pfsync_version; /* last seen, 0: none */
	uint32_t verbose;
	uint32_t source; /* CTL_SOURCE_ */
	uint32_t replay;
	uint32_t mild; /* the condition: no data are lost yet */
};
_Static_assert(sizeof(struct ctl_status) == 1064, "ctl_status");

struct ctl_counters {
	struct counters counters;
	uint32_t source; /* CTL_SOURCE_ */
	uint32_t pad;
};
_Static_assert(sizeof(struct ctl_counters) == sizeof(struct counters) + 8,
    "ctl_counters");

/* A source of states.  A value is 0 if it is unknown, or of another source. */
struct ctl_source {
	char name[16];	/* as in pflowd.conf */
	char reads[64]; /* an interface, a kind of table or file */
	char condition[CTL_CONDITION]; /* the current problem, or empty */
	uint64_t since;		       /* it is read; 0: it is not */
	uint64_t useful; /* time of the last deletion, or whole dump */
	uint64_t tracked;
	uint64_t without_room;
	uint64_t dumps;
	uint64_t dumps_void;
	uint64_t dumpers_replaced;
	uint64_t interval; /* between dumps; this and the next are ms */
	uint64_t interim;  /* between reports of a living state */
	/* Of the last whole dump: */
	uint64_t took;
	uint64_t longest; /* of all */
	uint64_t cpu;
	uint64_t bytes;
	uint64_t states;
	uint64_t limit; /* of states, pf's */
	uint32_t pf;	/* CTL_PF_ */
	uint32_t pfsync_version;
	uint32_t join; /* the states of a connection */
	uint32_t pad;
};
_Static_assert(sizeof(struct ctl_source) == 728, "ctl_source");

struct ctl_collector {
	char name[CTL_NAME];
	char protocol[16];
	char address[64]; /* with port; empty: not resolved yet */
	char error[128];  /* the last error, or empty */
	uint64_t error_time;
	uint64_t since;		 /* time of the last change of state */
	uint64_t records_queued; /* with those of the open datagram */
	uint64_t datagrams_queued;
	uint64_t octets_queued; /* of flows, in these records */
	uint64_t rate;		/* most datagrams per second; 0: no limit */
	uint32_t state;		/* CTL_DOWN, CTL_UP or CTL_UNKNOWN */
	uint32_t engine_id;	/* UINT32_MAX: the protocol has none */
	uint32_t domain;	/* other protocols; 0: none */
	uint32_t pad;
	struct collector_counters counters;
};
_Static_assert(sizeof(struct ctl_collector) ==
	536 + sizeof(struct collector_counters),
    "ctl_collector");

struct ctl_interface {
	char name[16];
	uint64_t states;
	uint64_t records;
	uint32_t index;	 /* 0: unknown */
	uint32_t set_by; /* CTL_SET_ */
};
_Static_assert(sizeof(struct ctl_interface) == 40, "ctl_interface");

struct ctl_rule {
	char collector[CTL_NAME]; /* owner of the rule; empty: global */
	char text[CTL_RULE];
	uint64_t states; /* states that the rule applied to */
	uint64_t number; /* position in its list, from 0 */
};
_Static_assert(sizeof(struct ctl_rule) == CTL_NAME + CTL_RULE + 16, "ctl_rule");

/* Why a flow is shown. */
#define CTL_WHY_ALIVE 0 /* it is a living state: show states */
#define CTL_WHY_END 1
#define CTL_WHY_INTERIM 2 /* a piece of a flow that goes on */

/*
 * A reported or living state: the parts of struct flow that are shown to users.
 * Of a pair, that of the in-state; the counters are those of the report.
 */
struct ctl_flow {
	uint64_t id;
	uint64_t time;	     /* of the deletion, ms since the epoch */
	uint64_t packets[2]; /* initiator to responder, and back */
	uint64_t bytes[2];
	uint8_t lan[16]; /* network order; IPv4 in the first 4 */
	uint8_t gwy[16];
	uint8_t ext[16];
	uint8_t nat[16]; /* of a pair: ext, as the out-state translates it */
	char ifname[16];
	char out_ifname[16]; /* of a pair: of the out-state */
	uint16_t lan_port;
	uint16_t gwy_port;
	uint16_t ext_port;
	uint16_t nat_port;
	uint8_t family; /* 4, 6; 0: unknown */
	uint8_t proto;
	uint8_t direction;    /* 1 in, 2 out */
	uint8_t tcp_state[2]; /* of the initiator, of the responder */
	uint8_t version;      /* of pfsync; 0: from the state table */
	uint8_t label;	      /* how sure the counters are: flowline_label() */
	uint8_t why;	      /* CTL_WHY_ */
	uint32_t age;	      /* seconds */
	uint32_t rule;	      /* UINT32_MAX: none */
	uint32_t creator;
	uint32_t rate;	/* of a living state: bytes a second, lately */
	uint8_t joined; /* of a pair */
	uint8_t pad[7];
};
_Static_assert(sizeof(struct ctl_flow) == 184, "ctl_flow");

/* The order of states, most first. */
#define CTL_BY_BYTES 0
#define CTL_BY_PACKETS 1
#define CTL_BY_AGE 2
#define CTL_BY_RATE 3
#define CTL_ORDERS 4

#define CTL_STATES 1000 /* rows at most */

/* As in flow/rule.h. */
enum {
	CTL_HOST_ANY,
	CTL_HOST_NET,
	CTL_HOST_SELF,
	CTL_HOSTS
};

enum {
	CTL_PORT_ANY,
	CTL_PORT_EQ,
	CTL_PORT_NE,
	CTL_PORT_LT,
	CTL_PORT_LE,
	CTL_PORT_GT,
	CTL_PORT_GE,
	CTL_PORT_RANGE,
	CTL_PORT_BETWEEN,
	CTL_PORT_OUTSIDE,
	CTL_PORTS
};

struct ctl_host {
	uint8_t kind; /* CTL_HOST_ */
	uint8_t negate;
	uint8_t family; /* 4 or 6, of a net */
	uint8_t bits;
	uint8_t addr[16]; /* network order */
};

struct ctl_port {
	uint16_t op; /* CTL_PORT_ */
	uint16_t low;
	uint16_t high;
};

/* Which living states to show: the conditions are those of a rule. */
struct ctl_states {
	uint32_t rows;	   /* 1 to CTL_STATES */
	uint32_t order;	   /* CTL_BY_ */
	uint32_t number;   /* of the pf rule */
	uint8_t direction; /* 1 in, 2 out, 0 both */
	uint8_t family;	   /* 4, 6, 0: both */
	uint8_t proto_given;
	uint8_t proto;
	uint8_t number_given;
	uint8_t ifname_not;
	uint8_t pad[2];
	char ifname[16]; /* empty: all */
	struct ctl_host from;
	struct ctl_host to;
	struct ctl_port from_port;
	struct ctl_port to_port;
};
_Static_assert(sizeof(struct ctl_states) == 88, "ctl_states");

struct ctl_lost {
	uint64_t flows; /* dropped since the last ctl_lost */
};

struct ctl_log {
	uint32_t verbose;
};

/* The name of the collector that is sent a test record; empty: all of them. */
struct ctl_test {
	char collector[CTL_NAME];
};

struct ctl_tested {
	char collector[CTL_NAME];
	char result[128]; /* success, or the error of the socket */
	uint32_t failed;
	uint32_t pad;
};
_Static_assert(sizeof(struct ctl_tested) == CTL_NAME + 136, "ctl_tested");

struct ctl_end {
	uint32_t failed;
	char text[252]; /* the error and its remedy, or empty */
};
_Static_assert(sizeof(struct ctl_end) == 256, "ctl_end");

#endif
