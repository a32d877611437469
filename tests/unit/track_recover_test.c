/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * States that outlive the engine that tracked them, in shared memory.
 */

#include "property.h"
#include "tracks.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <signal.h>
#include <unistd.h>

#include "pflowd/flow/record.h"
#include "pflowd/os/memory.h"
#include "pflowd/track/track_local.h"

/* An engine that tracks as many states, and shows n. */
static void
start(struct bed *b, unsigned int most, unsigned int n)
{
	unsigned int i;

	memset(b, 0, sizeof(*b));
	b->before = -1;
	b->memory = memory_open();
	tracks_again(b, most);
	for (i = 0; i < n; i++)
		b->shown[b->n++] = tracks_make(i + 1);
}

static void
stop(struct bed *b)
{
	track_free(b->track);
	close(b->memory);
	close(b->before);
}

/* The engine dies; the next one goes on with its counts. */
static void
die(struct bed *b, unsigned int most)
{
	struct track_counts counts = *track_counts(b->track);

	track_free(b->track);
	tracks_again(b, most);
	track_resume(b->track, b->before, &counts);
}

/* The sum that holds at any time. */
static void
check_sum(const struct bed *b)
{
	const struct track_counts *c = track_counts(b->track);
	uint64_t sum = c->tracked + c->lost;
	unsigned int i;

	for (i = 0; i < FLOW_ENDS; i++)
		sum += c->ended[i];
	assert_int_equal(c->first_seen, sum);
}

static void
test_goes_on(void **state)
{
	struct track_report end[2];
	struct bed b;

	(void)state;
	start(&b, 10, 2);
	tracks_dump(&b, 1000, 1);
	assert_int_equal(tracks_ends(&b, end, 0), 0);
	die(&b, 10);
	assert_int_equal(track_counts(b.track)->tracked, 2);
	tracks_age(&b, 5);
	b.shown[0].packets[0] = 9;
	b.shown[0].expires = 58;
	tracks_dump(&b, 5, 1);
	assert_int_equal(tracks_ends(&b, end, 0), 0);
	assert_int_equal(track_counts(b.track)->first_seen, 2);
	die(&b, 10);
	b.n = 1;
	tracks_age(&b, 57);
	tracks_dump(&b, 57, 1);
	assert_int_equal(tracks_ends(&b, end, 0), 0);
	die(&b, 10); /* one is missing */
	tracks_dump(&b, 1, 1);
	assert_int_equal(tracks_ends(&b, end, 0), 0);
	die(&b, 10);
	tracks_dump(&b, 1, 1);
	assert_int_equal(tracks_ends(&b, end, 1), 1);
	assert_int_equal(end[0].flow.id, 2);
	assert_int_equal(end[0].flow.label, FLOW_PERHAPS_CUT);
	end[0] = tracks_miss(&b, 5);
	assert_int_equal(end[0].flow.id, 1);
	assert_int_equal(end[0].flow.packets[0], 9);
	assert_int_equal(end[0].start, TRACKS_NOW + 1000000);
	assert_int_equal(end[0].last, TRACKS_NOW + 1003000);
	assert_int_equal(track_counts(b.track)->lost, 0);
	check_sum(&b);
	stop(&b);
}

/* What was told is not told again; what has ended is told once. */
static void
test_ended(void **state)
{
	struct track_report end[3];
	unsigned int n = 1;
	struct bed b;

	(void)state;
	start(&b, 10, 2);
	tracks_dump(&b, 1000, 1);
	assert_int_equal(tracks_ends(&b, end, 0), 0);
	b.shown[0].ext.port = 99; /* other states take their ids */
	b.shown[1].ext.port = 98;
	tracks_dump(&b, 5, 1);
	assert_int_equal(track_next(b.track, &n, end), 1);
	die(&b, 10);
	assert_int_equal(track_counts(b.track)->tracked, 3);
	tracks_age(&b, 5);
	tracks_dump(&b, 5, 1);
	assert_int_equal(tracks_ends(&b, end + 1, 1), 1);
	assert_int_not_equal(end[0].flow.id, end[1].flow.id);
	assert_int_equal(track_counts(b.track)->first_seen, 4);
	check_sum(&b);
	stop(&b);
}

/* The counts are of another time than the entries. */
static void
test_counts(void **state)
{
	struct track_counts counts = { .first_seen = 7, .lost = 1 };
	struct bed b;

	(void)state;
	start(&b, 10, 2);
	tracks_dump(&b, 1000, 1);
	track_free(b.track);
	tracks_again(&b, 10);
	counts.ended[FLOW_CUT] = 2;
	track_resume(b.track, b.before, &counts);
	assert_int_equal(track_counts(b.track)->lost, 3);
	assert_int_equal(track_counts(b.track)->first_seen, 7);
	check_sum(&b);
	track_free(b.track);
	tracks_again(&b, 10);
	counts.first_seen = 0;
	track_resume(b.track, b.before, &counts);
	assert_int_equal(track_counts(b.track)->first_seen, 5);
	check_sum(&b);
	stop(&b);
}

