/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the parent keeps, for parent.c (its life), parent_engine.c (the
 * engine's), parent_dispatch.c (messages of the engine), parent_link.c
 * (messages to the engine), parent_conf.c (reloads), parent_refuse.c (clients
 * without an engine) and parent_flows.c (what the engine prints).
 */

#ifndef PARENT_LOCAL_H
#define PARENT_LOCAL_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>

#include "child.h"
#include "conf/cmdline.h"
#include "conf/conf.h"
#include "process/link.h"
#include "resolver.h"

struct dumper;
struct event_base;
struct watch;

#define SIGNALS 6

/* A rate limit: at most `burst` at once, and `rate` more each second. */
struct allowance {
	unsigned int burst;
	unsigned int rate;
	unsigned int credit;
	uint64_t us; /* when credit was last updated */
};

struct parent {
	struct event_base *base;
	const struct cmdline *cmdline;
	struct conf *conf;
	struct conf *previous; /* until an engine runs with conf, or NULL */
	struct resolver *resolver;
	struct child_list children;
	struct child engine;
	struct dumper *dumper; /* runs while the source is pf's table */
	int ledger;
	int tracked;	    /* memory for the states that the engine tracks */
	int tracked_before; /* of the one before, until it is ready; or -1 */
	int capture;	    /* kept for the next engine, or -1 */
	int pidfile;	    /* our locked pidfile, or -1 */
	int was_ready;	    /* an engine was ready: restart it when it dies */
	int replacing;	    /* it stops, to be replaced */
	int stopping;
	int outdated; /* a child is of another build */
	int status;
	enum link_listening listening;
	struct allowance lines; /* log lines of the engine */
	struct allowance reloads;
	unsigned int unlogged;
	struct link_warning warning; /* our last one */
	int warned;		     /* the engine must still get it */
	int stats;		     /* likewise, the order to log them */
	struct watch *signals[SIGNALS];
	struct watch *poll;  /* for the interface */
	struct watch *again; /* send the configuration again */
	struct watch *check; /* the interfaces and addresses of the host */
	int flows_fd;	     /* pipe from the engine, or -1 */
	struct watch *flows;
	struct watch *flows_later; /* stdout is blocked */
	uint64_t checked_us;	   /* last check requested by the engine */
	struct watch *refuse;	   /* clients, while no engine has sockets */
	char why_none[128]; /* end of "the engine ..."; empty: it starts */
};

/* parent.c */

/* End as on SIGTERM: the engine sends its queues first. */
void parent_stop(struct parent *);

/* Leave the event loop, with this exit status. */
void parent_end(struct parent *, int status);

/* parent_engine.c */

/* Of the kind of child that it is: parent_dispatch.c. */
void parent_engine_failed(void *arg, enum child_fault);
void parent_engine_ended(void *arg, int status);

/* Replace the engine by one that opens what conf has, at once. */
void parent_replace_engine(struct parent *);

/* parent_link.c */

/*
 * Send the engine the configuration in force, if the engine is ready for it,
 * and MSG_RELOAD_DONE for the client with this id, unless it is 0.  -1: out of
 * memory, and nothing was sent.
 */
int parent_send_conf(struct parent *, uint32_t id);

/* The same, for interfaces and addresses only. */
int parent_send_host(struct parent *, const struct conf *);

/* Send the result of a reload.  An engine that cannot get it is replaced. */
void parent_send_done(struct parent *, uint32_t id, const struct link_done *);

/* Send our last warning, unless the running engine has it already. */
void parent_send_warning(struct parent *);

/* Order the running engine to log its counters, if that is still to be done. */
void parent_send_stats(struct parent *);

/* parent_conf.c */

/*
 * Reload the configuration. id is the engine's id of the requesting client, or
 * 0 for a signal.
 */
void parent_reload(struct parent *, uint32_t id);

/*
 * After a reload that replaces the engine: the new one runs, or has ended
 * before that, so that the previous configuration is in force again.
 */
void parent_reload_keep(struct parent *);
void parent_reload_undo(struct parent *);

/* The source, as in "reading pf's state table". */
#define PARENT_SOURCE 48
const char *parent_source(const struct conf *, char text[PARENT_SOURCE]);

/*
 * Check the host's interfaces, addresses and routes, and send the engine the
 * changes.
 */
void parent_check_host(struct parent *);

/* Called with a resolved collector address: see resolver.h. */
resolver_found_cb parent_found_address;

/* parent_dispatch.c */

extern const struct child_kind parent_engine_kind;

/* parent_refuse.c */

/* -1: out of memory. */
int parent_refuse_init(struct parent *);

/* Refuse all clients, from when the sockets are new until an engine has them.
 */
void parent_refuse_begin(struct parent *);
void parent_refuse_end(struct parent *);

/* parent_flows.c */

/*
 * With -d -v -v, create the pipe that engines print flows to.  -1: out of
 * memory.
 */
int parent_flows_open(struct parent *);

/* Print the rest, as far as stdout accepts it without blocking. */
void parent_flows_finish(struct parent *);
void parent_flows_close(struct parent *);

/* Replace control characters, which a terminal would execute, but for one. */
void parent_make_printable(char *text, size_t len, char kept);

/* Seconds between checks for a missing interface. */
#define PARENT_POLL 1

#endif
