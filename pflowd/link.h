/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the parent and its children say to each other over their links
 * (common/msg.h).  Both are the same binary, or the parent ends.
 */

#ifndef LINK_H
#define LINK_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdint.h>

#define LINK_TEXT 512

/* Bytes that may wait on a link: any configuration, and a child's log. */
#define LINK_PARENT_QUEUE (8 * 1024 * 1024)
#define LINK_ENGINE_QUEUE (512 * 1024)

enum link_type {
	/* Any child, first of all: struct link_hello. */
	MSG_HELLO = 1,

	/* Parent to engine.  A configuration is BEGIN, items, COMMIT. */
	MSG_LEDGER,	    /* the descriptor of the ledger */
	MSG_CAPTURE_LEFT,   /* that of a dead engine's capture */
	MSG_CONF_BEGIN,	    /* struct conf_globals */
	MSG_CONF_COLLECTOR, /* struct conf_collector, its socket if it has one
			     */
	MSG_CONF_RULE,	    /* struct conf_rule */
	MSG_CONF_INTERFACE, /* struct ifindex_entry */
	MSG_CONF_SELF,	    /* struct rule_address */
	MSG_CONF_SOCKET,    /* struct conf_socket, and it listening */
	MSG_CONF_COMMIT,

	/* The same of interfaces and addresses alone, which have changed. */
	MSG_HOST_BEGIN,
	MSG_HOST_COMMIT,

	MSG_COLLECTOR_SOCKET, /* struct link_socket, and the socket if it is
			       * another one; addrlen 0: it has none now */
	MSG_RELOAD_LINE,      /* text, to the reload of the message's id */
	MSG_RELOAD_DONE,      /* struct link_done, likewise */
	MSG_PARENT_WARNING,   /* text: for `show` */
	MSG_ENGINE_STATS,     /* log the counters */
	MSG_ENGINE_STOP,      /* send what is queued and end */

	/* Engine to parent. */
	MSG_ENGINE_CAPTURE, /* its descriptor, to be kept; while it is root */
	MSG_ENGINE_READY,   /* struct link_capture: root is gone */
	MSG_ENGINE_ABSENT,  /* struct link_capture: the interface went */
	MSG_ENGINE_LOG,	    /* struct link_log */
	MSG_ENGINE_RELOAD,  /* a client asks for it; the id is the engine's */
	MSG_ENGINE_VERBOSE, /* struct link_verbose */
	MSG_ENGINE_DOWN,    /* struct link_down: a collector does not answer */
	MSG_ENGINE_UNKNOWN, /* a state has an interface of no known index */
	MSG_ENGINE_REFUSED, /* there was no memory for what came last */

	/* Parent to resolver, and back. */
	MSG_RESOLVE_HOST, /* struct resolve_question */
	MSG_RESOLVE_ADDR  /* struct resolve_answer */
};

struct link_hello {
	char build[32]; /* of the binary that the child is */
};

enum link_listening {
	LINK_LISTENING,
	LINK_MISSING, /* no such interface */
	LINK_DOWN     /* it must be brought up first */
};

struct link_capture {
	uint32_t listening; /* enum link_listening */
};

struct link_log {
	uint32_t priority; /* syslog's */
	char text[LINK_TEXT];
};

struct link_verbose {
	uint32_t verbose;
};

struct link_down {
	uint32_t collector; /* its place in the configuration last sent */
};

struct link_socket {
	uint32_t collector; /* likewise */
	uint32_t path_mtu;  /* as in struct conf_collector */
	socklen_t addrlen;
	struct sockaddr_storage addr;
};

struct link_done {
	uint32_t failed;
	char text[252];
};

#endif
