/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Twins among states that have ended.
 */

#include "property.h"
#include "unit.h"

#include <netinet/in.h>

#include "common/counters.h"
#include "pflowd/source/hold.h"

#define NOW UINT64_C(1700000000000)
#define HOUR UINT64_C(3600000)

static struct counters counters;
static struct hold *h;
static struct flow twin;

static int
set_up(void **state)
{
	(void)state;
	memset(&counters, 0, sizeof(counters));
	h = hold_new(&counters);
	assert_non_null(h);
	hold_clock(h, NOW);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	hold_free(h);
	return 0;
}

/* The n-th connection, created a minute ago. */
static struct flow
flow_of(uint16_t n, enum flow_direction direction)
{
	struct flow f = { .id = n,
		.proto = IPPROTO_UDP,
		.direction = (uint8_t)direction,
		.packets = { 10, 20 },
		.bytes = { 1000, 2000 },
		.age = 60,
		FAMILY(4) };
	struct flow_host *client = direction == FLOW_IN ? &f.ext : &f.lan;
	struct flow_host *server = direction == FLOW_IN ? &f.lan : &f.ext;

	client->addr[0] = 10;
	client->port = n;
	server->addr[0] = 192;
	server->port = 53;
	f.gwy = f.lan;
	return f;
}

static struct report
report_of(const struct flow *f)
{
	struct report r = { .flow = f,
		.packets = { f->packets[0], f->packets[1] },
		.bytes = { f->bytes[0], f->bytes[1] },
		.times = { NOW - 60000, NOW },
		.ending = REPORT_EXPIRED };

	return r;
}

static enum hold_result
give(const struct flow *f)
{
	struct report r = report_of(f);

	return hold_state(h, &r, NOW, &twin);
}

/* The id of the next state that is due; 0: none. */
static uint64_t
next_id(void)
{
	struct flow f;
	struct report r;

	if (!hold_next(h, &f, &r))
		return 0;
	assert_ptr_equal(r.flow, &f);
	assert_null(r.twin);
	return f.id;
}

/* The counters of each state are those of the packets that came in by it. */
static void
check_pair(const struct flow *first, const struct flow *second)
{
	struct report r = report_of(second), before = report_of(first);
	const struct flow *in = first->direction == FLOW_IN ? first : second,
			  *out = first->direction == FLOW_IN ? second : first;

	before.times.start -= 700;
	before.times.end -= 1;
	assert_int_equal(hold_state(h, &before, NOW, &twin), HOLD_WAITS);
	assert_int_equal(hold_state(h, &r, NOW, &twin), HOLD_PAIR);
	assert_memory_equal(r.flow, in, sizeof(*in));
	assert_memory_equal(r.twin, out, sizeof(*out));
	assert_int_equal(r.packets[0], in->packets[0]);
	assert_int_equal(r.packets[1], out->packets[1]);
	assert_int_equal(r.bytes[0], in->bytes[0]);
	assert_int_equal(r.bytes[1], out->bytes[1]);
	assert_int_equal(r.times.start, NOW - 60700);
	assert_int_equal(r.times.end, NOW);
	assert_int_equal(r.ending, REPORT_EXPIRED);
	assert_int_equal(hold_count(h), 0);
	assert_int_equal(hold_due(h), UINT64_MAX);
}

static void
test_pair(void **state)
{
	struct flow in = flow_of(1, FLOW_IN), out = flow_of(1, FLOW_OUT);

	(void)state;
	out.packets[0] = 9;
	out.bytes[0] = 900;
	in.packets[1] = 19;
	in.bytes[1] = 1970;
	check_pair(&in, &out);
	assert_int_equal(counters.dropped_between, 130);
	check_pair(&out, &in);
	assert_int_equal(counters.dropped_between, 260);
	out.bytes[0] = 1001; /* more went out than came in */
	in.bytes[1] = 2001;
	check_pair(&in, &out);
	assert_int_equal(counters.dropped_between, 260);
	assert_int_equal(counters.pairs, 3);
	assert_int_equal(counters.joined, 3);
}

