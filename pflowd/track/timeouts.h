/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * How long pf keeps a state without packets: the timeouts in force, which it
 * shortens while it has many states (adaptive timeouts, pf.conf(5)), and those
 * that rules have of their own, which only the states show.
 */

#ifndef TIMEOUTS_H
#define TIMEOUTS_H

#include <stdint.h>

#include "flow/flow.h"

#define TIMEOUTS_RULES 1024

/* A timeout that a rule has of its own. */
struct timeouts_rule {
	uint32_t rule;
	uint32_t least; /* s, and what it is taken for; 0: no timeout here */
	uint64_t most;
	uint8_t timeout; /* enum flow_timeout */
};

/* Starts as zeros: no timeout is known. */
struct timeouts {
	struct timeouts_rule rules[TIMEOUTS_RULES];
	uint32_t seconds[FLOW_TIMEOUTS]; /* 0: not known */
	uint64_t states;		 /* in pf; with the next, see factor */
	uint64_t states_before;
};

/*
 * The timeouts in force, in s; by enum flow_timeout, 0: not known.  If they
 * have changed, those of rules are forgotten.
 */
void timeouts_set(struct timeouts *, const uint32_t seconds[FLOW_TIMEOUTS]);

/* A whole dump has shown so many states. */
void timeouts_states(struct timeouts *, uint64_t states);

/*
 * Learn from what remains of the timeout of a state that had a packet lately,
 * in s: the longest time seen is the timeout of its rule.  A rule may take the
 * place of another one that is forgotten.  Unless it is sure, a time above the
 * timeout in force may be another time, and is ignored.
 */
void timeouts_learn(struct timeouts *, const struct flow *, uint32_t expires,
    int sure);

/* The timeout of a state in s; 0: not known. */
uint32_t timeouts_of(const struct timeouts *, const struct flow *);

/*
 * The shortest timeout that a packet can have given a state since the dump
 * before the last one, in s; 0: not known.
 */
uint32_t timeouts_shortest(const struct timeouts *, const struct flow *);

/* The shortest timeout of any state; UINT32_MAX: none is known. */
uint32_t timeouts_least(const struct timeouts *);

#endif
