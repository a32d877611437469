/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * An export protocol: limits and sizes by which the export modules decide
 * whether and where a record fits, and functions that write bytes and never
 * fail.
 */

#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "sendqueue.h"
#include "flow/protocol_id.h"
#include "flow/record.h"

struct batch;
struct options_data;
struct encoded;

#define PROTOCOL_RECORDS 30 /* most in a datagram of any protocol */
#define PROTOCOL_PAIR 304   /* most bytes of two records */
#define PROTOCOL_KINDS 8    /* most kinds of records */

/*
 * SysUptime (ms) in NetFlow headers.  Collectors compute the exporter's boot
 * time from each datagram anew, so SysUptime can be constant.  This value
 * allows flows of 48 days and leaves one day before the 32 bits wrap.
 */
#define PROTOCOL_UPTIME (UINT32_MAX - UINT32_C(24) * 60 * 60 * 1000)

/* An Observation Domain (RFC 7011, 2): it has one sequence per collector. */
struct domain {
	uint32_t sequence; /* in the protocol's unit */
	uint32_t options;  /* IPFIX: sequence of options data */
	uint32_t id;	   /* engine id, source id, observation domain id */
};

/*
 * The records of one kind for the open datagram.  Timestamps are added when the
 * datagram is closed: NetFlow 5 and 9 encode them relative to its header.
 */
struct run {
	uint8_t *data;
	size_t len;
	unsigned int n;
	struct record_times times[PROTOCOL_RECORDS + 1]; /* room for a pair */
};

struct protocol {
	size_t header; /* bytes before the first record, without templates */
	size_t set;    /* most overhead bytes for the records of one kind */
	size_t record[PROTOCOL_KINDS];	 /* bytes, by kind */
	size_t template[PROTOCOL_KINDS]; /* bytes, by kind, or 0 */
	int inet6;			 /* can encode IPv6 */
	int biflow;	  /* can encode both directions in one record */
	int by_datagram;  /* the sequence counts datagrams, not records */
	uint64_t counter; /* the largest number of packets or octets */
	uint32_t index;	  /* the largest interface index */
	uint64_t span;	  /* ms that a time may lie before the header's */

	/*
	 * The kind of a record, below PROTOCOL_KINDS; both: a biflow.  NULL:
	 * the protocol has only kind 0.
	 */
	unsigned int (*kind)(const struct record *, int both);

	/*
	 * Write the records of a state without timestamps, at most
	 * PROTOCOL_PAIR bytes: one record if the kind is a biflow, else that of
	 * the initiator's direction, then the responder's, even if a direction
	 * has no packets.  The caller has checked the counters of directions
	 * with packets against the limit above.  An interface index above its
	 * limit is written as 0.
	 */
	void (*put)(uint8_t *, unsigned int kind, const struct record *);

	/* Encode the states of a batch that fit the protocol. */
	void (*write)(struct encoded *, const struct batch *, int biflow);

	/*
	 * Write the header of a datagram with this number of records, sent at
	 * `time` (ms since the epoch), and the templates of these kinds (a bit
	 * mask).  Returns the bytes written.
	 */
	size_t (*begin)(uint8_t *datagram, const struct domain *, uint64_t time,
	    unsigned int records, unsigned int templates);

	/*
	 * Append a run of a kind and write its timestamps.  The bytes of the
	 * records may already be in place behind the room for a set header.
	 * Timestamps: time - span <= start <= end <= time.  Returns the bytes
	 * written.
	 */
	size_t (*add)(uint8_t *, unsigned int kind, const struct run *,
	    uint64_t time);

	/* Complete a datagram of len bytes and advance the sequence. */
	void (*finish)(uint8_t *datagram, size_t len, struct domain *,
	    unsigned int records);

	/*
	 * Write a whole datagram of options data with as many interface names
	 * as fit into room bytes.  Returns the bytes written.  NULL: the
	 * protocol has no options data.
	 */
	size_t (*options)(uint8_t *datagram, size_t room, struct domain *,
	    uint64_t time, struct options_data *);
};

/* Cisco NetFlow version 5; version 9 (RFC 3954); IPFIX (RFC 7011). */
#define DECLARE(ID, name, domain, biflow) extern const struct protocol name;
PROTOCOL_LIST(DECLARE)
#undef DECLARE

/* By enum protocol_id. */
extern const struct protocol *const protocols[PROTOCOLS];

#endif
