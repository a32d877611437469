/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Between track.c and track_table.c, which has the entries: in segments, as
 * memory grows with them, and found by creator and id.
 */

#ifndef TRACK_LOCAL_H
#define TRACK_LOCAL_H

#include <stdint.h>

#include "timeouts.h"
#include "track.h"

enum entry_status {
	ENTRY_FREE,
	ENTRY_LIVE,    /* the last whole dump showed it */
	ENTRY_MISSING, /* ... did not */
	ENTRY_ENDED    /* not reported yet; found no more */
};

struct entry {
	struct flow flow;    /* of the last dump that showed it */
	uint64_t start;	     /* ms since the epoch: creation */
	uint64_t last;	     /* ... last packet */
	uint64_t seen;	     /* ... last dump that showed it */
	uint64_t seen_begin; /* the same, by the monotonic clock */
	uint64_t created;    /* ms, by the monotonic clock; may be negative */
	uint32_t next;	     /* free: the next one; missing: of its bucket */
	uint32_t previous;   /* missing: of its bucket */
	uint32_t number;     /* its own */
	uint32_t follower;   /* the entry behind it in the last dump */
	uint8_t status;
	uint8_t missing; /* whole dumps that did not show it */
};

#define ENTRY_NONE UINT32_MAX

#define SHOWN_FREE UINT32_MAX /* the entry is free */
#define SHOWN_ENDED 0	      /* the entry waits for being reported */

struct table {
	struct entry **segments;
	uint32_t *shown;   /* the last dump that showed an entry, or: */
	uint32_t *index;   /* entries by creator and id; open addressing */
	uint32_t *missing; /* heads of lists of missing entries: bucket() */
	uint64_t seed;
	uint32_t mask; /* of index */
	uint32_t most; /* entries at most */
	uint32_t used; /* entries that were in use at any time */
	uint32_t free; /* the first free one below used */
	uint32_t last; /* the entry of the dump's last state */
};

/* When a dump began and ended, in ms: of the clock, and since any start. */
struct track_time {
	uint64_t wall;
	uint64_t begin;
	uint64_t end;
};

struct track {
	struct table table;
	struct track_time now;
	struct track_counts counts;
	struct timeouts timeouts;
	uint64_t since;	 /* ms, by the monotonic clock: see track_since() */
	uint64_t states; /* that the dump shows */
	uint32_t dump;
	uint32_t next; /* entry to look at, at the end of a dump */
	int stopped;
};

/* True if they have the same addresses, ports, protocol and direction. */
int track_same_tuple(const struct flow *, const struct flow *);

/* -1 and errno. */
int table_init(struct table *, unsigned int most);
void table_free(struct table *);

struct entry *table_entry(const struct table *, uint32_t number);

/* A dump begins. */
void table_begin(struct table *);

/*
 * The entry that has the id of a dump's next state, and is not ended.  NULL:
 * none.
 */
struct entry *table_find(struct table *, const struct flow *);

/* The missing entry that has the tuple and interface of a state. */
struct entry *table_missing(const struct table *, const struct flow *);

/* A new entry of a state.  NULL: no room, or no memory. */
struct entry *table_add(struct table *, const struct flow *);

/* An entry is missing, or no longer so. */
void table_lost(struct table *, struct entry *);
void table_found(struct table *, struct entry *);

/* Make an entry one that is not found any more; and free it. */
void table_forget(struct table *, struct entry *);
void table_remove(struct table *, struct entry *);

#endif
