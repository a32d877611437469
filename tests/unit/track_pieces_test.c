/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Interim reports: pieces of a state add up to its counters, whatever happens
 * in between.
 */

#include "property.h"
#include "tracks.h"

#define INTERVAL 5 /* s */

/* Live states: the first dump shows none. */
static void
start(struct bed *b, unsigned int interim)
{
	tracks_start(b, 10);
	track_interim(b->track, interim);
	tracks_dump(b, 1000, 1);
	b->shown[b->n++] = tracks_make(1);
}

/* A dump later, each state has so many packets more, the last one just now. */
static unsigned int
dump(struct bed *b, unsigned int packets, struct track_report *r,
    unsigned int most)
{
	unsigned int i;

	tracks_age(b, INTERVAL);
	for (i = 0; i < b->n && packets > 0; i++) {
		b->shown[i].packets[0] += packets;
		b->shown[i].bytes[0] += packets * 100;
		b->shown[i].packets[1] += packets;
		b->shown[i].bytes[1] += packets * 1000;
		b->shown[i].expires = 60;
	}
	tracks_dump(b, INTERVAL, 1);
	return tracks_ends(b, r, most);
}

/* What reports of a state have had so far. */
struct sum {
	uint64_t packets[2];
	uint64_t bytes[2];
	uint64_t last;
	unsigned int n;
};

static void
add(struct sum *s, const struct track_report *r)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		s->packets[i] += r->packets[i];
		s->bytes[i] += r->bytes[i];
	}
	assert_true(r->start <= r->last);
	if (s->n++ > 0)
		assert_true(r->start >= s->last);
	s->last = r->last;
}

static void
check_sum(const struct sum *s, const struct flow *f)
{
	assert_memory_equal(s->packets, f->packets, sizeof(s->packets));
	assert_memory_equal(s->bytes, f->bytes, sizeof(s->bytes));
}

static void
test_partition(void **state)
{
	struct sum sum = { .n = 0 };
	struct track_report r;
	struct flow last;
	struct bed b;
	int i;

	(void)state;
	start(&b, 20);
	for (i = 0; i < 100; i++) {
		if (dump(&b, 3, &r, 1) == 0)
			continue;
		assert_int_equal(r.flow.label, FLOW_INTERIM);
		assert_int_equal(r.joined, 0);
		add(&sum, &r);
		tracks_octets(&b);
	}
	assert_true(sum.n >= 100 * INTERVAL / 20 - 1);
	assert_true(sum.n <= 100 * INTERVAL / 20 + 1);
	assert_int_equal(track_counts(b.track)->interim, sum.n);
	last = b.shown[0];
	r = tracks_miss(&b, INTERVAL);
	assert_int_equal(r.flow.label, FLOW_CUT);
	add(&sum, &r);
	check_sum(&sum, &last);
	tracks_octets(&b);
	assert_int_equal(track_open(b.track), 0);
	track_free(b.track);
}

/* No report of nothing; First is the last dump without the new packets. */
static void
test_idle(void **state)
{
	struct track_report r;
	uint64_t quiet;
	struct bed b;
	int i;

	(void)state;
	start(&b, INTERVAL);
	assert_int_equal(dump(&b, 1, &r, 1), 1);
	assert_int_equal(r.packets[0], 2);
	assert_int_equal(r.start, TRACKS_NOW + b.now - INTERVAL * 1000);
	for (i = 0; i < 10; i++)
		assert_int_equal(dump(&b, 0, &r, 0), 0);
	quiet = TRACKS_NOW + b.now;
	assert_int_equal(dump(&b, 1, &r, 1), 1);
	assert_int_equal(r.packets[0], 1);
	assert_int_equal(r.start, quiet);
	assert_int_equal(r.last, TRACKS_NOW + b.now);
	assert_int_equal(dump(&b, 0, &r, 0), 0);
	r = tracks_miss(&b, INTERVAL);
	assert_int_equal(r.packets[0] + r.packets[1], 0);
	track_free(b.track);
}

/* Every state has its turn within the interval, and not all at once. */
static void
test_spread(void **state)
{
	unsigned int i, round, n, most = 0, seen[64] = { 0 };
	struct track_report r[64];
	struct bed b;

	(void)state;
	tracks_start(&b, 64);
	track_interim(b.track, 60);
	tracks_dump(&b, 1000, 1);
	for (b.n = 0; b.n < 64; b.n++)
		b.shown[b.n] = tracks_make(b.n);
	dump(&b, 1, r, 64);
	for (round = 0; round < 12; round++) {
		n = dump(&b, 1, r, 64);
		for (i = 0; i < n; i++)
			seen[r[i].flow.id]++;
		if (n > most)
			most = n;
	}
	for (i = 0; i < 64; i++)
		assert_int_equal(seen[i], 1);
	assert_true(most < 20);
	track_free(b.track);
}

