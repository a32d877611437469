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
struct template_sent {
	int done;
	uint64_t begun; /* counters->begun at that datagram */
	uint64_t time;
};

/* A Transport Session (RFC 7011, 2): the datagrams to one collector. */
struct session {
	const struct protocol *protocol;
	const struct conf_collector *conf;
	const struct rule_list *filter; /* of this collector */
	uint64_t *hits;			/* one counter for each rule */
	struct domain domain;
	struct sendqueue *queue;
	struct collector_counters *counters;
	struct sockaddr_storage peer; /* ss_family 0: unknown */
	struct sockaddr_storage local;
	struct sockaddr_storage peer_before;  /* previous socket: */
	struct sockaddr_storage local_before; /* its states may still end */
	unsigned int path_mtu;		      /* 0: unknown */

	/* The open datagram, if it has records. */
	size_t max_len; /* of a datagram's payload, from the path MTU */
	size_t used;	/* bytes */
	unsigned int records;
	uint64_t octets_before;	  /* counters->octets_built without these */
	uint64_t opened;	  /* time of its first record */
	struct record_times span; /* earliest start, latest end */
	unsigned int templates;	  /* that it must carry: a bit mask */
	unsigned int first;	  /* template of the first record */
	struct set set[PROTOCOL_TEMPLATES];

	unsigned int next; /* next state of the batch, after the splits */
	unsigned int nsplits;
	struct split split[2];
	struct template_sent template_sent[PROTOCOL_TEMPLATES];
	uint64_t probed;
	int options_sent; /* in full at options_time */
	uint64_t options_time;
	unsigned int names_sent; /* interface names */
};

struct export
{
	struct event_base *base;
	struct ledger *ledger;
	struct export_hooks hooks;
	struct conf *conf;	/* its interface table caches lookups */
	uint64_t hold;		/* ms */
	uint64_t clock;		/* of the last export_clock() */
	uint64_t due;		/* no datagram is due before this time */
	unsigned int splitting; /* sessions with splits */
	struct batch *batch;	/* being exported */
	struct encoded encoded; /* for the last session */
	unsigned int n;
	unsigned int nretired;
	struct session *sessions[CONF_COLLECTORS];
	struct session *retired[CONF_COLLECTORS]; /* oldest first */
};

/* All times are ms since the epoch; now: when records are exported. */

/* session.c */

/*
 * Export the rest of the batch, up to and including the next state whose
 * counters must be split.
 */
void session_batch(struct export *, struct session *, uint64_t now);

/* Add one record, of the direction that starts at this end. */
void session_record(struct export *, struct session *, const struct record *,
    enum flow_end from, uint64_t now);

/*
 * Close the open datagram.  Its header time is never earlier than a record's.
 */
void session_close(struct session *, uint64_t now);

/* The octets of flows in the open datagram. */
static inline uint64_t
session_octets(const struct session *s)
{
	return s->counters->octets_built - s->octets_before;
}

/* True if the filter (at least one rule) ignores a state.  Counts the hit. */
int session_ignores(const struct export *, const struct rule_list *,
    uint64_t *hits, const struct flow *);

/* True if datagrams are queued for a collector that is not stuck. */
int session_unsent(const struct session *);

/* session_split.c */

/*
 * Export a state that has no encoded records: in more records than one for each
 * direction, or, if the protocol cannot represent it, not at all.
 */
void session_split(struct export *, struct session *, const struct record *,
    enum export_result *, uint64_t now);

/* Add some records of a split; after the last one, the rest of the batch. */
void session_split_some(struct export *, struct session *, uint64_t now);

/*
 * Complete the batch at once.  Of the splits left in it, as many records are
 * built as in one turn; the others are counted as built and dropped, also in
 * the sequence.  Returns their number.
 */
uint64_t session_finish(struct export *, struct session *, uint64_t now);

/* export_apply.c */

void session_free(struct session *);

/* retired.c */

/* Complete the batch of a collector that is being removed. */
void retired_finish(struct export *, struct session *, uint64_t now);

/*
 * Take over the session of a removed collector: it is forgotten when its queue
 * is sent, or after two seconds.
 */
void retired_add(struct export *, struct session *, uint64_t now);

/* As export_unsent() and export_abandon(), of removed collectors. */
int retired_unsent(const struct export *);
void retired_abandon(struct export *);

/* export_options.c */

/* Send options data (exporter statistics, interface names) if due. */
void session_options(const struct export *, struct session *, uint64_t now);

#endif
