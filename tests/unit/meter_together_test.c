/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * States that are exported together give what they give one by one.
 */

#include "meters.h"

#include "common/bytes.h"

#define MIXED 3000 /* states */

static unsigned int seed;

/* Below n, the same in each run. */
static unsigned int
below(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* Some of all that there is: families, NAT, one direction, none, too wide. */
static struct state
mixed(unsigned int n)
{
	struct state s = { .id = n,
		.ifname = "em0",
		.timeout = FLOW_TCP_CLOSED };

	put32(s.lan.addr, n);
	put32(s.gwy.addr, below(3) == 0 ? ~n : n);
	s.age = below(200);
	s.packets[0] = below(9) == 0 ? 0 : 5;
	s.packets[1] = below(9) == 0 ? 0 : 7;
	s.bytes[0] = below(19) == 0 ? UINT64_C(3) << 32 : 500;
	s.bytes[1] = below(99) == 0 ? UINT64_MAX : 700;
	s.af = below(5) == 0 ? 24 : 2; /* 24: AF_INET6 of OpenBSD */
	s.proto = below(2) == 0 ? IPPROTO_TCP : IPPROTO_UDP;
	s.direction = below(2) == 0 ? FLOW_IN : FLOW_OUT;
	return s;
}

/* Frames of one state or more, at once or some time later, seldom before. */
static struct capture *
capture_mixed(void)
{
	static uint8_t frame[FRAME_HEADER + UINT8_MAX * STATE_MAX];
	static struct state states[UINT8_MAX];
	FILE *file = begin_file();
	uint64_t now = NOW;
	unsigned int i, count, n;

	seed = 1;
	for (n = 0; n < MIXED; n += count) {
		count = below(3) == 0 ? 1 + below(40) : 1;
		for (i = 0; i < count; i++)
			states[i] = mixed(n + i);
		add_frame(file, now, frame,
		    make_frame(frame, 3, states, count));
		now += below(2) == 0 ? 0 : below(2000);
		now -= below(20) == 0 ? below(9000) : 0;
	}
	return open_file(file);
}

/* All of them, one with both directions in a record, one that ignores some. */
static struct conf *
conf_mixed(int sinks[SINKS])
{
	struct rule udp = { .ignore = 1, .proto_given = 1, .proto = 17 };
	struct conf *conf = conf_of(SINKS);
	int i;

	for (i = 0; i < SINKS; i++)
		sinks[i] = sink_for(&conf->collectors[i]);
	conf->collectors[0].biflow = 1;
	assert_int_equal(rule_add(&conf->filters[3], &udp), 0);
	return conf;
}

/* Of a datagram that has flows: what has options differs in what it counts. */
static int
has_flows(const uint8_t *d)
{
	return get_be16(d) == 5 ||
	    (get_be16(d) == 9 && get_be16(d + 20) != 1) ||
	    (get_be16(d) == 10 && get_be32(d + 12) != 0);
}

/* Add what has come to a sum of it. */
static void
add_to_sum(int from, uint64_t *sum, unsigned int *datagrams)
{
	uint8_t d[2048];
	ssize_t i, len;

	while ((len = recv(from, d, sizeof(d), MSG_DONTWAIT)) > 0)
		for (i = 0, *datagrams += 1; i < len && has_flows(d); i++)
			*sum = (*sum ^ d[i]) * UINT64_C(1099511628211);
}

/* What each sink gets of the mixture, so many states in a turn. */
static void
replay_mixed(unsigned int budget, uint64_t sums[SINKS], struct counters *c)
{
	unsigned int i, n[SINKS] = { 0 };
	enum meter_result result;
	int sinks[SINKS];
	struct ledger *ledger = begin_meter(conf_mixed(sinks), capture_mixed());

	do {
		result = meter_read(&e, 0, budget);
		export_send(e.export);
		for (i = 0; i < SINKS; i++)
			add_to_sum(sinks[i], &sums[i], &n[i]);
	} while (result == METER_MORE || result == METER_FULL);
	assert_int_equal(result, METER_END);
	meter_flush(&e, 0);
	*c = *e.counters;
	for (i = 0; i < SINKS; i++) {
		add_to_sum(sinks[i], &sums[i], &n[i]);
		assert_int_equal(n[i], export_counters(e.export, i)->datagrams);
		close(sinks[i]);
	}
	end_meter(ledger);
}

/* States that are exported together give what they give one by one. */
static void
test_together(void **state)
{
	static const unsigned int budgets[] = { 2, 7, 1000 };
	uint64_t one[SINKS] = { 0 };
	struct counters c, d;
	unsigned int i, j;

	(void)state;
	replay_mixed(1, one, &c);
	assert_int_equal(c.states, c.announced);
	assert_int_equal(c.states, c.exported + c.no_packets + c.inexpressible);
	assert_true(c.exported > MIXED / 2 && c.no_packets > 0);
	for (i = 0; i < 3; i++) {
		uint64_t sums[SINKS] = { 0 };

		replay_mixed(budgets[i], sums, &d);
		for (j = 0; j < SINKS; j++)
			assert_int_equal(sums[j], one[j]);
		assert_memory_equal(&c, &d, sizeof(c));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_together),
	};

	return RUN(tests);
}
