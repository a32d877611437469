/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The engine: frames in, datagrams out.  live.c drives it over an interface, in
 * a process of its own; replay.c over a capture file.
 */

#ifndef ENGINE_H
#define ENGINE_H

#include <stdint.h>

#include "capture.h"
#include "collector.h"
#include "conf.h"
#include "counters.h"
#include "export.h"
#include "pfsync.h"

struct event_base;

struct engine {
	struct event_base *base;
	struct conf *conf;
	struct capture *capture;
	struct exports *export;
	struct counters counters;
	struct collector_counters collectors[CONF_COLLECTORS];
	struct pfsync_frame frame; /* whose states are being read */
	uint64_t frame_time;	   /* ms since the epoch, as all times */
	uint64_t now; /* the clock's at this wake-up, or the capture's */
	int replay;
	int print;	   /* a line for every flow on stdout */
	unsigned int told; /* what the log has said, as bits */
};

/* How engine_read() ended. */
enum engine_result {
	ENGINE_MORE, /* the budget was used up: call again soon */
	ENGINE_NONE, /* nothing to read at present */
	ENGINE_FULL, /* a replay waits for its collectors */
	ENGINE_END,
	ENGINE_ERROR
};

/*
 * Take over configuration and capture, even on failure.  room is called with
 * arg when a queue became shorter.  -1 and errno when there is no memory.
 */
int engine_init(struct engine *, struct conf *, struct capture *,
    collector_room_cb *room, void *arg);
void engine_free(struct engine *);

/* Read and export at most so many states. */
enum engine_result engine_read(struct engine *, unsigned int budget);

/* Finish what is half done and close every datagram. */
void engine_flush(struct engine *);

/* Take the kernel's statistics into the counters. */
void engine_statistics(struct engine *);

#endif
