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

#include <sys/types.h>
#include <sys/socket.h>

#include <stdint.h>

#include "batch.h"
#include "sendqueue.h"

struct conf;
struct event_base;
struct export;
struct flow;
struct ledger;

/* What the engine does for it. */
struct export_hooks {
	sendqueue_room_cb *room; /* a queue became shorter */
	void (*down)(void *arg, unsigned int collector);
	void *arg;
};

/* No collector yet.  NULL and errno when there is no memory. */
struct export *export_new(struct event_base *, struct ledger *,
    const struct export_hooks *);
void export_free(struct export *);

/*
 * Export as a configuration says, whose sockets are taken over and which must
 * stay until the next one or the end.  A collector that was there goes on with
 * its socket, queue and sequence; one that is not there any more is sent what
 * is queued.  -1 and errno: no memory, and no going on.
 */
int export_apply(struct export *, struct conf *, uint64_t now);

/* What the configuration says of the host's interfaces has changed. */
void export_host(struct export *);

/* A collector has no socket until the next one: its records wait. */
void export_withdraw(struct export *, unsigned int i);

/* What a collector's path takes, as in struct conf_collector. */
void export_path(struct export *, unsigned int i, unsigned int mtu);

/* A collector's new socket, connected to this address. */
void export_socket(struct export *, unsigned int i, int fd,
    const struct sockaddr_storage *, socklen_t);

/*
 * Send a collector a record with documentation addresses (RFC 5737), and what
 * waits for it.
 */
void export_test(struct export *, unsigned int i, uint64_t now);

/* Learn what its socket says of it by now. */
void export_probe(struct export *, unsigned int i);

/*
 * Whether the rules of the whole, of which there are some, leave a state out.
 * Counts it for the rule.
 */
int export_ignored(struct export *, const struct flow *);

/* Whether a state is of a datagram of ours to a collector. */
int export_own(const struct export *, const struct flow *);

/*
 * Export a batch: of each state, to each collector, all that its record says or
 * nothing.  When wide counters need many records it is not done yet: then
 * export_busy() holds, export_more() goes on, and the batch must stay as it is.
 */
void export_batch(struct export *, struct batch *);
int export_busy(const struct export *);
void export_more(struct export *);

/* Close the datagrams that have been held long enough at `now`. */
void export_clock(struct export *, uint64_t now);

/*
 * Whether it would close one, or one that had begun at `since`: what is to be
 * exported as of before that comes first.
 */
int export_closes(const struct export *, uint64_t since, uint64_t now);

/* When export_clock() will have something to do; UINT64_MAX: never. */
uint64_t export_due(const struct export *);

/* Close all datagrams, however few records they have. */
void export_close(struct export *, uint64_t now);

/* Hand what is closed to the kernel, as far as it goes at present. */
void export_send(struct export *);

/* Datagrams of the states of a frame and of a batch before it, at most. */
#define EXPORT_ROOM (UINT8_MAX + BATCH)

/*
 * Whether a source that can wait should: a queue has no room for so many, and
 * its collector is not stuck.
 */
int export_full(const struct export *);

/* Whether datagrams wait that may still be sent. */
int export_unsent(const struct export *);

/* Count what is still queued as dropped: nothing will send it any more. */
void export_abandon(struct export *);

/* The collectors, for showing them. */
unsigned int export_collectors(const struct export *);
const struct collector_counters *export_counters(const struct export *,
    unsigned int i);

struct export_status {
	const char *name;
	const char *protocol;
	const struct sockaddr_storage *addr; /* ss_family 0: not known yet */
	uint64_t queued;      /* records, the open datagram's included */
	unsigned int waiting; /* datagrams */
	unsigned int rate;
	unsigned int engine_id; /* NetFlow 5 */
	uint32_t domain;	/* other protocols; 0: none */
	struct sendqueue_state state;
};
void export_status(const struct export *, unsigned int i,
    struct export_status *);

#endif
