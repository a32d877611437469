/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Between track*.c: entries, which are in segments, as memory grows with them.
 * Segments may be in shared memory; all that finds an entry is private.
 */

#ifndef TRACK_LOCAL_H
#define TRACK_LOCAL_H

#include <sys/types.h>

#include <stdint.h>

#include "mix.h"
#include "timeouts.h"
#include "track.h"

#define SEGMENT (1 << 13) /* entries */
#define PARTS (1 << 8)	  /* of the index */
#define AHEAD (1 << 3)	  /* entries to prefetch */

enum entry_status {
	ENTRY_FREE,
	ENTRY_LIVE,    /* the last whole dump showed it */
	ENTRY_MISSING, /* ... did not */
	ENTRY_ENDED    /* not reported yet; found no more */
};

enum entry_flag {
	ENTRY_REPORTED = 1 << 0, /* nothing has grown since the last report */
	ENTRY_CHAINED = 1 << 1,	 /* pair_find() finds it */
	ENTRY_ATTEND = 1 << 2	 /* its twin is looked for after a dump */
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
	uint8_t flags; /* enum entry_flag */
	uint32_t rate; /* octets a second, since the dump before */
	uint32_t twin; /* entry; ENTRY_NONE: it has none */
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
	uint32_t next;	   /* free: the next one; missing, chained: of ... */
	uint32_t previous; /* ... its bucket */
	uint32_t pad;
	uint64_t check; /* check_fixed(): also of the base and the twin */
};

/* What was reported of a state.  Only commit() changes more than `first`. */
struct base {
	uint64_t packets[2];
	uint64_t bytes[2];
	uint64_t first; /* ms since the epoch: the next report begins then, or
			 * later if the entry has ENTRY_REPORTED */
};

#define TUPLE_WORDS 8

/* The dump that shows what an engine before has tracked. */
#define TRACK_DUMP_BEFORE 1

#define TRACK_MS UINT64_C(1000)

/* An age has whole seconds, and so may move by one in each of two dumps. */
#define TRACK_CREATION_SLACK (2 * TRACK_MS)

#define ENTRY_NONE UINT32_MAX

/*
 * What a scan must know of an entry, without a look at it: the last dump that
 * showed it, or SHOWN_; with SHOWN_MARK, there is more to do after that dump.
 */
#define SHOWN_ENDED 0 /* to be reported */
#define SHOWN_MARK (UINT32_C(1) << 31)
#define SHOWN_NONE (SHOWN_MARK - 1) /* free, or waiting for its twin's end */

/* Bytes before the first segment, a whole number of pages on any machine. */
#define TRACK_HEADER (1 << 16)

struct journal;

struct segment {
	struct entry *entries;
	struct fixed *fixed;
	struct base *bases;
	uint32_t *shown;
};

