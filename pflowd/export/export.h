/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Records to datagrams, for every session: which records its protocol can
 * represent, how wide counters are split, when a datagram is full or has waited
 * long enough, and the sequence.  Times are milliseconds since the epoch: the
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

/* Callbacks into the engine. */
struct export_hooks {
	sendqueue_writable_cb *writable; /* a queue has become shorter */
	void (*down)(void *arg, unsigned int collector);
	void *arg;
};

/* Starts without collectors.  NULL and errno if out of memory. */
struct export *export_new(struct event_base *, struct ledger *,
    const struct export_hooks *);
void export_free(struct export *);

/*
 * Apply a configuration.  Takes over its sockets; conf must stay valid until
 * the next call or export_free().  Collectors that are also in the old
 * configuration keep socket, queue and sequence; for removed collectors, the
 * queue is sent first.  -1 and errno if out of memory: nothing has changed.
 */
int export_apply(struct export *, struct conf *, uint64_t now);

/* The interfaces or addresses in the configuration have changed. */
void export_host(struct export *);

/* Close a collector's socket; its records wait for export_socket(). */
void export_withdraw(struct export *, unsigned int i);

/* Set a collector's path MTU, as in struct conf_collector. */
void export_path(struct export *, unsigned int i, unsigned int mtu);

/* Set a collector's new socket, connected to this address.  Takes over fd. */
void export_socket(struct export *, unsigned int i, int fd,
    const struct sockaddr_storage *, socklen_t);

/*
 * Send a collector a test record with documentation addresses (RFC 5737), and
 * everything queued for it.
 */
void export_test(struct export *, unsigned int i, uint64_t now);

/* Read a pending error from the collector's socket. */
void export_probe(struct export *, unsigned int i);

/*
 * True if the global filter (at least one rule) ignores a state.  Counts the
 * rule's hit.
 */
int export_ignored(struct export *, const struct flow *);

/* True for a state of our own export traffic to a collector. */
int export_own(const struct export *, const struct flow *);

/*
 * Export a batch.  Each collector gets all records of a state or none.  If wide
 * counters need many records, the batch is not finished: while export_busy(),
 * call export_more() and leave the batch unchanged.
 */
void export_batch(struct export *, struct batch *, uint64_t now);
int export_busy(const struct export *);
void export_more(struct export *, uint64_t now);

/*
 * Finish the batch at once: records that would need more turns are counted as
 * built and dropped.
 */
void export_finish(struct export *, uint64_t now);

/* Close the datagrams that have been held long enough at `now`. */
void export_clock(struct export *, uint64_t now);

/* Time of the next export_clock() with work to do; UINT64_MAX: none. */
uint64_t export_due(const struct export *);

/* Close all open datagrams, even nearly empty ones. */
void export_close(struct export *, uint64_t now);

/* Send the queued datagrams, as far as the kernel accepts them now. */
void export_send(struct export *);

/* More datagrams than a few batches, or one slice of a split, can make. */
#define EXPORT_ROOM 256

/*
 * True if a source that can wait should wait: a queue has less than EXPORT_ROOM
 * left and its collector is not stuck.
 */
int export_full(const struct export *);

/*
 * True if datagrams are queued for a collector, even a removed one, that is not
 * stuck.
 */
int export_unsent(const struct export *);

/* Count everything queued as dropped, when nothing will send it any more. */
void export_abandon(struct export *);

/* Access to the collectors, for display. */
unsigned int export_collectors(const struct export *);
const struct collector_counters *export_counters(const struct export *,
    unsigned int i);

struct export_status {
	const char *name;
	const char *protocol;
	const struct sockaddr_storage *addr; /* ss_family 0: unknown */
	uint64_t queued;      /* records, including the open datagram */
	uint64_t octets;      /* of flows, in these records */
	unsigned int waiting; /* datagrams */
	unsigned int rate;
	unsigned int engine_id; /* NetFlow 5 */
	uint32_t domain;	/* other protocols; 0: none */
	struct sendqueue_state state;
};
void export_status(const struct export *, unsigned int i,
    struct export_status *);

#endif
