/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * An engine that dies while it reports.  It is traced, an instruction at a
 * time: after each that has changed the shared memory, another engine takes
 * over a copy, and reports all that is left.  Together they report no octet
 * twice, and what is lost is known.
 */

#include "tracks.h"

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "pflowd/os/memory.h"
#include "pflowd/track/track_local.h"

#define INTERVAL 5  /* s */
#define ENTRIES 4   /* that are there */
#define CHANGED 512 /* bytes of the journal that may change */
#define REPORT 4500 /* octets of a report */

/* What the engine that dies has given to others, in memory of both. */
static volatile uint64_t *given;

static struct flow
side(uint64_t id, uint8_t direction)
{
	struct flow f = tracks_make(id);

	f.direction = direction;
	f.ext.addr[0] = direction == FLOW_IN ? 10 : 20;
	f.ext.port = direction == FLOW_IN ? 5000 : 80;
	f.lan.addr[0] = direction == FLOW_IN ? 20 : 10;
	f.lan.port = direction == FLOW_IN ? 80 : 5000;
	f.gwy = f.lan;
	return f;
}

static void
give(const struct track_report *r)
{
	*given += r->bytes[0] + r->bytes[1];
}

static void
dump(struct bed *b)
{
	struct track_report next;
	unsigned int n = UINT32_MAX;

	tracks_dump(b, INTERVAL, 1);
	while (track_next(b->track, &n, &next) == 1)
		give(&next);
	tracks_age(b, INTERVAL);
}

static void
carry(struct flow *f)
{
	f->packets[0] += 3;
	f->packets[1] += 4;
	f->bytes[0] += 300;
	f->bytes[1] += 4000;
	f->expires = 60;
}

/* A single state, and a pair; all have what is not reported. */
static void
start(struct bed *b)
{
	unsigned int i;

	memset(b, 0, sizeof(*b));
	b->before = -1;
	b->memory = memory_open();
	tracks_again(b, 10);
	track_join(b->track, 1);
	tracks_dump(b, 1000, 1);
	b->shown[b->n++] = tracks_make(1);
	b->shown[b->n++] = side(2, FLOW_IN);
	b->shown[b->n++] = side(3, FLOW_OUT);
	dump(b);
	for (i = 0; i < b->n; i++)
		carry(&b->shown[i]);
	dump(b);
}

static void
piece(struct bed *b, uint32_t number)
{
	struct track_report r;

	if (report_piece(b->track, table_entry(&b->track->table, number),
		FLOW_INTERIM, &r))
		give(&r);
}

static void
die_in_piece(struct bed *b)
{
	piece(b, 0);
	piece(b, 1);
}

/* A successor of the in-state, which both began before: what is in common. */
static void
die_in_link(struct bed *b)
{
	struct table *t = &b->track->table;
	struct track_report r;

	report_survived(b->track, table_entry(t, 2), FLOW_CUT, &r);
	give(&r);
	pair_offer(b->track, table_entry(t, 2));
	pair_offer(b->track, table_entry(t, 3));
	pair_link(b->track, table_entry(t, 2), table_entry(t, 3));
	piece(b, 3);
}

static void
succeed(struct bed *b)
{
	b->shown[1] = side(4, FLOW_IN);
	b->shown[1].age = 1;
	carry(&b->shown[2]);
	tracks_dump(b, INTERVAL, 1);
	tracks_age(b, INTERVAL);
}

static void
die_at_end(struct bed *b)
{
	struct track_report r;
	unsigned int n = ENTRIES;

	while (track_next(b->track, &n, &r) == 1)
		give(&r);
}

/* All states go: the third dump ends them. */
static void
leave(struct bed *b)
{
	b->n = 0;
	dump(b);
	dump(b);
	tracks_dump(b, INTERVAL, 1);
}

struct death {
	const char *name;
	void (*prepare)(struct bed *);
	void (*act)(struct bed *);
	uint64_t reported; /* octets, in all */
};

