/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The accounting: plain 64-bit counters, which can be kept in memory that
 * outlives an engine.  Between two frames these sums hold:
 *
 *   frames    = the sum of verdict[]
 *   announced = states + cut + crashed + twins
 *   states    = exported + ignored + own + other_creator + no_packets +
 *               inexpressible
 *
 * of the state table
 *
 *   first_seen = tracked + ended_exact + ended_perhaps_cut + ended_cut + alive
 *                + lost
 *
 * of the octets of states, of both directions together
 *
 *   octets_shown = octets_before_start + octets_not_followed + octets_reported
 *                + octets_twin + octets_cut + octets_left
 *                + those that tracked states have not reported yet
 *   octets_reported = octets_exported + octets_ignored + octets_own
 *                   + octets_other_creator + octets_inexpressible
 *                   + octets_crashed
 *
 * and for each collector:
 *
 *   offered   = given + ignored + inexpressible_inet6 + inexpressible_wide
 *   built     = sent + queued + dropped + crashed + the sum of failed[]
 *   octets_built = octets_sent + octets_queued + octets_dropped
 *                + octets_crashed + octets_failed
 *
 * offered counts states that have packets and pass the global rules.  queued is
 * the number of records waiting for the collector, with the open datagram.
 *
 * Octets are as pf counts them, and forged counters may be of any size: their
 * sums hold modulo 2^64.
 *
 * A counter that is in no sum says how many of the states (frames, records)
 * were of a kind.  One more in a sum must also be added where the sum is
 * computed: states_decided() in ledger.c, counters_crash_octets().  When an
 * engine dies, its last batch is counted as crashed, although counters of a
 * kind may have counted its states.
 */

#ifndef COUNTERS_H
#define COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "field.h"

/* The result of checking a frame.  Only the first gives states. */
enum pfsync_verdict {
	PFSYNC_DECODED,
	PFSYNC_SHORT,	 /* ends within its header */
	PFSYNC_VERSION,	 /* not 2, 3 or 4 */
	PFSYNC_COUNT,	 /* a deletion of no states */
	PFSYNC_LENGTH,	 /* invalid length in the IP header */
	PFSYNC_FRAGMENT, /* a fragment of an IP packet */
	PFSYNC_FOREIGN,	 /* of another protocol */
	PFSYNC_ACTION,	 /* not a deletion */
	PFSYNC_CLR,	 /* clear of all states; their counters are lost */
	PFSYNC_VERDICTS
};

