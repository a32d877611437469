/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Pairs: the in- and the out-state of a forwarded connection are one report,
 * and no octet of it is reported twice.
 */

#include "property.h"
#include "tracks.h"

#include <unistd.h>

#include "pflowd/os/memory.h"

#define INTERVAL 5 /* s */

static struct flow_host
host(uint8_t a, uint16_t port)
{
	struct flow_host h = { .addr = { 10, 0, 0, a },
		.port = port,
		.family = 4 };

	return h;
}

/* From 10.0.0.1 to 10.0.0.2, which it has as 10.0.0.3; it becomes .4. */
static struct flow
in_state(uint64_t id, uint16_t port)
{
	struct flow f = tracks_make(id);

	f.direction = FLOW_IN;
	f.ext = host(1, port);
	f.gwy = host(3, 80);
	f.lan = host(2, 8080);
	return f;
}

static struct flow
out_state(uint64_t id, uint16_t port)
{
	struct flow f = tracks_make(id);

	f.direction = FLOW_OUT;
	f.lan = host(1, port);
	f.gwy = host(4, port);
	f.ext = host(2, 8080);
	return f;
}

static void
start(struct bed *b, unsigned int interim)
{
	tracks_start(b, 100);
	track_interim(b->track, interim);
	track_join(b->track, 1);
	tracks_dump(b, 1000, 1);
}