/* If one of them was cut, the pair is. */
static void
test_forced(void **state)
{
	struct flow in = flow_of(1, FLOW_IN), out = flow_of(1, FLOW_OUT);
	struct report r;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		r = report_of(&in);
		if (i == 0)
			r.ending = REPORT_FORCED;
		assert_int_equal(hold_state(h, &r, NOW, &twin), HOLD_WAITS);
		r = report_of(&out);
		if (i == 1)
			r.ending = REPORT_FORCED;
		assert_int_equal(hold_state(h, &r, NOW, &twin), HOLD_PAIR);
		assert_int_equal(r.ending, REPORT_FORCED);
	}
}

/* A state that can have no twin does not wait, and no two are the same one's.
 */
static void
test_single(void **state)
{
	struct flow f = flow_of(1, FLOW_IN), other = flow_of(1, FLOW_OUT);

	(void)state;
	f.ext.addr[0] = 127;
	assert_int_equal(give(&f), HOLD_SINGLE);
	f = flow_of(1, FLOW_IN);
	assert_int_equal(give(&f), HOLD_WAITS);
	f.id = 2;
	assert_int_equal(give(&f), HOLD_WAITS);
	other.creator = 7;
	assert_int_equal(give(&other), HOLD_WAITS);
	assert_int_equal(hold_count(h), 3);
	assert_int_equal(counters.pairs, 0);
}

/* It waits for 12 s, and no other one longer for it. */
static void
test_waits(void **state)
{
	struct flow f[3] = { flow_of(1, FLOW_IN), flow_of(2, FLOW_IN),
		flow_of(2, FLOW_OUT) };

	(void)state;
	assert_int_equal(give(&f[0]), HOLD_WAITS);
	hold_clock(h, NOW + 5000);
	assert_int_equal(give(&f[1]), HOLD_WAITS);
	assert_int_equal(hold_due(h), NOW + HOLD_MS);
	hold_clock(h, NOW + HOLD_MS - 1);
	assert_int_equal(next_id(), 0);
	hold_clock(h, NOW + HOLD_MS);
	assert_int_equal(next_id(), 1);
	assert_int_equal(next_id(), 0);
	assert_int_equal(hold_due(h), NOW + 5000 + HOLD_MS);
	assert_int_equal(give(&f[2]), HOLD_PAIR);
	hold_clock(h, NOW + HOUR);
	assert_int_equal(next_id(), 0);
}

static void
test_release(void **state)
{
	struct flow f = flow_of(1, FLOW_IN), late = flow_of(2, FLOW_OUT);

	(void)state;
	assert_int_equal(give(&f), HOLD_WAITS);
	f = flow_of(3, FLOW_IN);
	assert_int_equal(give(&f), HOLD_WAITS);
	hold_release(h);
	assert_int_equal(give(&late), HOLD_WAITS);
	assert_int_equal(next_id(), 1);
	assert_int_equal(next_id(), 3);
	assert_int_equal(next_id(), 0);
	assert_int_equal(hold_count(h), 1);
}

/* Set back, it makes nothing wait much longer; forward, it makes it due. */
static void
test_clock(void **state)
{
	struct flow f = flow_of(1, FLOW_IN);

	(void)state;
	assert_int_equal(give(&f), HOLD_WAITS);
	hold_clock(h, NOW - 2000);
	assert_int_equal(next_id(), 0);
	hold_clock(h, NOW - HOUR);
	assert_int_equal(hold_due(h), 0);
	assert_int_equal(next_id(), 1);
	assert_int_equal(give(&f), HOLD_WAITS);
	assert_int_equal(hold_due(h), NOW - HOUR + HOLD_MS);
	hold_clock(h, NOW);
	assert_int_equal(next_id(), 1);
}

