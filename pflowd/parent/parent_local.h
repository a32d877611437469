/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the parent keeps, for parent.c (its life), parent_dispatch.c (what the
 * engine says), parent_conf.c (reloads), parent_link.c (telling the engine) and
 * parent_flows.c (what the engine prints).
 */

#ifndef PARENT_LOCAL_H
#define PARENT_LOCAL_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "conf/conf.h"
#include "process/link.h"
#include "resolver.h"
#include "conf/cmdline.h"

struct event;
struct event_base;

#define SIGNALS 6

/* A rate limit: at most `burst` at once, and `rate` more each second. */
struct allowance {
	unsigned int burst;
	unsigned int rate;
	unsigned int credit;
	uint64_t us; /* when credit was last updated */
};

enum engine_state {
	NO_ENGINE,
	DOOMED,	 /* killed: its messages are ignored */
	STARTED, /* its build has not been checked yet */
	OPENING, /* it has the configuration, and is still root */
	RUNNING
};

struct parent {
	struct event_base *base;
	const struct cmdline *cmdline;
	struct conf *conf;
	struct lookup *lookup;
	struct msg_conn link;
	struct event *readable; /* on the link; NULL: no engine */
	struct event *writable;
	enum engine_state state;
	pid_t engine;
	uint64_t started_us;
	unsigned int delay; /* before the next engine, in seconds */
	int ledger;
	int capture;   /* kept for the next engine, or -1 */
	int pidfile;   /* our locked pidfile, or -1 */
	int was_ready; /* an engine was ready: restart it when it dies */
	int replacing; /* it stops, to be replaced */
	int stopping;
	int status;
	enum link_listening listening;
	struct allowance lines; /* log lines of the engine */
	struct allowance reloads;
	unsigned int unlogged;
	struct event *signals[SIGNALS];
	struct event *patience;
	struct event *respawn;
	struct event *poll;
	struct event *again; /* send the configuration again */
	struct event *look;  /* check interfaces and addresses */
	int flows_fd;	     /* pipe from the engine, or -1 */
	struct event *flows;
	struct event *flows_later; /* stdout is blocked */
	uint64_t looked_us;	   /* last check requested by the engine */
};

/* parent_link.c */

void parent_wait(struct event *, unsigned int seconds);

/*
 * Kill an engine that violates the protocol or does not read.  Its exit is
 * handled like any other.
 */
void parent_kill(struct parent *, const char *why);

/*
 * Queue a message for the engine.  -1: no engine to receive it, or out of
 * memory.
 */
int parent_tell(struct parent *, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd);

/*
 * Send the engine the configuration in force, if the engine is ready for it,
 * and MSG_RELOAD_DONE for the client with this id, unless it is 0.  -1: out of
 * memory, and nothing was sent.
 */
int parent_send_conf(struct parent *, uint32_t id);

/* The same, for interfaces and addresses only. */
int parent_send_host(struct parent *, const struct conf *);

/* parent_conf.c */

/*
 * Reload the configuration. id is the engine's id of the requesting client, or
 * 0 for a signal.
 */
void parent_reload(struct parent *, uint32_t id);

/*
 * Check the host's interfaces, addresses and routes, and send the engine the
 * changes.
 */
void parent_look(struct parent *);

/* Called with a resolved collector address: see lookup.h. */
lookup_found_cb parent_found_address;

/* parent_dispatch.c */

/*
 * Read and handle messages.  Returns 1 if there were some, 0 if none, -1 at the
 * end of the link.
 */
int parent_dispatch(struct parent *);

/* parent_flows.c */

/*
 * With -d -v -v, a descriptor for the next engine to print flows to, which the
 * caller closes; otherwise, or if no pipe can be made, -1.
 */
int parent_flows_open(struct parent *);

/*
 * Print the rest, as far as stdout accepts it without blocking, and close the
 * pipe.
 */
void parent_flows_close(struct parent *);

/* Event callback, for the pipe and for the wait for stdout. */
void parent_flows_ready(int fd, short what, void *arg);

/* Seconds between checks for a missing interface. */
#define PARENT_POLL 1

#endif
