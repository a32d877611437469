/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Random states for property_test: their bytes in a frame, and what must be
 * in their records.  Nothing of the decoder or the encoder is used.
 */

#ifndef PROPERTY_H
#define PROPERTY_H

#include "unit.h"

#include "pflowd/flow/flow.h"

/* A state as pf has it, and what the records of it must say. */
struct state {
	uint32_t number; /* in its addresses: no two are alike */
	uint8_t version;
	uint8_t direction; /* 1 in, 2 out */
	uint8_t proto;
	uint8_t timeout;
	uint8_t tcp_state[2];
	uint16_t port[3]; /* lan, gwy, ext */
	uint8_t addr[3][4];
	uint8_t gateway[4];
	uint32_t age, expire;
	uint64_t packets[2], bytes[2];
	uint64_t time; /* of its frame, ms */
	int inexpressible;
	/* What came: */
	uint64_t got_packets[2], got_bytes[2];
	unsigned int got[2];
};
enum {
	LAN,
	GWY,
	EXT
};

/* Random numbers; the same for the same beginning, on every system. */
void random_begin(uint64_t seed);
uint64_t below(uint64_t n);

void make_state(struct state *, uint32_t number, uint64_t time);

/* Returns the length of a frame of this state. */
size_t write_frame(uint8_t *, const struct state *);

/* Which host is the initiator (end 0) or the responder (1) in this view. */
int host_of(const struct state *, enum flow_view, int end);
int has_ports(const struct state *);

/* TCP's flags of a direction, and in how many records it is exported. */
int flags_of(const struct state *, int way);
uint64_t parts(const struct state *, int way);
uint64_t start_of(const struct state *); /* ms */
int is_inexpressible(const struct state *);

#endif