/* Give three states of these ages: the third finds one of the others, or 0. */
static void
choose(struct flow f[3], const uint32_t age[3], uint64_t wanted)
{
	int i;

	for (i = 0; i < 3; i++) {
		f[i].age = age[i];
		assert_int_equal(give(&f[i]),
		    i < 2	    ? HOLD_WAITS :
			wanted == 0 ? HOLD_SINGLE :
				      HOLD_PAIR);
	}
	if (wanted > 0)
		assert_int_equal(twin.id, wanted);
	hold_release(h);
	while (next_id() > 0)
		continue;
}

static void
test_choice(void **state)
{
	const uint32_t alike[] = { 60, 60, 60 }, first[] = { 59, 60, 60 },
		       second[] = { 60, 61, 60 }, far[] = { 58, 60, 60 };
	struct flow f[3] = { flow_of(1, FLOW_OUT), flow_of(1, FLOW_OUT),
		flow_of(1, FLOW_IN) };

	(void)state;
	f[0].id = 20;
	f[1].id = 31;
	f[2].id = 25;
	choose(f, alike, 20);
	choose(f, first, 31);
	choose(f, second, 20);
	choose(f, far, 31);
	f[1].id = 30;
	assert_int_equal(counters.pairs_ambiguous, 0);
	choose(f, alike, 0);
	assert_int_equal(counters.pairs_ambiguous, 1);
	choose(f, first, 30);
}

/* Two seconds apart, they are of two connections; ages count from deletions. */
static void
test_creation(void **state)
{
	struct flow in = flow_of(1, FLOW_IN), out = flow_of(1, FLOW_OUT);
	struct report r = report_of(&out);

	(void)state;
	assert_int_equal(give(&in), HOLD_WAITS);
	out.age = 58;
	assert_int_equal(give(&out), HOLD_WAITS);
	out.age = 62;
	assert_int_equal(give(&out), HOLD_WAITS);
	out.age = 66;
	assert_int_equal(hold_state(h, &r, NOW + 5999, &twin), HOLD_PAIR);
}

/* Of a state that was reported before, the report has the rest. */
static void
test_rest(void **state)
{
	struct flow in = flow_of(1, FLOW_IN), out = flow_of(1, FLOW_OUT);
	struct report r = report_of(&in), single;
	struct flow f;

	(void)state;
	r.packets[0] = 4;
	r.bytes[0] = 400;
	r.times.start += 50000;
	assert_int_equal(hold_state(h, &r, NOW, &twin), HOLD_WAITS);
	r = report_of(&out);
	r.packets[1] = 5;
	r.bytes[1] = 500;
	r.times.start += 40000;
	assert_int_equal(hold_state(h, &r, NOW, &twin), HOLD_PAIR);
	assert_int_equal(r.packets[0], 4);
	assert_int_equal(r.bytes[0], 400);
	assert_int_equal(r.packets[1], 5);
	assert_int_equal(r.bytes[1], 500);
	assert_int_equal(r.times.start, NOW - 20000);
	r = report_of(&in);
	r.bytes[1] = 7;
	assert_int_equal(hold_state(h, &r, NOW, &twin), HOLD_WAITS);
	hold_release(h);
	assert_int_equal(hold_next(h, &f, &single), 1);
	assert_memory_equal(single.bytes, r.bytes, sizeof(r.bytes));
}

static void
test_full(void **state)
{
	struct flow f = flow_of(0, FLOW_IN);
	unsigned int i;

	(void)state;
	for (i = 0; i < HOLD_STATES; i++) {
		f = flow_of((uint16_t)i, FLOW_IN);
		assert_int_equal(give(&f), HOLD_WAITS);
	}
	f = flow_of(1, FLOW_IN);
	assert_int_equal(give(&f), HOLD_SINGLE);
	assert_int_equal(counters.held_full, 1);
	f = flow_of(7, FLOW_OUT);
	assert_int_equal(give(&f), HOLD_PAIR);
	f = flow_of(1, FLOW_IN);
	assert_int_equal(give(&f), HOLD_WAITS);
	assert_int_equal(hold_count(h), HOLD_STATES);
}