/* What was there before is no traffic of ours. */
static void
test_before(void **state)
{
	struct track_report r;
	struct bed b;

	(void)state;
	tracks_start(&b, 10);
	track_interim(b.track, 300);
	b.shown[b.n++] = tracks_make(1);
	dump(&b, 1, &r, 0);
	dump(&b, 7, &r, 0);
	assert_int_equal(track_counts(b.track)->octets.before_start, 1300);
	b.shown[b.n] = tracks_make(2); /* there was no room for it, so far */
	b.shown[b.n++].age = 100;
	dump(&b, 0, &r, 0);
	assert_int_equal(track_counts(b.track)->octets.not_followed, 200);
	tracks_octets(&b);
	b.n = 1;
	track_stop(b.track, TRACK_STOP_OPEN);
	assert_int_equal(tracks_ends(&b, &r, 1), 1);
	assert_int_equal(r.flow.id, 1);
	assert_int_equal(r.flow.label, FLOW_ALIVE);
	assert_int_equal(r.packets[0], 7);
	assert_int_equal(r.bytes[1], 7000);
	assert_int_equal(r.start, TRACKS_NOW + b.now - 2 * INTERVAL * 1000);
	tracks_octets(&b);
	track_free(b.track);
	/* ... but it is the traffic of a recording, or without pieces. */
	tracks_start(&b, 10);
	track_interim(b.track, 300);
	track_from_nothing(b.track);
	b.shown[b.n++] = tracks_make(1);
	dump(&b, 1, &r, 0);
	r = tracks_miss(&b, INTERVAL);
	assert_int_equal(r.packets[0], 2);
	track_free(b.track);
	tracks_start(&b, 10);
	b.shown[b.n++] = tracks_make(1);
	dump(&b, 1, &r, 0);
	r = tracks_miss(&b, INTERVAL);
	assert_int_equal(r.packets[0], 2);
	track_free(b.track);
}

/* Another source tells of the end, with all counters: less what was told. */
static void
test_deleted(void **state)
{
	struct track_report r;
	struct report last;
	struct flow f;
	struct bed b;

	(void)state;
	start(&b, INTERVAL);
	assert_int_equal(dump(&b, 9, &r, 1), 1);
	track_interim(b.track, 0);
	assert_int_equal(dump(&b, 5, &r, 0), 0);
	f = b.shown[0];
	f.packets[0] += 2;
	f.bytes[0] += 200;
	memset(&last, 0, sizeof(last));
	last.flow = &f;
	memcpy(last.packets, f.packets, sizeof(last.packets));
	memcpy(last.bytes, f.bytes, sizeof(last.bytes));
	last.times.end = TRACKS_NOW + b.now + 5000;
	f.ext.port++; /* of another state */
	assert_int_equal(track_deleted(b.track, &last), 0);
	f.ext.port--;
	assert_int_equal(track_deleted(b.track, &last), 5500);
	assert_int_equal(last.packets[0], 7);
	assert_int_equal(last.packets[1], 5);
	assert_int_equal(last.bytes[0], 700);
	assert_int_equal(last.bytes[1], 5000);
	assert_int_equal(last.times.start, TRACKS_NOW + b.now - 5000);
	assert_int_equal(track_counts(b.track)->tracked, 0);
	assert_int_equal(track_deleted(b.track, &last), 0);
	track_free(b.track);
}

/* Switched on, off and on again; dumps that fail; engines that die. */
static void
test_random(void **state)
{
	static const unsigned int interims[] = { 0, 5, 60, 7 };
	unsigned int round, i;
	struct track_counts counts;
	struct sum sum;
	struct track_report r;
	struct flow last;
	struct bed b;

	(void)state;
	random_begin(5);
	for (round = 0; round < 50; round++) {
		memset(&sum, 0, sizeof(sum));
		start(&b, interims[below(4)]);
		track_free(b.track);
		tracks_again(&b, 10);
		for (i = 0; i < 100; i++) {
			if (below(10) == 0)
				track_interim(b.track, interims[below(4)]);
			if (dump(&b, below(3), &r, 1) == 1)
				add(&sum, &r);
			if (below(5) == 0) {
				tracks_age(&b, 1);
				tracks_dump(&b, 1, 0);
			}
			if (below(20) > 0 || b.memory == -1)
				continue;
			counts = *track_counts(b.track);
			track_free(b.track);
			tracks_again(&b, 10);
			track_resume(b.track, b.before, &counts);
		}
		last = b.shown[0];
		r = tracks_miss(&b, INTERVAL);
		add(&sum, &r);
		tracks_octets(&b);
		if (track_counts(b.track)->octets.before_start == 0)
			check_sum(&sum, &last);
		track_free(b.track);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_partition),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_deleted),
		cmocka_unit_test(test_random),
	};

	return RUN(tests);
}
