/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the engine's process keeps, for engine_start.c (its beginning) and
 * engine.c (its loop).
 */

#ifndef ENGINE_LOCAL_H
#define ENGINE_LOCAL_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"
#include "meter.h"
#include "quiet.h"

struct control;
struct event;

struct engine {
	struct meter meter;
	struct control *control;
	struct msg_conn link;
	int left;	     /* descriptor of a dead engine's capture, or 0 */
	struct conf *coming; /* a configuration that is being received */
	struct event *readable; /* the capture; NULL: there is none */
	struct event *again;	/* the budget was used up */
	struct event *hold;	/* a datagram has waited long enough */
	struct event *message;	/* from the parent */
	struct event *write;	/* to the parent */
	struct event *look;	/* at the interface: silent, or gone? */
	struct quiet quiet;
	enum quiet_state was_quiet;
	struct event *last;	   /* stopping: what was to come has come */
	struct event *give_up;	   /* the drain has taken too long */
	uint64_t asked_interfaces; /* when, in the engine's time */
	unsigned int unlogged;	   /* lines that found the link full */
	int listening;		   /* enum link_listening */
	int ending;		   /* the interface has gone */
	int skipping; /* the rest of a configuration there is no memory for */
	int refused;  /* the parent's is not what is in force */
	int stopping; /* no message counts any more */
	int sending;  /* nothing is read any more */
	int status;
};

/*
 * Queue a message for the parent, to be written when the loop comes round.
 * -1: the link is full.
 */
int engine_tell_parent(struct engine *, uint32_t type, uint32_t id,
    const void *data, size_t len);

/* The events of the loop, but for the capture's.  -1: no memory. */
int engine_events(struct engine *);

/* Read this capture from now on; NULL: none.  -1: no memory. */
int engine_listen(struct engine *, struct capture *);

/* Something was sent: when all is, a stopping engine ends. */
void engine_end_if_sent(void *arg);

/* The loop, from READY to the end.  Returns an exit status. */
int engine_run(struct engine *);

#endif