/* The same, in the plainest way. */
#define ROUNDS 20000
#define MODEL 4096

struct waiting {
	struct flow flow;
	uint64_t created; /* s */
	uint64_t since;
};

static struct waiting model[MODEL];
static unsigned int n;

static void
leave(unsigned int i)
{
	memmove(&model[i], &model[i + 1], (--n - i) * sizeof(model[0]));
}

static uint64_t
distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* Orders by creation, and then by id. */
static uint64_t
rank(const struct waiting *w, const struct flow *f, uint64_t created)
{
	return distance(w->created, created) << 32 |
	    distance(w->flow.id, f->id);
}

static int
expected_twin(const struct flow *f, uint64_t created, int *ambiguous)
{
	int best = -1;
	unsigned int i;
	uint64_t least = UINT64_MAX, r;

	*ambiguous = 0;
	for (i = 0; i < n; i++) {
		if (model[i].flow.direction == f->direction ||
		    model[i].flow.creator != f->creator ||
		    memcmp(&model[i].flow.ext, &f->lan, sizeof(f->lan)) != 0 ||
		    memcmp(&model[i].flow.lan, &f->ext, sizeof(f->ext)) != 0)
			continue;
		r = rank(&model[i], f, created);
		if (r >> 32 > 1)
			continue;
		*ambiguous = r == least || (*ambiguous && r > least);
		if (r < least) {
			least = r;
			best = (int)i;
		}
	}
	return *ambiguous ? -1 : best;
}

static void
check_state(struct flow f, uint64_t now)
{
	struct report r = report_of(&f);
	uint64_t created = now / 1000 - f.age;
	int ambiguous, i = expected_twin(&f, created, &ambiguous);
	enum hold_result result;

	result = hold_state(h, &r, now, &twin);
	if (ambiguous) {
		assert_int_equal(result, HOLD_SINGLE);
	} else if (i >= 0) {
		assert_int_equal(result, HOLD_PAIR);
		assert_int_equal(twin.id, model[i].flow.id);
		leave((unsigned int)i);
	} else {
		assert_int_equal(result, HOLD_WAITS);
		assert_true(n < MODEL);
		model[n++] = (struct waiting){ f, created, now };
	}
	assert_int_equal(hold_count(h), n);
}

static void
check_due(uint64_t now)
{
	while (n > 0 && now - model[0].since >= HOLD_MS) {
		assert_int_equal(next_id(), model[0].flow.id);
		leave(0);
	}
	assert_int_equal(next_id(), 0);
	assert_int_equal(hold_due(h),
	    n == 0 ? UINT64_MAX : model[0].since + HOLD_MS);
}

static void
test_model(void **state)
{
	uint64_t now = NOW;
	struct flow f;
	unsigned int i;

	(void)state;
	n = 0;
	random_begin(1);
	for (i = 1; i <= ROUNDS; i++) {
		now += below(2) * below(1000);
		hold_clock(h, now);
		check_due(now);
		f = flow_of((uint16_t)below(10),
		    below(2) == 0 ? FLOW_IN : FLOW_OUT);
		f.id = i + below(8);
		f.creator = (uint32_t)(below(10) == 0);
		f.age += (uint32_t)below(2) * 3;
		check_state(f, now);
	}
	assert_true(counters.pairs > ROUNDS / 10);
	assert_true(counters.pairs_ambiguous > 10);
	assert_int_equal(counters.held_full, 0);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pair),
		TEST(test_forced),
		TEST(test_single),
		TEST(test_waits),
		TEST(test_release),
		TEST(test_clock),
		TEST(test_choice),
		TEST(test_creation),
		TEST(test_rest),
		TEST(test_full),
		TEST(test_model),
	};

	return RUN(tests);
}
