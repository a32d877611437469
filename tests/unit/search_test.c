/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Which living states are found, and in which order.
 */

#include "dumps.h"
#include "meters.h"
#include "property.h"

#include "common/counters.h"
#include "pflowd/engine/search.h"

#define STATES 100

static struct ledger *ledger;
static struct search search;
static uint64_t octets[STATES + 1]; /* by id */

/* Read two dumps, of states in no order; the next is not read. */
static int
set_up(void **state)
{
	struct dumps d;
	unsigned int i;

	(void)state;
	memset(&search, 0, sizeof(search));
	dumps_init(&d);
	dumps_put(&d, CHUNK_BEGIN, NULL, 0);
	for (i = 1; i <= STATES; i++) {
		octets[i] = i * 37 % 101;
		dumps_state(&d, i, octets[i] - octets[i] % 7);
	}
	dumps_put(&d, CHUNK_END, NULL, 0);
	d.chunk.wall += 1000;
	d.chunk.monotonic += 1000;
	dumps_put(&d, CHUNK_BEGIN, NULL, 0);
	for (i = 1; i <= STATES; i++)
		dumps_state(&d, i, octets[i]);
	dumps_put(&d, CHUNK_END, NULL, 0);
	dumps_put(&d, CHUNK_BEGIN, NULL, 0);
	ledger = begin_meter(conf_of(1), dumps_open(&d));
	while (e.counters->dumps < 2)
		assert_int_equal(meter_read(&e, 0, 1), METER_MORE);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	search_free(&search);
	end_meter(ledger);
	return 0;
}

static struct found *
find(const struct ctl_states *wanted, unsigned int step)
{
	struct found *f;

	assert_null(search_result(&search, &e, wanted));
	assert_int_equal(search_begin(&search, &e, wanted), 0);
	assert_null(search_result(&search, &e, wanted));
	while (!search_step(&search, &e, step))
		continue;
	f = search_result(&search, &e, wanted);
	assert_non_null(f);
	return f;
}

/* The most octets first, whatever the steps and the number of rows. */
static void
test_order(void **state)
{
	struct ctl_states wanted = { .rows = 1 };
	unsigned int i;
	struct found *f;

	(void)state;
	for (; wanted.rows <= STATES + 1; wanted.rows++) {
		f = find(&wanted, wanted.rows);
		assert_int_equal(f->n,
		    wanted.rows < STATES ? wanted.rows : STATES);
		for (i = 0; i < f->n; i++) {
			assert_int_equal(f->states[i].key, 100 - i);
			assert_int_equal(f->states[i].flow.bytes[0], 100 - i);
			assert_int_equal(octets[f->states[i].flow.id], 100 - i);
		}
		found_release(f);
	}
}

static void
test_other_orders(void **state)
{
	struct ctl_states wanted = { .rows = 3, .order = CTL_BY_PACKETS };
	struct found *f = find(&wanted, 1000);

	(void)state;
	assert_int_equal(f->states[0].key, 1);
	found_release(f);
	wanted.order = CTL_BY_RATE;
	f = find(&wanted, 1000);
	assert_int_equal(f->states[0].key, 6);
	assert_int_equal(f->states[0].flow.rate, 6);
	assert_int_equal(f->states[0].flow.bytes[0] % 7, 6);
	found_release(f);
	wanted.order = CTL_BY_AGE;
	f = find(&wanted, 1000);
	assert_int_equal(f->n, 3);
	assert_int_equal(f->states[0].flow.label, FLOW_ALIVE);
	found_release(f);
}

static void
matches(struct ctl_states wanted, unsigned int n)
{
	struct found *f;

	wanted.rows = CTL_STATES;
	f = find(&wanted, 7);
	assert_int_equal(f->n, n);
	found_release(f);
}

static void
test_conditions(void **state)
{
	const struct ctl_port port = { .op = CTL_PORT_RANGE, 20, 29 };
	const struct ctl_host all4 = { .kind = CTL_HOST_NET, .family = 4 };
	const struct ctl_host one4 = { .kind = CTL_HOST_NET,
		.family = 4,
		.bits = 32,
		.addr = { 10, 0, 0, 1 } };

	(void)state;
	matches((struct ctl_states){ .direction = FLOW_IN }, STATES);
	matches((struct ctl_states){ .direction = FLOW_OUT }, 0);
	matches((struct ctl_states){ .family = 6 }, 0);
	matches((struct ctl_states){ .proto_given = 1, .proto = 17 }, STATES);
	matches((struct ctl_states){ .proto_given = 1, .proto = 6 }, 0);
	matches((struct ctl_states){ .from_port = port }, 10);
	matches((struct ctl_states){ .to_port = port }, 0);
	matches((struct ctl_states){ .from = all4 }, STATES);
	matches((struct ctl_states){ .to = one4 }, 0);
	matches((struct ctl_states){ .ifname = "em0" }, 0);
	matches((struct ctl_states){ .number_given = 1, .number = 9 }, 0);
}

static void
invalid(struct ctl_states wanted)
{
	assert_int_equal(search_begin(&search, &e, &wanted), -1);
}

