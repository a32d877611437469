/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Whether an interface that is listened on has been silent for too long, or
 * talks of nothing that can be accounted.  Times are ms of a clock that nobody
 * sets.
 */

#ifndef QUIET_H
#define QUIET_H

#include <stdint.h>

#include "common/counters.h"
#include "common/ctl.h"
#include "conf.h"

struct quiet {
	uint64_t frames;  /* as last seen */
	uint64_t decoded; /* of these, deletions */
	uint64_t own;	  /* states, but for other creators' */
	uint64_t others;  /* states of other creators, when own last grew */
	uint64_t heard;	  /* when the last frame was */
	uint64_t useful;  /* ... and the last deletion */
	uint64_t ours;	  /* ... and the last of a state that is not theirs */
};

enum quiet_state {
	QUIET_NOT,
	QUIET_SILENT,  /* no frame at all */
	QUIET_USELESS, /* frames, but no deletion with counters */
	QUIET_FOREIGN  /* deletions, but of other creators' states alone */
};

/* Begin to listen. */
void quiet_begin(struct quiet *, const struct counters *, uint64_t now);

/* How it has been for so many minutes; 0: nobody wants to know. */
enum quiet_state quiet_look(struct quiet *, const struct counters *,
    uint64_t now, unsigned int minutes);

/* What is amiss, and what to do about it; empty if nothing is. */
void quiet_words(enum quiet_state, const struct conf *, char text[CTL_NOTICE]);

#endif
