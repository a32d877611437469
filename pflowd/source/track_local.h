/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Between track*.c: entries, which are in segments, as memory grows with them.
 * Segments may be in shared memory; all that finds an entry is private.
 */

#ifndef TRACK_LOCAL_H
#define TRACK_LOCAL_H

#include <stdint.h>

#include "mix.h"
#include "timeouts.h"
#include "track.h"

#define SEGMENT (1 << 12) /* entries */
#define PARTS (1 << 8)	  /* of the index */
#define AHEAD (1 << 3)	  /* entries to prefetch */

enum entry_status {
	ENTRY_FREE,
	ENTRY_LIVE,    /* the last whole dump showed it */
	ENTRY_MISSING, /* ... did not */
	ENTRY_ENDED    /* not reported yet; found no more */
};

/* What a dump updates of a state, in two lines of a cache. */
struct entry {
	uint64_t id;
	uint64_t packets[2];
	uint64_t bytes[2];
	uint64_t created; /* ms, by the monotonic clock; may be negative */
	uint32_t creator;
	uint32_t expires;
	uint32_t age;
	uint8_t timeout;
	uint8_t anomalies;
	uint8_t tcp_state[2];

	uint64_t last;	     /* ms since the epoch: last packet */
	uint64_t seen;	     /* ... last dump that showed it */
	uint64_t seen_begin; /* the same, by the monotonic clock */
	uint64_t tuple;	     /* entry_tuple() */
	uint64_t check;	     /* entry_seal() */
	uint32_t number;     /* its own */
	uint32_t follower;   /* the entry behind it in the last dump */
	uint32_t ahead;	     /* the one AHEAD behind it */
	uint8_t status;
	uint8_t missing; /* whole dumps that did not show it */
	uint8_t label;
	uint8_t pad;
	uint32_t rate; /* octets a second, since the dump before */
	uint8_t pad2[4];
};

/* What stays; the tuple is lan, gwy, ext, protocol and direction. */
struct fixed {
	struct flow_host lan;
	struct flow_host gwy;
	struct flow_host ext;
	uint8_t proto;
	uint8_t direction;
	uint16_t icmp;

	uint8_t rt_addr[16];
	char ifname[FLOW_IFNAME];
	uint64_t start; /* ms since the epoch: creation */
	uint32_t rule;
	uint32_t next;	   /* free: the next one; missing: of its bucket */
	uint32_t previous; /* missing: of its bucket */
	uint32_t pad;
	uint64_t check; /* fixed_seal() */
};

#define TUPLE_WORDS 8

/* The dump that shows what an engine before has tracked. */
#define TRACK_DUMP_BEFORE 1

#define TRACK_MS UINT64_C(1000)

/* An age has whole seconds, and so may move by one in each of two dumps. */
#define TRACK_CREATION_SLACK (2 * TRACK_MS)

#define ENTRY_NONE UINT32_MAX

#define SHOWN_FREE UINT32_MAX /* the entry is free */
#define SHOWN_ENDED 0	      /* the entry waits for being reported */

struct segment {
	struct entry *entries;
	struct fixed *fixed;
	uint32_t *shown; /* the last dump that showed an entry, or SHOWN_ */
};

struct segments {
	struct segment *segment;
	uint32_t n;
	uint32_t room; /* of the array */
	int memory;    /* shared memory; -1: none */
};

/* Entries by creator and id: open addressing, each part by itself. */
struct part {
	uint32_t *slots; /* number + 1; 0: free */
	uint32_t mask;
	uint32_t n;
};

struct table {
	struct segments segments;
	struct part index[PARTS];
	uint32_t *missing; /* heads of lists of missing entries: bucket() */
	uint64_t seed;
	uint64_t keys[TUPLE_WORDS]; /* random: see entry_tuple() */
	uint32_t most;		    /* entries at most */
	uint32_t n;		    /* entries in use */
	uint32_t free;		    /* the first free one */
	uint32_t last;		    /* the entry of the dump's last state */
	uint32_t recent[AHEAD];
	uint32_t nrecent;
	int full; /* memory did not grow in this dump */
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
	int alive; /* stopped: report those that live, too */
};

static inline struct entry *
table_entry(const struct table *t, uint32_t number)
{
	return &t->segments.segment[number / SEGMENT].entries[number % SEGMENT];
}

static inline struct fixed *
table_fixed(const struct table *t, uint32_t number)
{
	return &t->segments.segment[number / SEGMENT].fixed[number % SEGMENT];
}

static inline uint32_t *
table_shown(const struct table *t, uint32_t number)
{
	return &t->segments.segment[number / SEGMENT].shown[number % SEGMENT];
}

/* Entries that there are, free ones included. */
static inline uint32_t
table_size(const struct table *t)
{
	return t->segments.n * SEGMENT;
}

/* track_segments.c */

/* Add a segment, which is zero.  -1 and errno. */
int segments_add(struct segments *);
void segments_free(struct segments *);

/* track_entry.c */

/* The same addresses, ports, protocol and direction. */
int entry_same_tuple(const struct fixed *, const struct flow *);

/*
 * A hash of the tuple, which is compared in place of the tuple.  Nobody who
 * does not know the keys can make two that are alike.
 */
uint64_t entry_tuple(const uint64_t keys[TUPLE_WORDS], const struct flow *);

void entry_set(struct entry *, struct fixed *, const struct flow *);

/* The state as the last dump showed it. */
void entry_flow(const struct entry *, const struct fixed *, struct flow *);

/* Write the check of what has changed; verify all.  0: not sound */
void entry_seal(struct entry *);
void fixed_seal(struct fixed *);
int entry_sound(const struct entry *, const struct fixed *);

/* track_index.c */

uint32_t index_find(const struct table *, uint64_t id, uint32_t creator);
int index_add(struct table *, const struct entry *); /* -1: no memory */
void index_remove(struct table *, const struct entry *);
void index_free(struct table *);

/* track_table.c */

/* memory: of segments; -1: private.  -1 and errno. */
int table_init(struct table *, unsigned int most, int memory);
void table_free(struct table *);

/*
 * A copy of an entry of another table, shown by this dump unless it has ended.
 * -1: no memory, or its id is there already.
 */
int table_restore(struct table *, const struct entry *, const struct fixed *,
    uint32_t shown);

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

/* track_update.c */

/* A new entry: set what follows from the dump that shows its state. */
void update_first(struct track *, struct entry *, const struct flow *,
    int absolute);

/* True if the id is still that of the same state. */
int update_same(const struct track *, const struct entry *,
    const struct flow *);

/* Update the entry of such a state. */
void update_next(struct track *, struct entry *, const struct flow *,
    int absolute);

#endif
