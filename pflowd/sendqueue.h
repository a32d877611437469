/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A session's socket, its bounded queue of finished datagrams, and a count of
 * what became of them.  Nothing here reads a datagram.
 */

#ifndef SENDQUEUE_H
#define SENDQUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "common/counters.h"

struct sendqueue;
struct event_base;

#define SENDQUEUE_DATAGRAM 1472 /* bytes of the longest: 1500 less headers */
#define SENDQUEUE_QUEUE 512	/* datagrams */

struct sendqueue_datagram {
	uint16_t len;
	uint16_t records;
	uint8_t data[SENDQUEUE_DATAGRAM];
};

/* How a collector tells its owner that its queue has become shorter. */
typedef void sendqueue_room_cb(void *);

/* ... and that it has begun to fail, or that its path takes less than it did.
 */
typedef void sendqueue_down_cb(void *, const struct sendqueue *);

/*
 * ... and that a datagram is too large: it is to be made into two, of which the
 * first goes in front of it.  sendqueue_behind() has what comes after it.  -1:
 * it cannot be.
 */
typedef int sendqueue_cut_cb(void *, struct sendqueue *,
    struct sendqueue_datagram *first, struct sendqueue_datagram *rest);

/* What another engine goes on with when this one dies. */
struct sendqueue_health {
	int failing;	/* the log has been told */
	int narrow;	/* likewise, of datagrams that are too large */
	int error;	/* the last errno, 0: none */
	uint64_t since; /* ms since the epoch: up, or not */
	uint64_t error_time;
};

struct sendqueue_setup {
	const char *name; /* for the log; copied */
	int fd;		  /* connected UDP socket, the collector's now; or -1 */
	unsigned int rate; /* datagrams a second at most; 0: no limit */
	struct collector_counters *counters; /* outlives the collector */
	struct sendqueue_health *health;     /* likewise */
	sendqueue_room_cb *room;	     /* may be NULL */
	sendqueue_down_cb *down;	     /* may be NULL */
	void *arg;			     /* of both */
	sendqueue_cut_cb *cut;		     /* may be NULL */
	void *cut_arg;
};

/* How it goes. */
struct sendqueue_state {
	int up;		/* there is a socket, and sending works */
	int error;	/* the last errno, 0: none */
	uint64_t since; /* ms since the epoch: up, or not */
	uint64_t error_time;
};

/* NULL and errno when there is no memory. */
struct sendqueue *sendqueue_new(struct event_base *,
    const struct sendqueue_setup *);

/* What is queued is forgotten; the socket is closed. */
void sendqueue_free(struct sendqueue *);

/*
 * Send what is queued, for two seconds at most, and then call gone, from the
 * event loop, so that it may be freed.
 */
typedef void sendqueue_gone_cb(void *, struct sendqueue *);
void sendqueue_retire(struct sendqueue *, sendqueue_gone_cb *gone, void *arg);

/*
 * Give it another socket: its name has another address, or has one at last.
 * What is queued goes there.
 */
void sendqueue_socket(struct sendqueue *, int fd);

/* Give up its socket, until there is another one: what is queued waits. */
void sendqueue_withdraw(struct sendqueue *);

/* Another rate, in datagrams a second; 0: no limit. */
void sendqueue_rate(struct sendqueue *, unsigned int rate);

void sendqueue_state(const struct sendqueue *, struct sendqueue_state *);

/*
 * Where to write the next datagram: SENDQUEUE_DATAGRAM bytes, never NULL, until
 * the next call or sendqueue_push().
 */
uint8_t *sendqueue_buffer(struct sendqueue *);

/*
 * Queue what was written there, len bytes with so many records, or drop and
 * count it when the queue is full.  A full batch is sent at once.
 */
void sendqueue_push(struct sendqueue *, size_t len, unsigned int records);

/*
 * Send what is queued, as far as the socket and the rate allow; the rest goes
 * out by itself from the event loop.
 */
void sendqueue_send(struct sendqueue *);

/* Count what is queued as dropped. */
void sendqueue_abandon(struct sendqueue *);

/*
 * Learn of an error that the socket has by now: of a datagram that was sent
 * before.
 */
void sendqueue_probe(struct sendqueue *);

/* The i-th datagram behind the one that is being sent; NULL: there are less. */
struct sendqueue_datagram *sendqueue_behind(struct sendqueue *, unsigned int i);

/* Datagrams, the records in them, and their bytes, that wait to be sent. */
unsigned int sendqueue_waiting(const struct sendqueue *);
uint64_t sendqueue_queued(const struct sendqueue *);
uint64_t sendqueue_bytes(const struct sendqueue *);

/* Whether the socket has taken nothing for seconds, though there was some. */
int sendqueue_stuck(const struct sendqueue *);

const char *sendqueue_name(const struct sendqueue *);

#endif
