/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * States over the dumps of a table.  A dump is an instant here; each second has
 * one.  What kernels show is in tests/golden/recordings.
 */

#include "property.h"
#include "tracks.h"

#include <netinet/in.h>

/* Show one state, `idle` s after its last packet, and then no more. */
static struct track_report
end_of(struct flow f, unsigned int idle, unsigned int interval)
{
	struct track_report end;
	struct bed b;

	tracks_start(&b, 10);
	b.shown[0] = f;
	b.n = 1;
	tracks_age(&b, idle);
	tracks_dump(&b, 1000, 1);
	end = tracks_miss(&b, interval);
	track_free(b.track);
	return end;
}

static void
test_labels(void **state)
{
	struct flow f = tracks_make(1);
	struct track_report end;

	(void)state;
	end = end_of(f, 58, 5);
	assert_int_equal(end.flow.label, FLOW_EXACT);
	assert_int_equal(end.last, TRACKS_NOW + 1000000 - 58000);
	assert_int_equal(end.start, TRACKS_NOW + 1000000 - 58000);
	end = end_of(f, 53, 5);
	assert_int_equal(end.flow.label, FLOW_CUT);
	/* 31 s are enough for another packet and its timeout. */
	assert_int_equal(end_of(f, 58, 28).flow.label, FLOW_EXACT);
	assert_int_equal(end_of(f, 58, 29).flow.label, FLOW_PERHAPS_CUT);
	f.timeout = FLOW_PURGE;
	assert_int_equal(end_of(f, 0, 5).flow.label, FLOW_EXACT);
}

/* Counters of the last dump; the time is that of the last growth. */
static void
test_growth(void **state)
{
	struct track_report end;
	struct bed b;

	(void)state;
	tracks_start(&b, 10);
	b.shown[b.n++] = tracks_make(1);
	tracks_dump(&b, 1000, 1);
	tracks_age(&b, 5);
	b.shown[0].packets[0] = 9;
	b.shown[0].expires = 58;
	tracks_dump(&b, 5, 1);
	tracks_age(&b, 57);
	tracks_dump(&b, 57, 1);
	assert_int_equal(tracks_ends(&b, &end, 0), 0);
	end = tracks_miss(&b, 5);
	assert_int_equal(end.flow.packets[0], 9);
	assert_int_equal(end.flow.label, FLOW_EXACT);
	assert_int_equal(end.start, TRACKS_NOW + 1000000);
	assert_int_equal(end.last, TRACKS_NOW + 1003000);
	track_free(b.track);
}

/* A state that is left out of a dump goes on; a void dump ends nothing. */
static void
test_returns(void **state)
{
	struct track_report end;
	struct bed b;
	int i;

	(void)state;
	tracks_start(&b, 10);
	b.shown[b.n++] = tracks_make(1);
	tracks_dump(&b, 1000, 1);
	for (i = 0; i < 5; i++) {
		b.n = 0;
		tracks_dump(&b, 1, 1);
		tracks_dump(&b, 1, 1);
		tracks_dump(&b, 1, 0);
		tracks_dump(&b, 1, 0);
		assert_int_equal(tracks_ends(&b, &end, 0), 0);
		b.n = 1;
		tracks_age(&b, 5);
		tracks_dump(&b, 1, 1);
		assert_int_equal(tracks_ends(&b, &end, 0), 0);
	}
	assert_int_equal(track_counts(b.track)->first_seen, 1);
	track_free(b.track);
}

/* The id is another state's: by its tuple, its creation, its counters. */
static void
test_another_state(void **state)
{
	struct track_report end;
	struct bed b;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		tracks_start(&b, 10);
		b.shown[b.n++] = tracks_make(1);
		b.shown[0].age = 100;
		tracks_dump(&b, 1000, 1);
		tracks_age(&b, 5);
		switch (i) {
		case 0:
			b.shown[0].ext.port = 99;
			break;
		case 1:
			b.shown[0].age -= 3;
			break;
		case 2:
			b.shown[0].packets[1] = 0;
			break;
		}
		tracks_dump(&b, 5, 1);
		assert_int_equal(tracks_ends(&b, &end, 1), 1);
		assert_int_equal(end.flow.packets[1], 1);
		assert_int_equal(end.flow.label, FLOW_CUT);
		assert_int_equal(track_counts(b.track)->tracked, 1);
		track_free(b.track);
	}
}

/* Ages have whole seconds; 32-bit kernels copy a counter in two parts. */
static void
test_same_state(void **state)
{
	struct track_report end;
	struct bed b;

	(void)state;
	tracks_start(&b, 10);
	b.shown[b.n++] = tracks_make(1);
	b.shown[0].age = 100;
	b.shown[0].bytes[0] = UINT64_C(0x1ffffffff);
	tracks_dump(&b, 1000, 1);
	tracks_age(&b, 5);
	b.shown[0].age -= 2;
	b.shown[0].bytes[0] = 5;
	tracks_dump(&b, 5, 1);
	assert_int_equal(tracks_ends(&b, &end, 0), 0);
	end = tracks_miss(&b, 1);
	assert_int_equal(end.flow.bytes[0], UINT64_C(0x1ffffffff));
	track_free(b.track);
}

