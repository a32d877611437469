/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The part that all sources share: a capture, whose link type selects the
 * source.
 */

#include <errno.h>
#include <string.h>

#include "common/counters.h"
#include "hold.h"
#include "source.h"
#include "source_pfsync.h"
#include "source_table.h"

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
	s->memory = -1;
	s->entries = SOURCE_ALL;
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
	if (s->table != NULL)
		source_table_cut(s);
}

/* The memory of an unread frame belongs to its capture. */
void
source_capture(struct source *s, struct capture *capture)
{
	if (s->capture != NULL)
		close_capture(s);
	source_release(s);
	s->end = SOURCE_READ;
	s->counters->cut += s->frame.states_left;
	s->frame.states_left = 0;
	s->capture = capture;
	*s->frames = 0;
}

void
source_free(struct source *s)
{
	source_capture(s, NULL);
	source_table_free(s->table);
	s->table = NULL;
	hold_free(s->hold);
	s->hold = NULL;
}

void
source_leave(struct source *s)
{
	s->entries = SOURCE_ALL;
	s->leaving = 1;
	if (s->table != NULL)
		source_table_leave(s->table);
}

unsigned int
source_pending(const struct source *s)
{
	return s->frame.states_left;
}

unsigned int
source_held(const struct source *s)
{
	return s->hold == NULL ? 0 : hold_count(s->hold);
}

/* Not later than the clock allows that was set back meanwhile. */
uint64_t
source_due(const struct source *s, uint64_t now)
{
	uint64_t due;

	if (source_held(s) == 0)
		return UINT64_MAX;
	if (!s->join)
		return now;
	due = hold_due(s->hold);
	return due < now + HOLD_MS ? due : now + HOLD_MS;
}

void
source_release(struct source *s)
{
	if (s->hold != NULL)
		hold_release(s->hold);
}

int
source_busy(const struct source *s)
{
	return s->frame.states_left > 0 ||
	    (s->table != NULL && source_table_busy(s->table));
}

uint32_t
source_looks(const struct source *s)
{
	return s->table == NULL ? 0 : source_table_looks(s->table);
}

const char *
source_error(const struct source *s)
{
	const char *error = s->table == NULL ? NULL :
					       source_table_error(s->table);

	if (error == NULL)
		error = capture_error(s->capture);
	return error[0] != '\0' ? error : strerror(ENOMEM); /* for a table */
}

/* Count a frame, whose time is the source's if it has a clock of its own. */
static void
take_frame(struct source *s, const struct capture_frame *captured)
{
	s->time = captured->time;
	if (s->facts.own_clock)
		s->now = captured->time;
	if (s->join == SOURCE_JOIN_FILE)
		s->join = captured->layer == LINK_STATES;
	s->opened = 1;
	++*s->frames;
	s->counters->frames++;
}

/*
 * States that live have no other end than that of a recording, and states that
 * wait for their twins have none to wait for.
 */
static enum source_result
end(struct source *s, enum source_result result)
{
	if (!s->facts.own_clock)
		return result;
	if (s->table != NULL)
		return source_table_end(s, result);
	if (source_held(s) == 0)
		return result;
	source_release(s);
	s->end = result;
	return SOURCE_READ;
}

enum source_result
source_read(struct source *s, uint64_t now, unsigned int n)
{
	struct capture_frame captured;

	s->n = 0;
	s->octets = 0;
	s->opened = 0;
	s->now = source_clock(s, now);
	if (s->frame.states_left > 0)
		return source_pfsync_read(s, n);
	if (s->hold != NULL) {
		if (source_pfsync_held(s, n))
			return SOURCE_READ;
		if (s->end != SOURCE_READ)
			return s->end;
	}
	if (s->table != NULL && source_table_busy(s->table))
		return source_table_read(s, n);
	if (s->capture == NULL || s->leaving)
		return SOURCE_NONE;
	switch (capture_next(s->capture, &captured)) {
	case CAPTURE_FRAME:
		take_frame(s, &captured);
		if (captured.layer == LINK_STATES)
			return source_table_open(s, &captured);
		return source_pfsync_open(s, &captured, n - 1);
	case CAPTURE_END:
		return end(s, SOURCE_END);
	case CAPTURE_ERROR:
		return end(s, SOURCE_ERROR);
	case CAPTURE_NONE:
		break;
	}
	return SOURCE_NONE;
}