/* The classes of send errors. */
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
	uint64_t verdict[PFSYNC_VERDICTS]; /* frames, by result */
	uint64_t announced;		   /* count fields of decoded frames */
	uint64_t cut;			   /* states missing in short frames */
	uint64_t crashed;	/* states lost in engines that died */
	uint64_t twins;		/* states announced, joined with another */
	uint64_t trailing;	/* frames with bytes after the last state */
	uint64_t snapped;	/* frames that lost states to a snap length */
	uint64_t states;	/* states seen */
	uint64_t exported;	/* states in at least one record, or printed */
	uint64_t ignored;	/* by a global rule, or by every collector's */
	uint64_t own;		/* states of pflowd's own datagrams */
	uint64_t other_creator; /* made by another host of a CARP group */
	uint64_t no_packets;	/* states without packets */
	uint64_t inexpressible; /* in no collector's protocol, or invalid: */
	uint64_t bad_direction; /* ... neither in nor out */
	uint64_t bad_family;	/* ... neither IPv4 nor IPv6 */
	/* Errors in states that are exported: */
	uint64_t bad_counters;	/* bytes impossible for these packets */
	uint64_t bad_age;	/* 2^31 s or more, read as 0 */
	uint64_t bad_timeout;	/* unknown index: last packet not estimated */
	uint64_t bad_tcp_state; /* unknown TCP states: no flags */
	uint64_t no_interface;	/* floating, or a name without an index */
	/* Of the state table: */
	uint64_t dumps;
	uint64_t dumps_void; /* cut, or with states that are not understood */
	uint64_t malformed;  /* such states */
	uint64_t first_seen;
	uint64_t tracked; /* now */
	uint64_t ended_exact;
	uint64_t ended_perhaps_cut;
	uint64_t ended_cut;
	uint64_t alive;		   /* when a recording ended */
	uint64_t lost;		   /* in engines that died */
	uint64_t without_room;	   /* in the last dump */
	uint64_t never_seen_least; /* lived between two dumps: a range */
	uint64_t never_seen_most;
	/* Of interim reports, and of joined ones: */
	uint64_t interim;	  /* reports of states that go on */
	uint64_t pairs;		  /* made of an in- and an out-state */
	uint64_t pairs_ambiguous; /* states left single: two could be meant */
	uint64_t joined;	  /* reports of pairs */
	uint64_t held_full;	  /* states reported singly: no room to wait */
	/* Records that a removed collector was not sent. */
	uint64_t gone;
	/* The kernel's counters of the capture. */
	uint64_t kernel_received;
	uint64_t kernel_dropped;
	uint64_t kernel_if_dropped;
	uint64_t kernel_unread; /* queued for a dead engine, or for none */
	/* All from here on are octets, in directions that have packets. */
	uint64_t octets_reported;
	uint64_t octets_exported;
	uint64_t octets_ignored;
	uint64_t octets_own;
	uint64_t octets_other_creator;
	uint64_t octets_inexpressible;
	uint64_t octets_crashed;      /* reported by engines that died */
	uint64_t octets_shown;	      /* by deletions, or dumps; of these: */
	uint64_t octets_before_start; /* of states that were there before */
	uint64_t octets_not_followed; /* of states that were met late */
	uint64_t octets_twin;	      /* counted by the other of a pair */
	uint64_t octets_cut;	      /* in no record: of a cut pair's states */
	uint64_t octets_left;	      /* not reported at the end */
	uint64_t dropped_between;     /* by the firewall, within pairs */
};

struct collector_counters {
	uint64_t offered; /* states */
	uint64_t given;	  /* states in at least one record */
	uint64_t ignored; /* states, by the collector's own rules */
	uint64_t inexpressible_inet6;
	uint64_t inexpressible_wide; /* counters too large to split */
	uint64_t split;	     /* directions that needed several records */
	uint64_t clamped;    /* records older than the protocol can encode */
	uint64_t wide_index; /* records whose interface index was too large */
	uint64_t built;	     /* records */
	uint64_t sent;	     /* records accepted by the kernel */
	uint64_t dropped;    /* records: queue full, at stop, not built */
	uint64_t failed[SEND_ERRORS]; /* records that could not be sent */
	uint64_t crashed;	      /* records lost in engines that died */
	uint64_t tests;		      /* test records, included in built */
	uint64_t options;	      /* records of options data built */
	uint64_t begun; /* datagrams begun: all are built but the open one */
	uint64_t datagrams; /* datagrams accepted by the kernel */
	uint64_t bytes;	    /* bytes in these, without IP and UDP headers */
	uint64_t errors[SEND_ERRORS]; /* errors returned by sends */
	/* All from here on are octets of flows, as the records have them. */
	uint64_t octets_built;
	uint64_t octets_sent;
	uint64_t octets_dropped;
	uint64_t octets_failed;
	uint64_t octets_crashed;
};

/*
 * Fields of struct counters, its kernel counters (live captures only), its
 * counters of the state table, and struct collector_counters.
 */
extern const struct field counter_fields[];
extern const size_t counter_fields_count;
extern const struct field kernel_fields[];
extern const size_t kernel_fields_count;
extern const struct field table_fields[];
extern const size_t table_fields_count;
extern const struct field collector_fields[];
extern const size_t collector_fields_count;

/* The value of a counter; counters: the struct that its field is of. */
uint64_t counter_value(const struct field *, const void *counters);

/* The octets shown that are reported, or counted as not to be. */
uint64_t counters_octets_known(const struct counters *);

/*
 * An engine died: count as crashed the octets that it reported, but did not
 * decide on.
 */
void counters_crash_octets(struct counters *);

/* The number of records that could not be sent: the sum of failed[]. */
uint64_t counters_failed(const struct collector_counters *);

#endif
