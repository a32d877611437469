/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What an export protocol is: facts by which the export modules decide whether
 * and where a record fits, and functions that only write bytes and cannot fail.
 */

#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "sendqueue.h"
#include "record.h"

struct batch;
struct options_data;
struct encoded;

#define PROTOCOL_RECORDS 30 /* that fit into a datagram, of any protocol */
#define PROTOCOL_PAIR 304   /* bytes of two, of any protocol and kind */
#define PROTOCOL_KINDS 8    /* of records, of any protocol */

/*
 * SysUptime in the headers of NetFlow, whose collectors compute when the
 * exporter booted from each datagram anew: so it may be one constant, and 48
 * days of a flow's life fit, with a day to spare before anything wraps.
 */
#define PROTOCOL_UPTIME (UINT32_MAX - UINT32_C(24) * 60 * 60 * 1000)

/* An observation domain (RFC 7011, 2): a collector keeps one sequence of it. */
struct domain {
	uint32_t sequence; /* as the protocol counts it */
	uint32_t options;  /* IPFIX: that of options data */
	uint32_t id;	   /* engine id, source id, observation domain id */
};

/*
 * The open records of a kind: all written but for their times, which some
 * protocols tell by that of the datagram, known when it is closed.
 */
struct run {
	uint8_t *data;
	size_t len;
	unsigned int n;
	struct record_times times[PROTOCOL_RECORDS + 1]; /* room for a pair */
};

struct protocol {
	const char *name;
	size_t header; /* bytes before the first record, without templates */
	size_t set;    /* bytes beside the records of a kind, at most */
	size_t record[PROTOCOL_KINDS];	 /* bytes of one, of each kind */
	size_t template[PROTOCOL_KINDS]; /* of what tells its layout, or 0 */
	int inet6;			 /* can say IPv6 */
	int both;	  /* can say both directions in one record */
	int by_datagram;  /* the sequence counts datagrams, not records */
	uint64_t counter; /* the largest number of packets or octets */
	uint32_t index;	  /* the largest interface index */
	uint64_t span; /* how far, in ms, a time may lie before the header's */

	/*
	 * What kind of record it is, of one direction or of both, below
	 * PROTOCOL_KINDS; NULL: there is one.
	 */
	unsigned int (*kind)(const struct record *, int both);

	/*
	 * Write the records of a kind but for their times, into at most
	 * PROTOCOL_PAIR bytes: that of the initiator's direction, then of the
	 * responder's, with packets or without; or one, if the kind is of both.
	 * Counters of a direction with packets are within the facts above; an
	 * index that is not is told as 0.
	 */
	void (*put)(uint8_t *, unsigned int kind, const struct record *);

	/* Write what fits of a batch, with both directions in one or not. */
	void (*write)(struct encoded *, const struct batch *, int biflow);

	/*
	 * Begin a datagram of so many records, sent at `time` (ms since the
	 * epoch), with the templates of these kinds, a bit for each.  These
	 * return how many bytes they wrote.
	 */
	size_t (*begin)(uint8_t *datagram, const struct domain *, uint64_t time,
	    unsigned int records, unsigned int templates);

	/*
	 * Go on with a run of a kind, whose bytes may be there already but for
	 * what comes before them, and tell its times:
	 * time - span <= start <= end <= time.
	 */
	size_t (*add)(uint8_t *, unsigned int kind, const struct run *,
	    uint64_t time);

	/* End the datagram of len bytes; the sequence moves on. */
	void (*finish)(uint8_t *datagram, size_t len, struct domain *,
	    unsigned int records);

	/*
	 * A whole datagram of what the exporter has to say of itself, with as
	 * many of the names as fit into it.  NULL: the protocol cannot.
	 */
	size_t (*options)(uint8_t *datagram, size_t room, struct domain *,
	    uint64_t time, struct options_data *);
};

/* Cisco NetFlow version 5; version 9 (RFC 3954); IPFIX (RFC 7011). */
extern const struct protocol netflow5;
extern const struct protocol netflow9;
extern const struct protocol ipfix;

/* The protocol of a name, or NULL. */
const struct protocol *protocol_find(const char *name);

/* Where a loop over all of them ends is NULL. */
extern const struct protocol *const protocols[];

#endif
