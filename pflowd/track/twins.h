/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A forwarded connection has two states, its twins: one in and one out.  What
 * they have in common is the inside view: between them a packet has the
 * addresses after rdr and before nat, whatever is translated.
 */

#ifndef TWINS_H
#define TWINS_H

#include <stdint.h>

#include "flow/flow.h"

/*
 * False if a state cannot have a twin that is recognised: traffic of this host
 * alone, by its interface or addresses, has both of its states on one side, and
 * the packets of a state of two families (af-to) are not filtered again.
 */
int twins_possible(const struct flow *);

/* Equal for twins; nobody who does not know the seed can make many alike. */
uint64_t twins_hash(uint64_t seed, const struct flow *);

/*
 * True for an in- and an out-state with the same hosts and ports, protocol and
 * family.  pf has no two living states of one direction that are alike in these
 * and in their interface, but others have ended with the same ones.
 */
int twins_match(const struct flow *, const struct flow *);

#define TWINS_NONE UINT32_MAX

/* The best of those that may be the twin of a state.  Zero it before use. */
struct twins_choice {
	uint32_t best; /* its number */
	unsigned int n;
	uint64_t created;
	uint64_t id;
	int tie; /* another one is as good */
};

/*
 * Consider one more, by how far it is from the state: in its creation first,
 * and then in its id.
 */
void twins_consider(struct twins_choice *, uint32_t number, uint64_t created,
    uint64_t id);

/* The best one's number; TWINS_NONE: there is none, or several are as good. */
uint32_t twins_chosen(const struct twins_choice *);

#endif
