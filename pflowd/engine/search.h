/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The living states that clients want to see, the first by some order.  There
 * is one search at a time, made in steps, and its result is shared: many
 * clients cost no more than one.
 */

#ifndef SEARCH_H
#define SEARCH_H

#include <stdint.h>

#include "common/ctl.h"
#include "flow/rule.h"

struct meter;

struct found_state {
	uint64_t key; /* what it is sorted by */
	struct ctl_flow flow;
};

/* A result, which is constant once the search has ended. */
struct found {
	unsigned int readers;
	uint32_t n;
	struct found_state states[]; /* ctl_states.rows at most */
};

/* Zero it before first use. */
struct search {
	struct ctl_states wanted;
	struct rule rule;
	struct found *found; /* NULL: no search yet */
	uint32_t cursor;
	uint64_t dumps; /* read when it began */
	int running;
};

/* The rule that has the conditions of a request.  -1: they are invalid. */
int search_rule(const struct ctl_states *, struct rule *);

/* Begin, in place of another one.  -1: invalid, or out of memory. */
int search_begin(struct search *, const struct meter *,
    const struct ctl_states *);

/* Look at n entries.  Returns 1 at the end, with the states in order. */
int search_step(struct search *, const struct meter *, unsigned int n);

/* The result of a request, with a new reference; NULL: there is none yet. */
struct found *search_result(struct search *, const struct meter *,
    const struct ctl_states *);

/* Drop a reference.  NULL is allowed. */
void found_release(struct found *);

void search_free(struct search *);

#endif
