/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The accounting.  Plain 64-bit counters, so that they can live in memory that
 * outlasts an engine.  Between two frames they add up:
 *
 *   frames    = the sum of verdict[]
 *   announced = states + cut + crashed
 *   states    = exported + ignored + own + other_creator + no_packets +
 *               inexpressible
 *
 * and for each collector:
 *
 *   offered   = given + ignored + inexpressible_inet6 + inexpressible_wide
 *   built     = sent + queued + dropped + crashed + the sum of failed[]
 *
 * where offered are the states that the rules of the whole let pass and that
 * have packets, and queued is what waits for the collector, the open datagram
 * included.
 */

#ifndef COUNTERS_H
#define COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "field.h"

/* What a frame was taken for.  All but the first are reasons to refuse it. */
enum pfsync_verdict {
	PFSYNC_DECODED,
	PFSYNC_SHORT,	/* it ends before its header does */
	PFSYNC_VERSION, /* not 2, 3 or 4 */
	PFSYNC_COUNT,	/* a deletion of nothing */
	PFSYNC_LENGTH,	/* the IP header in front contradicts itself */
	PFSYNC_ACTION,	/* not a deletion */
	PFSYNC_CLR,	/* all states went at once, their counters with them */
	PFSYNC_VERDICTS
};

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
	uint64_t crashed;	/* states that an engine died over */
	uint64_t trailing;	/* frames with bytes after the last state */
	uint64_t states;	/* states seen */
	uint64_t exported;	/* in at least one record, or printed */
	uint64_t ignored;	/* by a rule, or by every collector's rules */
	uint64_t own;		/* pflowd's own datagrams */
	uint64_t other_creator; /* made by another host of a CARP group */
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
	/* Records, not states: they waited for a collector that went. */
	uint64_t gone;
	/* Of the capture itself, as the kernel counts. */
	uint64_t kernel_received;
	uint64_t kernel_dropped;
	uint64_t kernel_if_dropped;
	uint64_t kernel_unread; /* kept for an engine that died, or for none */
};

struct collector_counters {
	uint64_t offered; /* states */
	uint64_t given;	  /* states in at least one record */
	uint64_t ignored; /* states, by the collector's own rules */
	uint64_t inexpressible_inet6;
	uint64_t inexpressible_wide; /* counters too large to split */
	uint64_t split;		     /* directions that took several records */
	uint64_t clamped;    /* records older than the protocol can say */
	uint64_t wide_index; /* records whose interface index was too large */
	uint64_t built;	     /* records */
	uint64_t sent;	     /* records accepted by the kernel */
	uint64_t dropped;    /* records that found the queue full */
	uint64_t failed[SEND_ERRORS]; /* records that could not be sent */
	uint64_t crashed;	      /* records that an engine died over */
	uint64_t tests;		      /* records, of those built, for tests */
	uint64_t options;   /* records of options data that were built */
	uint64_t begun;	    /* datagrams; all but the open one are built */
	uint64_t datagrams; /* accepted by the kernel */
	uint64_t bytes;	    /* of them, without IP and UDP headers */
	uint64_t errors[SEND_ERRORS]; /* that a send returned */
};

/* Tables for struct counters, for it when live, and for collector_counters. */
extern const struct field counter_fields[];
extern const size_t counter_fields_count;
extern const struct field kernel_fields[];
extern const size_t kernel_fields_count;
extern const struct field collector_fields[];
extern const size_t collector_fields_count;

/* The value of a counter. */
uint64_t counter_value(const struct field *, const void *counters);

/* Records that could not be sent, whatever the reason. */
uint64_t counters_failed(const struct collector_counters *);

#endif
