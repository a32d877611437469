/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Random states for property_test: what must be in their records.  Nothing of
 * the decoder or the encoder is used.
 */

#ifndef PROPERTY_H
#define PROPERTY_H

#include "states.h"

#include "pflowd/flow/flow.h"

/* A state as pf has it, and what came of it. */
struct drawn {
	struct state pf; /* of IPv4; the number is in its addresses */
	uint8_t version; /* of pfsync */
	uint64_t time;	 /* of its frame, ms */
	int inexpressible;
	uint64_t got_packets[2], got_bytes[2];
	unsigned int got[2];
};

/* Random numbers; the same for the same beginning, on every system. */
void random_begin(uint64_t seed);
uint64_t below(uint64_t n);

/* No two numbers have the same addresses. */
void draw(struct drawn *, uint32_t number, uint64_t time);

/* The host that is the initiator (end 0) or the responder (1) in this view. */
const struct host *host_of(const struct drawn *, enum flow_view, int end);
int has_ports(const struct drawn *);

/* TCP's flags of a direction, and in how many records it is exported. */
int flags_of(const struct drawn *, int way);
uint64_t parts(const struct drawn *, int way);
uint64_t start_of(const struct drawn *); /* ms */
int is_inexpressible(const struct drawn *);

#endif
