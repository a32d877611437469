/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Warnings about traffic.  Most kinds are logged once.
 */

#ifndef NOTICE_H
#define NOTICE_H

#include "pfsync.h"

struct meter;

/* Log what is wrong with an opened frame. */
void notice_frame(struct meter *, enum pfsync_verdict);

/* Log a state that no collector's protocol can encode. */
void notice_inexpressible(struct meter *, const struct flow *);

#endif
