/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The octets of states are counted by what became of them, and add up.
 */

#include <netinet/in.h>

#include "dumps.h"
#include "meters.h"

enum {
	EXPORTED,
	ONE_WAY,
	IGNORED,
	OWN,
	OTHER_CREATOR,
	BAD_DIRECTION,
	INET6,
	NO_PACKETS,
	STATES
};

static struct state states[STATES];

/* A state of each kind; the i-th has 10^i octets, and some more back. */
static void
make_states(const struct conf_collector *c)
{
	const struct sockaddr_in *to = (const struct sockaddr_in *)&c->addr;
	uint64_t octets = 1;
	unsigned int i;

	for (i = 0; i < STATES; i++, octets *= 10) {
		states[i] = state_of(i);
		states[i].bytes[0] = octets;
		states[i].bytes[1] = 3 * octets;
	}
	states[ONE_WAY].packets[1] = 0;
	states[IGNORED].proto = IPPROTO_ICMP;
	states[OWN].direction = FLOW_OUT;
	memcpy(states[OWN].lan.addr, &to->sin_addr, 4); /* the loopback's */
	memcpy(states[OWN].gwy.addr, &to->sin_addr, 4);
	memcpy(states[OWN].ext.addr, &to->sin_addr, 4);
	states[OWN].ext.port = ntohs(to->sin_port);
	states[OTHER_CREATOR].creator = 7;
	states[BAD_DIRECTION].direction = 3;
	states[INET6].af = 24; /* AF_INET6 of OpenBSD */
	states[NO_PACKETS].packets[0] = states[NO_PACKETS].packets[1] = 0;
}

/* It exports states of creator 0, but for ICMP. */
static struct conf *
conf_that_selects(void)
{
	struct rule icmp = { .ignore = 1,
		.proto_given = 1,
		.proto = IPPROTO_ICMP };
	struct conf *conf = conf_indexed(1);

	assert_int_equal(rule_add(&conf->filter, &icmp), 0);
	conf->creator_given = 1;
	return conf;
}

/* A capture of a frame with n states. */
static struct capture *
capture_of(const struct state *s, unsigned int n)
{
	uint8_t frame[FRAME_HEADER + STATES * STATE_MAX];
	FILE *file = begin_file();

	add_frame(file, NOW, frame, make_frame(frame, 3, s, n));
	return open_file(file);
}

static uint64_t
decided(const struct counters *c)
{
	return c->octets_exported + c->octets_ignored + c->octets_own +
	    c->octets_other_creator + c->octets_inexpressible +
	    c->octets_crashed;
}

static void
check_decisions(const struct counters *c)
{
	assert_int_equal(c->octets_exported, 4 + 10);
	assert_int_equal(c->octets_ignored, 400);
	assert_int_equal(c->octets_own, 4000);
	assert_int_equal(c->octets_other_creator, 40000);
	assert_int_equal(c->octets_inexpressible, 400000 + 4000000);
	assert_int_equal(c->no_packets, 1);
	assert_int_equal(c->octets_reported, decided(c));
	assert_int_equal(c->octets_shown, counters_octets_known(c));
}

/* Those of a direction without packets are in no record, and not counted. */
static void
test_decisions(void **state)
{
	struct conf *conf = conf_that_selects();
	int sink = sink_for(&conf->collectors[0]);
	struct ledger *ledger;

	(void)state;
	make_states(&conf->collectors[0]);
	ledger = begin_meter(conf, capture_of(states, STATES));
	e.source.facts.own_traffic = 1;
	while (meter_read(&e, 0, 1000) == METER_MORE)
		continue;
	check_decisions(e.counters);
	end_meter(ledger);
	close(sink);
}

/* What the only collector's rules leave out, and what is only printed. */
static void
test_unsent(void **state)
{
	struct rule all = { .ignore = 1 };
	struct conf *conf = conf_indexed(1);
	struct state one = state_of(0);
	struct ledger *ledger;

	(void)state;
	assert_int_equal(rule_add(&conf->filters[0], &all), 0);
	ledger = begin_meter(conf, capture_of(&one, 1));
	assert_int_equal(meter_read(&e, 0, 1000), METER_END);
	assert_int_equal(e.counters->octets_ignored, 200);
	end_meter(ledger);
	ledger = begin_meter(conf_new(), capture_of(&one, 1));
	assert_int_equal(meter_read(&e, 0, 1000), METER_END);
	assert_int_equal(e.counters->octets_ignored, 200);
	end_meter(ledger);
	ledger = begin_meter(conf_new(), capture_of(&one, 1));
	e.print = 1;
	assert_int_equal(meter_read(&e, 0, 1000), METER_END);
	assert_int_equal(e.counters->octets_exported, 200);
	end_meter(ledger);
}

/* Amid a split, a state that was read is left out of what is shown. */
static void
test_pending(void **state)
{
	struct state s[] = { state_of(0), state_of(1), state_of(2) };
	struct counters shown;
	struct ledger *ledger;

	(void)state;
	widen(&s[1], 1000);
	ledger = begin_meter(conf_indexed(1), capture_of(s, 3));
	assert_int_equal(meter_read(&e, 0, 4), METER_MORE);
	assert_true(export_busy(e.export));
	assert_int_equal(e.counters->octets_reported,
	    500 + 1000 * (uint64_t)UINT32_MAX);
	meter_counters(&e, &shown);
	assert_int_equal(shown.octets_reported, 0);
	assert_int_equal(shown.octets_shown, 0);
	meter_flush(&e, 0);
	meter_counters(&e, &shown);
	assert_int_equal(shown.octets_reported,
	    500 + 1000 * (uint64_t)UINT32_MAX);
	assert_int_equal(shown.octets_reported, shown.octets_exported);
	end_meter(ledger);
}

/* Forged octets wrap, and add up. */
static void
test_wrapped(void **state)
{
	struct state s[] = { state_of(0), state_of(1), state_of(2) };
	struct ledger *ledger;

	(void)state;
	s[0].bytes[0] = s[1].bytes[1] = UINT64_MAX;
	s[1].proto = IPPROTO_ICMP;
	ledger = begin_meter(conf_that_selects(), capture_of(s, 3));
	while (meter_read(&e, 0, 1000) == METER_MORE)
		continue;
	assert_int_equal(e.counters->octets_ignored, 99);
	assert_int_equal(e.counters->octets_reported, decided(e.counters));
	assert_int_equal(ledger_check(ledger), 0);
	assert_int_equal(e.counters->states, 3);
	end_meter(ledger);
}

/* The states of a recording: they are all alive at its end. */
static void
test_table(void **state)
{
	struct ledger *ledger;
	struct dumps d;

	(void)state;
	dumps_init(&d);
	dumps_put(&d, CHUNK_BEGIN, NULL, 0);
	dumps_states(&d, 3, 50);
	dumps_put(&d, CHUNK_END, NULL, 0);
	ledger = begin_meter(conf_indexed(1), dumps_open(&d));
	while (meter_read(&e, 0, 1000) == METER_MORE)
		continue;
	assert_int_equal(e.counters->exported, 3);
	assert_int_equal(e.counters->octets_exported, 150);
	assert_int_equal(e.counters->octets_reported, 150);
	end_meter(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_unsent),
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_wrapped),
		cmocka_unit_test(test_table),
	};

	return RUN(tests);
}
