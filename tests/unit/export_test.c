/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Records in, datagrams at a socket out.
 */

#include "exports.h"

static void
test_thirty_in_a_datagram(void **state)
{
	struct sums s = { 0 };
	unsigned int i;

	(void)state;
	start(1);
	for (i = 0; i < 29; i++)
		give(1, 100, NOW);
	receive(&s, 0);
	assert_int_equal(s.datagrams, 0);
	assert_int_equal(queued(0), 29);
	give(1, 100, NOW);
	receive(&s, 0);
	assert_int_equal(s.datagrams, 1);
	assert_int_equal(s.records, 30);
	assert_int_equal(export_due(x) > NOW, 1);
	for (i = 0; i < 31; i++)
		give(1, 100, NOW);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.datagrams, 3);
	assert_int_equal(s.latest_records, 1);
	assert_int_equal(s.packets, 61);
	stop(1);
}

/* The two records of a state may be in two datagrams. */
static void
test_pairs(void **state)
{
	struct sample given = pair(3, 4);
	struct sums s = { 0 };
	unsigned int i;

	(void)state;
	start(1);
	for (i = 0; i < 29; i++)
		give(1, 100, NOW);
	assert_int_equal(export_sample(&given, NOW), EXPORT_GIVEN);
	assert_int_equal(queued(0), 31);
	receive(&s, 0);
	assert_int_equal(s.records, 30);
	assert_int_equal(s.packets, 32);
	assert_int_equal(s.octets, 3000);
	for (i = 0; i < 30; i++)
		export_sample(&given, NOW);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.datagrams, 4);
	assert_int_equal(s.latest_records, 1);
	assert_int_equal(s.packets, 29 + 31 * 7);
	assert_int_equal(s.octets, 2900 + 31 * 300);
	assert_int_equal(counters(0)->built, 91);
	stop(1);
}

/* One direction alone is too wide for one record. */
static void
test_half_wide(void **state)
{
	struct sample given = pair(3, 4);
	struct sums s = { 0 };
	int i;

	(void)state;
	start(1);
	for (i = 0; i < 2; i++) {
		given.flow.bytes[i] = (uint64_t)UINT32_MAX + 1;
		given.flow.bytes[!i] = 1;
		assert_int_equal(export_sample(&given, NOW), EXPORT_GIVEN);
		while (export_busy(x))
			export_more(x, NOW);
	}
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.records, 6);
	assert_int_equal(s.packets, 14);
	assert_int_equal(s.octets, 2 * ((uint64_t)UINT32_MAX + 2));
	stop(1);
}

/* A path with less room gets fewer records in a datagram. */
static void
test_mtu(void **state)
{
	static const struct {
		int family;
		uint16_t mtu; /* given */
		uint16_t path;
		unsigned int most;
	} cases[] = { { AF_INET, 1500, 0, 30 }, { AF_INET6, 1500, 0, 29 },
		{ AF_INET, 9000, 0, 30 }, { AF_INET, 576, 0, 10 },
		{ AF_INET, 579, 0, 10 }, { AF_INET, 580, 0, 11 },
		{ AF_INET6, 1280, 0, 25 }, { AF_INET, 0, 0, 30 },
		{ AF_INET6, 0, 0, 29 }, { AF_INET, 0, 580, 11 },
		{ AF_INET, 0, 9000, 30 }, { AF_INET, 0, 68, 10 },
		{ AF_INET6, 0, 1280, 25 }, { AF_INET, 1500, 580, 30 },
		{ AF_INET, 580, 1500, 11 } };
	size_t i;
	unsigned int n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf *c = conf_with(1);
		struct sums s = { 0 };

		ledger = ledger_new();
		begin_export();
		sockets[0] = sink_for(&c->collectors[0]);
		c->collectors[0].mtu = cases[i].mtu;
		c->collectors[0].path_mtu = cases[i].path;
		c->collectors[0].addr.ss_family = (sa_family_t)cases[i].family;
		apply(c);
		for (n = 0; n < 60; n++)
			give(1, 100, NOW);
		receive(&s, 0);
		assert_int_equal(s.most, cases[i].most);
		stop(1);
	}
}

