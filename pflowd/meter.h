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

#include "capture.h"
#include "common/counters.h"
#include "common/ctl.h"
#include "conf.h"
#include "export.h"
#include "flowprint.h"
#include "pfsync.h"

struct event_base;
struct ledger;
struct show_text;

/* What is known of an interface that states name. */
struct meter_interface {
	char name[FLOW_IFNAME];
	struct ledger_interface *row; /* NULL: not looked up */
	uint32_t index;		      /* 0: unknown, or no interface */
	int bound;		      /* flow_bound() */
};

#define METER_INTERFACES 16 /* looked up, by a hash of the name */

struct meter {
	struct event_base *base;
	struct conf *conf;
	struct capture *capture; /* NULL: the interface is not there */
	struct export *export;
	struct ledger *ledger;
	struct counters *counters; /* the ledger's */

	/* Told of each flow that is exported; NULL: nobody looks. */
	void (*watch)(void *arg, const struct flow *, uint64_t time);
	void *watch_arg;
	unsigned int clients;	/* of the control socket */
	struct show_text *text; /* of the configuration, if one reads it */

	enum capture_result got; /* what was captured, not looked at yet: */
	struct capture_frame captured; /* if it is a frame */
	struct pfsync_frame frame;     /* whose states are being read */
	uint64_t frame_time;	       /* ms since the epoch, as all times */
	unsigned int nflows;
	struct flow flows[BATCH]; /* states that were read */
	struct batch batch;	  /* what is to be exported of these */
	struct ledger_interface *rows[BATCH]; /* of each state of it */
	uint64_t now; /* the clock's at this wake-up, or the capture's */
	uint64_t started;
	struct meter_interface interfaces[METER_INTERFACES];
	int unknown_interface;	 /* a bound state had one of no known index */
	char absent[128];	 /* why nothing is listened on, or empty */
	uint64_t buffer;	 /* the kernel's, if less than asked; or 0 */
	char notice[CTL_NOTICE]; /* what is amiss at present, or empty */
	int replay;
	int print; /* a line for every flow on stdout: */
	struct flowprint printer;
	struct capture_stats kernel; /* of captures before this one */
	unsigned int told;	     /* what the log has said, as bits */
	uint64_t clear_told;	     /* when it said that states were cleared */
};

/* How meter_read() ended. */
enum meter_result {
	METER_MORE, /* the budget was used up: call again soon */
	METER_NONE, /* nothing to read at present */
	METER_FULL, /* a replay waits for its collectors */
	METER_END,
	METER_ERROR
};

/*
 * Begin with a ledger, which stays the caller's, and without a configuration.
 * The hooks are export.h's.  -1 and errno when there is no memory.
 */
int meter_init(struct meter *, struct ledger *, const struct export_hooks *);

/*
 * From now on as a configuration says, which is the meter's with its sockets.
 * -1 and errno: no memory, and no going on.
 */
int meter_configure(struct meter *, struct conf *);

/* The configuration's table of interfaces has changed. */
void meter_forget_interfaces(struct meter *);

/* Read this capture, which is the meter's now; NULL: none any more. */
void meter_capture(struct meter *, struct capture *);

void meter_free(struct meter *);

/* Read and export at most so many states. */
enum meter_result meter_read(struct meter *, unsigned int budget);

/* Finish what is half done and close every datagram. */
void meter_flush(struct meter *);

/* Take what the kernel counts into the counters. */
void meter_statistics(struct meter *);

/*
 * The counters as of now: with the kernel's statistics, and as if the frame
 * that is being read had announced no more than was exported of it.
 */
void meter_counters(struct meter *, struct counters *);

#endif
