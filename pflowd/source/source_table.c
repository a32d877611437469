/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The states that have ended, from dumps of pf's state table.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chunk.h"
#include "common/counters.h"
#include "os/memory.h"
#include "dump_measure.h"
#include "source.h"
#include "source_table.h"
#include "statetable.h"
#include "track/track.h"
#include "tracked.h"
#include "track/unseen.h"

/* Most entries to look at in one read, which is no more than a turn's work. */
#define ENTRIES 1024
#define ENTRIES_A_FRAME 64 /* as much work as a frame ... */
#define VISITS_A_FRAME 2   /* ... if there is something to do */

/* More states than a kernel makes: a sum of them is no counter's. */
#define INSERTS (UINT64_C(1) << 55)

/* Seconds between dumps. */
#define INTERVAL_UNKNOWN 5
#define INTERVALS 4
static const uint32_t intervals[INTERVALS] = { 1, 2, 5, 10 };

#define UNKNOWN UINT32_MAX

struct source_table {
	struct track *track;
	uint64_t memory; /* bytes of the machine; a replay: 0 */
	struct chunk_order order;
	struct chunk chunk;
	struct statetable piece; /* of the chunk */
	struct unseen unseen;
	struct dump_measure measure;	 /* of the dump being read */
	uint32_t timeout[FLOW_TIMEOUTS]; /* pf's, s; or UNKNOWN */
	int reading;			 /* states of the piece are unread */
	int flawed;			 /* the dump is not whole */
	int scanning;			 /* entries are being looked at */
	int leaving; /* no dump follows; track.c is told later */
	int ending;  /* looked at for the last time; the result: */
	enum source_result result;
	char error[512];
};

/* A live source has pf's own limit, as the dumper names it: any number. */
static unsigned int
most_states(const struct source *s, uint64_t limit)
{
	if (s->states > 0)
		return s->states;
	if (s->facts.own_clock || limit == 0)
		return TRACK_STATES;
	return track_most(limit, s->table != NULL ? s->table->memory : 0);
}

static struct source_table *
table_of(struct source *s)
{
	struct source_table *t = s->table;

	if (t != NULL)
		return t;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	t->track = track_new(most_states(s, 0), s->memory);
	if (t->track == NULL) {
		free(t);
		return NULL;
	}
	t->memory = s->facts.own_clock ? 0 : memory_size();
	track_timeouts(t->track, s->policy->timeout);
	if (s->facts.own_clock)
		track_from_nothing(t->track);
	memset(t->timeout, 0xff, sizeof(t->timeout)); /* UNKNOWN */
	s->table = t;
	return t;
}

void
source_table_free(struct source_table *t)
{
	if (t == NULL)
		return;
	track_free(t->track);
	free(t);
}

int
source_table_busy(const struct source_table *t)
{
	return t->reading || t->scanning;
}

const char *
source_table_error(const struct source_table *t)
{
	return t->error[0] != '\0' ? t->error : NULL;
}

/* 1 at least: without entries, the look ends at once. */
uint32_t
source_table_looks(const struct source_table *t)
{
	uint32_t entries = track_entries(t->track);

	if (!t->scanning)
		return 0;
	return entries > 0 ? entries : 1;
}

int
source_alive(const struct source *s, uint32_t *cursor, unsigned int *n,
    struct track_living *living)
{
	return s->table == NULL ?
	    -1 :
	    track_alive(s->table->track, cursor, n, living);
}

uint32_t
source_table_interval(const struct source *s)
{
	uint32_t least = s->table == NULL ?
	    UINT32_MAX :
	    track_least_timeout(s->table->track);
	unsigned int i = 0;

	if (least == UINT32_MAX)
		return INTERVAL_UNKNOWN;
	while (i + 1 < INTERVALS && intervals[i + 1] <= least / 2)
		i++;
	return intervals[i];
}

enum source_result
source_table_end(struct source *s, enum source_result result)
{
	struct source_table *t = s->table;

	if (t->ending)
		return t->result;
	if (result == SOURCE_END && t->order.open) {
		snprintf(t->error, sizeof(t->error), "%s: the last dump is cut",
		    capture_name(s->capture));
		result = SOURCE_ERROR;
	}
	track_stop(t->track, TRACK_STOP_ALL);
	t->reading = 0;
	t->scanning = t->ending = 1;
	t->result = result;
	return SOURCE_READ;
}

/* The open dump ends nothing. */
void
source_table_leave(struct source_table *t)
{
	t->reading = 0;
	t->leaving = t->scanning = 1;
}

static enum source_result
refuse(struct source *s, const char *why)
{
	struct source_table *t = s->table;

	s->counters->verdict[PFSYNC_LENGTH]++;
	snprintf(t->error, sizeof(t->error), "%s: %s", capture_name(s->capture),
	    why);
	if (!s->facts.own_clock)
		return SOURCE_ERROR;
	return source_table_end(s, SOURCE_ERROR);
}

