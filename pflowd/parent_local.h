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
#include "conf.h"
#include "link.h"
#include "lookup.h"
#include "options.h"

struct event;
struct event_base;

#define SIGNALS 6

/* What an engine may have at once, and what it gets for each second. */
struct allowance {
	unsigned int burst;
	unsigned int rate;
	unsigned int credit;
	uint64_t us; /* when that was counted */
};

enum engine_state {
	NO_ENGINE,
	DOOMED,	 /* killed: nothing it says counts any more */
	STARTED, /* it has not said yet that it is of our build */
	OPENING, /* it has its configuration, and still root */
	RUNNING
};

struct parent {
	struct event_base *base;
	const struct options *options;
	struct conf *conf;
	struct lookup *lookup;
	struct msg_conn link;
	struct event *readable; /* the link; NULL: no engine */
	struct event *writable;
	enum engine_state state;
	pid_t engine;
	uint64_t started_us;
	unsigned int delay; /* before the next engine, seconds */
	int ledger;
	int capture;   /* the engine's, for the one after it; or -1 */
	int pidfile;   /* ours and locked, or -1 */
	int was_ready; /* once an engine was, another follows */
	int replacing; /* it stops for a new one */
	int stopping;
	int status;
	enum link_listening listening;
	struct allowance lines; /* of the log */
	struct allowance reloads;
	unsigned int unlogged;
	struct event *signals[SIGNALS];
	struct event *patience;
	struct event *respawn;
	struct event *poll;
	struct event *again; /* send the configuration */
	struct event *look;  /* at interfaces and addresses */
	int flows_fd;	     /* what the engine prints, or -1: */
	struct event *flows;
	struct event *flows_later; /* stdout takes nothing at present */
	uint64_t looked_us;	   /* when the engine last asked for that */
};

/* parent_link.c */

void parent_wait(struct event *, unsigned int seconds);

/* It breaks the rules, or does not listen: its end is handled as any other. */
void parent_kill(struct parent *, const char *why);

/* -1: there is no engine that would listen, or no memory to tell it. */
int parent_tell(struct parent *, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd);

/*
 * Give the engine the configuration in force, if it is ready for it, and a
 * client of it (its id, or 0) the news that its reload is done.  -1: there is
 * no memory for all of that, and it got nothing.
 */
int parent_send_conf(struct parent *, uint32_t id);

/* Likewise of interfaces and addresses alone. */
int parent_send_host(struct parent *, const struct conf *);

/* parent_conf.c */

/*
 * Read the configuration again.  id is the engine's, of the client that asks
 * for it, or 0 for a signal.
 */
void parent_reload(struct parent *, uint32_t id);

/*
 * Look whether the host has other interfaces, addresses or routes by now, and
 * tell the engine if so.
 */
void parent_look(struct parent *);

/* A collector's address is known: lookup.h. */
lookup_found_cb parent_found_address;

/* parent_dispatch.c */

/* What has come.  1: something; 0: nothing; -1: there will be no more. */
int parent_dispatch(struct parent *);

/* parent_flows.c */

/*
 * Under -d, the descriptor that the next engine prints flows to, the caller's
 * own; else, or without descriptors, -1.
 */
int parent_flows_open(struct parent *);

/* Print the rest of it, as far as stdout takes it. */
void parent_flows_close(struct parent *);

/* An event's callback, of the pipe and of the wait for stdout. */
void parent_flows_ready(int fd, short what, void *arg);

/* Seconds between looks for an interface that is not there. */
#define PARENT_POLL 1

#endif