/* Packets of a connection; the firewall drops some of them. */
static void
carry(struct flow *f, unsigned int forward, unsigned int back)
{
	f->packets[0] += forward;
	f->bytes[0] += forward * 100;
	f->packets[1] += back;
	f->bytes[1] += back * 1000;
	if (forward + back > 0)
		f->expires = 60;
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

static void
check_octets(const struct bed *b)
{
	const struct track_octets *o = &track_counts(b->track)->octets;

	assert_int_equal(o->shown,
	    o->before_start + o->not_followed + o->reported + o->twin + o->cut +
		track_open(b->track));
}

/* Let all states go, and take their reports. */
static unsigned int
end_all(struct bed *b, struct track_report *r, unsigned int most)
{
	unsigned int n = 0, i;

	b->n = 0;
	for (i = 0; i < 3; i++)
		n += dump(b, r + n, most - n);
	check_octets(b);
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
	b.shown[b.n++] = in_state(1, 5000);
	b.shown[b.n++] = out_state(2, 5000);
	assert_int_equal(dump(&b, r, 0), 0);
	assert_int_equal(track_counts(b.track)->pairs, 1);
	carry(&b.shown[0], 10, 7);
	carry(&b.shown[1], 8, 9);
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
	b.shown[b.n++] = in_state(1, 5000);
	b.shown[b.n++] = out_state(2, 5001);
	b.shown[b.n++] = in_state(10, 5002);
	b.shown[b.n++] = out_state(9, 5002);
	b.shown[b.n++] = out_state(11, 5002);
	b.shown[b.n++] = out_state(20, 5003);
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
	b.shown[b.n++] = in_state(10, 5000);
	b.shown[b.n++] = out_state(11, 5000);
	b.shown[b.n++] = out_state(20, 5000);
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
	b.shown[b.n++] = in_state(1, 5000);
	b.shown[b.n++] = out_state(2, 5000);
	dump(&b, r, 0);
	carry(&b.shown[0], 10, 20);
	carry(&b.shown[1], 10, 20);
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
	carry(&b.shown[0], 5, 6);
	f = out_state(3, 5000);
	carry(&f, 4, 5); /* has one of each already */
	b.shown[b.n++] = f;
	n += dump(&b, r + n, 4 - n);
	carry(&b.shown[0], 7, 8);
	carry(&b.shown[1], 7, 8);
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
	b.shown[b.n++] = in_state(1, 5000);
	b.shown[b.n++] = out_state(2, 5000);
	carry(&b.shown[0], 9, 9);
	carry(&b.shown[1], 9, 9);
	dump(&b, r, 0);
	b.shown[0] = in_state(3, 5000); /* 1 packet each way */
	carry(&b.shown[1], 1, 1);
	n += dump(&b, r + n, 4 - n);
	assert_int_equal(n, 1);
	for (i = 0; i < 4; i++) {
		carry(&b.shown[0], 3, 4);
		carry(&b.shown[1], 3, 4);
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
	b.shown[b.n++] = out_state(2, 5000);
	b.shown[b.n++] = in_state(1, 5000);
	b.shown[1].expires = 3;
	dump(&b, r, 0);
	b.n = 1;
	for (i = 0; i < 10; i++)
		assert_int_equal(dump(&b, r, 0), 0);
	assert_int_equal(track_counts(b.track)->tracked, 2);
	carry(&b.shown[0], 0, 5);
	dump(&b, r, 0);
	assert_int_equal(end_all(&b, r, 1), 1);
	assert_int_equal(r->joined, 1);
	assert_int_equal(r->packets[0], 1);
	assert_int_equal(r->packets[1], 6);
	assert_int_equal(r->flow.label, FLOW_CUT); /* the worse one */
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
	b.shown[b.n++] = in_state(1, 5000);
	assert_int_equal(dump(&b, r, 1), 1);
	carry(&b.shown[0], 10, 10);
	b.shown[b.n++] = out_state(2, 5000);
	carry(&b.shown[1], 10, 10);
	assert_int_equal(dump(&b, r, 2), 2); /* both, alone */
	track_join(b.track, 1);
	carry(&b.shown[0], 4, 3);
	carry(&b.shown[1], 3, 4);
	assert_int_equal(dump(&b, r, 1), 1);
	assert_int_equal(r->joined, 1);
	assert_int_equal(r->flow.label, FLOW_INTERIM);
	assert_int_equal(r->packets[0], 3);
	assert_int_equal(r->packets[1], 3);
	check_octets(&b);
	track_join(b.track, 0); /* what is a pair stays one */
	carry(&b.shown[0], 1, 1);
	carry(&b.shown[1], 1, 1);
	assert_int_equal(dump(&b, r, 1), 1);
	assert_int_equal(r->joined, 1);
	b.n = 1;
	carry(&b.shown[0], 1, 1);
	assert_int_equal(dump(&b, r, 1), 1);
	assert_int_equal(r->packets[0], 1);
	assert_int_equal(r->packets[1], 0);
	end_all(&b, r, 1);
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
		b.shown[b.n++] = in_state(1, 5000);
		b.shown[b.n++] = out_state(2, 5000);
		dump(&b, r, 0);
		track_stop(b.track, stops[i]);
		assert_int_equal(tracks_ends(&b, r, 1),
		    stops[i] != TRACK_STOP_ENDED);
		if (stops[i] != TRACK_STOP_ENDED) {
			assert_int_equal(r->joined, 1);
			assert_int_equal(r->flow.label, FLOW_ALIVE);
			assert_int_equal(r->packets[1], 1);
		}
		check_octets(&b);
		track_free(b.track);
		/* One of them is missing. */
		start(&b, 300);
		b.shown[b.n++] = out_state(2, 5000);
		b.shown[b.n++] = in_state(1, 5000);
		dump(&b, r, 0);
		b.n = 1;
		dump(&b, r, 0);
		track_stop(b.track, stops[i]);
		assert_int_equal(tracks_ends(&b, r, 1), 1);
		assert_int_equal(r->joined, 1);
		assert_int_equal(r->packets[0], 1);
		check_octets(&b);
		track_free(b.track);
	}
}

/* Random connections, whose states come, go, are cut and come back. */
#define CONNECTIONS 30
struct connection {
	struct flow side[2];
	int there[2];
	uint64_t in, out;     /* octets that each has received ... */
	uint64_t reported_in; /* ... and what was reported */
	uint64_t reported_out;
	int disturbed; /* it was cut */
};

static void
come_or_go(struct connection *c, uint16_t port, uint64_t *id)
{
	struct flow *f;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		f = &c->side[i];
		if (!c->there[i] && below(3) == 0) {
			*f = i == 0 ? in_state(++*id, port) :
				      out_state(++*id, port);
			f->packets[0] = f->packets[1] = 0;
			f->bytes[0] = f->bytes[1] = 0;
			c->there[i] = 1;
		} else if (c->there[i] && below(40) == 0) {
			c->there[i] = 0;
			c->disturbed = 1;
		}
	}
}

