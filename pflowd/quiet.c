/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "quiet.h"

#define MINUTE 60000

void
quiet_begin(struct quiet *q, const struct counters *c, uint64_t now)
{
	q->frames = c->frames;
	q->decoded = c->verdict[PFSYNC_DECODED];
	q->heard = q->useful = now;
}

enum quiet_state
quiet_look(struct quiet *q, const struct counters *c, uint64_t now,
    unsigned int minutes)
{
	uint64_t most = (uint64_t)minutes * MINUTE;

	if (c->frames != q->frames)
		q->heard = now;
	if (c->verdict[PFSYNC_DECODED] != q->decoded)
		q->useful = now;
	q->frames = c->frames;
	q->decoded = c->verdict[PFSYNC_DECODED];
	if (minutes == 0 || now - q->useful < most)
		return QUIET_NOT;
	return now - q->heard >= most ? QUIET_SILENT : QUIET_USELESS;
}
