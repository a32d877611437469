/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the engine's process keeps, for engine_start.c (its beginning), engine.c
 * (its loop), engine_table.c (dumps of the state table), engine_dispatch.c
 * (messages of the parent) and engine_report.c (reports to the parent).
 */

#ifndef ENGINE_LOCAL_H
#define ENGINE_LOCAL_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "condition.h"
#include "meter.h"
#include "poller.h"
#include "silence.h"

struct control;
struct watch;

struct engine {
	struct meter meter;
	struct control *control;
	struct msg_conn link;
	int old_capture;     /* descriptor of a dead engine's capture, or 0 */
	int tracked_before;  /* likewise, of what it tracked */
	struct conf *coming; /* configuration being received */
	struct watch *readable; /* on the capture; NULL: none */
	struct watch *again;	/* the budget was used up */
	struct watch *hold;	/* a datagram is due */
	struct watch *held;	/* a state has waited for its twin */
	struct watch *message;	/* from the parent */
	struct watch *write;	/* to the parent */
	struct watch *look;	/* check the interface */
	struct watch *table;	/* the state table: ask, or look at entries */
	struct poller poller;	/* of the state table */
	uint64_t dumps;		/* that it knows of */
	struct silence silence;
	enum silence_state was_silent;
	struct conditions conditions;
	struct watch *last;	       /* stopping: all frames are delivered */
	struct watch *give_up;	       /* the drain has taken too long */
	uint64_t read_until;	       /* stopping: of clock_us() */
	uint64_t asked_interfaces;     /* ms since the epoch */
	unsigned int unlogged;	       /* lines lost, as the link was full */
	int verbose_changed;	       /* the parent does not know yet */
	int end_asked;		       /* by a client, until MSG_ENGINE_STOP */
	uint8_t down[CONF_COLLECTORS]; /* likewise */
	int listening;		       /* enum link_listening */
	int ending;		       /* the interface disappeared */
	int skipping; /* ignoring a configuration that was refused */
	int refused;  /* errno: the parent's configuration is not in force */
	int replaced; /* a successor follows the stop */
	int stopping; /* messages are ignored */
	int sending;  /* reading has ended */
	int status;
};

/* engine_report.c */

/*
 * Queue a message for the parent, sent by the event loop.  -1: the link is
 * full.
 */
int engine_send_parent(struct engine *, uint32_t type, uint32_t id,
    const void *data, size_t len);

/* Repeat what the parent must know; call regularly. */
void engine_report(struct engine *);

/*
 * Call after a configuration: its collectors have new indexes, and the parent
 * does not know which of them are down.
 */
void engine_report_conf(struct engine *);

/*
 * Hooks: a client changes the verbosity, or wants pflowd to end; a collector is
 * down.
 */
void engine_report_verbose(void *arg, int verbose);
void engine_report_end(void *arg);
void engine_report_down(void *arg, unsigned int collector);

/* engine.c */

/* Create the events, except the capture's.  -1: out of memory. */
int engine_events(struct engine *);

/* Start reading a capture; NULL: none.  -1: out of memory. */
int engine_listen(struct engine *, struct capture *);

/* A hook, called after sending: ends a stopping engine when all is sent. */
void engine_end_if_sent(void *arg);

/* Close and send the datagrams that are due; set the timer for the others. */
void engine_send(struct engine *, uint64_t now);

/*
 * Stop reading after the time that the kernel needs to deliver its frames; then
 * send everything, and end.
 */
void engine_stop(struct engine *);

/* Run the event loop, from READY to the end.  Returns an exit status. */
int engine_run(struct engine *);

/* Read and export what has come, until the budget of a turn is used up. */
void engine_read(void *arg);

/* engine_table.c */

/* Create the event.  -1: out of memory. */
int engine_table_events(struct engine *);

/* Read from this dumper and own its socket; it is asked for a dump at once. */
void engine_table_connect(struct engine *, int fd);

/* The dumper has ended, or what it sends is wrong: wait for another one. */
void engine_table_lost(struct engine *, const char *error);

/* The configuration has changed, and the interval with it. */
void engine_table_conf(struct engine *);

/* Call after each read of the table. */
void engine_table_read(struct engine *);

/* Ask for no more dumps, and report all states that are known to have ended. */
void engine_table_stop(struct engine *);

/* engine_dispatch.c */

/* Handle a message of the parent, and discard it. */
void engine_dispatch(struct engine *, struct msg *);

#endif
