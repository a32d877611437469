/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The messages between the parent and its children, on their links
 * (common/msg.h).  Both are the same binary, or the parent ends.
 *
 * A link may be full, memory short and an engine dead, so what the other side
 * must know is kept as a state, and sent until it is queued: MSG_HOST_*,
 * MSG_COLLECTOR_SOCKET, MSG_PARENT_WARNING, MSG_ENGINE_STATS,
 * MSG_ENGINE_VERBOSE, MSG_ENGINE_DOWN and MSG_ENGINE_UNKNOWN; or until it is
 * over: MSG_ENGINE_ABSENT, MSG_ENGINE_OVERDUE and MSG_ENGINE_REFUSED.  A
 * configuration is queued whole, or its reload fails.  A client gets an error
 * if MSG_ENGINE_RELOAD cannot be sent.  If MSG_ENGINE_STOP or MSG_RELOAD_DONE
 * cannot be sent, the engine ends. Lost are only lines of the log, which are
 * counted, and MSG_RELOAD_LINE, which the log says.
 */

#ifndef LINK_H
#define LINK_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdint.h>

struct msg;
struct msg_conn;

#define LINK_TEXT 512

/*
 * Maximum bytes queued on a link: enough for any configuration, and for the
 * account of an engine that ends, of the most collectors.
 */
#define LINK_PARENT_QUEUE (8 * 1024 * 1024)
#define LINK_ENGINE_QUEUE (2 * 1024 * 1024)

enum link_type {
	/* First message of every child: struct link_hello. */
	MSG_HELLO = 1,

	/* Parent to engine.  A configuration is BEGIN, items, COMMIT. */
	MSG_LEDGER,	    /* the ledger's descriptor */
	MSG_TRACKED_BEFORE, /* descriptor of a dead engine's tracked states */
	MSG_TRACKED,	    /* descriptor of memory for tracked states */
	MSG_OLD_CAPTURE,    /* descriptor of a dead engine's capture */
	MSG_CONF_BEGIN,	    /* struct conf_globals */
	MSG_CONF_COLLECTOR, /* struct conf_collector [+ socket] */
	MSG_CONF_RULE,	    /* struct conf_rule */
	MSG_CONF_INTERFACE, /* struct ifindex_entry */
	MSG_CONF_SELF,	    /* struct rule_address */
	MSG_CONF_SOCKET,    /* struct conf_socket + socket */
	MSG_CONF_COMMIT,

	/* The same, when only interfaces and addresses have changed. */
	MSG_HOST_BEGIN,
	MSG_HOST_COMMIT,

	MSG_COLLECTOR_SOCKET, /* struct link_socket, with the socket if it is
			       * a new one; addrlen 0: no socket any more */
	MSG_RELOAD_LINE,      /* text, for the reload of this id */
	MSG_RELOAD_DONE,      /* struct link_done, for the reload of this id */
	MSG_ENGINE_DUMPER,    /* socket of a new dumper */
	MSG_PARENT_WARNING,   /* struct link_warning, shown by `show` */
	MSG_ENGINE_STATS,     /* log the counters */
	MSG_ENGINE_REPLACE,   /* a successor follows the stop to come */
	MSG_ENGINE_STOP,      /* send the queued datagrams, end */

	/* Engine to parent. */
	MSG_ENGINE_CAPTURE, /* capture descriptor to keep; sent as root */
	MSG_ENGINE_READY,   /* struct link_capture; root was dropped */
	MSG_ENGINE_ABSENT,  /* struct link_capture; repeated while absent */
	MSG_ENGINE_LOG,	    /* struct link_log */
	MSG_ENGINE_RELOAD,  /* requested by a client; id: the engine's */
	MSG_ENGINE_END,	    /* a client wants pflowd to end */
	MSG_ENGINE_VERBOSE, /* struct link_verbose */
	MSG_ENGINE_DOWN,    /* struct link_down; a collector is down */
	MSG_ENGINE_UNKNOWN, /* a state's interface has no known index */
	MSG_ENGINE_OVERDUE, /* a dump; repeated until there is a new dumper */
	MSG_ENGINE_REFUSED, /* out of memory for the configuration */

	/* Parent to dumper, and back. */
	MSG_DUMPER_PF,	  /* struct link_pf + descriptor; each that there is */
	MSG_DUMPER_BEGIN, /* struct link_dumper + socket or file */
	MSG_DUMPER_STOP,  /* end after the dump that is being written */
	MSG_DUMPER_READY, /* root was dropped */

	/* Parent to resolver, and back. */
	MSG_RESOLVE_HOST, /* struct resolver_question */
	MSG_RESOLVE_ADDR  /* struct resolver_answer */
};

struct link_hello {
	char build[32]; /* build id of the child's binary */
};

enum link_listening {
	LINK_LISTENING,
	LINK_MISSING, /* no such interface */
	LINK_DOWN     /* must be brought up first */
};

struct link_capture {
	uint32_t listening; /* enum link_listening */
};

struct link_log {
	uint32_t priority; /* as in syslog(3) */
	char text[LINK_TEXT];
};

struct link_warning {
	uint64_t time;	  /* ms since the epoch */
	uint32_t settled; /* its cause is gone */
	uint32_t pad;
	char text[LINK_TEXT];
};

struct link_verbose {
	uint32_t verbose;
};

struct link_down {
	uint32_t collector; /* index in the last configuration sent */
};

struct link_socket {
	uint32_t collector; /* likewise */
	uint32_t path_mtu;  /* as in struct conf_collector */
	socklen_t addrlen;
	struct sockaddr_storage addr;
};

struct link_pf {
	uint32_t index; /* as in statedump_open() */
};

struct link_dumper {
	uint32_t file;	   /* write a recording; else, to the engine */
	uint32_t interval; /* s between the dumps of a recording */
	uint32_t count;	   /* of its dumps; 0: until it is stopped */
};

struct link_done {
	uint32_t failed;
	char text[252];
};

/*
 * In a child: send the build of this binary, and wait until it is written.  -1
 * and errno.
 */
int link_send_hello(struct msg_conn *);

/* In the parent: true if a MSG_HELLO is of the same build. */
int link_same_build(const struct msg *);

#endif
