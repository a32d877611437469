/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * One collector: its socket, a bounded queue of finished datagrams, and what
 * became of them.  Nothing here knows what a datagram says.
 */

#ifndef COLLECTOR_H
#define COLLECTOR_H

#include <stddef.h>
#include <stdint.h>

#include "counters.h"

struct collector;
struct event_base;

#define COLLECTOR_DATAGRAM 1472 /* bytes of the longest: 1500 less headers */
#define COLLECTOR_QUEUE 512	/* datagrams */

/* How a collector tells its owner that its queue has become shorter. */
typedef void collector_room_cb(void *);

struct collector_setup {
	const char *name;  /* for the log; copied */
	int fd;		   /* connected UDP socket; the collector's now */
	unsigned int rate; /* datagrams a second at most; 0: no limit */
	struct collector_counters *counters; /* outlives the collector */
	collector_room_cb *room;	     /* may be NULL */
	void *room_arg;
};

/* NULL and errno when there is no memory. */
struct collector *collector_new(struct event_base *,
    const struct collector_setup *);

/* What is queued is forgotten; the socket is closed. */
void collector_free(struct collector *);

/* Where to write the next datagram: COLLECTOR_DATAGRAM bytes, never NULL. */
uint8_t *collector_buffer(struct collector *);

/*
 * Queue what was written there, len bytes with so many records, or drop and
 * count it when the queue is full.  A full batch is sent at once.
 */
void collector_push(struct collector *, size_t len, unsigned int records);

/*
 * Send what is queued, as far as the socket and the rate allow; the rest goes
 * out by itself from the event loop.
 */
void collector_send(struct collector *);

/* Count what is queued as dropped. */
void collector_abandon(struct collector *);

/* Datagrams, and the records in them, that wait to be sent. */
unsigned int collector_waiting(const struct collector *);
uint64_t collector_queued(const struct collector *);

/* Whether the socket has taken nothing for seconds, though there was some. */
int collector_stuck(const struct collector *);

const char *collector_name(const struct collector *);

#endif
