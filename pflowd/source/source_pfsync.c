/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The deletions of states that pfsync(4) announces, from a capture.
 */

#include <string.h>

#include "common/counters.h"
#include "last_packet.h"
#include "source.h"

/* What the kernel counted so far is of captures that have ended. */
static void
keep_statistics(struct source *s)
{
	s->ended.received = s->counters->kernel_received;
	s->ended.dropped = s->counters->kernel_dropped;
	s->ended.if_dropped = s->counters->kernel_if_dropped;
}

void
source_init(struct source *s, struct counters *counters, uint64_t *frames,
    struct source_facts facts)
{
	memset(s, 0, sizeof(*s));
	s->counters = counters;
	s->frames = frames;
	s->facts = facts;
	keep_statistics(s);
}

int
source_statistics(struct source *s, struct capture_stats *stats)
{
	struct counters *c = s->counters;

	if (s->capture == NULL || capture_statistics(s->capture, stats) == -1)
		return -1;
	c->kernel_received = s->ended.received + stats->received;
	c->kernel_dropped = s->ended.dropped + stats->dropped;
	c->kernel_if_dropped = s->ended.if_dropped + stats->if_dropped;
	return 0;
}

static void
close_capture(struct source *s)
{
	struct capture_stats stats;

	source_statistics(s, &stats);
	keep_statistics(s);
	capture_close(s->capture);
}

/* The memory of an unread frame belongs to its capture. */
void
source_capture(struct source *s, struct capture *capture)
{
	if (s->capture != NULL)
		close_capture(s);
	s->counters->cut += s->frame.states_left;
	s->frame.states_left = 0;
	s->capture = capture;
	*s->frames = 0;
}

unsigned int
source_pending(const struct source *s)
{
	return s->frame.states_left;
}

/* True for pfsync without the headers that the link type promises. */
static int
is_mislabelled(const struct capture_frame *captured)
{
	struct pfsync_frame f;

	return pfsync_open(&f, LINK_PFSYNC, captured->data, captured->len) ==
	    PFSYNC_DECODED &&
	    f.cut == 0 && f.trailing == 0;
}

/* Count and log the fault of a frame that gives less than it announces. */
static void
open_faulty(struct source *s, const struct capture_frame *captured,
    enum pfsync_verdict verdict)
{
	if (verdict == PFSYNC_FOREIGN && is_mislabelled(captured))
		log_once_link(&s->log);
	if (captured->missing > 0 &&
	    (verdict == PFSYNC_DECODED || verdict == PFSYNC_SHORT)) {
		s->counters->snapped++;
		log_once_snapped(&s->log, captured->len,
		    captured->len + captured->missing);
		return;
	}
	log_once_frame(&s->log, &s->frame, verdict, s->now);
}

static void
open_frame(struct source *s, const struct capture_frame *captured)
{
	struct counters *c = s->counters;
	enum pfsync_verdict verdict;

	s->time = captured->time;
	if (s->facts.own_clock)
		s->now = captured->time;
	s->opened = 1;
	verdict = pfsync_open(&s->frame, captured->layer, captured->data,
	    captured->len);
	++*s->frames;
	c->frames++;
	c->verdict[verdict]++;
	c->announced += s->frame.announced;
	c->cut += s->frame.cut;
	c->trailing += s->frame.trailing > 0;
	if (verdict != PFSYNC_DECODED || s->frame.cut > 0)
		open_faulty(s, captured, verdict);
}

enum source_result
source_read(struct source *s, uint64_t now, unsigned int n)
{
	struct capture_frame captured;

	s->n = 0;
	s->opened = 0;
	s->now = source_clock(s, now);
	if (s->capture == NULL)
		return SOURCE_NONE;
	if (s->frame.states_left == 0)
		switch (capture_next(s->capture, &captured)) {
		case CAPTURE_FRAME:
			open_frame(s, &captured);
			break;
		case CAPTURE_END:
			return SOURCE_END;
		case CAPTURE_ERROR:
			return SOURCE_ERROR;
		case CAPTURE_NONE:
			return SOURCE_NONE;
		}
	n -= (unsigned int)s->opened;
	s->n = pfsync_read(&s->frame, s->flow, n < BATCH ? n : BATCH);
	s->counters->states += s->n;
	last_packet_report(s->report, s->flow, s->n, s->time, s->policy);
	return SOURCE_READ;
}
