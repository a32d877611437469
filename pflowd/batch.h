/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * States that are exported together, so that each step is taken once for all.
 */

#ifndef BATCH_H
#define BATCH_H

#include "record.h"

#define BATCH 16 /* states at most */

/* What became of a state: the first of these that a collector's result is. */
enum export_result {
	EXPORT_GIVEN,	      /* at least one collector got records */
	EXPORT_INEXPRESSIBLE, /* none has a protocol that can say them */
	EXPORT_IGNORED	      /* by every collector's own rules */
};

struct batch {
	unsigned int n;
	struct report report[BATCH];
	uint64_t now[BATCH]; /* when they are exported, ms since the epoch */
	struct record record[BATCH];
	enum export_result result[BATCH];
};

#endif
