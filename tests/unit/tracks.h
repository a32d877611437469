/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * For the tests of what follows the states of a table.  A dump is an instant
 * here.
 */

#ifndef TRACKS_H
#define TRACKS_H

#include "unit.h"

#include "pflowd/track/track.h"

#define TRACKS_NOW UINT64_C(1700000000000)

struct bed {
	struct track *track;
	int memory;   /* shared; -1: none */
	int before;   /* that of the tracks before */
	uint64_t now; /* ms since the test began */
	struct flow shown[64];
	unsigned int n;
};

/* A UDP state that had a packet just now. */
struct flow tracks_make(uint64_t id);

/*
 * The states of a forwarded connection from this port of 10.0.0.1 to 10.0.0.2,
 * which it has as 10.0.0.3; it becomes 10.0.0.4.
 */
struct flow tracks_in(uint64_t id, uint16_t port);
struct flow tracks_out(uint64_t id, uint16_t port);

/* So many packets more, of 100 octets forward and 1000 back, just now. */
void tracks_carry(struct flow *, unsigned int forward, unsigned int back);

/* The sum of octets that holds at any time. */
void tracks_octets(const struct bed *);

/* Track as many states, with pf's default timeouts. */
void tracks_start(struct bed *, unsigned int most);

/* Begin anew, with other shared memory, if there was such memory before. */
void tracks_again(struct bed *, unsigned int most);

/* Dump the states, s later; each is that much older. */
void tracks_dump(struct bed *, unsigned int s, int whole);

/* Let time pass for the states that are shown, without a packet. */
void tracks_age(struct bed *, unsigned int s);

/* The ends that there are, at most n; returns how many. */
unsigned int tracks_ends(struct bed *, struct track_report *, unsigned int n);

/* One state that is missed in three dumps: its end. */
struct track_report tracks_miss(struct bed *, unsigned int interval);

#endif
