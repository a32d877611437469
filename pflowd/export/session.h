/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A session with one collector: which records go into a datagram, and when
 * templates are sent again.  For the export modules alone.
 */

#ifndef SESSION_H
#define SESSION_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdint.h>

#include "conf/conf.h"
#include "export.h"
#include "protocol.h"
#include "encode.h"

/* A direction whose counters are split over several records. */
struct split {
	const struct record *whole; /* points into the batch */
	enum flow_end from;
	uint64_t parts;
	uint64_t done;
};

/* When a template was last sent. */
struct announced {
	int done;
	uint64_t begun; /* counters->begun at that datagram */
	uint64_t time;
};

/* A Transport Session (RFC 7011, 2): the datagrams to one collector. */
struct session {
	const struct protocol *protocol;
	const struct conf_collector *conf;
	const struct rule_list *rules; /* of this collector */
	uint64_t *hits;		       /* one counter for each rule */
	struct domain domain;
	struct sendqueue *to;
	struct collector_counters *counters;
	struct sockaddr_storage peer; /* ss_family 0: unknown */
	struct sockaddr_storage local;
	struct sockaddr_storage peer_before;  /* previous socket: */
	struct sockaddr_storage local_before; /* its states may still end */
	unsigned int path_mtu;		      /* 0: unknown */
	size_t room; /* maximum payload of a datagram, from the path MTU */
	size_t used; /* bytes of the open datagram */
	unsigned int open;
	uint64_t opened;	  /* time of its first record */
	struct record_times span; /* earliest start, latest end */
	unsigned int next; /* next state of the batch, after the splits */
	unsigned int splits;
	struct split split[2];
	unsigned int templates; /* in the open datagram, one bit per kind */
	struct announced announced[PROTOCOL_KINDS];
	uint64_t probed;
	int told; /* options were sent, in full at told_time */
	uint64_t told_time;
	unsigned int told_names; /* interface names sent */
	uint8_t *datagram;	 /* the open one, in the queue */
	unsigned int first;	 /* kind whose set is in place */
	struct run runs[PROTOCOL_KINDS];
	uint8_t apart[PROTOCOL_KINDS][SENDQUEUE_DATAGRAM]; /* other sets */
};

struct export
{
	struct event_base *base;
	struct ledger *ledger;
	struct export_hooks hooks;
	struct conf *conf;   /* its interface table caches lookups */
	uint64_t hold;	     /* ms */
	uint64_t now;	     /* time of the last call */
	uint64_t clock;	     /* of the last export_clock() */
	uint64_t due;	     /* no datagram must be closed before this time */
	unsigned int busy;   /* sessions with splits */
	struct batch *batch; /* being exported */
	struct encoded encoded; /* for the last session */
	unsigned int n;
	unsigned int nretired;
	struct session *sessions[CONF_COLLECTORS];
	struct session *retired[CONF_COLLECTORS]; /* oldest first */
};

/* session.c */

/*
 * Add states of the batch, from o->next on, to the open datagram and the
 * following ones.  Returns the number of states consumed, including those the
 * session's own rules ignore; 0 if the next state is ENCODED_NONE.
 */
unsigned int session_take(struct export *, struct session *);

/* Add one record, of the direction that starts at this end. */
void session_direction(struct export *, struct session *, const struct record *,
    enum flow_end from);

/* True if the rules (at least one) ignore a state.  Counts the rule's hit. */
int session_ignores(const struct export *, const struct rule_list *,
    uint64_t *hits, const struct flow *);

/*
 * Close the open datagram.  Its header time is never earlier than a record's.
 */
void session_close(struct session *, uint64_t now);

/* Send options data (exporter statistics, interface names) if due. */
void session_tell(const struct export *, struct session *, uint64_t now);

/* session_batch.c */

/* Add the rest of the batch, up to and including the next state to split. */
void session_batch(struct export *, struct session *);

/* Add some records of a split; after the last one, the rest of the batch. */
void session_split_some(struct export *, struct session *);

#endif
