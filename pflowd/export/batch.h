/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Records that are exported together: each step is done once for all of them.
 */

#ifndef BATCH_H
#define BATCH_H

#include "flow/record.h"

/* The result for a state: the first of these that any collector had. */
enum export_result {
	EXPORT_GIVEN,	      /* at least one collector got records */
	EXPORT_INEXPRESSIBLE, /* no collector's protocol can encode it */
	EXPORT_IGNORED	      /* ignored by the rules of every collector */
};

struct batch {
	unsigned int n;
	struct record record[BATCH];
	enum export_result result[BATCH];
};

#endif
