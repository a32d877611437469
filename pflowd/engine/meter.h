/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The metering process (RFC 7011, 2): frames in, records out.  engine.c drives
 * it over an interface, in a process of its own; replay.c over a capture file.
 */

#ifndef METER_H
#define METER_H

#include <stdint.h>

#include "common/counters.h"
#include "common/ctl.h"
#include "conf/conf.h"
#include "export/export.h"
#include "flow/flowprint.h"
#include "source/source.h"

struct event_base;
struct ledger;
struct show_text;

/* Cached lookup of an interface named in states. */
struct meter_interface {
	char name[FLOW_IFNAME];
	struct ledger_interface *row; /* NULL: unused entry */
	uint32_t index;		      /* 0: unknown, or no interface */
	int bound;		      /* flow_bound() */
};

#define METER_INTERFACES 16 /* cache entries, by a hash of the name */

struct meter {
	struct event_base *base;
	struct conf *conf;
	struct meter_interface interfaces[METER_INTERFACES];
	struct source source;
	struct export *export;
	struct ledger *ledger;
	struct counters *counters; /* the ledger's */

	/* Called for each exported report; NULL: no watcher. */
	void (*watch)(void *arg, const struct report *, uint64_t time);
	void *watch_arg;
	unsigned int clients;	/* of the control socket */
	struct show_text *text; /* configuration, while being read */

	struct batch batch;		      /* being exported */
	const struct report *reports[BATCH];  /* of each state of the batch */
	struct ledger_interface *rows[BATCH]; /* of each state of the batch */
	struct ledger_interface *twin_rows[BATCH]; /* ... of its twin, if any */
	uint64_t octets;			   /* of the batch, or to be */
	uint64_t started;			   /* ms since the epoch */
	int unknown_interface;	       /* a bound state's index is unknown */
	char absent[128];	       /* why no capture is open, or empty */
	uint64_t since;		       /* it is open, ms since the epoch */
	uint64_t interval;	       /* between dumps, ms; 0: none */
	unsigned int dumpers_replaced; /* as a dump took too long */
	uint64_t buffer;	       /* kernel's, if less than asked, or 0 */
	uint64_t drops;		       /* see meter_note_drops() */
	char condition[CTL_CONDITION]; /* current problem, or empty */
	int mild;		       /* it is no more than a warning */
	int print;		       /* print each flow on stdout, with: */
	struct flowprint printer;
};

/* Results of meter_read(). */
enum meter_result {
	METER_MORE, /* budget used up: call again soon */
	METER_NONE, /* nothing to read now */
	METER_FULL, /* a source that can wait waits for its collectors */
	METER_END,
	METER_ERROR
};

/*
 * Start with a ledger, which the caller keeps, and no configuration.  The hooks
 * are export.h's.  -1 and errno if out of memory.
 */
int meter_init(struct meter *, struct ledger *, struct source_facts,
    const struct export_hooks *);

/*
 * The time to export at: that of the source if it has a clock of its own, else
 * the system's.  This and all times below are ms since the epoch.
 */
uint64_t meter_clock(const struct meter *);

/*
 * Apply a configuration and take it over, with its sockets.  -1 and errno if
 * out of memory: nothing has changed, and the configuration is the caller's.
 */
int meter_configure(struct meter *, struct conf *, uint64_t now);

/* True if it reads dumps of the state table, not pfsync. */
int meter_reads_table(const struct meter *);

/* Call when the configuration's interface table has changed. */
void meter_forget_interfaces(struct meter *);

/*
 * Read from this capture and take it over; NULL: stop reading.  Closes the old
 * one.
 */
void meter_capture(struct meter *, struct capture *);

void meter_free(struct meter *);

/* Read and export at most `budget` states and frames, counted together. */
enum meter_result meter_read(struct meter *, uint64_t now, unsigned int budget);

/*
 * Export and print everything read so far, and close every datagram, at once:
 * see export_finish().
 */
void meter_flush(struct meter *, uint64_t now);

/* Update the counters from the kernel's statistics. */
void meter_statistics(struct meter *);

/*
 * Note the time if frames or records were dropped since the last call; call
 * regularly.
 */
void meter_note_drops(struct meter *, uint64_t now);

/*
 * Current counters, with the kernel's statistics.  States announced but not yet
 * exported are left out, so that the sums agree.
 */
void meter_counters(struct meter *, struct counters *);

#endif
