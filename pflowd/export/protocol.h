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

#define PROTOCOL_RECORDS 30  /* most in a datagram of any protocol */
#define PROTOCOL_STATE 384   /* most bytes of a state's records */
#define PROTOCOL_TEMPLATES 8 /* most templates of flow records */

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
 * A set being filled: the records of one template for the open datagram.
 * Timestamps are added when the datagram is closed, because NetFlow 5 and 9
 * encode them relative to its header.
 */
struct set {
	unsigned int n;					 /* records */
	struct record_times times[PROTOCOL_RECORDS + 1]; /* room for a pair */
	uint8_t data[SENDQUEUE_DATAGRAM];
};

/*
 * Templates are numbered from 0.  A protocol without templates has the layout
 * of its records as template 0, and a set of it is just the records.
 */
struct protocol {
	size_t header; /* most bytes before the first set or template */
	size_t set;    /* most bytes of a set that are not records */
	size_t record[PROTOCOL_TEMPLATES];   /* bytes; the first is least */
	size_t template[PROTOCOL_TEMPLATES]; /* bytes to send it, or 0 */
	int inet6;			     /* can encode IPv6 */
	int by_datagram;  /* the sequence counts datagrams, not records */
	uint64_t counter; /* the largest number of packets or octets: 2^n - 1 */
	uint32_t index;	  /* the largest interface index: 2^n - 1 */
	uint64_t span;	  /* ms that a time may lie before the header's */

	/* The template of a record; biflow: of both directions in one. */
	unsigned int (*template_of)(const struct record *, int biflow);

	/*
	 * Write a record without timestamps: the direction from this end, or
	 * from the initiator if the template is a biflow's.  The caller has
	 * checked the counters and the family against the limits above.  An
	 * interface index above its limit is written as 0.
	 */
	void (*put_record)(uint8_t *, unsigned int template,
	    const struct record *, enum flow_end from);

	/* Encode the records of a batch that fit the protocol. */
	void (*encode)(struct encoded *, const struct batch *, int biflow);

	/*
	 * Write the header of a datagram with this number of records, sent at
	 * `time` (ms since the epoch), and these templates (a bit mask).
	 * Returns the bytes written.
	 */
	size_t (*begin_message)(uint8_t *datagram, const struct domain *,
	    uint64_t time, unsigned int records, unsigned int templates);

	/*
	 * Write a set, with the timestamps of its records: time - span <= start
	 * <= end <= time.  Returns the bytes written.
	 */
	size_t (*put_set)(uint8_t *, unsigned int template, const struct set *,
	    uint64_t time);

	/* Complete a datagram of len bytes and advance the sequence. */
	void (*end_message)(uint8_t *datagram, size_t len, struct domain *,
	    unsigned int records);

	/*
	 * Write a whole datagram of options data with as many interface names
	 * as fit into max_len bytes.  Returns the bytes written.  NULL: the
	 * protocol has no options data.
	 */
	size_t (*put_options)(uint8_t *datagram, size_t max_len,
	    struct domain *, uint64_t time, struct options_data *);
};

/* Cisco NetFlow version 5; version 9 (RFC 3954); IPFIX (RFC 7011). */
#define DECLARE(ID, name, domain, biflow) extern const struct protocol name;
PROTOCOL_LIST(DECLARE)
#undef DECLARE

/* By enum protocol_id. */
extern const struct protocol *const protocols[PROTOCOLS];

#endif