struct segments {
	struct journal *journal; /* NULL: there is no segment */
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
	uint32_t *twins;   /* ... of living ones without a living twin */
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

/* One entry that a commit changes, with all that the change has. */
struct change {
	uint32_t number;
	uint32_t twin;
	struct base base;
	uint64_t check; /* fixed.check */
};

#define CHANGES 2 /* a state, or a pair */

/* What is reported, in one step: see track_commit.c. */
struct commit {
	uint64_t sequence;
	struct track_octets octets;
	uint64_t changes;
	struct change change[CHANGES];
	uint64_t check;
};

struct journal {
	struct commit commits[2];
};

struct track {
	struct table table;
	uint64_t sequence; /* of the last commit */
	struct track_time now;
	struct track_counts counts;
	struct timeouts timeouts;
	uint64_t since;	   /* ms, by the monotonic clock: see track_since() */
	uint64_t followed; /* likewise: the last whole dump's beginning */
	uint64_t slack;	   /* ms: by which creations in two dumps may differ */
	uint64_t interim;  /* ms; 0: none */
	uint64_t states;   /* that the dump shows */
	uint32_t due_from; /* see update_due() */
	uint32_t due_width;
	int due_all;
	int join;
	int attend_all;	  /* to those without a twin: join was switched on */
	int following;	  /* a whole dump was followed */
	int from_nothing; /* see track_from_nothing() */
	uint32_t dump;
	int scanning;	   /* track_next() has more to look at: ... */
	unsigned int look; /* all entries for the how many-th time, ... */
	uint32_t next;	   /* ... from this one on */
	uint64_t visits;
	int stopped;
	enum track_stop stop;
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

static inline struct base *
table_base(const struct table *t, uint32_t number)
{
	return &t->segments.segment[number / SEGMENT].bases[number % SEGMENT];
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

/* The entry's twin; NULL: it has none. */
static inline struct entry *
table_twin(const struct table *t, const struct entry *e)
{
	return e->twin == ENTRY_NONE ? NULL : table_entry(t, e->twin);
}

static inline uint64_t
track_least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Of times by the monotonic clock, which may be negative. */
static inline int
track_before(uint64_t a, uint64_t b)
{
	return a - b > INT64_MAX;
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

/* The checks of what an entry has, and of what stays. */
void entry_seal(struct entry *);
uint64_t entry_check_fixed(const struct fixed *, const struct base *,
    uint32_t twin);

/* 0: not sound */
int entry_sound(const struct entry *, const struct fixed *,
    const struct base *);

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
 * Copy the entries of another table, which have the same numbers then: shown by
 * this dump unless they have ended.  table_place(): -1: no memory, or its id is
 * there already; give it to table_give() then, as all numbers without an entry.
 */
int table_place(struct table *, uint32_t number, const struct entry *,
    const struct fixed *, const struct base *, uint32_t shown);
void table_give(struct table *, uint32_t number);

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

/* Living entries that pair_find() finds; see twins.h. */
void table_chain(struct table *, struct entry *, uint64_t hash);
void table_unchain(struct table *, struct entry *, uint64_t hash);
uint32_t table_chained(const struct table *, uint64_t hash);

/* track_update.c */

/* A new entry: set what follows from the dump that shows its state. */
void update_first(struct track *, struct entry *, const struct flow *,
    int absolute);

/* True if the id is that of a state of this tuple, with as much traffic. */
int update_is_later(const struct track *, const struct entry *,
    const struct flow *);

/* True if the id is still that of the same state. */
int update_same(const struct track *, const struct entry *,
    const struct flow *);

/* Update the entry of such a state. */
void update_next(struct track *, struct entry *, const struct flow *,
    int absolute);

/* What was reported of a new entry: all that it has, or nothing. */
void update_base(const struct track *, struct entry *, int all);

/* True if a report of the living state is due after this dump. */
int update_due(const struct track *, const struct entry *);

/* Look at a living entry again after this dump, or the next whole one. */
void update_attend(struct track *, struct entry *);

/* track_life.c */

/* This dump does not show an entry: it is missing, labelled once, or ends. */
void life_miss(struct track *, struct entry *);

/* A missing one is shown again. */
void life_return(struct track *, struct entry *);

/* It has ended, and is to be reported; at the stop, as FLOW_ALIVE. */
void life_end(struct track *, struct entry *);
void life_stop(struct track *, struct entry *);

/* track_commit.c */

/* A journal, in memory that is empty; -1: private.  NULL and errno. */
struct journal *commit_open(int memory);
void commit_close(struct journal *);

/* A change of an entry that changes nothing yet. */
void commit_begin(const struct track *, const struct entry *, struct change *);

/* Make n changes in one step with the sums of octets. */
void commit(struct track *, struct change *, unsigned int n);

/* The last commit of the track that had this memory.  -1: there is none. */
int commit_last(int before, struct commit *);

/* Make its change, if it is of the entry; after that, it is so again. */
void commit_again(const struct commit *, uint32_t number, struct entry *,
    struct fixed *, struct base *);

/* track_pair.c */

/* True if a living entry has no living twin. */
int pair_available(const struct track *, const struct entry *);

/*
 * The twin of a living entry: the best of those that are available, for which
 * the entry is the best, too.  NULL: there is none, or several are alike, which
 * is counted.
 */
struct entry *pair_find(struct track *, const struct entry *);

/* Let pair_find() find an entry; and no more. */
void pair_offer(struct track *, struct entry *);
void pair_withdraw(struct track *, struct entry *);

/* Make a pair of two that are available and have no twin. */
void pair_link(struct track *, struct entry *, struct entry *);

/* Let the twin of an entry that is about to go be single. */
void pair_unlink(struct track *, const struct entry *);

/* track_recover.c */

/* Read the memory of another track.  -1: it has no so much. */
int track_read(int before, off_t from, void *to, size_t len);

/* track_report.c */

/*
 * Report what was not yet reported of a living entry, or of its pair.  0:
 * nothing
 */
int report_piece(struct track *, struct entry *, enum flow_label,
    struct track_report *);

/* Report the end of an entry without a twin, which is free then. */
void report_end(struct track *, struct entry *, struct track_report *);

/* ... of a pair, both of which have ended. */
void report_pair(struct track *, struct entry *, struct track_report *);

/*
 * ... of a pair whose one entry goes on alone.  With a label from FLOW_ALIVE on
 * it is a piece.  0: of nothing
 */
int report_survived(struct track *, struct entry *survivor, enum flow_label,
    struct track_report *);

/* Take from a report what was reported of the entry before. */
void report_rest(const struct track *, const struct entry *, struct report *);

/* Octets of the entry that were not reported. */
uint64_t report_open(const struct track *, const struct entry *);

/* ms since the epoch; not before the state, whatever the clock was set to. */
uint64_t report_last(const struct entry *, const struct fixed *);

#endif
