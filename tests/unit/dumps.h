/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * For the tests of what reads dumps of the state table: a recording in a file.
 */

#ifndef DUMPS_H
#define DUMPS_H

#include "unit.h"

#include "common/bytes.h"
#include "pflowd/source/capture.h"
#include "pflowd/source/chunk.h"

#define DUMPS_RECORD 264 /* bytes of a state of OpenBSD's */

struct dumps {
	FILE *file;
	struct chunk chunk; /* the next one: its times, layout and status */
};

/* An empty recording of OpenBSD's layout. */
void dumps_init(struct dumps *);

/* A chunk; one that begins a dump counts it. */
void dumps_put(struct dumps *, enum chunk_kind, const void *data, size_t len);

/* The same with n numbers of 8 bytes. */
void dumps_numbers(struct dumps *, enum chunk_kind, const uint64_t *, size_t n);

/* One state of UDP, in one packet; its port at the initiator is its id. */
void dumps_state(struct dumps *, unsigned int id, uint64_t octets);

/*
 * The states of a connection, with this id and the next, from that port of
 * 10.0.0.1, which becomes 10.0.0.3:61000, to 10.0.0.2, from em0 to em1.  They
 * received so many octets from the initiator and from the responder, and sent
 * one less on.
 */
void dumps_pair(struct dumps *, unsigned int id, uint64_t octets,
    uint64_t back);

/* States with the ids 1 to n, of UDP; they have these octets, and one packet.
 */
void dumps_states(struct dumps *, unsigned int n, uint64_t octets);

/* The file is at its end: read it. */
struct capture *dumps_open(struct dumps *);

#endif