/* A byte less than there need be for both records of a state. */
static void
test_mtu_of_pairs(void **state)
{
	struct sample given = pair(3, 4);
	struct conf *c = conf_with(1);
	struct sums s = { 0 };
	unsigned int n;

	(void)state;
	ledger = ledger_new();
	begin_export();
	sockets[0] = sink_for(&c->collectors[0]);
	c->collectors[0].mtu = 579;
	apply(c);
	give(1, 100, NOW);
	for (n = 0; n < 10; n++)
		export_sample(&given, NOW);
	receive(&s, 0);
	assert_int_equal(s.most, 10);
	stop(1);
}

/* Exact sums of what takes several records, of either direction. */
static void
test_wide_counters(void **state)
{
	static const struct {
		uint64_t packets, octets;
		unsigned int records;
	} cases[] = {
		{ UINT32_MAX, UINT32_MAX, 1 },
		{ 5, (uint64_t)UINT32_MAX + 1, 2 },
		{ (uint64_t)UINT32_MAX + 1, 5, 2 },
		{ (uint64_t)UINT32_MAX + 1, UINT64_C(1) << 40, 257 },
		{ UINT64_C(12345678901), UINT64_C(9876543210123), 2300 },
		{ UINT64_C(5000000000), UINT64_C(65536) * UINT32_MAX, 65536 },
	};
	const size_t n = sizeof(cases) / sizeof(cases[0]);
	size_t i, k;

	(void)state;
	for (k = 0; k < 2 * n; k++) {
		struct sums s = { 0 };
		struct sample given = sample(0, 0);

		i = k / 2;
		given.flow.packets[k % 2] = cases[i].packets;
		given.flow.bytes[k % 2] = cases[i].octets;
		start(1);
		assert_int_equal(export_sample(&given, NOW), EXPORT_GIVEN);
		while (export_busy(x)) {
			export_more(x, NOW);
			receive(&s, 0);
		}
		export_close(x, NOW);
		receive(&s, 0);
		assert_int_equal(s.records, cases[i].records);
		assert_int_equal(s.packets, cases[i].packets);
		assert_int_equal(s.octets, cases[i].octets);
		assert_int_equal(counters(0)->split, cases[i].records > 1);
		stop(1);
	}
}

/* Parts are even: no record is without packets. */
static void
test_parts_are_even(void **state)
{
	struct sums s = { 0 };

	(void)state;
	start(1);
	give(7, UINT64_C(3) * UINT32_MAX, NOW);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.records, 3);
	assert_int_equal(s.largest, UINT32_MAX);
	stop(1);
}

/* More octets than its packets could be split over, or than is sane. */
static void
test_too_wide(void **state)
{
	struct sums s = { 0 };
	struct sample given = pair(1, 1);

	(void)state;
	start(1);
	given.flow.bytes[1] = (uint64_t)UINT32_MAX + 1;
	assert_int_equal(export_sample(&given, NOW), EXPORT_INEXPRESSIBLE);
	assert_int_equal(give(UINT64_MAX, UINT64_MAX, NOW),
	    EXPORT_INEXPRESSIBLE);
	assert_int_equal(give(UINT64_C(5000000000),
			     UINT64_C(65536) * UINT32_MAX + 1, NOW),
	    EXPORT_INEXPRESSIBLE);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.records, 0); /* all of a state or nothing */
	assert_int_equal(counters(0)->inexpressible_wide, 3);
	stop(1);
}

static void
test_inet6(void **state)
{
	struct sample given = sample(1, 100);

	(void)state;
	start(2);
	flow_set_family(&given.flow, 6);
	assert_int_equal(export_sample(&given, NOW), EXPORT_INEXPRESSIBLE);
	assert_int_equal(counters(0)->inexpressible_inet6, 1);
	assert_int_equal(counters(1)->inexpressible_inet6, 1);
	stop(2);
}

static void
test_old_records(void **state)
{
	const uint64_t span = UINT32_MAX - UINT64_C(86400000);
	struct sample given = sample(1, 100);
	struct sums s = { 0 };

	(void)state;
	start(1);
	given.record.times.start = NOW - span;
	export_sample(&given, NOW);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.first, span);
	assert_int_equal(counters(0)->clamped, 0);
	given.record.times.start = 0;
	given.record.times.end = 5;
	export_sample(&given, NOW);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.first, span);
	assert_int_equal(counters(0)->clamped, 1);
	stop(1);
}

