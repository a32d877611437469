/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A model of pf's state table, whose traffic is known: pfsim.c has the model,
 * pfsim_write.c what each system's kernel answers of it.  Nothing of pflowd's
 * decoder or tracking is used.
 */

#ifndef PFSIM_H
#define PFSIM_H

#include <stdint.h>
#include <stdio.h>

/* Layouts, as in recordings. */
enum sim_layout {
	SIM_OPENBSD = 1,
	SIM_NETBSD,
	SIM_DRAGONFLY,
	SIM_FREEBSD,
	SIM_FREEBSD_V2,
	SIM_NETLINK
};

/* A state.  Times are ms of a clock that is never set. */
struct sim_state {
	uint64_t id;
	uint64_t created;
	uint64_t last; /* packet */
	uint64_t packets[2];
	uint64_t bytes[2];
	uint64_t shown_packets[2]; /* in the last dump that showed it */
	uint64_t shown_bytes[2];
	uint64_t shown_at;
	uint64_t removed_at;	/* unless a packet comes */
	uint32_t shown_expires; /* s */
	uint32_t shown;		/* dumps that showed it */
	uint32_t number;	/* its host's */
	uint32_t twin;		/* index + 1; 0: none */
	uint16_t port;
	uint8_t proto;
	uint8_t direction; /* 1 in, 2 out */
	uint8_t timeout;   /* index, as in pf.conf's order of TCP to other */
	uint8_t level[2];
	uint8_t used;
	uint8_t closing; /* no packet follows */
};

/* Writes a dump as chunks of a recording, to standard output. */
struct sim_writer {
	enum sim_layout layout;
	uint32_t dump;
	uint32_t part;
	uint64_t now;
	size_t len;
	uint8_t data[65536];
};

#define SIM_EPOCH UINT64_C(1700000000000) /* wall clock at 0 */
#define SIM_CREATOR 0x1a2b3c4d

void sim_write_header(void);
void sim_write_begin(struct sim_writer *, uint64_t now,
    const uint32_t *timeouts, unsigned int n);

/* pf's counter of states that were inserted, before and after the states. */
void sim_write_inserts(struct sim_writer *, uint64_t inserts);

/* expires: s to the timeout; 0: it has expired */
void sim_write_state(struct sim_writer *, const struct sim_state *,
    uint32_t expires);
void sim_write_end(struct sim_writer *, uint64_t now, uint32_t status);

#endif
