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

#include "common/counters.h"

struct collector;
struct event_base;

#define COLLECTOR_DATAGRAM 1472 /* bytes of the longest: 1500 less headers */
#define COLLECTOR_QUEUE 512	/* datagrams */

struct collector_datagram {
	uint16_t len;
	uint16_t records;
	uint8_t data[COLLECTOR_DATAGRAM];
};

/* How a collector tells its owner that its queue has become shorter. */
typedef void collector_room_cb(void *);

/* ... and that it has begun to fail, or that its path takes less than it did.
 */
typedef void collector_down_cb(void *, const struct collector *);

/*
 * ... and that a datagram is too large: it is to be made into two, of which the
 * first goes in front of it.  collector_behind() has what comes after it.  -1:
 * it cannot be.
 */
typedef int collector_cut_cb(void *, struct collector *,
    struct collector_datagram *first, struct collector_datagram *rest);

/* What another engine goes on with when this one dies. */
struct collector_health {
	int failing;	/* the log has been told */
	int narrow;	/* likewise, of datagrams that are too large */
	int error;	/* the last errno, 0: none */
	uint64_t since; /* ms since the epoch: up, or not */
	uint64_t error_time;
};

struct collector_setup {
	const char *name; /* for the log; copied */
	int fd;		  /* connected UDP socket, the collector's now; or -1 */
	unsigned int rate; /* datagrams a second at most; 0: no limit */
	struct collector_counters *counters; /* outlives the collector */
	struct collector_health *health;     /* likewise */
	collector_room_cb *room;	     /* may be NULL */
	collector_down_cb *down;	     /* may be NULL */
	void *arg;			     /* of both */
	collector_cut_cb *cut;		     /* may be NULL */
	void *cut_arg;
};

/* How it goes. */
struct collector_state {
	int up;		/* there is a socket, and sending works */
	int error;	/* the last errno, 0: none */
	uint64_t since; /* ms since the epoch: up, or not */
	uint64_t error_time;
};

/* NULL and errno when there is no memory. */
struct collector *collector_new(struct event_base *,
    const struct collector_setup *);

/* What is queued is forgotten; the socket is closed. */
void collector_free(struct collector *);

/*
 * Send what is queued, for two seconds at most, and then call gone, from the
 * event loop, so that it may be freed.
 */
typedef void collector_gone_cb(void *, struct collector *);
void collector_retire(struct collector *, collector_gone_cb *gone, void *arg);

/*
 * Give it another socket: its name has another address, or has one at last.
 * What is queued goes there.
 */
void collector_socket(struct collector *, int fd);

/* Give up its socket, until there is another one: what is queued waits. */
void collector_withdraw(struct collector *);

/* Another rate, in datagrams a second; 0: no limit. */
void collector_rate(struct collector *, unsigned int rate);

void collector_state(const struct collector *, struct collector_state *);

/*
 * Where to write the next datagram: COLLECTOR_DATAGRAM bytes, never NULL, until
 * the next call or collector_push().
 */
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

/*
 * Learn of an error that the socket has by now: of a datagram that was sent
 * before.
 */
void collector_probe(struct collector *);

/* The i-th datagram behind the one that is being sent; NULL: there are less. */
struct collector_datagram *collector_behind(struct collector *, unsigned int i);

/* Datagrams, the records in them, and their bytes, that wait to be sent. */
unsigned int collector_waiting(const struct collector *);
uint64_t collector_queued(const struct collector *);
uint64_t collector_bytes(const struct collector *);

/* Whether the socket has taken nothing for seconds, though there was some. */
int collector_stuck(const struct collector *);

const char *collector_name(const struct collector *);

#endif