static void
test_wide_index(void **state)
{
	struct sample given = sample(1, 100);
	struct sums s = { 0 };

	(void)state;
	start(1);
	given.record.in = 65535;
	export_sample(&given, NOW);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.input, 65535);
	given.record.in = 65536;
	export_sample(&given, NOW);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.input, 0);
	assert_int_equal(counters(0)->wide_index, 1);
	given = pair(3, 4);
	given.record.in = 65536;
	export_sample(&given, NOW);
	assert_int_equal(counters(0)->wide_index, 3);
	given.flow.bytes[1] = (uint64_t)UINT32_MAX + 1;
	export_sample(&given, NOW);
	while (export_busy(x))
		export_more(x, NOW);
	assert_int_equal(counters(0)->wide_index, 6); /* each record's */
	given.record.in = 65535;
	export_sample(&given, NOW);
	while (export_busy(x))
		export_more(x, NOW);
	assert_int_equal(counters(0)->wide_index, 6);
	stop(1);
}

static void
ignore_proto(struct rule_list *list, uint8_t proto)
{
	struct rule r;

	memset(&r, 0, sizeof(r));
	r.ignore = 1;
	r.proto_given = 1;
	r.proto = proto;
	assert_int_equal(rule_add(list, &r), 0);
}

/* Its own rules take away from a collector, and are counted. */
static void
test_rules(void **state)
{
	struct flow flow = { FAMILY(4), .direction = FLOW_OUT };
	struct sums s = { 0 };
	struct conf *c = conf_with(2);

	(void)state;
	ledger = ledger_new();
	begin_export();
	sockets[0] = sink_for(&c->collectors[0]);
	sockets[1] = sink_for(&c->collectors[1]);
	ignore_proto(&c->filter, 1);
	ignore_proto(&c->filters[1], 17);
	ignore_proto(&c->filters[1], 6);
	apply(c);
	flow.proto = 1;
	assert_true(export_ignored(x, &flow));
	flow.proto = 6;
	assert_false(export_ignored(x, &flow));
	assert_int_equal(give(1, 100, NOW), EXPORT_GIVEN);
	assert_int_equal(counters(0)->given, 1);
	assert_int_equal(counters(1)->ignored, 1);
	assert_int_equal(ledger->rule_hits[0], 1);
	assert_int_equal(ledger->rule_hits[1], 0);
	assert_int_equal(ledger->rule_hits[2], 1);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.records, 1);
	stop(2);
}

static void
set_host(struct flow_host *h, const struct sockaddr_storage *ss)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)ss;

	memcpy(h->addr, &in->sin_addr, 4);
	h->port = ntohs(in->sin_port);
}

/* A datagram to a collector is a state, too. */
static void
test_own(void **state)
{
	struct export_status status;
	struct flow own = { FAMILY(4), .proto = 17, .direction = FLOW_OUT };

	(void)state;
	start(1);
	export_status(x, 0, &status);
	set_host(&own.ext, status.addr);
	set_host(&own.lan, status.addr); /* the loopback's address */
	assert_true(export_own(x, &own));
	own.direction = FLOW_IN;
	assert_false(export_own(x, &own));
	own.direction = FLOW_OUT;
	own.lan.addr[3]++;
	assert_false(export_own(x, &own));
	own.lan.addr[3]--;
	own.ext.port++;
	assert_false(export_own(x, &own));
	own.ext.port--;
	own.proto = 6;
	assert_false(export_own(x, &own));
	stop(1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thirty_in_a_datagram),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_half_wide),
		cmocka_unit_test(test_mtu),
		cmocka_unit_test(test_mtu_of_pairs),
		cmocka_unit_test(test_wide_counters),
		cmocka_unit_test(test_parts_are_even),
		cmocka_unit_test(test_too_wide),
		cmocka_unit_test(test_inet6),
		cmocka_unit_test(test_old_records),
		cmocka_unit_test(test_wide_index),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_own),
	};

	return RUN(tests);
}
