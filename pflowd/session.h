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

#include "conf.h"
#include "export.h"
#include "protocol.h"
#include "encode.h"

/* A direction whose counters need more than one record. */
struct split {
	const struct record *whole; /* in the batch */
	enum flow_end from;
	uint64_t parts;
	uint64_t done;
};

/* When a kind's template was last sent. */
struct announced {
	int done;
	uint64_t begun; /* the datagram that had it, by collector_counters */
	uint64_t time;
};

/* A transport session (RFC 7011, 2): the datagrams to one collector. */
struct session {
	const struct protocol *protocol;
	const struct conf_collector *conf;
	const struct rule_list *rules; /* its own */
	uint64_t *hits;		       /* of each of them */
	struct domain domain;
	struct sendqueue *to;
	struct collector_counters *counters;
	struct sockaddr_storage peer; /* ss_family 0: not known yet */
	struct sockaddr_storage local;
	struct sockaddr_storage
	    peer_before; /* of the last socket but this one: */
	struct sockaddr_storage local_before; /* its states end later */
	unsigned int path_mtu;		      /* 0: not known */
	size_t room; /* bytes of a datagram, by the path's MTU */
	size_t used; /* of the open one */
	unsigned int open;
	uint64_t opened;	  /* when the first of them came */
	struct record_times span; /* the earliest start, the latest end */
	unsigned int next; /* state of the batch, once there are no splits */
	unsigned int splits;
	struct split split[2];
	unsigned int templates; /* that the open one has, a bit for each kind */
	struct announced announced[PROTOCOL_KINDS];
	uint64_t probed;
	int told; /* of the exporter itself, at told_time in full */
	uint64_t told_time;
	unsigned int told_names; /* of interfaces */
	uint8_t *datagram;	 /* the open one, in the queue */
	unsigned int first;	 /* the kind whose records are there already */
	struct run runs[PROTOCOL_KINDS];
	uint8_t apart[PROTOCOL_KINDS][SENDQUEUE_DATAGRAM]; /* the others' */
};

struct export
{
	struct event_base *base;
	struct ledger *ledger;
	struct export_hooks hooks;
	struct conf *conf; /* its table of interfaces remembers */
	uint64_t hold;	   /* ms */
	uint64_t now;	   /* of the last call */
	uint64_t clock;	   /* of the last export_clock() */
	uint64_t due; /* no datagram has been held long enough before this */
	unsigned int busy;	/* sessions with splits */
	struct batch *batch;	/* that is being exported */
	struct encoded encoded; /* for the last session */
	unsigned int n;
	unsigned int nretired;
	struct session *sessions[CONF_COLLECTORS];
	struct session *retired[CONF_COLLECTORS]; /* the oldest first */
};

/* session.c: */

/*
 * States of the batch, from the next one on, into the open datagram and the
 * next ones.  Returns how many, those that the session's own rules leave out
 * included; 0: the next one is ENCODED_NONE.
 */
unsigned int session_take(struct export *, struct session *);

/* One record, of the direction from this end. */
void session_direction(struct export *, struct session *, const struct record *,
    enum flow_end from);

/* Whether rules, which there are, leave a state out.  Counts the hit. */
int session_ignores(const struct export *, const struct rule_list *,
    uint64_t *hits, const struct flow *);

/* Close the open one; the header's time is never before a record's. */
void session_close(struct session *, uint64_t now);

/* Tell the collector of the exporter itself, if that is due. */
void session_tell(const struct export *, struct session *, uint64_t now);

/* session_batch.c: */

/* The rest of the batch, or what comes before a split. */
void session_batch(struct export *, struct session *);

/* Some of the records of a split; after the last, the rest of the batch. */
void session_split_some(struct export *, struct session *);

#endif
