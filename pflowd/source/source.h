/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A source yields reports: states, with the packets counted for them.
 * source_pfsync.c reads deletions from frames of pfsync(4), source_table.c
 * dumps of pf's state table.
 */

#ifndef SOURCE_H
#define SOURCE_H

#include <stdint.h>

#include "capture.h"
#include "flow/record.h"
#include "log_once.h"
#include "pfsync.h"

struct counters;
struct hold;
struct source_table;
struct track_living;

#define SOURCE_ALL UINT32_MAX
#define SOURCE_JOIN_FILE (-1) /* yes if the first frame is of a table */

/* What the meter must know of a source, whatever it reads. */
struct source_facts {
	int own_clock;	 /* frames carry the time; the caller's is ignored */
	int can_wait;	 /* nothing is lost while nobody reads */
	int own_traffic; /* the states of our own datagrams are among them */
};

/* A whole dump of the state table, the last one. */
struct source_dump {
	unsigned int layout; /* enum statetable_layout; 0: none was read */
	uint64_t time;	     /* of its beginning, ms since the epoch */
	uint64_t ms;	     /* that it took */
	uint64_t longest_ms; /* ... at most, of all */
	uint64_t bytes;	     /* the kernel's answer */
	uint64_t states;
	uint64_t cpu_us; /* 0: not known */
	uint64_t limit;	 /* of states, pf's; 0: not known */
	int enabled;	 /* pf: 1, 0; -1: not known */
};

enum source_result {
	SOURCE_READ,
	SOURCE_NONE, /* nothing now */
	SOURCE_END,
	SOURCE_ERROR /* see source_error() */
};

struct source {
	struct source_facts facts;
	const struct record_policy *policy;
	struct counters *counters;
	struct capture *capture;    /* NULL: none is open */
	uint64_t *frames;	    /* read from it; outlives this process */
	struct capture_stats ended; /* the kernel's, of previous captures */
	struct pfsync_frame frame;  /* whose states are being read */
	struct source_table *table; /* NULL: no dump was read */
	struct hold *hold;	    /* of pfsync; NULL: nothing is joined */
	enum source_result end;	    /* after what hold has; SOURCE_READ: none */
	int leaving;		    /* see source_leave() */
	int memory;		    /* shared, for what is tracked; -1: none */
	uint32_t states;  /* tracked at most; 0: as many as pf has room for */
	uint32_t entries; /* of the table, to be looked at; SOURCE_ALL: all */
	uint32_t interim; /* s between reports of a living state; 0: none */
	int join;	  /* twins have one report: 1, 0, or SOURCE_JOIN_FILE */
	struct source_dump dump;
	unsigned int void_dumps; /* since the last whole one */
	uint32_t error;		 /* errno of the last of these, or 0 */
	uint64_t useful;	 /* time of the last deletion, or whole dump */
	struct log_once log;

	/* The last read; all times are ms since the epoch. */
	uint64_t time;	     /* when the frame was captured */
	uint64_t now;	     /* when they are exported */
	unsigned int opened; /* frames, or as much other work */
	unsigned int n;
	struct flow flow[BATCH];
	struct flow twin[BATCH]; /* the out-states of pairs */
	struct report report[BATCH];
	uint64_t octets; /* of these reports: record_octets() */
};

/*
 * Start without a capture.  policy must be set before the first read; the
 * counters, and the number of frames read from the open capture, must outlive
 * the source.
 */
void source_init(struct source *, struct counters *, uint64_t *frames,
    struct source_facts);

/*
 * Read from this capture and take it over; NULL: from none.  Closes the old
 * one; states of it that were not read count as cut.  Reports stay valid, and
 * the states of a table stay tracked.
 */
void source_capture(struct source *, struct capture *);

void source_free(struct source *);

/*
 * Read no more of a table, but give the states that have ended, also those that
 * only the next dumps would have shown to have.
 */
void source_leave(struct source *);

/*
 * Before the first read of dumps of the state table, which may come much later:
 * take in what the engine before has left in its shared memory; -1: it has left
 * none.  It takes less than a second for a million states.  -1: out of memory.
 */
int source_resume(struct source *, int memory);

/* At the end: count the octets of tracked states that are not reported. */
void source_left(struct source *);

/*
 * Another source is read: report what had ended of that which an engine before
 * has tracked.  What lives stays tracked, and is taken from later reports of
 * it.  -1: out of memory.
 */
int source_settle(struct source *, int memory);

/*
 * Open the next frame if the last one has no more states, and read states of
 * it: n at most (at least 1), where opening a frame counts as one, and no more
 * than BATCH.  After SOURCE_READ, the members above have the result, which may
 * be a frame without states; the reports are valid until the next read.
 */
enum source_result source_read(struct source *, uint64_t now, unsigned int n);

/* The time to export at, if it is `now` by the system's clock. */
static inline uint64_t
source_clock(const struct source *s, uint64_t now)
{
	return s->facts.own_clock ? s->now : now;
}

/* The octets of the reports that are being read, for a source to keep. */
static inline uint64_t
source_octets(const struct source *s)
{
	const struct report *r;
	uint64_t sum = 0;

	for (r = s->report; r < s->report + s->n; r++)
		sum += record_octets(r->packets, r->bytes);
	return sum;
}

/* The number of states of the open frame that are not read yet. */
unsigned int source_pending(const struct source *);

/* The number of states read that wait for their twins: see hold.h. */
unsigned int source_held(const struct source *);

/*
 * When to call source_read(), even if no frame comes, for a state that waits;
 * UINT64_MAX: none does.  now is the time of the system's clock.
 */
uint64_t source_due(const struct source *, uint64_t now);

/* Let states wait no longer: the next reads give all of them. */
void source_release(struct source *);

/* True if the frames read so far have more states to give. */
int source_busy(const struct source *);

/* Set the timeouts that the last dump has, but for those of the file. */
void source_timeouts(const struct source *, struct record_policy *);

/*
 * After a dump, source_read() looks at the entries of the table for those that
 * have ended: at as many as `entries` allows, which it counts down.  Returns
 * how many there are; 0: it does not look at them now.
 */
uint32_t source_looks(const struct source *);

/*
 * The time between dumps that shows each state twice before its timeout: the
 * largest of 1, 2, 5 and 10 s not above half of the shortest timeout in force;
 * 5 s before the first dump.
 */
uint32_t source_table_interval(const struct source *);

/* The next living state of the table: track_alive().  -1 if there is none. */
int source_alive(const struct source *, uint32_t *cursor, unsigned int *n,
    struct track_living *);

/* The message for SOURCE_ERROR. */
const char *source_error(const struct source *);

/*
 * Update the kernel's counters, and get those of the open capture alone.  -1:
 * there are none.
 */
int source_statistics(struct source *, struct capture_stats *);

#endif