static const struct death deaths[] = {
	{ "a piece", NULL, die_in_piece, 2 * REPORT },
	{ "a link", succeed, die_in_link, 2 * REPORT + 4000 + 100 },
	{ "an end", leave, die_at_end, 2 * REPORT },
};

/* Another engine takes over a copy, and reports what is left. */
static void
take_over(const struct bed *b, const uint8_t *memory, size_t len,
    const struct track_counts *counts, const struct death *d)
{
	uint64_t before = *given, lost;
	const struct track_octets *o;
	struct bed next = *b;
	int copy = memory_open();

	assert_int_equal(memory_grow(copy, 0, len), 0);
	assert_int_equal(pwrite(copy, memory, len, 0), len);
	next.before = -1;
	next.memory = memory_open();
	tracks_again(&next, 10);
	close(next.before);
	track_join(next.track, 1);
	track_resume(next.track, copy, counts);
	close(copy);
	o = &track_counts(next.track)->octets;
	lost = o->reported - *given;
	assert_true(lost <= REPORT + 4000);
	dump(&next);
	next.n = 0;
	while (track_counts(next.track)->tracked > 0)
		dump(&next);
	assert_int_equal(o->shown,
	    o->before_start + o->not_followed + o->reported + o->twin + o->cut);
	assert_int_equal(o->reported, d->reported);
	assert_int_equal(o->reported, *given + lost);
	*given = before;
	track_free(next.track);
	close(next.memory);
}

/* The parts of the memory that change. */
struct parts {
	uint8_t journal[CHANGED];
	struct entry entries[ENTRIES];
	struct fixed fixed[ENTRIES];
	struct base bases[ENTRIES];
};

static void
read_parts(const uint8_t *memory, struct parts *p)
{
	const struct entry *e = (const void *)(memory + TRACK_HEADER);
	const struct fixed *x = (const void *)(e + SEGMENT);
	const struct base *b = (const void *)(x + SEGMENT);

	memcpy(p->journal, memory, sizeof(p->journal));
	memcpy(p->entries, e, sizeof(p->entries));
	memcpy(p->fixed, x, sizeof(p->fixed));
	memcpy(p->bases, b, sizeof(p->bases));
}

static void
act(struct bed *b, const struct death *d)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
		_exit(1);
	raise(SIGSTOP);
	d->act(b);
	_exit(0);
}

/* Returns how often the memory changed; 0: no process can be traced here. */
static unsigned int
trace(struct bed *b, const struct death *d, const uint8_t *memory, size_t len)
{
	const struct track_counts counts = *track_counts(b->track);
	static struct parts last, now;
	unsigned int changes = 0;
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		act(b, d);
	read_parts(memory, &last);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		read_parts(memory, &now);
		if (memcmp(&last, &now, sizeof(now)) != 0) {
			last = now;
			changes++;
			take_over(b, memory, len, &counts, d);
		}
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == -1)
			break;
	}
	return changes;
}

static void
test_deaths(void **state)
{
	const size_t len = TRACK_HEADER +
	    SEGMENT *
		(sizeof(struct entry) + sizeof(struct fixed) +
		    sizeof(struct base));
	const uint8_t *memory;
	unsigned int i, changes;
	struct bed b;

	(void)state;
	given = mmap(NULL, sizeof(*given), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANON, -1, 0);
	assert_true(given != MAP_FAILED);
	for (i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		*given = 0;
		start(&b);
		if (deaths[i].prepare != NULL)
			deaths[i].prepare(&b);
		memory = mmap(NULL, len, PROT_READ, MAP_SHARED, b.memory, 0);
		assert_true(memory != MAP_FAILED);
		changes = trace(&b, &deaths[i], memory, len);
		printf("%s: %u changes\n", deaths[i].name, changes);
		if (changes == 0)
			skip();
		munmap((void *)(uintptr_t)memory, len);
		track_free(b.track);
		close(b.memory);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deaths),
	};

	return RUN(tests);
}
