/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Random connections, whose states come, go and are cut, through dumps that
 * fail and engines that die: no octet is reported twice, and of those that are
 * not cut, all are.
 */

#include "property.h"
#include "tracks.h"

#include <unistd.h>

#include "pflowd/os/memory.h"

#define INTERVAL 5 /* s */

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
			*f = i == 0 ? tracks_in(++*id, port) :
				      tracks_out(++*id, port);
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
	tracks_carry(&c->side[0], forward, back);
	tracks_carry(&c->side[1], forward, back);
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
	tracks_octets(b);
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
	for (i = 0; i < 40; i++)
		try_random(interims[i % 4]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return RUN(tests);
}