/* A missing state ends when another one has its addresses and ports. */
static void
test_tuple_again(void **state)
{
	struct track_report end;
	struct bed b;

	(void)state;
	tracks_start(&b, 10);
	b.shown[b.n++] = tracks_make(1);
	tracks_dump(&b, 1000, 1);
	b.n = 0;
	tracks_dump(&b, 1, 1);
	assert_int_equal(tracks_ends(&b, &end, 0), 0);
	b.n = 1;
	b.shown[0].id = 2;
	tracks_dump(&b, 1, 1);
	assert_int_equal(tracks_ends(&b, &end, 1), 1);
	assert_int_equal(end.flow.id, 1);
	track_free(b.track);
}

static void
test_no_room(void **state)
{
	struct track_report end[2];
	struct bed b;

	(void)state;
	tracks_start(&b, 2);
	b.shown[b.n++] = tracks_make(1);
	b.shown[b.n++] = tracks_make(2);
	b.shown[b.n++] = tracks_make(3);
	tracks_dump(&b, 1000, 1);
	assert_int_equal(tracks_ends(&b, end, 0), 0);
	assert_int_equal(track_counts(b.track)->without_room, 1);
	b.shown[0] = tracks_make(4); /* a missing state makes room at once */
	tracks_dump(&b, 1, 1);
	assert_int_equal(tracks_ends(&b, end, 1), 1);
	assert_int_equal(end[0].flow.id, 1);
	tracks_dump(&b, 1, 1);
	assert_int_equal(tracks_ends(&b, end, 0), 0);
	assert_int_equal(track_counts(b.track)->tracked, 2);
	track_free(b.track);
}

static void
test_stop(void **state)
{
	struct track_report end[3];
	struct bed b;

	(void)state;
	tracks_start(&b, 10);
	b.shown[b.n++] = tracks_make(1);
	b.shown[b.n++] = tracks_make(2);
	tracks_dump(&b, 1000, 1);
	b.n = 1;
	tracks_age(&b, 1);
	tracks_dump(&b, 1, 1);
	assert_int_equal(tracks_ends(&b, end, 0), 0);
	track_stop(b.track, TRACK_STOP_ALL);
	assert_int_equal(tracks_ends(&b, end, 2), 2);
	assert_int_equal(end[0].flow.label, FLOW_ALIVE);
	assert_int_equal(end[1].flow.label, FLOW_CUT);
	assert_int_equal(tracks_ends(&b, end, 0), 0);
	track_free(b.track);
}

/* Those that live are not reported, if the end is that of pflowd. */
static void
test_leave(void **state)
{
	struct track_report end[3];
	struct bed b;

	(void)state;
	tracks_start(&b, 10);
	b.shown[b.n++] = tracks_make(1);
	b.shown[b.n++] = tracks_make(2);
	tracks_dump(&b, 1000, 1);
	b.n = 1;
	tracks_age(&b, 1);
	tracks_dump(&b, 1, 1);
	assert_int_equal(tracks_ends(&b, end, 0), 0);
	track_stop(b.track, TRACK_STOP_ENDED);
	assert_int_equal(tracks_ends(&b, end, 1), 1);
	assert_int_equal(end[0].flow.id, 2);
	assert_int_equal(track_counts(b.track)->tracked, 1);
	track_free(b.track);
}

/*
 * netlink shows another time for a state that has expired: it does not fall as
 * time passes.
 */
static void
test_absolute(void **state)
{
	struct track_report end;
	struct flow f = tracks_make(1);
	struct bed b;

	(void)state;
	tracks_start(&b, 10);
	f.expires = 2;
	f.age = 58;
	track_begin(b.track, TRACKS_NOW, 0);
	track_state(b.track, &f, 1);
	track_finish(b.track, 1, 0);
	f.expires = 54321;
	f.age = 63;
	track_begin(b.track, TRACKS_NOW + 5000, 5000);
	track_state(b.track, &f, 1);
	track_finish(b.track, 1, 5000);
	assert_int_equal(tracks_ends(&b, &end, 0), 0);
	b.now = 5000;
	end = tracks_miss(&b, 5);
	assert_int_equal(end.flow.label, FLOW_EXACT);
	track_free(b.track);
}

/*
 * Random states in random order, which are shown or not, against plain lists:
 * each is reported once, and none too early.
 */
