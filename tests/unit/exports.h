/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * For the tests of export: collectors at loopback, and what arrives there.
 */

#ifndef EXPORTS_H
#define EXPORTS_H

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <event2/event.h>

#include <unistd.h>

#include "sink.h"

#include "common/bytes.h"
#include "pflowd/conf/conf.h"
#include "pflowd/export/export.h"
#include "pflowd/process/ledger.h"

#define NOW UINT64_C(1700000000000)
#define HOLD 5000

extern struct event_base *base;
extern struct export *x;
extern struct ledger *ledger;
extern struct conf *conf;  /* in force */
extern unsigned int downs; /* calls of the hooks */
extern unsigned int writable;
extern int sockets[6]; /* where the collectors' datagrams arrive */

/* What has arrived at one of them. */
struct sums {
	unsigned int datagrams, records, sequence, most, latest_records;
	uint64_t packets, octets, largest;
	uint64_t time;	/* of the last header, in ms */
	uint32_t first; /* of the last record, as an age in ms */
	uint16_t input;
};

/* Of collector i. */
const struct collector_counters *counters(unsigned int i);
uint64_t queued(unsigned int i);
void check_sums(unsigned int i); /* its counters agree */

/* A configuration of so many collectors at the loopback, and its use. */
struct conf *conf_with(unsigned int n);
void apply(struct conf *);

/* An engine begins: with a ledger that may have been another's before. */
void begin_export(void);
void end_export(void);

/* All of it, with n collectors and their sinks, or with the one of a conf. */
void start(unsigned int n);
void start_with(struct conf *);

/* End all of it; the sums of n collectors agree. */
void stop(unsigned int n);

/* Take in what has arrived; the sequence must be without a gap. */
void receive(struct sums *, unsigned int i);

/* A state, and what its record says. */
struct sample {
	struct flow flow;
	struct record record;
};

/* Of one direction, of both. */
struct sample sample(uint64_t packets, uint64_t octets);
struct sample pair(uint64_t forward, uint64_t back);

/* A batch of one state; export_sample() leaves the export busy. */
enum export_result export_sample(const struct sample *, uint64_t now);
enum export_result give(uint64_t packets, uint64_t octets, uint64_t now);

#endif
