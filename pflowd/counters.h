/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The accounting.  Plain 64-bit counters, so that they can live in memory that
 * outlasts the engine.  Between two frames they add up:
 *
 *   frames    = the sum of verdict[]
 *   announced = states + cut
 *   states    = exported + no_packets + inexpressible
 *
 * and for each collector:
 *
 *   offered   = given + inexpressible_inet6 + inexpressible_wide
 *   built     = sent + queued + dropped + the sum of failed[]
 *
 * where offered counts the states that are neither without packets nor
 * inexpressible everywhere, and queued is what collector_queued() and the open
 * datagram hold.
 */

#ifndef COUNTERS_H
#define COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "pfsync.h"

/* What a send can fail with, told apart. */
enum send_error {
	SEND_REFUSED,
	SEND_NO_HOST,
	SEND_NO_NET,
	SEND_DENIED,
	SEND_TOO_BIG,
	SEND_OTHER,
	SEND_ERRORS
};

struct counters {
	uint64_t frames;
	uint64_t verdict[PFSYNC_VERDICTS]; /* frames by what became of them */
	uint64_t announced;		   /* count fields of decoded frames */
	uint64_t cut;		/* states that their frame was too short for */
	uint64_t trailing;	/* frames with bytes after the last state */
	uint64_t states;	/* states seen */
	uint64_t exported;	/* in at least one record, or printed */
	uint64_t no_packets;	/* nothing to account */
	uint64_t inexpressible; /* in no collector's protocol, or senseless: */
	uint64_t odd_direction; /* ... neither in nor out */
	uint64_t odd_family;	/* ... neither IPv4 nor IPv6 */
	/* Exported all the same: */
	uint64_t odd_counters; /* bytes that no such packets can have */
	uint64_t odd_age;      /* 2^31 s or more, taken for 0 */
	uint64_t odd_timeout;  /* unknown index: last packet not estimated */
	uint64_t odd_levels;   /* unknown TCP levels: no flags */
	uint64_t no_interface; /* floating, or a name without an index */
	/* Of the capture itself; gauges that the kernel keeps. */
	uint64_t kernel_received;
	uint64_t kernel_dropped;
	uint64_t kernel_if_dropped;
};

struct collector_counters {
	uint64_t offered; /* states */
	uint64_t given;	  /* states in at least one record */
	uint64_t inexpressible_inet6;
	uint64_t inexpressible_wide; /* counters too large to split */
	uint64_t split;		     /* directions that took several records */
	uint64_t clamped;    /* records older than the protocol can say */
	uint64_t wide_index; /* records whose interface index was too large */
	uint64_t built;	     /* records */
	uint64_t sent;	     /* records accepted by the kernel */
	uint64_t dropped;    /* records that found the queue full */
	uint64_t failed[SEND_ERRORS]; /* records that could not be sent */
	uint64_t datagrams;	      /* accepted by the kernel */
	uint64_t bytes;		      /* of them, without IP and UDP headers */
	uint64_t errors[SEND_ERRORS]; /* that a send returned */
};

/* One line of an accounting: a name, a number, and how deep it is indented. */
struct counter_row {
	const char *name;
	size_t offset; /* of a uint64_t in the struct that the table is for */
	int depth;
};

/* Tables for struct counters, for it when live, and for collector_counters. */
extern const struct counter_row counter_rows[];
extern const size_t counter_rows_count;
extern const struct counter_row kernel_rows[];
extern const size_t kernel_rows_count;
extern const struct counter_row collector_rows[];
extern const size_t collector_rows_count;

/* The value of a row. */
uint64_t counter_value(const struct counter_row *, const void *counters);

uint64_t counters_failed(const struct collector_counters *);

#endif