/* The kernel's timeouts, as far as they are known and the file has none. */
static void
take_timeouts(struct source *s, struct source_table *t)
{
	struct record_policy policy = *s->policy;
	struct bytes b = t->chunk.data;
	const uint8_t *p;
	unsigned int i, to;

	for (i = 0; (p = bytes_take(&b, 4)) != NULL; i++) {
		to = statetable_timeout(t->chunk.layout, i);
		if (to < FLOW_TIMEOUTS && get_be32(p) <= INT32_MAX)
			t->timeout[to] = get_be32(p);
	}
	source_timeouts(s, &policy);
	track_timeouts(t->track, policy.timeout);
}

void
source_timeouts(const struct source *s, struct record_policy *policy)
{
	const struct source_table *t = s->table;
	int i;

	for (i = 0; t != NULL && i < FLOW_TIMEOUTS; i++) {
		if (t->timeout[i] == UNKNOWN ||
		    policy->timeout_source[i] == RECORD_BY_FILE)
			continue;
		policy->timeout[i] = t->timeout[i];
		policy->timeout_source[i] = RECORD_BY_PF;
	}
}

static void
begin(struct source *s, struct source_table *t)
{
	t->flawed = 0;
	track_interim(t->track, s->interim);
	track_join(t->track, s->join);
	track_limit(t->track, most_states(s, s->dump.limit));
	dump_measure_begin(&t->measure, &t->chunk);
	unseen_begin(&t->unseen);
	track_begin(t->track, t->chunk.wall, t->chunk.monotonic);
}

int
source_resume(struct source *s, int memory)
{
	struct track_counts before = tracked_counted(s->counters);
	struct source_table *t = table_of(s);

	if (t == NULL)
		return -1;
	track_resume(t->track, memory, &before);
	tracked_count(s->counters, track_counts(t->track));
	counters_crash_octets(s->counters);
	return 0;
}

void
source_left(struct source *s)
{
	if (s->table != NULL)
		s->counters->octets_left = track_open(s->table->track);
}

int
source_settle(struct source *s, int memory)
{
	if (s->counters->tracked == 0)
		return 0;
	if (source_resume(s, memory) == -1)
		return -1;
	s->entries = SOURCE_ALL;
	source_table_leave(s->table);
	return 0;
}

/* What dumps had shown of it is shown by the report. */
void
source_table_deleted(struct source *s)
{
	const struct track_counts *t = track_counts(s->table->track);
	struct counters *c = s->counters;
	unsigned int i;

	for (i = 0; i < s->n; i++)
		c->octets_shown -= track_deleted(s->table->track,
		    &s->report[i]);
	c->ended_exact = t->ended[FLOW_EXACT];
	c->tracked = t->tracked;
}

/* pf's counters: inserts and removals. */
static void
take_counters(struct source_table *t)
{
	struct bytes b = t->chunk.data;
	const uint8_t *inserts = bytes_take(&b, 8), *removals;

	if (inserts == NULL || get_be64(inserts) > INSERTS)
		return;
	unseen_inserts(&t->unseen, get_be64(inserts));
	removals = bytes_take(&b, 8);
	if (removals != NULL && get_be64(inserts) > get_be64(removals))
		track_holds(t->track, get_be64(inserts) - get_be64(removals));
}

static void
take_settings(struct source *s, struct source_table *t)
{
	dump_measure_settings(&t->measure, &t->chunk);
	track_limit(t->track, most_states(s, t->measure.dump.limit));
}

/* Show the measure of a whole dump. */
static void
keep(struct source *s, struct source_table *t)
{
	dump_measure_end(&t->measure, &t->chunk, s->dump.longest_ms);
	s->dump = t->measure.dump;
	s->useful = s->time;
}

static void
count_unseen(struct source *s, struct source_table *t)
{
	const struct track_counts *counts = track_counts(t->track);

	if (unseen_end(&t->unseen, counts->made, counts->without_room == 0))
		track_since(t->track);
	s->counters->never_seen_least = t->unseen.least;
	s->counters->never_seen_most = t->unseen.most;
}

static void
finish(struct source *s, struct source_table *t)
{
	int whole = t->chunk.status == 0 && !t->flawed;

	s->counters->dumps++;
	s->counters->dumps_void += (uint64_t)!whole;
	track_finish(t->track, whole, t->chunk.monotonic);
	if (whole) {
		count_unseen(s, t);
		keep(s, t);
	}
	s->void_dumps = whole ? 0 : s->void_dumps + 1;
	s->error = t->chunk.status;
	t->scanning = 1;
}

