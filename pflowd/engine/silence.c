/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "silence.h"
#include "source/pfsync.h"

#define MINUTE 60000

static uint64_t
own_states(const struct counters *c)
{
	return c->states - c->other_creator;
}

void
silence_begin(struct silence *q, const struct counters *c, uint64_t now)
{
	q->frames = c->frames;
	q->decoded = c->verdict[PFSYNC_DECODED];
	q->own = own_states(c);
	q->others = c->other_creator;
	q->heard = q->useful = q->ours = now;
}

static void
look_at_creators(struct silence *q, const struct counters *c, uint64_t now)
{
	if (own_states(c) == q->own)
		return;
	q->own = own_states(c);
	q->others = c->other_creator;
	q->ours = now;
}

enum silence_state
silence_look(struct silence *q, const struct counters *c, uint64_t now,
    unsigned int minutes, unsigned int version)
{
	uint64_t most = (uint64_t)minutes * MINUTE;

	if (c->frames != q->frames)
		q->heard = now;
	if (c->verdict[PFSYNC_DECODED] != q->decoded)
		q->useful = now;
	q->frames = c->frames;
	q->decoded = c->verdict[PFSYNC_DECODED];
	look_at_creators(q, c, now);
	if (pfsync_undecodable(version) != NULL)
		return SILENCE_UNDECODABLE;
	if (minutes == 0)
		return SILENCE_NONE;
	if (now - q->useful < most)
		return now - q->ours >= most && c->other_creator > q->others ?
		    SILENCE_NO_OWN :
		    SILENCE_NONE;
	return now - q->heard >= most ? SILENCE_NO_FRAMES :
					SILENCE_NO_DELETIONS;
}

void
silence_text(enum silence_state state, const struct conf *conf,
    unsigned int version, char text[CTL_CONDITION])
{
	const char *name = conf->interface;

	switch (state) {
	case SILENCE_NONE:
		text[0] = '\0';
		break;
	case SILENCE_NO_FRAMES:
		snprintf(text, CTL_CONDITION,
		    "no pfsync message on %s for %u minutes: check that pf is "
		    "enabled and keeps state; on FreeBSD 14 and OpenBSD %s "
		    "sends nothing without a peer or a parent interface "
		    "(ifconfig %s syncpeer ADDRESS syncdev IF up; on OpenBSD "
		    "without syncpeer)",
		    name, conf->quiet, name, name);
		break;
	case SILENCE_NO_DELETIONS:
		snprintf(text, CTL_CONDITION,
		    "no deletions with counters on %s for %u minutes; see "
		    "\"" PFLOWCTL " show counters\", rows \"refused\"",
		    name, conf->quiet);
		break;
	case SILENCE_UNDECODABLE:
		strlcpy(text, pfsync_undecodable(version), CTL_CONDITION);
		break;
	case SILENCE_NO_OWN:
		snprintf(text, CTL_CONDITION,
		    "no states of creator 0x%08" PRIx32
		    " on %s for %u minutes, only states of other hosts: each "
		    "\"pfctl -f\" without \"set hostid\" in pf.conf chooses a "
		    "new host id; set it there, or use \"creator any\" in "
		    "pflowd.conf",
		    conf->creator, name, conf->quiet);
	}
}