/* More states than a segment has entries. */
#define MANY 24000
static void
dump_many(struct bed *b, unsigned int n)
{
	struct flow f;
	unsigned int i;

	b->now += 1000;
	track_begin(b->track, TRACKS_NOW + b->now, b->now);
	for (i = 0; i < n; i++) {
		f = tracks_make(i);
		f.age = 1 + (uint32_t)(b->now / 1000);
		track_state(b->track, &f, 0);
	}
	track_finish(b->track, 1, b->now);
}

/* Of a dump that an engine died in, nobody knows what it had not shown yet. */
static void
test_amid(void **state)
{
	struct track_report end[1];
	struct bed b;

	(void)state;
	start(&b, 10, 2);
	track_interim(b.track, 300);
	tracks_dump(&b, 1000, 1);
	assert_int_equal(tracks_ends(&b, end, 0), 0);
	b.n = 1;
	tracks_age(&b, 10);
	tracks_dump(&b, 10, 0);
	die(&b, 10);
	track_interim(b.track, 300);
	tracks_age(&b, 5);
	b.n = 3;
	b.shown[1].age = 15;
	b.shown[2] = tracks_make(3);
	b.shown[2].age = 10; /* made between both dumps */
	tracks_dump(&b, 5, 1);
	assert_int_equal(track_counts(b.track)->octets.not_followed, 0);
	assert_int_equal(track_counts(b.track)->first_seen, 3);
	stop(&b);
}

/* Sparse memory takes none, but a copy of it would take all that there is. */
static void
test_sparse(void **state)
{
	struct track_counts counts;
	struct bed b;

	(void)state;
	start(&b, 10, 2);
	tracks_dump(&b, 1000, 1);
	counts = *track_counts(b.track);
	track_free(b.track);
	assert_int_equal(ftruncate(b.memory, INT64_C(1) << 42), 0);
	tracks_again(&b, 10);
	track_resume(b.track, b.before, &counts);
	assert_int_equal(track_counts(b.track)->tracked, 0);
	assert_int_equal(track_counts(b.track)->lost, 2);
	check_sum(&b);
	stop(&b);
}

static void
test_growth(void **state)
{
	struct stat st;
	struct bed b;

	(void)state;
	start(&b, MANY, 0);
	assert_int_equal(fstat(b.memory, &st), 0);
	assert_int_equal(st.st_size, 0);
	dump_many(&b, MANY);
	die(&b, MANY);
	assert_int_equal(track_counts(b.track)->tracked, MANY);
	dump_many(&b, MANY);
	assert_int_equal(track_counts(b.track)->first_seen, MANY);
	assert_int_equal(track_counts(b.track)->without_room, 0);
	assert_int_equal(fstat(b.memory, &st), 0);
	assert_true(st.st_size < MANY * 320);
	stop(&b);
}

/* A limit below what is tracked: no new states until it fits. */
static void
test_limit(void **state)
{
	struct track_report end[10];
	struct bed b;

	(void)state;
	start(&b, 10, 4);
	tracks_dump(&b, 1000, 1);
	die(&b, 3);
	assert_int_equal(track_counts(b.track)->tracked, 4);
	b.shown[3] = tracks_make(99);
	tracks_dump(&b, 0, 1);
	assert_int_equal(track_counts(b.track)->without_room, 1);
	assert_int_equal(tracks_ends(&b, end, 1), 1);
	tracks_dump(&b, 0, 1);
	assert_int_equal(track_counts(b.track)->without_room, 1);
	track_limit(b.track, 4);
	tracks_dump(&b, 0, 1);
	assert_int_equal(track_counts(b.track)->without_room, 0);
	assert_int_equal(track_counts(b.track)->tracked, 4);
	check_sum(&b);
	stop(&b);
}

/* To try in vain takes long: a dump tries once, and the next one again. */
static void
amid_dump(struct bed *b)
{
	const struct flow f = tracks_make(77);

	track_state(b->track, &f, 0);
	assert_int_equal(track_counts(b->track)->without_room, 3);
	track_begin(b->track, TRACKS_NOW, b->now);
	track_state(b->track, &f, 0);
	assert_int_equal(track_counts(b->track)->without_room, 0);
}

/* Memory that does not grow, or has another size, is no reason to end. */
static void
test_out_of_memory(void **state)
{
	const struct rlimit none = { 0, RLIM_INFINITY };
	struct rlimit before;
	struct bed b;

	(void)state;
	start(&b, MANY, 2);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	setrlimit(RLIMIT_FSIZE, &none);
	tracks_dump(&b, 1000, 1);
	assert_int_equal(track_counts(b.track)->without_room, 2);
	setrlimit(RLIMIT_FSIZE, &before);
	amid_dump(&b);
	assert_int_equal(ftruncate(b.memory, 100), 0);
	die(&b, MANY);
	tracks_dump(&b, 0, 1);
	assert_int_equal(track_counts(b.track)->tracked, 2);
	assert_int_equal(ftruncate(b.memory, 100), 0);
	track_free(b.track); /* what follows is behind the end */
	tracks_again(&b, MANY);
	assert_int_equal(track_counts(b.track)->tracked, 0);
	stop(&b);
}

