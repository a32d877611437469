/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The deletions of states that pfsync(4) announces.
 */

#include "common/cold.h"
#include "common/counters.h"
#include "last_packet.h"
#include "source.h"
#include "source_pfsync.h"

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
COLD static void
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

enum source_result
source_pfsync_read(struct source *s, unsigned int n)
{
	s->n = pfsync_read(&s->frame, s->flow, n < BATCH ? n : BATCH);
	s->counters->states += s->n;
	last_packet_report(s->report, s->flow, s->n, s->time, s->policy);
	s->octets = source_octets(s);
	s->counters->octets_reported += s->octets;
	return SOURCE_READ;
}

enum source_result
source_pfsync_open(struct source *s, const struct capture_frame *captured,
    unsigned int n)
{
	struct counters *c = s->counters;
	enum pfsync_verdict verdict;

	verdict = pfsync_open(&s->frame, captured->layer, captured->data,
	    captured->len);
	c->verdict[verdict]++;
	c->announced += s->frame.announced;
	c->cut += s->frame.cut;
	c->trailing += s->frame.trailing > 0;
	if (verdict == PFSYNC_DECODED)
		s->useful = s->time;
	if (verdict != PFSYNC_DECODED || s->frame.cut > 0)
		open_faulty(s, captured, verdict);
	return source_pfsync_read(s, n);
}
