/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/mman.h>

#include <stdlib.h>

#include "os/memory.h"
#include "track_local.h"

#define ROOM 64 /* of the array, at first */

#define BYTES                                              \
	(SEGMENT *                                         \
	    (sizeof(struct entry) + sizeof(struct fixed) + \
		sizeof(struct base)))

_Static_assert(BYTES % TRACK_HEADER == 0, "whole pages");

/* Of the next segment, in shared memory. */
static off_t
offset(const struct segments *s)
{
	return TRACK_HEADER + (off_t)s->n * (off_t)BYTES;
}

static void *
map(const struct segments *s)
{
	void *p;

	if (s->memory == -1)
		p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANON, -1, 0);
	else
		p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
		    s->memory, offset(s));
	return p == MAP_FAILED ? NULL : p;
}

static int
make_room(struct segments *s)
{
	uint32_t room = s->room == 0 ? ROOM : s->room * 2;
	struct segment *segment;

	if (s->n < s->room)
		return 0;
	segment = realloc(s->segment, room * sizeof(*segment));
	if (segment == NULL)
		return -1;
	s->segment = segment;
	s->room = room;
	return 0;
}

int
segments_add(struct segments *s)
{
	struct segment *segment;
	uint32_t i;

	if (s->journal == NULL && (s->journal = commit_open(s->memory)) == NULL)
		return -1;
	if (make_room(s) == -1 ||
	    (s->memory != -1 && memory_grow(s->memory, offset(s), BYTES) == -1))
		return -1;
	segment = &s->segment[s->n];
	segment->shown = malloc(SEGMENT * sizeof(*segment->shown));
	if (segment->shown == NULL)
		return -1;
	if ((segment->entries = map(s)) == NULL) {
		free(segment->shown);
		return -1;
	}
	segment->fixed = (void *)(segment->entries + SEGMENT);
	segment->bases = (void *)(segment->fixed + SEGMENT);
	for (i = 0; i < SEGMENT; i++)
		segment->shown[i] = SHOWN_NONE;
	s->n++;
	return 0;
}

void
segments_free(struct segments *s)
{
	uint32_t i;

	for (i = 0; i < s->n; i++) {
		munmap(s->segment[i].entries, BYTES);
		free(s->segment[i].shown);
	}
	free(s->segment);
	commit_close(s->journal);
}
