/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Records to datagrams, for every collector: which records its protocol can
 * say, how wide counters are split, when a datagram is full or has waited long
 * enough, and the sequence.  Times are milliseconds since the epoch: the
 * clock's, or a capture's own.
 */

#ifndef EXPORT_H
#define EXPORT_H

#include <stdint.h>

#include "collector.h"
#include "record.h"

struct exports;
struct event_base;
struct conf;

enum export_result {
	EXPORT_GIVEN,	     /* at least one collector got records */
	EXPORT_INEXPRESSIBLE /* none has a protocol that can say them */
};

/*
 * One collector for each of the configuration's, whose sockets it takes over,
 * with counters[] of as many.  room is called when a queue became shorter.
 * NULL and errno when there is no memory.
 */
struct exports *export_new(struct event_base *, const struct conf *,
    struct collector_counters *counters, collector_room_cb *room, void *arg);
void export_free(struct exports *);

/*
 * Export a state's n records.  All of it or none, for each collector.  Returns
 * before it is done when wide counters need many records: then export_busy()
 * holds, export_more() builds some of them, and no other state may come.
 */
enum export_result export_flow(struct exports *, const struct record *,
    unsigned int n, uint64_t now);
int export_busy(const struct exports *);
void export_more(struct exports *, uint64_t now);

/* Close the datagrams that have been held long enough at `now`. */
void export_clock(struct exports *, uint64_t now);

/* When export_clock() will have something to do; UINT64_MAX: never. */
uint64_t export_due(const struct exports *);

/* Close all datagrams, however few records they have. */
void export_close(struct exports *, uint64_t now);

/* Hand what is closed to the kernel, as far as it goes at present. */
void export_send(struct exports *);

/*
 * Whether a source that can wait should: a queue is half full and its
 * collector not stuck.
 */
int export_full(const struct exports *);

/* Whether datagrams wait that may still be sent. */
int export_unsent(const struct exports *);

/* Count what is still queued as dropped: nothing will send it any more. */
void export_abandon(struct exports *);

/* The collectors, for showing them: queued includes the open datagram. */
unsigned int export_collectors(const struct exports *);
const char *export_name(const struct exports *, unsigned int i);
const struct collector_counters *export_counters(const struct exports *,
    unsigned int i);
uint64_t export_queued(const struct exports *, unsigned int i);

#endif