/* Write into an entry of the memory between two engines. */
static uint8_t *
map(const struct bed *b, size_t *len)
{
	struct stat st;
	uint8_t *p;

	assert_int_equal(fstat(b->memory, &st), 0);
	*len = (size_t)st.st_size;
	p = mmap(NULL, *len, PROT_READ | PROT_WRITE, MAP_SHARED, b->memory, 0);
	assert_true(p != MAP_FAILED);
	return p;
}

/* The parts of the first segment. */
static struct entry *
entries(uint8_t *p)
{
	return (void *)(p + TRACK_HEADER);
}

static struct fixed *
fixed(uint8_t *p)
{
	return (void *)(entries(p) + SEGMENT);
}

static void
seal(struct entry *e, struct fixed *x)
{
	struct base none = { .first = 0 };

	x->check = entry_check_fixed(x, &none, e->twin);
}

/* One engine leaves two states; what the other has of them, and lost. */
static void
spoil(void (*change)(struct entry *, struct fixed *), uint64_t tracked)
{
	struct track_report end[10];
	struct bed b;
	uint8_t *p;
	size_t len;

	start(&b, 10, 2);
	tracks_dump(&b, 1000, 1);
	p = map(&b, &len);
	change(entries(p), fixed(p));
	munmap(p, len);
	die(&b, 10);
	assert_int_equal(track_counts(b.track)->tracked, tracked);
	assert_int_equal(track_counts(b.track)->lost, 2 - tracked);
	check_sum(&b);
	tracks_dump(&b, 1000, 1);
	tracks_ends(&b, end, 2);
	check_sum(&b);
	stop(&b);
}

static void
half_written(struct entry *e, struct fixed *x)
{
	(void)x;
	e->packets[1]++;
}

static void
moved(struct entry *e, struct fixed *x)
{
	(void)e;
	x->gwy.addr[3]++;
}

static void
no_status(struct entry *e, struct fixed *x)
{
	(void)x;
	e->status = 77;
}

static void
no_label(struct entry *e, struct fixed *x)
{
	(void)x;
	e->label = FLOW_ENDS; /* a piece is no end */
}

static void
no_family(struct entry *e, struct fixed *x)
{
	x->ext.family = 5;
	seal(e, x);
}

static void
no_end(struct entry *e, struct fixed *x)
{
	memset(x->ifname, 'x', sizeof(x->ifname));
	seal(e, x);
}

/* Sound by itself, but there twice. */
static void
twice(struct entry *e, struct fixed *x)
{
	e[1] = e[0];
	x[1] = x[0];
}

/* What is not believed is not even looked at. */
static void
other_links(struct entry *e, struct fixed *x)
{
	e->number = e->follower = e->ahead = 12345678;
	e->tuple++;
	e->anomalies = 255;
	e->missing = 255;
	x->next = x->previous = 12345678;
}

static void
test_not_sound(void **state)
{
	(void)state;
	spoil(half_written, 1);
	spoil(moved, 1);
	spoil(no_status, 1);
	spoil(no_label, 1);
	spoil(no_family, 1);
	spoil(no_end, 1);
	spoil(twice, 1);
	spoil(other_links, 2);
}

/* Random bytes, with checks that fit or not. */
static void
scribble(struct bed *b)
{
	struct entry *e;
	struct fixed *x;
	uint8_t *p;
	size_t len, i;

	p = map(b, &len);
	for (i = 0; i < 2000; i++)
		p[below(len)] = (uint8_t)below(256);
	e = entries(p);
	x = fixed(p);
	for (i = 0; i < SEGMENT; i++) {
		e[i].status = (uint8_t)below(5);
		if (below(2) == 0) {
			entry_seal(&e[i]);
			seal(&e[i], &x[i]);
		}
	}
	munmap(p, len);
}

static void
test_hostile(void **state)
{
	static struct track_report end;
	unsigned int round, n;
	struct bed b;
	int result;

	(void)state;
	random_begin(1);
	start(&b, MANY, 0);
	for (round = 0; round < 50; round++) {
		dump_many(&b, 1000 + (unsigned int)below(MANY / 4));
		do {
			n = 1000;
			result = track_next(b.track, &n, &end);
			if (result == 1)
				assert_true(end.flow.label < FLOW_LABELS);
		} while (result != -1);
		check_sum(&b);
		scribble(&b);
		die(&b, MANY);
		check_sum(&b);
	}
	stop(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_amid),
		cmocka_unit_test(test_sparse),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_not_sound),
		cmocka_unit_test(test_hostile),
	};

	return RUN(tests);
}
