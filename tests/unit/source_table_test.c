/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What a source keeps of the dumps that it reads.
 */

#include "dumps.h"

#include <unistd.h>

#include "common/counters.h"
#include "pflowd/os/memory.h"
#include "pflowd/source/source.h"
#include "pflowd/source/statetable.h"

struct bed {
	struct dumps dumps;
	struct source source;
	struct record_policy policy;
	struct counters counters;
	uint64_t frames;
};

static void
start(struct bed *b)
{
	const struct source_facts facts = { .own_clock = 1, .can_wait = 1 };

	memset(b, 0, sizeof(*b));
	dumps_init(&b->dumps);
	record_policy_default(&b->policy);
	source_init(&b->source, &b->counters, &b->frames, facts);
	b->source.policy = &b->policy;
}

/* A dump of two states that takes so long. */
static void
dump(struct bed *b, uint64_t ms, uint32_t status)
{
	struct dumps *d = &b->dumps;

	d->chunk.status = 0;
	dumps_put(d, CHUNK_BEGIN, NULL, 0);
	dumps_states(d, 2, 100);
	d->chunk.wall += ms;
	d->chunk.monotonic += ms;
	d->chunk.status = status;
	dumps_put(d, CHUNK_END, NULL, 0);
	d->chunk.status = 0;
}

static void
read_on(struct bed *b)
{
	source_capture(&b->source, dumps_open(&b->dumps));
	while (source_read(&b->source, 0, BATCH) == SOURCE_READ)
		continue;
}

/* Read all; afterwards the source is the test's to look at. */
static const struct source_dump *
read_all(struct bed *b)
{
	read_on(b);
	source_free(&b->source);
	return &b->source.dump;
}

static void
test_measure(void **state)
{
	const struct source_dump *d;
	struct bed b;

	(void)state;
	start(&b);
	dump(&b, 30, 0);
	b.dumps.chunk.wall += 1000;
	b.dumps.chunk.monotonic += 1000;
	dump(&b, 20, 0);
	d = read_all(&b);
	assert_int_equal(d->layout, STATETABLE_OPENBSD);
	assert_int_equal(d->time, b.dumps.chunk.wall - 20);
	assert_int_equal(d->ms, 20);
	assert_int_equal(d->longest_ms, 30);
	assert_int_equal(d->states, 2);
	assert_int_equal(d->bytes, 2 * DUMPS_RECORD);
	assert_int_equal(d->cpu_us, 0);
	assert_int_equal(d->limit, 0);
	assert_int_equal(d->enabled, -1);
}

/* No dump, or none that is whole, has no measure. */
static void
test_void(void **state)
{
	struct bed b;

	(void)state;
	start(&b);
	assert_int_equal(read_all(&b)->layout, 0);
	start(&b);
	dump(&b, 30, 12);
	assert_int_equal(read_all(&b)->layout, 0);
	assert_int_equal(b.counters.dumps_void, 1);
	assert_int_equal(b.source.void_dumps, 1);
	assert_int_equal(b.source.error, 12);
	start(&b);
	dump(&b, 10, 0);
	dump(&b, 30, 12);
	assert_int_equal(read_all(&b)->ms, 10);
	start(&b);
	dump(&b, 30, 12);
	dump(&b, 10, 0);
	assert_int_equal(read_all(&b)->ms, 10);
	assert_int_equal(b.source.void_dumps, 0);
	assert_int_equal(b.source.error, 0);
}

/*
 * An end in the middle of a dump, and of looking at the one before: what that
 * did not show has ended, and what the open dump has not shown yet has not.
 */
