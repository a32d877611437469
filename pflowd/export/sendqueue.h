/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A session's socket, its bounded queue of finished datagrams, and counters of
 * their results.  The contents of datagrams are not read here.
 */

#ifndef SENDQUEUE_H
#define SENDQUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "common/counters.h"

struct collector_health;
struct event_base;
struct sendqueue;

#define SENDQUEUE_DATAGRAM 1472 /* most bytes: 1500 without headers */
#define SENDQUEUE_QUEUE 512	/* datagrams */

struct sendqueue_datagram {
	uint64_t octets; /* of flows, in its records */
	uint16_t len;
	uint16_t records;
	uint8_t data[SENDQUEUE_DATAGRAM];
};

/* Called when the queue has become shorter. */
typedef void sendqueue_writable_cb(void *);

/* Called when sending has begun to fail, or the path MTU has become smaller. */
typedef void sendqueue_down_cb(void *, const struct sendqueue *);

/*
 * Called when the first datagram, rest, is too large.  The callback moves part
 * of it to first, which is queued before rest.  sendqueue_behind() returns the
 * datagrams after rest.  Returns -1 if it cannot be divided.
 */
typedef int sendqueue_cut_cb(void *, struct sendqueue *,
    struct sendqueue_datagram *first, struct sendqueue_datagram *rest);

struct sendqueue_setup {
	const char *name;  /* for the log; copied */
	int fd;		   /* connected UDP socket, owned by the queue; or -1 */
	unsigned int rate; /* most datagrams per second; 0: no limit */
	struct collector_counters *counters; /* must outlive the queue */
	struct collector_health *health;     /* likewise */
	sendqueue_writable_cb *writable;     /* may be NULL */
	sendqueue_down_cb *down;	     /* may be NULL */
	void *arg;			     /* for writable and down */
	sendqueue_cut_cb *cut;		     /* may be NULL */
	void *cut_arg;
};

/* The state of a queue, for pflowctl. */
struct sendqueue_state {
	int up;		/* there is a socket, and sending works */
	int error;	/* the last errno, 0: none */
	uint64_t since; /* ms since the epoch, of the last change of up */
	uint64_t error_time;
};

/* NULL and errno: out of memory. */
struct sendqueue *sendqueue_new(struct event_base *,
    const struct sendqueue_setup *);

/* Close the socket and discard the queue. */
void sendqueue_free(struct sendqueue *);

/*
 * Send the queued datagrams for at most two seconds.  Then the event loop calls
 * gone, which may free the queue.  Out of memory: calls gone at once.
 */
typedef void sendqueue_gone_cb(void *, struct sendqueue *);
void sendqueue_retire(struct sendqueue *, sendqueue_gone_cb *gone, void *arg);

/*
 * Set the socket, after the collector's name was resolved to a new address.
 * Queued datagrams are sent there.
 */
void sendqueue_socket(struct sendqueue *, int fd);

/* Close the socket.  Queued datagrams wait for the next socket. */
void sendqueue_withdraw(struct sendqueue *);

/* Set the rate, in datagrams per second; 0: no limit. */
void sendqueue_rate(struct sendqueue *, unsigned int rate);

void sendqueue_state(const struct sendqueue *, struct sendqueue_state *);

/*
 * The buffer for the next datagram: SENDQUEUE_DATAGRAM bytes, never NULL.
 * Valid until the next call or sendqueue_push().
 */
uint8_t *sendqueue_buffer(struct sendqueue *);

/*
 * Queue the datagram in the buffer: its length, its number of records, and the
 * octets of flows in these.  If the queue is full, the datagram is dropped and
 * counted.  A full batch is sent at once.
 */
void sendqueue_push(struct sendqueue *, size_t len, unsigned int records,
    uint64_t octets);

/*
 * Send queued datagrams, as far as the socket and the rate allow.  The event
 * loop sends the rest.
 */
void sendqueue_send(struct sendqueue *);

/* Empty the queue and count its records as dropped. */
void sendqueue_abandon(struct sendqueue *);

/*
 * Read and count the socket's pending error, which is about an earlier
 * datagram.
 */
void sendqueue_probe(struct sendqueue *);

/* The i-th datagram after the first of the queue; NULL: there are fewer. */
struct sendqueue_datagram *sendqueue_behind(struct sendqueue *, unsigned int i);

/* The datagrams in the queue, their records, octets of flows, and bytes. */
unsigned int sendqueue_waiting(const struct sendqueue *);
uint64_t sendqueue_queued(const struct sendqueue *);
uint64_t sendqueue_octets(const struct sendqueue *);
uint64_t sendqueue_bytes(const struct sendqueue *);

/* True if datagrams wait, but the socket has accepted none for seconds. */
int sendqueue_stuck(const struct sendqueue *);

const char *sendqueue_name(const struct sendqueue *);

#endif
