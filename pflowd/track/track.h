/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The states of the dumps of a state table: which are the same, which have
 * ended, and when.  pf keeps a state for a while after its last packet, so the
 * counters of the last dump that showed it are final if it expired.
 *
 * Whatever the dump's order, a state that a whole dump does not show is
 * missing; after three such dumps it has ended.  A dump that was cut, or that
 * failed, ends nothing.
 */

#ifndef TRACK_H
#define TRACK_H

#include <stdint.h>

#include "flow/record.h"

#define TRACK_STATES 1000000 /* tracked at most, by default */
#define TRACK_MOST 100000000 /* ... by any setting */

/*
 * A state that has ended, with its label, or one that lives (FLOW_INTERIM).
 * Times are ms since the epoch.
 */
struct track_report {
	struct flow flow; /* of a pair: the in-state, with the worse label */
	struct flow twin; /* of a pair: the out-state */
	int joined;	  /* it is of a pair */
	uint64_t
	    packets[2];	   /* that were not reported; of a pair, as received: */
	uint64_t bytes[2]; /* ... by the in-state; by the out-state */
	uint64_t start;
	uint64_t last; /* packet */
};

/*
 * The most states to track of a pf that has this limit, on a machine with so
 * many bytes of memory (0: not known), of which half is enough.  States that
 * have ended are missing for three dumps, and with interval auto each was in
 * the table for at least two: so there are at most one and a half times as many
 * of them.
 */
unsigned int track_most(uint64_t limit, uint64_t memory);

/* Octets of states, which are never counted twice: see counters.h. */
struct track_octets {
	uint64_t shown;
	uint64_t before_start;
	uint64_t not_followed;
	uint64_t reported;
	uint64_t twin;
	uint64_t cut;
	uint64_t dropped_between;
};

struct track_counts {
	struct track_octets octets;
	uint64_t interim; /* reports of states that live */
	uint64_t joined;  /* reports of pairs */
	uint64_t pairs;	  /* made */
	uint64_t ambiguous;
	uint64_t first_seen;
	uint64_t ended[FLOW_ENDS]; /* by label */
	uint64_t tracked;	   /* now; missing ones, too */
	uint64_t lost;		   /* in engines that died */
	uint64_t without_room;	   /* in the last dump */
	uint64_t made; /* first seen, and made after track_since() */
};

struct track;

/*
 * Track at most so many states.  memory is empty shared memory, which grows
 * with them; -1: memory of the process.  NULL and errno.
 */
struct track *track_new(unsigned int most, int memory);
void track_free(struct track *);

/*
 * Go on with what the engine before has left: its shared memory (-1: none) and
 * its counts.  Entries that are not sound are counted as lost.
 */
void track_resume(struct track *, int before, const struct track_counts *);

/* From now on; if there are more, no new ones until enough have ended. */
void track_limit(struct track *, unsigned int most);

/* Report living states every so many seconds; 0: at their end alone. */
void track_interim(struct track *, uint32_t seconds);

/* Whether in- and out-states of forwarded connections are made pairs. */
void track_join(struct track *, int join);

/* It is a recording: report all that the first dump shows, too. */
void track_from_nothing(struct track *);

/* The timeouts in force: timeouts_set(). */
void track_timeouts(struct track *, const uint32_t seconds[FLOW_TIMEOUTS]);

/* pf has so many states before the first dump. */
void track_holds(struct track *, uint64_t states);

/* The shortest timeout that a state has now: timeouts_least(). */
uint32_t track_least_timeout(const struct track *);

/* A dump begins. */
void track_begin(struct track *, uint64_t wall, uint64_t monotonic);

/*
 * A state of the dump.  `absolute`: what remains of the timeout of an expired
 * state is another time, as netlink's.
 */
void track_state(struct track *, const struct flow *, int absolute);

/* The dump ends; whole: it showed all states.  Ask for ends then. */
void track_finish(struct track *, int whole, uint64_t monotonic);

/* Count states that are made after this dump's beginning. */
void track_since(struct track *);

/* No dump follows: states that are missing have ended.  Report ... */
enum track_stop {
	TRACK_STOP_ENDED, /* ... these */
	TRACK_STOP_OPEN,  /* ... and what is open of those that live */
	TRACK_STOP_ALL	  /* ... and those that live, as FLOW_ALIVE */
};
void track_stop(struct track *, enum track_stop);

/*
 * The deletion of a state has its counters, with their times: if it is tracked,
 * forget it, and leave in the report what was not reported.  Returns the octets
 * of this that dumps had shown.
 */
uint64_t track_deleted(struct track *, struct report *);

/* Octets of tracked states that were not reported, all together. */
uint64_t track_open(const struct track *);

/*
 * The next report, if one is due of the next n entries that are looked at.
 * Returns 1: `report` has one; 0: none of these; -1: all have been looked at.
 */
int track_next(struct track *, unsigned int *n, struct track_report *report);

/*
 * How many of these had something to do, so far: each takes as long as some
 * hundred that had not.
 */
uint64_t track_visits(const struct track *);

/* How many entries track_next() looks at after a dump. */
uint32_t track_entries(const struct track *);

/* A state as the last dump showed it. */
struct track_living {
	struct flow flow; /* of a pair: see struct track_report */
	struct flow twin;
	int joined;
	uint64_t last; /* packet, ms since the epoch */
	uint32_t rate; /* octets a second, since the dump before */
};

/*
 * The next living state, at the cursor or behind it.  The cursor starts at 0.
 * Looks at n entries at most, which it counts down.  Returns as track_next()
 * does; what is tracked may change meanwhile.
 */
int track_alive(const struct track *, uint32_t *cursor, unsigned int *n,
    struct track_living *);

const struct track_counts *track_counts(const struct track *);

#endif
