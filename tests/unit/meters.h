/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * For the tests of the meter: one that replays, what it reads and what it has.
 */

#ifndef METERS_H
#define METERS_H

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <unistd.h>

#include "sink.h"
#include "states.h"

#include "pflowd/conf/conf.h"
#include "pflowd/engine/meter.h"
#include "pflowd/process/ledger.h"

#define NAMES (4 * METER_INTERFACES)
#define SINKS 4
#define NOW UINT64_C(1700000000000)

extern struct meter e;

/* The n-th of the interfaces; valid until the next call. */
const char *name_of(unsigned int n);

/* A state of an interface, its initiator's port the number of that. */
struct state state_of(unsigned int n);
void put_frame(uint8_t frame[FRAME], unsigned int n);

/* So many packets of it, and octets for as many records of version 5. */
void widen(struct state *, unsigned int parts);

/* A capture, with frames of any length or n of one state each, of NOW. */
FILE *begin_file(void);
void add_frame(FILE *, uint64_t ms, const uint8_t *frame, size_t len);
struct capture *open_file(FILE *);
struct capture *capture_with(const uint8_t *frames, unsigned int n);

/* With these indexes, from `first` on. */
struct conf *conf_indexed(uint32_t first);

/* The first n of four collectors: IPFIX never splits, version 5 does. */
struct conf *conf_of(unsigned int n);

/* A meter with this configuration and capture, which replays. */
struct ledger *begin_meter(struct conf *, struct capture *);
void end_meter(struct ledger *);

#endif
