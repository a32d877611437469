/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unseen.h"

void
unseen_begin(struct unseen *u)
{
	u->counted = 0;
}

void
unseen_inserts(struct unseen *u, uint64_t inserts)
{
	if (u->counted == 0)
		u->before = inserts;
	u->after = inserts;
	u->counted++;
}

static uint64_t
less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void
base(struct unseen *u)
{
	u->based = 1;
	u->first_before = u->before;
	u->first_after = u->after;
	u->least = u->most = 0;
}

int
unseen_end(struct unseen *u, uint64_t made, int complete)
{
	if (u->counted < 2)
		return 0;
	if (u->after < u->before) { /* pf was loaded meanwhile */
		u->based = 0;
		return 0;
	}
	if (!u->based || u->before < u->first_after || !complete) {
		base(u);
		return 1;
	}
	u->least = less(u->before - u->first_after, made);
	u->most = less(u->after - u->first_before, made);
	return 0;
}
