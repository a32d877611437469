/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Pairs: the in- and the out-state of a forwarded connection are one report,
 * and no octet of it is reported twice.
 */

#include "tracks.h"

#define INTERVAL 5 /* s */

static void
start(struct bed *b, unsigned int interim)
{
	tracks_start(b, 100);
	track_interim(b->track, interim);
	track_join(b->track, 1);
	tracks_dump(b, 1000, 1);
}

static unsigned int
dump(struct bed *b, struct track_report *r, unsigned int most)
{
	unsigned int n;

	tracks_dump(b, INTERVAL, 1);
	n = tracks_ends(b, r, most);
	tracks_age(b, INTERVAL);
	return n;
}

/* Let all states go, and take their reports. */
static unsigned int
end_all(struct bed *b, struct track_report *r, unsigned int most)
{
	unsigned int n = 0, i;

	b->n = 0;
	for (i = 0; i < 3; i++)
		n += dump(b, r + n, most - n);
	tracks_octets(b);
	assert_int_equal(track_counts(b->track)->tracked, 0);
	return n;
}

static void
test_one(void **state)
{
	struct track_report r[2];
	struct bed b;

	(void)state;
	start(&b, 0);
	b.shown[b.n++] = tracks_in(1, 5000);
	b.shown[b.n++] = tracks_out(2, 5000);
	assert_int_equal(dump(&b, r, 0), 0);
	assert_int_equal(track_counts(b.track)->pairs, 1);
	tracks_carry(&b.shown[0], 10, 7);
	tracks_carry(&b.shown[1], 8, 9);
	assert_int_equal(dump(&b, r, 0), 0);
	tracks_age(&b, 55);
	assert_int_equal(end_all(&b, r, 1), 1);
	assert_int_equal(r->joined, 1);
	assert_int_equal(r->flow.id, 1);
	assert_int_equal(r->twin.id, 2);
	assert_int_equal(r->packets[0], 11);
	assert_int_equal(r->packets[1], 10);
	assert_int_equal(r->bytes[0], 1100);
	assert_int_equal(r->bytes[1], 9100);
	assert_int_equal(r->start, TRACKS_NOW + 1005000);
	assert_int_equal(track_counts(b.track)->octets.dropped_between,
	    200 + 2000);
	assert_int_equal(track_counts(b.track)->octets.cut, 0);
	track_free(b.track);
}

/* What is no pair: other ports, one direction, families, two that are alike. */
static void
test_single(void **state)
{
	struct track_report r[10];
	unsigned int i, n;
	struct bed b;

	(void)state;
	start(&b, 0);
	b.shown[b.n++] = tracks_in(1, 5000);
	b.shown[b.n++] = tracks_out(2, 5001);
	b.shown[b.n++] = tracks_in(10, 5002);
	b.shown[b.n++] = tracks_out(9, 5002);
	b.shown[b.n++] = tracks_out(11, 5002);
	b.shown[b.n++] = tracks_out(20, 5003);
	dump(&b, r, 0);
	assert_int_equal(track_counts(b.track)->pairs, 0);
	assert_true(track_counts(b.track)->ambiguous > 0);
	n = end_all(&b, r, 10);
	assert_int_equal(n, 6);
	for (i = 0; i < n; i++)
		assert_int_equal(r[i].joined, 0);
	track_free(b.track);
}

/* Of those that are alike, the one with the nearest id. */
static void
test_nearest(void **state)
{
	struct track_report r[2];
	struct bed b;

	(void)state;
	start(&b, 0);
	b.shown[b.n++] = tracks_in(10, 5000);
	b.shown[b.n++] = tracks_out(11, 5000);
	b.shown[b.n++] = tracks_out(20, 5000);
	dump(&b, r, 0);
	assert_int_equal(end_all(&b, r, 2), 2);
	assert_int_equal(r[0].joined + r[1].joined, 1);
	assert_int_equal(r[!r[0].joined].twin.id, 11);
	track_free(b.track);
}

/*
 * The out-state is cut: the pair ends with it.  The in-state goes on, with
 * another out-state, and with what is new.
 */
static void
test_cut(void **state)
{
	struct track_report r[4];
	unsigned int n = 0, i;
	uint64_t sum[2] = { 0, 0 };
	struct flow f;
	struct bed b;

	(void)state;
	start(&b, 0);
	b.shown[b.n++] = tracks_in(1, 5000);
	b.shown[b.n++] = tracks_out(2, 5000);
	dump(&b, r, 0);
	tracks_carry(&b.shown[0], 10, 20);
	tracks_carry(&b.shown[1], 10, 20);
	dump(&b, r, 0);
	b.n = 1;
	for (i = 0; i < 3; i++)
		n += dump(&b, r + n, 4 - n);
	assert_int_equal(n, 1);
	assert_int_equal(r[0].joined, 1);
	assert_int_equal(r[0].flow.label, FLOW_CUT);
	assert_int_equal(r[0].packets[0], 11);
	assert_int_equal(r[0].packets[1], 21);
	assert_int_equal(track_counts(b.track)->tracked, 1);
	tracks_carry(&b.shown[0], 5, 6);
	f = tracks_out(3, 5000);
	tracks_carry(&f, 4, 5); /* has one of each already */
	b.shown[b.n++] = f;
	n += dump(&b, r + n, 4 - n);
	tracks_carry(&b.shown[0], 7, 8);
	tracks_carry(&b.shown[1], 7, 8);
	n += dump(&b, r + n, 4 - n);
	n += end_all(&b, r + n, 4 - n);
	assert_int_equal(n, 2);
	assert_int_equal(track_counts(b.track)->pairs, 2);
	for (i = 0; i < n; i++) {
		sum[0] += r[i].packets[0];
		sum[1] += r[i].packets[1];
	}
	assert_int_equal(sum[0], 1 + 10 + 5 + 7);
	assert_int_equal(sum[1], 1 + 20 + 6 + 8);
	track_free(b.track);
}

