/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the log is told of the traffic: each kind once.
 */

#ifndef NOTICE_H
#define NOTICE_H

#include "pfsync.h"

struct meter;

/* After a frame was opened. */
void notice_frame(struct meter *, enum pfsync_verdict);

/* A state could not be said in any collector's protocol. */
void notice_inexpressible(struct meter *, const struct flow *);

#endif
