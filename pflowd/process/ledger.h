/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The counters, in memory that outlives an engine: the parent creates it, never
 * reads it, and gives it to each engine that it starts.
 */

#ifndef LEDGER_H
#define LEDGER_H

#include <stdint.h>

#include "common/counters.h"
#include "common/ctl.h"
#include "conf/conf.h"
#include "flow/flow.h"
#include "flow/rule.h"

#define LEDGER_INTERFACES 128 /* names counted separately */
#define LEDGER_KEY 400	      /* bytes of a collector's key */

/*
 * Collectors of a configuration, of the previous one, and those being drained.
 */
#define LEDGER_COLLECTORS (3 * CONF_COLLECTORS)

/* State that the next engine continues with if this one dies. */
struct collector_health {
	int failing;	/* sending fails, and this was logged */
	int narrow;	/* datagrams were too large, and this was logged */
	int error;	/* the last errno, 0: none */
	uint64_t since; /* ms since the epoch, of the last change up or down */
	uint64_t error_time;
};

struct ledger_collector {
	char key[LEDGER_KEY]; /* empty: free */
	struct collector_counters counters;
	struct collector_health health;
	uint64_t lost; /* of counters.crashed, since the last ledger_sweep() */
};

/* Counts for one interface.  The last row counts all names without a row. */
struct ledger_interface {
	char name[FLOW_IFNAME]; /* empty: the end of the list */
	uint64_t states;
	uint64_t records;
};

struct ledger {
	uint64_t started;    /* ms since the epoch: the first engine */
	uint64_t engines;    /* started: the first one, and for each of */
	uint64_t replaced;   /* ... those that ended as the parent asked */
	uint64_t died;	     /* ... those that did not */
	uint64_t reloaded;   /* ms since the epoch, 0: never */
	uint64_t error_time; /* of the last warning */
	uint64_t drop_time;  /* of the last frame or record dropped, 0: never */
	/* States that each rule decided, in the order of the configuration. */
	uint64_t rule_hits[RULE_MAX];
	uint32_t pfsync_version; /* last seen */
	uint32_t generation;	 /* of the configuration for rule_hits[] */
	uint32_t ended;		 /* the last engine ended as it should */
	uint32_t pad;
	uint64_t capture_frames;   /* frames read from the open capture */
	uint64_t capture_received; /* libpcap's last statistics of it */
	uint64_t capture_dropped;
	struct counters counters;
	struct ledger_interface interfaces[LEDGER_INTERFACES];
	struct ledger_collector collectors[LEDGER_COLLECTORS];
	char error[256]; /* the last warning */
};

/*
 * Create zeroed, fully allocated, anonymous shared memory for a ledger.
 * Returns its descriptor; -1 and errno.
 */
int ledger_create(void);

/*
 * Map the ledger of a descriptor, which may be closed afterwards.  NULL and
 * errno.
 */
struct ledger *ledger_map(int fd);

/* Allocate a ledger private to the process.  NULL and errno. */
struct ledger *ledger_new(void);

/*
 * Verify a ledger that another engine, possibly a compromised one, wrote: every
 * counter, string and sum the code relies on.  -1: it is invalid, and was
 * zeroed.
 */
int ledger_check(struct ledger *);

/*
 * Start a new engine: count how the previous one ended, and its unfinished work
 * as crashed, so that all sums agree again.
 */
void ledger_begin(struct ledger *, uint64_t now);

/* The engine ends because the parent asked it to. */
void ledger_end(struct ledger *);

/* Find the row of a collector by its key, or create it. */
struct ledger_collector *ledger_collector(struct ledger *, const char *key);

/* Change the key of a row, when the same collector is written differently. */
void ledger_rename(struct ledger *, const struct collector_counters *,
    const char *key);

/*
 * Keep the row for a removed collector.  A new collector with the same key gets
 * a new row.
 */
void ledger_retire(struct ledger *, const struct collector_counters *);

/* Free the row. */
void ledger_release(struct ledger *, const struct collector_counters *);

/*
 * Free all rows whose key is not wanted: their collectors were removed.  The
 * records that dead engines had for them are counted as gone.
 */
void ledger_sweep(struct ledger *,
    int (*wanted)(const void *arg, const char *key), const void *arg);

/* Find or create the row of an interface, by its NUL-padded name. */
struct ledger_interface *ledger_interface(struct ledger *, const char *name);

/* Store a warning for display. */
void ledger_error(struct ledger *, const char *text, uint64_t now);

/* Forget it if it begins with this text. */
void ledger_settle(struct ledger *, const char *begin);

#endif
