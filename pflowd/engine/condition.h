/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Problems of the state table as a source.  Several may hold at a time; each is
 * logged when it begins and when it ends, and shown while it lasts.
 */

#ifndef CONDITION_H
#define CONDITION_H

#include <stddef.h>
#include <stdint.h>

struct meter;

/* Zero it before first use. */
struct conditions {
	unsigned int now;      /* as bits */
	uint64_t dumps;	       /* read, at the last look */
	unsigned int replaced; /* dumpers, when a dump was read last */
};

/*
 * Look at what the meter knows.  Those that hold are appended to its condition,
 * which may have a problem already, and is `mild` if all are.
 */
void conditions_look(struct conditions *, struct meter *);

#endif