/* Each field of a hostile client, by itself. */
static void
test_invalid(void **state)
{
	struct ctl_states name = { .rows = 1 };

	(void)state;
	invalid((struct ctl_states){ .rows = 0 });
	invalid((struct ctl_states){ .rows = CTL_STATES + 1 });
	invalid((struct ctl_states){ .rows = UINT32_MAX });
	invalid((struct ctl_states){ .rows = 1, .order = CTL_ORDERS });
	invalid((struct ctl_states){ .rows = 1, .direction = 3 });
	invalid((struct ctl_states){ .rows = 1, .family = 5 });
	invalid((struct ctl_states){ .rows = 1, .from = { .kind = 3 } });
	invalid((struct ctl_states){ .rows = 1, .to = { .negate = 2 } });
	invalid((struct ctl_states){ .rows = 1,
	    .from = { .kind = CTL_HOST_NET, .family = 0 } });
	invalid((struct ctl_states){ .rows = 1,
	    .to = { .kind = CTL_HOST_NET, .family = 4, .bits = 33 } });
	invalid((struct ctl_states){ .rows = 1,
	    .to = { .kind = CTL_HOST_NET, .family = 6, .bits = 129 } });
	invalid((struct ctl_states){ .rows = 1,
	    .from_port = { .op = CTL_PORTS } });
	invalid((struct ctl_states){ .rows = 1,
	    .to_port = { .op = UINT16_MAX } });
	memset(name.ifname, 'x', sizeof(name.ifname));
	invalid(name);
}

/* Whatever the bytes are. */
static void
test_random(void **state)
{
	struct ctl_states wanted = { .rows = 0 };
	uint8_t *p = (uint8_t *)&wanted;
	unsigned int i, tries, valid = 0;

	(void)state;
	random_begin(1);
	for (tries = 0; tries < 20000; tries++) {
		for (i = 0; i < sizeof(wanted); i++)
			p[i] = below(3) > 0 ? 0 : (uint8_t)below(256);
		wanted.rows &= 1023;
		if (search_begin(&search, &e, &wanted) == -1)
			continue;
		valid++;
		while (!search_step(&search, &e, 1000))
			continue;
		assert_true(search.found->n <= wanted.rows);
	}
	assert_true(valid > 0);
}

/* A result is that of a dump, and outlives the next search. */
static void
test_shared(void **state)
{
	struct ctl_states wanted = { .rows = 5 }, other = { .rows = 6 };
	struct found *f = find(&wanted, 1000), *again;

	(void)state;
	again = search_result(&search, &e, &wanted);
	assert_ptr_equal(f, again);
	found_release(again);
	assert_null(search_result(&search, &e, &other));
	found_release(find(&other, 1000));
	assert_int_equal(f->n, 5);
	assert_int_equal(f->states[4].key, 96);
	found_release(f);
	e.counters->dumps++;
	assert_null(search_result(&search, &e, &other));
}

/* Two connections in two dumps, and a single state. */
static int
set_up_pairs(void **state)
{
	struct dumps d;
	unsigned int i;

	(void)state;
	memset(&search, 0, sizeof(search));
	dumps_init(&d);
	for (i = 1; i <= 3; i++) {
		dumps_put(&d, CHUNK_BEGIN, NULL, 0);
		if (i < 3) {
			dumps_pair(&d, 11, i * 100, i * 1000);
			dumps_pair(&d, 21, i * 400, i * 400);
			dumps_state(&d, 31, 10);
			dumps_put(&d, CHUNK_END, NULL, 0);
		}
		d.chunk.wall += 1000;
		d.chunk.monotonic += 1000;
	}
	ledger = begin_meter(conf_of(1), dumps_open(&d));
	while (e.counters->dumps < 2)
		assert_int_equal(meter_read(&e, 0, 1), METER_MORE);
	return 0;
}

static void
check_pair(const struct ctl_flow *c, uint64_t id, uint64_t forward,
    uint64_t back)
{
	assert_int_equal(c->id, id);
	assert_int_equal(c->joined, 1);
	assert_int_equal(c->why, CTL_WHY_ALIVE);
	assert_int_equal(c->direction, FLOW_IN);
	assert_int_equal(c->bytes[0], forward);
	assert_int_equal(c->bytes[1], back);
	assert_memory_equal(c->nat, "\x0a\0\0\3", 4);
	assert_int_equal(c->nat_port, 61000);
}

/* A row for both states of a connection, as they received the packets. */
static void
test_pairs(void **state)
{
	struct ctl_states wanted = { .rows = 10 };
	struct found *f = find(&wanted, 1000);

	(void)state;
	assert_int_equal(f->n, 3);
	check_pair(&f->states[0].flow, 11, 200, 2000);
	check_pair(&f->states[1].flow, 21, 800, 800);
	assert_int_equal(f->states[1].flow.rate, 800);
	assert_int_equal(f->states[2].flow.id, 31);
	assert_int_equal(f->states[2].flow.joined, 0);
	found_release(f);
	matches((struct ctl_states){ .direction = FLOW_OUT }, 0);
	matches((struct ctl_states){ .to_port = { CTL_PORT_EQ, 80, 0 } }, 2);
	matches((struct ctl_states){ .ifname = "em0" }, 2);
	matches((struct ctl_states){ .ifname = "em1" }, 2);
	matches((struct ctl_states){ .ifname = "em2" }, 0);
	matches((struct ctl_states){ .ifname = "em0", .ifname_not = 1 }, 1);
}

/* Of pfsync, none are known. */
static void
test_no_table(void **state)
{
	struct ctl_states wanted = { .rows = 5 };

	(void)state;
	end_meter(ledger);
	ledger = begin_meter(conf_of(1), NULL);
	assert_int_equal(search_begin(&search, &e, &wanted), 0);
	assert_int_equal(search_step(&search, &e, 1), 1);
	assert_int_equal(search.found->n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_orders, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_conditions, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_invalid, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_random, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_shared, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pairs, set_up_pairs,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_no_table, set_up,
		    tear_down),
	};

	return RUN(tests);
}