static void
test_leave(void **state)
{
	struct bed b;

	(void)state;
	start(&b);
	b.source.facts.own_clock = 0;
	dump(&b, 1, 0);
	read_on(&b);
	assert_int_equal(b.counters.tracked, 2);
	b.source.entries = 0;
	dumps_init(&b.dumps);
	dumps_put(&b.dumps, CHUNK_BEGIN, NULL, 0);
	dumps_states(&b.dumps, 1, 100);
	dumps_put(&b.dumps, CHUNK_END, NULL, 0);
	dumps_put(&b.dumps, CHUNK_BEGIN, NULL, 0);
	read_on(&b);
	assert_true(source_looks(&b.source) > 0);
	source_leave(&b.source);
	while (source_read(&b.source, 0, BATCH) == SOURCE_READ)
		continue;
	assert_int_equal(b.counters.tracked, 1);
	assert_int_equal(b.counters.states, 1);
	assert_int_equal(b.counters.dumps, 2);
	source_free(&b.source);
}

/* Where there are no entries, the dump waits for being looked at, too. */
static void
test_empty(void **state)
{
	struct bed b;

	(void)state;
	start(&b);
	b.source.facts.own_clock = 0;
	b.source.entries = 0;
	dumps_put(&b.dumps, CHUNK_BEGIN, NULL, 0);
	dumps_put(&b.dumps, CHUNK_END, NULL, 0);
	read_on(&b);
	assert_int_equal(source_looks(&b.source), 1);
	b.source.entries = 1;
	while (source_read(&b.source, 0, BATCH) == SOURCE_READ)
		continue;
	assert_int_equal(source_looks(&b.source), 0);
	source_free(&b.source);
}

/* pf's counters, around a dump. */
static void
inserts(struct bed *b, uint64_t before, uint64_t after)
{
	dumps_put(&b->dumps, CHUNK_BEGIN, NULL, 0);
	dumps_numbers(&b->dumps, CHUNK_COUNTERS, &before, 1);
	dumps_states(&b->dumps, 2, 100);
	dumps_numbers(&b->dumps, CHUNK_COUNTERS, &after, 1);
	dumps_put(&b->dumps, CHUNK_END, NULL, 0);
}

/* The next engine would find a huge counter inconsistent, and all others. */
static void
test_inserts(void **state)
{
	struct bed b;

	(void)state;
	start(&b);
	inserts(&b, 0, 0);
	inserts(&b, UINT64_MAX - 1, UINT64_MAX);
	read_all(&b);
	assert_int_equal(b.counters.never_seen_least, 0);
	assert_int_equal(b.counters.never_seen_most, 0);
	start(&b);
	inserts(&b, 10, 10);
	inserts(&b, 15, 16);
	read_all(&b);
	assert_int_equal(b.counters.never_seen_least, 5);
	assert_int_equal(b.counters.never_seen_most, 6);
}

/* A clock that goes back measures nothing. */
static void
test_backwards(void **state)
{
	struct bed b;

	(void)state;
	start(&b);
	b.dumps.chunk.monotonic = 50;
	dump(&b, (uint64_t)-20, 0);
	assert_int_equal(read_all(&b)->ms, 0);
}

/* The settings with these numbers, of which some may be missing. */
static const struct source_dump *
settings(struct bed *b, const uint64_t *numbers, size_t n)
{
	start(b);
	dumps_put(&b->dumps, CHUNK_BEGIN, NULL, 0);
	dumps_numbers(&b->dumps, CHUNK_SETTINGS, numbers, n);
	dumps_put(&b->dumps, CHUNK_END, NULL, 0);
	return read_all(b);
}

static void
test_settings(void **state)
{
	static const uint64_t on[] = { 100000, 1 }, off[] = { 0, 0 };
	static const uint64_t unknown[] = { 7, 2 };
	static const uint64_t odd[] = { UINT64_MAX, UINT64_MAX, 1 };
	struct bed b;

	(void)state;
	assert_int_equal(settings(&b, on, 2)->limit, 100000);
	assert_int_equal(b.source.dump.enabled, 1);
	assert_int_equal(settings(&b, off, 2)->enabled, 0);
	assert_int_equal(settings(&b, unknown, 2)->enabled, -1);
	assert_int_equal(settings(&b, odd, 3)->enabled, -1);
	assert_int_equal(settings(&b, on, 1)->enabled, -1);
	assert_int_equal(settings(&b, on, 0)->limit, 0);
}