#define STATES 64
static void
test_random(void **state)
{
	unsigned int round, i, n, alive = 0, made = 0, ended = 0;
	struct {
		int shown, missing;
	} model[STATES] = { { 0 } };
	struct track_report end[STATES];
	struct bed b;

	(void)state;
	random_begin(1);
	tracks_start(&b, 1000);
	for (round = 0; round < 2000; round++) {
		b.n = 0;
		for (i = 0; i < STATES; i++) {
			struct flow f = tracks_make(i);
			int shown = below(4) > 0;

			f.age = 5 * round + 5;
			f.direction = FLOW_OUT;
			made += shown && !model[i].shown;
			model[i].missing = shown ? 0 : model[i].missing + 1;
			if (shown)
				b.shown[b.n++] = f;
			if (model[i].shown && model[i].missing == 3) {
				model[i].shown = 0;
				ended++;
			}
			model[i].shown |= shown;
		}
		for (i = b.n; i > 1; i--) {
			struct flow f = b.shown[i - 1];

			n = (unsigned int)below(i);
			b.shown[i - 1] = b.shown[n];
			b.shown[n] = f;
		}
		tracks_dump(&b, 5, 1);
		n = tracks_ends(&b, end, STATES);
		alive += n;
		assert_int_equal(alive, ended);
		assert_int_equal(track_counts(b.track)->first_seen, made);
		assert_int_equal(track_counts(b.track)->tracked, made - ended);
	}
	track_free(b.track);
}

/* All ends, of which `end` is the last. */
static unsigned int
count_ends(struct bed *b, struct track_report *end)
{
	unsigned int entries, n = 0;
	int result;

	do {
		entries = 1000;
		result = track_next(b->track, &entries, end);
		n += result == 1;
	} while (result != -1);
	return n;
}

/* More states than a segment has entries, all of which go and come again. */
#define MANY 20000
static void
test_many(void **state)
{
	unsigned int i, round;
	struct track_report end;
	struct bed b;
	struct flow f;

	(void)state;
	tracks_start(&b, MANY);
	for (round = 0; round < 8; round++) {
		track_begin(b.track, TRACKS_NOW + round * 5000, round * 5000);
		for (i = 0; round % 4 == 0 && i < MANY; i++) {
			f = tracks_make(i);
			f.lan.port = (uint16_t)round;
			track_state(b.track, &f, 0);
		}
		track_finish(b.track, 1, round * 5000);
		assert_int_equal(count_ends(&b, &end),
		    round % 4 == 3 ? MANY : 0);
	}
	assert_int_equal(track_counts(b.track)->first_seen, 2 * MANY);
	assert_int_equal(track_counts(b.track)->without_room, 0);
	track_free(b.track);
}

/* Those that the last dump showed. */
static void
test_alive(void **state)
{
	struct track_report end[2];
	unsigned int n = 1000000, found = 0;
	uint32_t cursor = 0;
	struct track_living f;
	struct bed b;

	(void)state;
	tracks_start(&b, 10);
	for (; b.n < 3; b.n++)
		b.shown[b.n] = tracks_make(b.n + 1);
	tracks_age(&b, 7);
	tracks_dump(&b, 1000, 1);
	b.n = 2;
	tracks_dump(&b, 0, 1);
	assert_int_equal(tracks_ends(&b, end, 0), 0); /* one is missing */
	while (track_alive(b.track, &cursor, &n, &f) == 1) {
		assert_int_equal(f.flow.id, ++found);
		assert_int_equal(f.flow.bytes[0], 100);
		assert_int_equal(f.last, TRACKS_NOW + b.now - 7000);
	}
	assert_int_equal(found, 2);
	n = cursor = 0;
	assert_int_equal(track_alive(b.track, &cursor, &n, &f), 0);
	track_free(b.track);
}

/* Octets a second between the last two dumps, whatever they are. */
static void
check_rate(struct bed *b, unsigned int s, uint64_t octets, uint32_t wanted)
{
	uint32_t cursor = 0;
	unsigned int n = 1000000;
	struct track_living living;

	b->shown[0].bytes[0] += octets - octets / 2;
	b->shown[0].bytes[1] += octets / 2;
	tracks_age(b, s);
	tracks_dump(b, s, 1);
	assert_int_equal(track_alive(b->track, &cursor, &n, &living), 1);
	assert_int_equal(living.rate, wanted);
}

static void
test_rate(void **state)
{
	struct bed b;

	(void)state;
	tracks_start(&b, 10);
	b.shown[b.n++] = tracks_make(1);
	check_rate(&b, 1000, 0, 0);
	check_rate(&b, 5, 5000, 1000);
	check_rate(&b, 5, 7, 1);
	check_rate(&b, 5, 0, 0);
	check_rate(&b, 1, UINT64_C(1) << 40, UINT32_MAX);
	check_rate(&b, 0, 1, UINT32_MAX);
	check_rate(&b, 1, UINT64_C(1) << 63, UINT32_MAX);
	track_free(b.track);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_returns),
		cmocka_unit_test(test_another_state),
		cmocka_unit_test(test_same_state),
		cmocka_unit_test(test_tuple_again),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_leave),
		cmocka_unit_test(test_absolute),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_alive),
		cmocka_unit_test(test_rate),
	};

	return RUN(tests);
}
