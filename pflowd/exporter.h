/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What an export protocol is: facts by which export.c decides beforehand
 * whether and where a record fits, and three functions that only write bytes
 * and cannot fail.
 */

#ifndef EXPORTER_H
#define EXPORTER_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"

#define EXPORTER_RECORDS 30 /* in a datagram, of any protocol */

/* A sequence of datagrams that a collector sees as one exporter's. */
struct stream {
	uint32_t sequence; /* as the protocol counts it */
	uint8_t engine_id;
};

struct exporter {
	const char *name;
	size_t header;	      /* bytes in front of the records */
	size_t record;	      /* bytes of a record */
	unsigned int records; /* at most in a datagram */
	int inet6;	      /* can say IPv6 */
	uint64_t counter;     /* the largest number of packets or octets */
	uint32_t index;	      /* the largest interface index */
	uint64_t span; /* how far, in ms, a time may lie before the header's */

	/*
	 * Begin a datagram of so many records, sent at `time` (ms since the
	 * epoch).  These return how many bytes they wrote.
	 */
	size_t (*begin)(uint8_t *, const struct stream *, uint64_t time,
	    unsigned int records);

	/*
	 * One record: counters, index and times are within the facts above,
	 * and time - span <= start <= end <= time.
	 */
	size_t (*add)(uint8_t *, const struct record *, uint64_t time);

	/* End the datagram of len bytes; the sequence moves on. */
	size_t (*finish)(uint8_t *datagram, size_t len, struct stream *,
	    unsigned int records);
};

/* Cisco NetFlow version 5. */
extern const struct exporter netflow5;

#endif