static void
live(struct connection *c)
{
	unsigned int forward = (unsigned int)below(3),
		     back = (unsigned int)below(3);

	if (!c->there[0] || !c->there[1])
		return;
	carry(&c->side[0], forward, back);
	carry(&c->side[1], forward, back);
	c->in += forward * 100;
	c->out += back * 1000;
}

static void
take(struct connection *c, const struct track_report *r)
{
	unsigned int i = (r->flow.direction == FLOW_IN ? r->flow.ext.port :
							 r->flow.lan.port) -
	    5000;

	c[i].reported_in += r->bytes[0];
	c[i].reported_out += r->bytes[1];
	assert_true(c[i].reported_in <= c[i].in);
	assert_true(c[i].reported_out <= c[i].out);
}

/* Another dump; a void one shows no state alone. */
static void
dump_random(struct bed *b, struct connection *c, uint64_t *id)
{
	int whole = below(10) > 0;
	unsigned int i, s;

	b->n = 0;
	for (i = 0; i < CONNECTIONS; i++) {
		if (whole)
			come_or_go(&c[i], (uint16_t)(5000 + i), id);
		live(&c[i]);
		for (s = 0; s < 2; s++) {
			c[i].side[s].age += INTERVAL;
			if (c[i].there[s])
				b->shown[b->n++] = c[i].side[s];
		}
	}
	tracks_dump(b, INTERVAL, whole);
}

static void
take_all(struct bed *b, struct connection *c)
{
	struct track_report r[64];
	unsigned int n = tracks_ends(b, r, 64), i;

	for (i = 0; i < n; i++)
		take(c, &r[i]);
	check_octets(b);
}

static void
die(struct bed *b, uint32_t interim)
{
	struct track_counts counts = *track_counts(b->track);

	track_free(b->track);
	tracks_again(b, 200);
	track_interim(b->track, interim);
	track_join(b->track, 1);
	track_resume(b->track, b->before, &counts);
	assert_int_equal(track_counts(b->track)->lost, 0);
}

static void
try_random(uint32_t interim)
{
	struct connection c[CONNECTIONS];
	unsigned int i;
	uint64_t id = 0;
	struct bed b;

	memset(c, 0, sizeof(c));
	memset(&b, 0, sizeof(b));
	b.before = -1;
	b.memory = memory_open();
	tracks_again(&b, 200);
	track_interim(b.track, interim);
	track_join(b.track, 1);
	tracks_dump(&b, 1000, 1);
	for (i = 0; i < 100; i++) {
		dump_random(&b, c, &id);
		take_all(&b, c);
		if (below(10) == 0)
			die(&b, interim);
	}
	for (i = 0; i < 4; i++) {
		b.n = 0;
		tracks_dump(&b, INTERVAL, 1);
		take_all(&b, c);
	}
	assert_int_equal(track_counts(b.track)->tracked, 0);
	for (i = 0; i < CONNECTIONS; i++) {
		if (c[i].disturbed)
			continue;
		assert_int_equal(c[i].reported_in, c[i].in);
		assert_int_equal(c[i].reported_out, c[i].out);
	}
	track_free(b.track);
	close(b.memory);
	close(b.before);
}

static void
test_random(void **state)
{
	static const uint32_t interims[] = { 0, 5, 20, 60 };
	unsigned int i;

	(void)state;
	random_begin(7);
	for (i = 0; i < 100; i++)
		try_random(interims[i % 4]);
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
		cmocka_unit_test(test_joined_late),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_random),
	};

	return RUN(tests);
}
