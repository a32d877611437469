/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Detection of a source that has been silent for too long, or sends nothing
 * that can be accounted.  A dump of the state table counts as a frame, and a
 * whole one as a frame with deletions.  Times are ms of a monotonic clock.
 */

#ifndef SILENCE_H
#define SILENCE_H

#include <stdint.h>

#include "common/counters.h"
#include "common/ctl.h"
#include "conf/conf.h"

struct silence {
	uint64_t frames;  /* as of the last silence_look() */
	uint64_t decoded; /* frames with deletions, likewise */
	uint64_t own;	  /* states, without other creators' */
	uint64_t others;  /* states of other creators when own last grew */
	uint64_t heard;	  /* time of the last frame */
	uint64_t useful;  /* time of the last deletion */
	uint64_t ours;	  /* time of the last own state */
};

enum silence_state {
	SILENCE_NONE,
	SILENCE_NO_FRAMES,    /* no frame at all */
	SILENCE_NO_DELETIONS, /* frames, but no deletion with counters */
	SILENCE_NO_OWN,	    /* deletions, but only of other creators' states */
	SILENCE_UNDECODABLE /* whatever comes, nothing can be exported */
};

/* Start at the current counters. */
void silence_begin(struct silence *, const struct counters *, uint64_t now);

/*
 * The minutes of silence until a warning: as configured, but not less than an
 * interval between dumps; 0: never.
 */
unsigned int silence_minutes(const struct conf *);

/*
 * The state of the last minutes.  With minutes 0, silence is ignored.  version:
 * of pfsync, as last seen.
 */
enum silence_state silence_look(struct silence *, const struct counters *,
    uint64_t now, unsigned int minutes, unsigned int version);

/* Write the problem and its remedy; empty if there is none. */
void silence_text(enum silence_state, const struct conf *, unsigned int version,
    char text[CTL_CONDITION]);

/* The same, of the end of a problem. */
void silence_over(enum silence_state, const struct conf *,
    char text[CTL_CONDITION]);

#endif