/* pfctl -k takes the in-state alone; its successor is there in the same dump.
 */
static void
test_successor(void **state)
{
	struct track_report r[4];
	unsigned int n = 0, i;
	uint64_t sum[2] = { 0, 0 };
	struct bed b;

	(void)state;
	start(&b, 0);
	b.shown[b.n++] = tracks_in(1, 5000);
	b.shown[b.n++] = tracks_out(2, 5000);
	tracks_carry(&b.shown[0], 9, 9);
	tracks_carry(&b.shown[1], 9, 9);
	dump(&b, r, 0);
	b.shown[0] = tracks_in(3, 5000); /* 1 packet each way */
	tracks_carry(&b.shown[1], 1, 1);
	n += dump(&b, r + n, 4 - n);
	assert_int_equal(n, 1);
	for (i = 0; i < 4; i++) {
		tracks_carry(&b.shown[0], 3, 4);
		tracks_carry(&b.shown[1], 3, 4);
		n += dump(&b, r + n, 4 - n);
	}
	n += end_all(&b, r + n, 4 - n);
	assert_int_equal(n, 2);
	for (i = 0; i < n; i++) {
		assert_int_equal(r[i].joined, 1);
		sum[0] += r[i].packets[0];
		sum[1] += r[i].packets[1];
	}
	assert_int_equal(sum[0], 10 + 1 + 12);
	assert_int_equal(sum[1], 10 + 1 + 16);
	assert_int_equal(track_counts(b.track)->octets.cut, 0);
	assert_int_equal(track_counts(b.track)->octets.dropped_between, 0);
	track_free(b.track);
}

/* One has ended by itself: its pair waits for the other. */
static void
test_waits(void **state)
{
	struct track_report r[2];
	unsigned int i;
	struct bed b;

	(void)state;
	start(&b, 0);
	b.shown[b.n++] = tracks_out(2, 5000);
	b.shown[b.n++] = tracks_in(1, 5000);
	b.shown[1].expires = 3;
	dump(&b, r, 0);
	b.n = 1;
	for (i = 0; i < 10; i++)
		assert_int_equal(dump(&b, r, 0), 0);
	assert_int_equal(track_counts(b.track)->tracked, 2);
	tracks_carry(&b.shown[0], 0, 5);
	dump(&b, r, 0);
	assert_int_equal(end_all(&b, r, 1), 1);
	assert_int_equal(r->joined, 1);
	assert_int_equal(r->packets[0], 1);
	assert_int_equal(r->packets[1], 6);
	assert_int_equal(r->flow.label, FLOW_CUT); /* the worse one */
	track_free(b.track);
}

/*
 * One has ended by itself, and another one takes its place: the connection goes
 * on, in pieces that do not overlap.
 */
static void
test_new_twin(void **state)
{
	struct track_report r[4];
	unsigned int n = 0, i;
	struct bed b;

	(void)state;
	start(&b, 0);
	b.shown[b.n++] = tracks_out(2, 5000);
	b.shown[b.n++] = tracks_in(1, 5000);
	b.shown[1].expires = 3;
	dump(&b, r, 0);
	b.n = 1;
	for (i = 0; i < 4; i++)
		assert_int_equal(dump(&b, r, 0), 0);
	b.shown[b.n++] = tracks_in(3, 5000);
	tracks_carry(&b.shown[0], 1, 1);
	n += dump(&b, r, 1);
	assert_int_equal(n, 1);
	assert_int_equal(r[0].flow.label, FLOW_INTERIM);
	assert_int_equal(r[0].packets[0], 1);
	assert_int_equal(r[0].packets[1], 2);
	tracks_carry(&b.shown[0], 2, 2);
	tracks_carry(&b.shown[1], 2, 2);
	dump(&b, r, 0);
	n += end_all(&b, r + n, 4 - n);
	assert_int_equal(n, 2);
	assert_int_equal(r[1].joined, 1);
	assert_true(r[1].start >= r[0].last);
	assert_int_equal(r[0].packets[0] + r[1].packets[0], 1 + 1 + 2);
	track_free(b.track);
}

