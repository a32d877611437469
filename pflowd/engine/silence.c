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
frames(const struct counters *c)
{
	return c->frames + c->dumps;
}

static uint64_t
useful_frames(const struct counters *c)
{
	return c->verdict[PFSYNC_DECODED] + c->dumps - c->dumps_void;
}

static uint64_t
own_states(const struct counters *c)
{
	return c->states - c->other_creator;
}

void
silence_begin(struct silence *q, const struct counters *c, uint64_t now)
{
	q->frames = frames(c);
	q->decoded = useful_frames(c);
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

unsigned int
silence_minutes(const struct conf *conf)
{
	unsigned int least = 0;

	if (conf->source == CONF_TABLE)
		least = conf->interval / 60 + 1;
	return conf->quiet == 0 || conf->quiet > least ? conf->quiet : least;
}

enum silence_state
silence_look(struct silence *q, const struct counters *c, uint64_t now,
    unsigned int minutes, unsigned int version)
{
	uint64_t most = (uint64_t)minutes * MINUTE;

	if (frames(c) != q->frames)
		q->heard = now;
	if (useful_frames(c) != q->decoded)
		q->useful = now;
	q->frames = frames(c);
	q->decoded = useful_frames(c);
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

/* No frames, or none of use. */
static void
pfsync_text(enum silence_state state, const struct conf *conf,
    char text[CTL_CONDITION])
{
	const char *name = conf->interface;

	if (state == SILENCE_NO_FRAMES)
		snprintf(text, CTL_CONDITION,
		    "no pfsync message on %s for %u minutes: check that pf is "
		    "enabled and keeps state; on FreeBSD 14 and OpenBSD %s "
		    "sends nothing without a peer or a parent interface "
		    "(ifconfig %s syncpeer ADDRESS syncdev IF up; on OpenBSD "
		    "without syncpeer)",
		    name, conf->quiet, name, name);
	else
		snprintf(text, CTL_CONDITION,
		    "no deletions with counters on %s for %u minutes; see "
		    "\"" PFLOWCTL " show counters\", rows \"refused\"",
		    name, conf->quiet);
}

static void
table_text(enum silence_state state, const struct conf *conf,
    char text[CTL_CONDITION])
{
	snprintf(text, CTL_CONDITION,
	    state == SILENCE_NO_FRAMES ?
		"no dump of pf's state table for %u minutes; see the log" :
		"no whole dump of pf's state table for %u minutes; see the log",
	    conf->quiet);
}

/* Where states are seen. */
static const char *
place(const struct conf *conf, char text[FLOW_IFNAME + 4])
{
	if (conf->source == CONF_TABLE)
		return "in pf's state table";
	snprintf(text, FLOW_IFNAME + 4, "on %s", conf->interface);
	return text;
}

void
silence_text(enum silence_state state, const struct conf *conf,
    unsigned int version, char text[CTL_CONDITION])
{
	char where[FLOW_IFNAME + 4];

	switch (state) {
	case SILENCE_NONE:
		text[0] = '\0';
		break;
	case SILENCE_NO_FRAMES:
	case SILENCE_NO_DELETIONS:
		if (conf->source == CONF_TABLE)
			table_text(state, conf, text);
		else
			pfsync_text(state, conf, text);
		break;
	case SILENCE_UNDECODABLE:
		strlcpy(text, pfsync_undecodable(version), CTL_CONDITION);
		break;
	case SILENCE_NO_OWN:
		snprintf(text, CTL_CONDITION,
		    "no states of creator 0x%08" PRIx32
		    " %s for %u minutes, only states of other hosts: each "
		    "\"pfctl -f\" without \"set hostid\" in pf.conf chooses a "
		    "new host id; set it there, or use \"creator any\" in "
		    "pflowd.conf",
		    conf->creator, place(conf, where), conf->quiet);
	}
}

void
silence_over(enum silence_state state, const struct conf *conf,
    char text[CTL_CONDITION])
{
	char where[FLOW_IFNAME + 4];

	if (state != SILENCE_NO_OWN && conf->source == CONF_TABLE)
		strlcpy(text, "dumps of pf's state table arrive again",
		    CTL_CONDITION);
	else
		snprintf(text, CTL_CONDITION, "%s arrive again %s",
		    state == SILENCE_NO_OWN ? "states of the creator" :
					      "deletions",
		    place(conf, where));
}
