/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Between sendqueue.c, which has the queue, and sendqueue_send.c, which sends
 * it.
 */

#ifndef SENDQUEUE_LOCAL_H
#define SENDQUEUE_LOCAL_H

#include <stdint.h>

#include "os/send.h"
#include "pace.h"
#include "sendqueue.h"

struct event;

/* Most times that a datagram of 30 records and templates can be halved. */
#define SENDQUEUE_CUTS 8

/* Slots beyond SENDQUEUE_QUEUE: the datagram being written, and halves. */
#define SENDQUEUE_SLOTS (SENDQUEUE_QUEUE + 1 + SENDQUEUE_CUTS)

/*
 * The queue is a ring.  It restarts at slot 0 whenever it is empty, so that
 * slots that were never needed stay untouched memory.
 */
struct sendqueue {
	char *name;
	int fd;
	struct event *writable;
	struct event *timer;
	int paused; /* writable or timer is pending */
	unsigned int head;
	unsigned int count;
	uint64_t records;     /* in the queue */
	uint64_t octets;      /* of flows, in these */
	uint64_t bytes;	      /* of datagrams */
	unsigned int singles; /* sends left to do one by one, to get an errno */
	struct send_mode mode; /* of the socket */
	int retried;	       /* sending the first datagram failed once */
	uint64_t works_since;  /* first sent after the last error, in monotonic
				* us as the next two; 0: none */
	uint64_t narrow_us;    /* last report of a datagram too large */
	uint64_t stuck_since;  /* the socket accepts nothing; 0: it does */
	struct pace pace;
	struct collector_counters *counters;
	struct collector_health *health;
	sendqueue_writable_cb *on_writable;
	sendqueue_down_cb *down;
	sendqueue_cut_cb *cut;
	void *cut_arg;
	void *arg;
	struct event_base *base;
	struct event *deadline; /* set if retired */
	sendqueue_gone_cb *gone;
	void *gone_arg;
	struct sendqueue_datagram queue[SENDQUEUE_SLOTS];
};

/* The i-th datagram of the queue; the one after the last is being written. */
static inline struct sendqueue_datagram *
sendqueue_slot(struct sendqueue *q, unsigned int i)
{
	unsigned int at = q->head + i;

	return &q->queue[at < SENDQUEUE_SLOTS ? at : at - SENDQUEUE_SLOTS];
}

/* Remove and return the first datagram. */
static inline const struct sendqueue_datagram *
sendqueue_pop(struct sendqueue *q)
{
	const struct sendqueue_datagram *d = sendqueue_slot(q, 0);

	q->records -= d->records;
	q->octets -= d->octets;
	q->bytes -= d->len;
	q->retried = 0;
	q->count--;
	q->head = q->head == SENDQUEUE_SLOTS - 1 ? 0 : q->head + 1;
	return d;
}

#endif