static void
test_cpu(void **state)
{
	static const uint64_t cpu[] = { 1500 };
	struct bed b;

	(void)state;
	start(&b);
	dumps_put(&b.dumps, CHUNK_BEGIN, NULL, 0);
	dumps_numbers(&b.dumps, CHUNK_END, cpu, 1);
	assert_int_equal(read_all(&b)->cpu_us, 1500);
	start(&b);
	dumps_put(&b.dumps, CHUNK_BEGIN, NULL, 0);
	dumps_put(&b.dumps, CHUNK_END, "1234567", 7);
	assert_int_equal(read_all(&b)->cpu_us, 0);
	assert_int_equal(b.counters.dumps, 1);
}

/* The interval after a dump of two states, if pf has these timeouts. */
static uint32_t
interval(uint32_t icmp_error, uint32_t adaptive_start, uint32_t adaptive_end)
{
	uint32_t interval;
	uint8_t timeouts[18 * 4];
	struct bed b;
	size_t i;

	start(&b);
	for (i = 0; i < sizeof(timeouts); i += 4)
		put_be32(timeouts + i, 60);
	put_be32(timeouts + FLOW_ICMP_ERROR * 4, icmp_error);
	put_be32(timeouts + FLOW_INTERVAL * 4, 1);
	put_be32(timeouts + FLOW_ADAPTIVE_START * 4, adaptive_start);
	put_be32(timeouts + FLOW_ADAPTIVE_END * 4, adaptive_end);
	dumps_put(&b.dumps, CHUNK_BEGIN, NULL, 0);
	dumps_put(&b.dumps, CHUNK_TIMEOUTS, timeouts, sizeof(timeouts));
	dumps_states(&b.dumps, 2, 100);
	dumps_put(&b.dumps, CHUNK_END, NULL, 0);
	assert_int_equal(source_table_interval(&b.source), 5);
	read_on(&b);
	interval = source_table_interval(&b.source);
	source_free(&b.source);
	return interval;
}

/* Those of the last dump are in force, but for those of the file. */
static void
test_timeouts(void **state)
{
	uint8_t timeouts[2 * 4];
	struct record_policy policy;
	struct bed b;

	(void)state;
	start(&b);
	b.policy.timeout[FLOW_TCP_OPENING] = 7;
	b.policy.timeout_source[FLOW_TCP_OPENING] = RECORD_BY_FILE;
	policy = b.policy;
	source_timeouts(&b.source, &policy);
	assert_memory_equal(&policy, &b.policy, sizeof(policy));
	put_be32(timeouts, 111);
	put_be32(timeouts + 4, 222);
	dumps_put(&b.dumps, CHUNK_BEGIN, NULL, 0);
	dumps_put(&b.dumps, CHUNK_TIMEOUTS, timeouts, sizeof(timeouts));
	dumps_put(&b.dumps, CHUNK_END, NULL, 0);
	read_on(&b);
	source_timeouts(&b.source, &policy);
	assert_int_equal(policy.timeout[FLOW_TCP_FIRST], 111);
	assert_int_equal(policy.timeout_source[FLOW_TCP_FIRST], RECORD_BY_PF);
	assert_int_equal(policy.timeout[FLOW_TCP_OPENING], 7);
	assert_int_equal(policy.timeout_source[FLOW_TCP_OPENING],
	    RECORD_BY_FILE);
	assert_int_equal(policy.timeout_source[FLOW_UDP_FIRST],
	    RECORD_BY_DEFAULT);
	source_free(&b.source);
}

