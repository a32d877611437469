/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What pflowctl and pflowd say to each other over a control socket: a client
 * sends a request, pflowd answers with rows and then with MSG_CTL_END, both
 * under the request's id.  A client has one request in flight; MSG_CTL_MONITOR
 * ends when the client hangs up.  Integers are in host order: both ends are on
 * one host.
 */

#ifndef CTL_H
#define CTL_H

#include <stdint.h>

#include "counters.h"

/* Requests, without a payload but for the last two. */
enum {
	MSG_CTL_SHOW_STATUS = 100, /* one struct ctl_status */
	MSG_CTL_SHOW_COUNTERS,	   /* one struct counters */
	MSG_CTL_SHOW_COLLECTORS,   /* struct ctl_collector, each */
	MSG_CTL_SHOW_INTERFACES,   /* struct ctl_interface, each */
	MSG_CTL_SHOW_RULES,	   /* struct ctl_rule, each */
	MSG_CTL_SHOW_CONFIG,	   /* MSG_CTL_LINE, each */
	MSG_CTL_MONITOR,	   /* struct ctl_flow and ctl_lost, for ever */
	MSG_CTL_RELOAD,		   /* a MSG_CTL_LINE for each error */
	MSG_CTL_LOG,		   /* with struct ctl_log; nothing */
	MSG_CTL_TEST		   /* with ctl_test; struct ctl_tested, each */
};

/* Rows of replies, and their end. */
enum {
	MSG_CTL_STATUS = 200,
	MSG_CTL_COUNTERS,
	MSG_CTL_COLLECTOR,
	MSG_CTL_INTERFACE,
	MSG_CTL_RULE,
	MSG_CTL_LINE, /* text, CTL_LINE bytes at most, no NUL */
	MSG_CTL_FLOW,
	MSG_CTL_LOST,
	MSG_CTL_END, /* struct ctl_end */
	MSG_CTL_TESTED
};

#define CTL_LINE 1024
#define CTL_NAME 264 /* bytes of a collector's name, NUL included */
#define CTL_RULE 512
#define CTL_NOTICE 320

struct ctl_status {
	char version[16];   /* pflowd's */
	char sandbox[16];   /* of the engine */
	char interface[16]; /* listened on, or empty: a replay */
	char absent[128];   /* why it is not listened on, or empty */
	char error[256];    /* the last warning that was logged, or empty */
	char notice[CTL_NOTICE]; /* what is amiss at present, or empty */
	uint64_t now;		 /* ms since the epoch, as all times */
	uint64_t started;
	uint64_t engine_started;
	uint64_t reloaded; /* 0: never */
	uint64_t error_time;
	uint64_t engines; /* that were started so far */
	uint64_t clients; /* connected now */
	uint64_t records; /* built, for all collectors */
	uint64_t buffer;  /* the kernel's, bytes, if less than asked; or 0 */
	uint32_t listening;
	uint32_t pfsync_version; /* last seen, 0: none */
	uint32_t verbose;
	uint32_t pad;
};
_Static_assert(sizeof(struct ctl_status) == 840, "ctl_status");

struct ctl_collector {
	char name[CTL_NAME];
	char protocol[16];
	char address[64]; /* resolved, with the port; empty: not yet */
	char error[128];  /* the last, or empty */
	uint64_t error_time;
	uint64_t since;	 /* up or down */
	uint64_t queued; /* records that wait, the open datagram's included */
	uint64_t queue;	 /* datagrams that wait */
	uint64_t rate;	 /* datagrams a second at most; 0: no limit */
	uint32_t up;
	uint32_t engine_id; /* NetFlow 5 */
	uint32_t domain;    /* other protocols; 0: none */
	uint32_t pad;
	struct collector_counters counters;
};
_Static_assert(sizeof(struct ctl_collector) ==
	528 + sizeof(struct collector_counters),
    "ctl_collector");

struct ctl_interface {
	char name[16];
	uint64_t states;
	uint64_t records;
	uint32_t index; /* 0: unknown */
	uint32_t fixed; /* by pflowd.conf */
};
_Static_assert(sizeof(struct ctl_interface) == 40, "ctl_interface");

struct ctl_rule {
	char collector[CTL_NAME]; /* whose own rule it is; empty: of all */
	char text[CTL_RULE];
	uint64_t states; /* that it decided */
	uint64_t number; /* of its list, from 0 */
};
_Static_assert(sizeof(struct ctl_rule) == CTL_NAME + CTL_RULE + 16, "ctl_rule");

/* A state at its end: struct flow, what a user wants of it. */
struct ctl_flow {
	uint64_t id;
	uint64_t time;	     /* when its end was told, ms since the epoch */
	uint64_t packets[2]; /* initiator to responder, and back */
	uint64_t bytes[2];
	uint8_t lan[16]; /* network order; IPv4 in the first 4 */
	uint8_t gwy[16];
	uint8_t ext[16];
	char ifname[16];
	uint16_t lan_port;
	uint16_t gwy_port;
	uint16_t ext_port;
	uint8_t family; /* 4, 6; 0: unknown */
	uint8_t proto;
	uint32_t age;  /* seconds */
	uint32_t rule; /* UINT32_MAX: none */
	uint32_t creator;
	uint8_t direction; /* 1 in, 2 out */
	uint8_t level[2];  /* of the initiator, of the responder */
	uint8_t version;   /* of pfsync */
};
_Static_assert(sizeof(struct ctl_flow) == 136, "ctl_flow");

struct ctl_lost {
	uint64_t flows; /* that were not shown since the last of these */
};

struct ctl_log {
	uint32_t verbose;
};

/* Which collector is to get a record for a test, by name; empty: each. */
struct ctl_test {
	char collector[CTL_NAME];
};

struct ctl_tested {
	char collector[CTL_NAME];
	char said[128]; /* by the socket, in words */
	uint32_t failed;
	uint32_t pad;
};
_Static_assert(sizeof(struct ctl_tested) == CTL_NAME + 136, "ctl_tested");

struct ctl_end {
	uint32_t failed;
	char text[252]; /* what went wrong and what to do, or empty */
};
_Static_assert(sizeof(struct ctl_end) == 256, "ctl_end");

#endif
