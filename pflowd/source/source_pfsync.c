/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The deletions of states that pfsync(4) announces.
 */

#include "common/cold.h"
#include "common/counters.h"
#include "hold.h"
#include "last_packet.h"
#include "source.h"
#include "source_pfsync.h"
#include "source_table.h"

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

ALWAYS_INLINE static void
count(struct source *s)
{
	s->counters->states += s->n;
	s->octets = source_octets(s);
	s->counters->octets_shown += s->octets;
	s->counters->octets_reported += s->octets;
}

/* Read n states, which are not counted yet. */
ALWAYS_INLINE static void
read_states(struct source *s, unsigned int n)
{
	s->n = pfsync_read(&s->frame, s->flow, n);
	last_packet_report(s->report, s->flow, s->n, s->time, s->policy);
	if (s->table != NULL)
		source_table_deleted(s);
}

/* Close the gaps of states that wait, and report one for both of a pair. */
static void
join(struct source *s)
{
	unsigned int i, n = s->n;

	for (i = s->n = 0; i < n; i++) {
		s->report[s->n] = s->report[i];
		switch (hold_state(s->hold, &s->report[s->n], s->time,
		    &s->twin[s->n])) {
		case HOLD_WAITS:
			s->opened++;
			break;
		case HOLD_PAIR:
			s->counters->twins++;
			/* FALLTHROUGH */
		case HOLD_SINGLE:
			s->n++;
			break;
		}
	}
}

/* What is due comes before the frame that shows it. */
NEVER_INLINE static enum source_result
read_joined(struct source *s, unsigned int n)
{
	if (source_pfsync_held(s, n))
		return SOURCE_READ;
	read_states(s, n);
	if (s->hold != NULL) /* joining has not ended */
		join(s);
	count(s);
	return SOURCE_READ;
}

enum source_result
source_pfsync_read(struct source *s, unsigned int n)
{
	n = n < BATCH ? n : BATCH;
	if (s->hold != NULL)
		return read_joined(s, n);
	read_states(s, n);
	count(s);
	return SOURCE_READ;
}

/* Once none are joined any longer, its memory is not needed. */
static void
stop_joining(struct source *s)
{
	if (hold_count(s->hold) > 0)
		return;
	hold_free(s->hold);
	s->hold = NULL;
}

int
source_pfsync_held(struct source *s, unsigned int n)
{
	if (s->frame.states_left == 0)
		s->time = s->now;
	hold_clock(s->hold, s->now);
	if (!s->join)
		hold_release(s->hold);
	while (s->n < n && s->n < BATCH &&
	    hold_next(s->hold, &s->flow[s->n], &s->report[s->n]))
		s->n++;
	if (s->n > 0)
		count(s);
	if (!s->join)
		stop_joining(s);
	return s->n > 0;
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
	if (s->join && s->hold == NULL) /* without memory, all stay single */
		s->hold = hold_new(c);
	return source_pfsync_read(s, n);
}
