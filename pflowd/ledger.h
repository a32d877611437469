/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What is counted, in memory that outlasts an engine: the parent makes it,
 * never reads it, and hands it to each engine that it starts.
 */

#ifndef LEDGER_H
#define LEDGER_H

#include <stdint.h>

#include "sendqueue.h"
#include "common/counters.h"
#include "common/ctl.h"
#include "conf.h"
#include "flow.h"
#include "rule.h"

#define LEDGER_INTERFACES 128 /* names that are told apart */
#define LEDGER_KEY 400	      /* bytes of a collector's identity */

/* Those of a configuration, of the one before, and those still sent to. */
#define LEDGER_COLLECTORS (3 * CONF_COLLECTORS)

struct ledger_collector {
	char key[LEDGER_KEY]; /* empty: free */
	struct collector_counters counters;
	struct sendqueue_health health;
};

/* What was seen on an interface; the last one stands for all there's no room
 * for. */
struct ledger_interface {
	char name[FLOW_IFNAME]; /* empty: the end of the list */
	uint64_t states;
	uint64_t records;
};

struct ledger {
	uint64_t started;    /* ms since the epoch: the first engine */
	uint64_t engines;    /* that were started */
	uint64_t reloaded;   /* ms since the epoch, 0: never */
	uint64_t error_time; /* of the last warning */
	/* States that each rule decided, in the order of the configuration. */
	uint64_t rule_hits[RULE_MAX];
	uint32_t pfsync_version; /* last seen */
	uint32_t generation; /* of the configuration that rule_hits[] is for */
	uint64_t capture_frames;   /* read of the capture that is open */
	uint64_t capture_received; /* what libpcap last said of it */
	uint64_t capture_dropped;
	struct counters counters;
	struct ledger_interface interfaces[LEDGER_INTERFACES];
	struct ledger_collector collectors[LEDGER_COLLECTORS];
	char error[256]; /* the last warning */
};

/*
 * A descriptor of memory for a ledger, zeroed, all of it there, and without a
 * name; -1 and errno.
 */
int ledger_create(void);

/* The ledger of a descriptor (which may be closed then); NULL and errno. */
struct ledger *ledger_map(int fd);

/* A ledger that ends with its process; NULL and errno. */
struct ledger *ledger_new(void);

/*
 * Check what another engine left, which may have been an attacker's: every
 * counter, text and sum that is relied upon.  -1: it is not sound, and all of
 * it is zero now.
 */
int ledger_check(struct ledger *);

/*
 * A new engine begins: what the last one had under way is lost, and is booked
 * as that, so that everything adds up again.
 */
void ledger_begin(struct ledger *, uint64_t now);

/* The row of a collector, by its identity: the one that is there, or new. */
struct ledger_collector *ledger_collector(struct ledger *, const char *key);

/* The same collector has another identity: its name is written otherwise. */
void ledger_rename(struct ledger *, const struct collector_counters *,
    const char *key);

/* The counters are for a collector that went: another of that identity is new.
 */
void ledger_retire(struct ledger *, const struct collector_counters *);

/* Nobody needs them any more. */
void ledger_release(struct ledger *, const struct collector_counters *);

/* Release all whose identity is not wanted. */
void ledger_sweep(struct ledger *,
    int (*wanted)(const void *arg, const char *key), const void *arg);

/* The row of an interface's name, NUL padded. */
struct ledger_interface *ledger_interface(struct ledger *, const char *name);

/* Remember a warning. */
void ledger_error(struct ledger *, const char *text, uint64_t now);

#endif