/* States that were reported alone: the pair has what neither has told of. */
static void
test_joined_late(void **state)
{
	struct track_report r[4];
	struct bed b;

	(void)state;
	start(&b, INTERVAL);
	track_join(b.track, 0);
	b.shown[b.n++] = tracks_in(1, 5000);
	assert_int_equal(dump(&b, r, 1), 1);
	tracks_carry(&b.shown[0], 10, 10);
	b.shown[b.n++] = tracks_out(2, 5000);
	tracks_carry(&b.shown[1], 10, 10);
	assert_int_equal(dump(&b, r, 2), 2); /* both, alone */
	track_join(b.track, 1);
	tracks_carry(&b.shown[0], 4, 3);
	tracks_carry(&b.shown[1], 3, 4);
	assert_int_equal(dump(&b, r, 1), 1);
	assert_int_equal(r->joined, 1);
	assert_int_equal(r->flow.label, FLOW_INTERIM);
	assert_int_equal(r->packets[0], 3);
	assert_int_equal(r->packets[1], 3);
	tracks_octets(&b);
	track_join(b.track, 0); /* what is a pair stays one */
	tracks_carry(&b.shown[0], 1, 1);
	tracks_carry(&b.shown[1], 1, 1);
	assert_int_equal(dump(&b, r, 1), 1);
	assert_int_equal(r->joined, 1);
	b.n = 1;
	tracks_carry(&b.shown[0], 1, 1);
	assert_int_equal(dump(&b, r, 1), 1);
	assert_int_equal(r->packets[0], 1);
	assert_int_equal(r->packets[1], 0);
	end_all(&b, r, 1);
	track_free(b.track);
}

/*
 * A dump that takes 4 s shows ages as they are meanwhile: a state that is new
 * is not thought to be older than the dump before, nor than its twin.
 */
static void
test_long_dumps(void **state)
{
	struct track_report r[1];
	struct bed b;
	unsigned int i;

	(void)state;
	start(&b, 300);
	for (i = 0; i < 2; i++) {
		b.now += 10000;
		track_begin(b.track, TRACKS_NOW + b.now, b.now);
		if (i == 1) {
			b.shown[0] = tracks_in(1, 5000);
			b.shown[0].age = 6; /* at the beginning */
			b.shown[0].packets[0] = 3;
			b.shown[0].bytes[0] = 300;
			b.shown[1] = tracks_out(2, 5000);
			b.shown[1].age = 10; /* at the end */
			track_state(b.track, &b.shown[0], 0);
			track_state(b.track, &b.shown[1], 0);
		}
		track_finish(b.track, 1, b.now + 4000);
		assert_int_equal(tracks_ends(&b, r, 0), 0);
	}
	track_stop(b.track, TRACK_STOP_ALL);
	assert_int_equal(tracks_ends(&b, r, 1), 1);
	assert_int_equal(r->joined, 1);
	assert_int_equal(r->packets[0], 3);
	assert_int_equal(r->packets[1], 1);
	assert_int_equal(track_counts(b.track)->octets.dropped_between, 200);
	track_free(b.track);
}

/* At the end of a recording, a pair is one report; at a stop, its piece is. */
static void
test_stop(void **state)
{
	static const enum track_stop stops[] = { TRACK_STOP_ALL,
		TRACK_STOP_OPEN, TRACK_STOP_ENDED };
	struct track_report r[2];
	unsigned int i;
	struct bed b;

	(void)state;
	for (i = 0; i < 3; i++) {
		start(&b, 300);
		b.shown[b.n++] = tracks_in(1, 5000);
		b.shown[b.n++] = tracks_out(2, 5000);
		dump(&b, r, 0);
		track_stop(b.track, stops[i]);
		assert_int_equal(tracks_ends(&b, r, 1),
		    stops[i] != TRACK_STOP_ENDED);
		if (stops[i] != TRACK_STOP_ENDED) {
			assert_int_equal(r->joined, 1);
			assert_int_equal(r->flow.label, FLOW_ALIVE);
			assert_int_equal(r->packets[1], 1);
		}
		tracks_octets(&b);
		track_free(b.track);
		/* One of them is missing. */
		start(&b, 300);
		b.shown[b.n++] = tracks_out(2, 5000);
		b.shown[b.n++] = tracks_in(1, 5000);
		dump(&b, r, 0);
		b.n = 1;
		dump(&b, r, 0);
		track_stop(b.track, stops[i]);
		assert_int_equal(tracks_ends(&b, r, 1), 1);
		assert_int_equal(r->joined, 1);
		assert_int_equal(r->packets[0], 1);
		tracks_octets(&b);
		track_free(b.track);
	}
}

/* A dump that is not whole makes no pair, so neither state is reported. */
static void
test_stop_amid(void **state)
{
	struct track_report r[1];
	struct bed b;

	(void)state;
	start(&b, 300);
	b.shown[b.n++] = tracks_in(1, 5000);
	b.shown[b.n++] = tracks_out(2, 5000);
	tracks_dump(&b, INTERVAL, 0);
	track_stop(b.track, TRACK_STOP_OPEN);
	assert_int_equal(tracks_ends(&b, r, 0), 0);
	tracks_octets(&b);
	track_free(b.track);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_successor),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_new_twin),
		cmocka_unit_test(test_joined_late),
		cmocka_unit_test(test_long_dumps),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_stop_amid),
	};

	return RUN(tests);
}