static void
test_interval(void **state)
{
	static const uint32_t wanted[][2] = { { 0, 10 }, { 1, 1 }, { 3, 1 },
		{ 4, 2 }, { 9, 2 }, { 10, 5 }, { 19, 5 }, { 20, 10 },
		{ 600, 10 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_int_equal(interval(wanted[i][0], 0, 0), wanted[i][1]);
	assert_int_equal(interval(10, 1, 3), 2);
	assert_int_equal(interval(10, 1, 2), 1);
}

/* The sum that holds at any time. */
static void
check_sum(const struct bed *b)
{
	const struct counters *c = &b->counters;

	assert_int_equal(c->first_seen,
	    c->tracked + c->ended_exact + c->ended_perhaps_cut + c->ended_cut +
		c->alive + c->lost);
}

/*
 * An engine dies, and another one begins, with other memory.  Returns that of
 * the dead one.
 */
static int
die(struct bed *b)
{
	const struct source_facts facts = { .can_wait = 1 };
	int before = b->source.memory;

	source_free(&b->source);
	source_init(&b->source, &b->counters, &b->frames, facts);
	b->source.policy = &b->policy;
	b->source.memory = memory_open();
	assert_int_not_equal(b->source.memory, -1);
	return before;
}

static void
test_resume(void **state)
{
	struct bed b;
	int before;

	(void)state;
	start(&b);
	b.source.facts.own_clock = 0;
	b.source.memory = memory_open();
	assert_int_equal(source_resume(&b.source, -1), 0);
	dump(&b, 1, 0);
	read_on(&b);
	assert_int_equal(b.counters.tracked, 2);
	before = die(&b);
	b.counters.first_seen = 7;
	assert_int_equal(source_resume(&b.source, before), 0);
	close(before);
	assert_int_equal(b.counters.tracked, 2);
	assert_int_equal(b.counters.lost, 5);
	check_sum(&b);
	dumps_init(&b.dumps);
	dump(&b, 1, 0);
	read_on(&b);
	assert_int_equal(b.counters.first_seen, 7);
	check_sum(&b);
	close(die(&b));
	assert_int_equal(source_settle(&b.source, -1), 0);
	assert_int_equal(b.counters.lost, 7);
	assert_int_equal(b.counters.tracked, 0);
	check_sum(&b);
	close(b.source.memory);
	source_free(&b.source);
}

/* The states that are tracked by this setting, if pf has such a limit. */
static uint64_t
tracked(uint32_t states, uint64_t limit)
{
	const uint64_t settings[] = { limit, 1 };
	struct bed b;
	uint64_t n;

	start(&b);
	b.source.facts.own_clock = 0;
	b.source.states = states;
	dumps_put(&b.dumps, CHUNK_BEGIN, NULL, 0);
	dumps_numbers(&b.dumps, CHUNK_SETTINGS, settings, 2);
	dumps_states(&b.dumps, 20, 100);
	dumps_put(&b.dumps, CHUNK_END, NULL, 0);
	read_on(&b);
	n = b.counters.tracked;
	assert_int_equal(b.counters.without_room, 20 - n);
	source_free(&b.source);
	return n;
}

static void
test_most(void **state)
{
	(void)state;
	assert_int_equal(tracked(3, 8), 3);
	assert_int_equal(tracked(0, 4), 10);
	assert_int_equal(tracked(0, 7), 17);
	assert_int_equal(tracked(0, 0), 20);
	assert_int_equal(tracked(0, UINT64_MAX), 20);
}

/* A reload holds from the next dump on. */
static void
test_most_changes(void **state)
{
	struct bed b;

	(void)state;
	start(&b);
	b.source.facts.own_clock = 0;
	b.source.states = 1;
	dump(&b, 1, 0);
	read_on(&b);
	assert_int_equal(b.counters.tracked, 1);
	b.source.states = 2;
	dumps_init(&b.dumps);
	dump(&b, 1, 0);
	read_on(&b);
	assert_int_equal(b.counters.tracked, 2);
	b.source.states = 1;
	dumps_init(&b.dumps);
	dump(&b, 1, 0);
	read_on(&b);
	assert_int_equal(b.counters.tracked, 2);
	assert_int_equal(b.counters.without_room, 0);
	source_free(&b.source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_measure),
		cmocka_unit_test(test_void),
		cmocka_unit_test(test_backwards),
		cmocka_unit_test(test_inserts),
		cmocka_unit_test(test_leave),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_most_changes),
	};

	return RUN(tests);
}