/* The next chunk is the first of another dumper. */
void
source_table_cut(struct source *s)
{
	struct source_table *t = s->table;

	s->counters->dumps += (uint64_t)t->order.open;
	s->counters->dumps_void += (uint64_t)t->order.open;
	s->void_dumps += t->order.open != 0;
	memset(&t->order, 0, sizeof(t->order));
	t->reading = 0;
	t->error[0] = '\0';
}

/* NULL, or what is wrong with the chunk. */
static const char *
take_chunk(struct source *s, struct source_table *t)
{
	const struct chunk *c = &t->chunk;

	switch (c->kind) {
	case CHUNK_BEGIN:
		begin(s, t);
		break;
	case CHUNK_TIMEOUTS:
		take_timeouts(s, t);
		break;
	case CHUNK_COUNTERS:
		take_counters(t);
		break;
	case CHUNK_SETTINGS:
		take_settings(s, t);
		break;
	case CHUNK_STATES:
		if (statetable_open(&t->piece, c->layout, c->big_endian,
			c->data.data, c->data.left) == -1)
			return "states in a layout that this pflowd does not "
			       "know: look for a later one";
		t->reading = 1;
		t->measure.dump.bytes += c->data.left;
		break;
	case CHUNK_END:
		finish(s, t);
		break;
	}
	return NULL;
}

enum source_result
source_table_open(struct source *s, const struct capture_frame *captured)
{
	struct source_table *t = table_of(s);
	const char *wrong;

	if (t == NULL) {
		s->counters->verdict[PFSYNC_LENGTH]++;
		return SOURCE_ERROR;
	}
	wrong = chunk_read(&t->chunk, captured->data, captured->len);
	if (wrong == NULL)
		wrong = chunk_follows(&t->order, &t->chunk);
	if (wrong == NULL)
		wrong = take_chunk(s, t);
	if (wrong != NULL)
		return refuse(s, wrong);
	s->counters->verdict[PFSYNC_DECODED]++;
	return SOURCE_READ;
}

/* A dump with a state that cannot be decoded does not count as whole. */
static void
end_piece(struct source *s, struct source_table *t)
{
	const struct statetable *piece = &t->piece;

	s->counters->malformed += piece->refused + (piece->unread.left > 0);
	if (piece->refused > 0 || piece->unread.left > 0 || piece->error != 0)
		t->flawed = 1;
	t->reading = 0;
}

/* A state that is new is as much work as a frame. */
static void
read_piece(struct source *s, struct source_table *t)
{
	const uint64_t *new = &track_counts(t->track)->first_seen,
		       before = *new;
	int absolute = t->chunk.layout == STATETABLE_NETLINK;
	unsigned int i, n = statetable_read(&t->piece, s->flow, BATCH);

	for (i = 0; i < n; i++)
		track_state(t->track, &s->flow[i], absolute);
	s->opened += (unsigned int)(*new - before);
	t->measure.dump.states += n;
	if (n == 0) {
		end_piece(s, t);
		tracked_count(s->counters, track_counts(t->track));
	}
}

/* Look at entries: ENTRIES at most, and at as many as the caller allows. */
static int
look(struct source *s, struct source_table *t, unsigned int n)
{
	unsigned int most = s->entries < ENTRIES ? s->entries : ENTRIES;
	unsigned int left = most;
	uint64_t visits = track_visits(t->track);
	struct track_report next;
	int found = 1;

	while (s->n < n && (found = track_next(t->track, &left, &next)) == 1)
		tracked_report(s, &next);
	if (s->entries != SOURCE_ALL)
		s->entries -= most - left;
	visits = track_visits(t->track) - visits;
	s->opened += (most - left) / ENTRIES_A_FRAME +
	    (unsigned int)visits / VISITS_A_FRAME;
	return found;
}

static void
end_scan(const struct source *s, struct source_table *t)
{
	t->scanning = t->leaving;
	if (t->leaving)
		track_stop(t->track,
		    s->interim > 0 ? TRACK_STOP_OPEN : TRACK_STOP_ENDED);
	t->leaving = 0;
}

/* Report n ended states at most; after the last, all have been looked at. */
static void
scan(struct source *s, struct source_table *t, unsigned int n)
{
	int found = look(s, t, n);

	if (found == -1 && s->n == 0)
		end_scan(s, t);
	tracked_count(s->counters, track_counts(t->track));
	s->counters->announced += s->n;
	s->counters->states += s->n;
	s->octets = source_octets(s);
}

enum source_result
source_table_read(struct source *s, unsigned int n)
{
	struct source_table *t = s->table;

	if (!t->reading && s->entries == 0)
		return SOURCE_NONE;
	if (t->reading)
		read_piece(s, t);
	else
		scan(s, t, n < BATCH ? n : BATCH);
	s->opened += s->n == 0;
	return !source_table_busy(t) && t->ending ? t->result : SOURCE_READ;
}
