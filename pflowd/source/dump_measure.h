/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * How long a dump takes, how much it has, and what pf says beside its states.
 */

#ifndef DUMP_MEASURE_H
#define DUMP_MEASURE_H

#include <stdint.h>

#include "chunk.h"
#include "source.h"

struct dump_measure {
	struct source_dump dump;
	uint64_t begun; /* by the monotonic clock, ms */
};

/* Each takes the chunk of that kind. */
void dump_measure_begin(struct dump_measure *, const struct chunk *);
void dump_measure_settings(struct dump_measure *, const struct chunk *);

/* longest: of the dumps before, ms. */
void dump_measure_end(struct dump_measure *, const struct chunk *,
    uint64_t longest);

#endif
