/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>

#include "records.h"

#define NOW UINT64_C(1700000000250)

static struct record_policy rules;
static struct record r;

static unsigned int
make(const struct flow *f)
{
	return make_record(&r, f, NOW, &rules);
}

static int
set_up(void **state)
{
	(void)state;
	record_policy_default(&rules);
	memset(&r, 0xaa, sizeof(r));
	return 0;
}

static void
test_both_directions(void **state)
{
	struct flow f = plain_flow();

	(void)state;
	assert_int_equal(make(&f), 2);
	assert_ptr_equal(r.flow, &f);
	assert_memory_equal(r.host[0]->addr, f.lan.addr, 16);
	assert_memory_equal(r.host[1]->addr, f.ext.addr, 16);
	assert_int_equal(record_port(&r, r.host[0]), 1000);
	assert_int_equal(record_port(&r, r.host[1]), 443);
	assert_int_equal(record_input(&r, FLOW_INITIATOR), 0);
	assert_int_equal(record_output(&r, FLOW_INITIATOR), RECORDS_INDEX);
	assert_int_equal(record_egress(&r, FLOW_INITIATOR), 1);
	assert_int_equal(record_input(&r, FLOW_RESPONDER), RECORDS_INDEX);
	assert_int_equal(record_output(&r, FLOW_RESPONDER), 0);
	assert_int_equal(record_egress(&r, FLOW_RESPONDER), 0);
}

static void
test_one_direction(void **state)
{
	struct flow f = plain_flow();

	(void)state;
	f.packets[1] = f.bytes[1] = 0;
	assert_int_equal(make(&f), 1);
	assert_int_equal(record_port(&r, r.host[0]), 1000);
	f = plain_flow();
	f.packets[0] = f.bytes[0] = 0;
	assert_int_equal(make(&f), 1);
	assert_int_equal(record_port(&r, r.host[0]), 1000);
}

static void
test_views(void **state)
{
	struct flow f = plain_flow();

	(void)state;
	rules.view = FLOW_OUTSIDE;
	make(&f);
	assert_int_equal(record_port(&r, r.host[0]), 2000);
	assert_int_equal(record_port(&r, r.host[1]), 443);
	rules.view = FLOW_ORIGINAL;
	make(&f);
	assert_int_equal(record_port(&r, r.host[0]), 1000);
	f.direction = FLOW_IN;
	make(&f);
	assert_int_equal(record_port(&r, r.host[0]), 443);
	assert_int_equal(record_port(&r, r.host[1]), 2000);
	assert_int_equal(record_input(&r, FLOW_INITIATOR), RECORDS_INDEX);
	assert_int_equal(record_output(&r, FLOW_INITIATOR), 0);
	assert_int_equal(record_output(&r, FLOW_RESPONDER), RECORDS_INDEX);
	rules.view = FLOW_INSIDE;
	make(&f);
	assert_int_equal(record_port(&r, r.host[1]), 1000);
}

static void
check_host(const struct flow_host *host, const struct flow_host *wanted)
{
	assert_memory_equal(host->addr, wanted->addr, 4);
	assert_int_equal(record_port(&r, host), wanted->port);
}

/* Whatever the view, both sides of the translation are in each record. */
static void
test_across(void **state)
{
	static const struct {
		enum flow_view view;
		int direction;
		int inside; /* of the view; else it is the other side */
	} cases[] = {
		{ FLOW_INSIDE, FLOW_OUT, 1 },
		{ FLOW_INSIDE, FLOW_IN, 1 },
		{ FLOW_OUTSIDE, FLOW_OUT, 0 },
		{ FLOW_OUTSIDE, FLOW_IN, 0 },
		{ FLOW_ORIGINAL, FLOW_OUT, 1 },
		{ FLOW_ORIGINAL, FLOW_IN, 0 },
	};
	struct flow f = plain_flow();
	enum flow_end from;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct flow_host *in = cases[i].inside ? &f.lan : &f.gwy;
		const struct flow_host *out = cases[i].inside ? &f.gwy : &f.lan;

		f.direction = (uint8_t)cases[i].direction;
		rules.view = cases[i].view;
		assert_int_equal(make(&f), 2);
		from = f.direction == FLOW_OUT ? FLOW_INITIATOR :
						 FLOW_RESPONDER;
		check_host(r.host[from], in);
		check_host(r.host[!from], &f.ext);
		check_host(r.translated[from], out);
		check_host(r.translated[!from], &f.ext);
	}
}

static void
test_portless(void **state)
{
	static const uint8_t protos[] = { IPPROTO_ICMP, 47, 50, 58, 0, 255 };
	struct flow f = plain_flow();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(protos); i++) {
		f.proto = protos[i];
		make(&f);
		assert_int_equal(record_port(&r, r.host[0]) |
			record_port(&r, r.host[1]),
		    0);
		assert_int_equal(record_port(&r, r.translated[0]) |
			record_port(&r, r.translated[1]),
		    0);
		assert_int_equal(r.tcp_flags[0] | r.tcp_flags[1], 0);
	}
}

static int
reason(const struct flow *f)
{
	make(f);
	return (int)record_reason(&r);
}

static void
test_reasons(void **state)
{
	struct flow f = plain_flow();

	(void)state;
	f.age = 90;
	assert_int_equal(reason(&f), RECORD_FINISHED);
	f.expires = 1;
	assert_int_equal(reason(&f), RECORD_FORCED);
	f.expires = 0;
	f.tcp_state[0] = FLOW_TCPS_ESTABLISHED;
	assert_int_equal(reason(&f), RECORD_IDLE);
	f.tcp_state[0] = FLOW_TCPS_CLOSING;
	assert_int_equal(reason(&f), RECORD_FINISHED);
	f.tcp_state[1] = FLOW_TCPS_ESTABLISHED;
	assert_int_equal(reason(&f), RECORD_IDLE);
	f.age = 89;
	assert_int_equal(reason(&f), RECORD_FORCED);
	f = plain_flow();
	f.age = 90;
	f.proto = IPPROTO_UDP;
	assert_int_equal(reason(&f), RECORD_IDLE);
	f.timeout = FLOW_PURGE;
	assert_int_equal(reason(&f), RECORD_FORCED);
}

/* A piece of a connection that goes on, also of one that is being closed. */
static void
test_reason_interim(void **state)
{
	struct flow f = plain_flow();
	struct report of = { .flow = &f,
		.packets = { 1, 0 },
		.bytes = { 40, 0 },
		.ending = REPORT_INTERIM };

	(void)state;
	record_make(&r, &of, FLOW_INSIDE, 0);
	assert_int_equal(record_reason(&r), RECORD_ACTIVE);
	f.tcp_state[0] = f.tcp_state[1] = FLOW_TCPS_ESTABLISHED;
	assert_int_equal(record_reason(&r), RECORD_ACTIVE);
	of.ending = REPORT_FORCED;
	record_make(&r, &of, FLOW_INSIDE, 0);
	assert_int_equal(record_reason(&r), RECORD_FORCED);
}

#define F RECORD_FIN
#define S RECORD_SYN
#define R RECORD_RST
#define A RECORD_ACK

static void
test_flags(void **state)
{
	/* Levels of both ends; what initiator and responder have sent. */
	static const struct {
		uint8_t levels[2], sent[2];
	} cases[] = {
		{ { 0, 0 }, { 0, 0 } },
		{ { 1, 1 }, { 0, 0 } },
		{ { 2, 0 }, { S, 0 } },
		{ { 2, 2 }, { S, S } },
		{ { 4, 2 }, { S, S | A } },
		{ { 2, 4 }, { S | A, S } },
		{ { 4, 4 }, { S | A, S | A } },
		{ { 7, 4 }, { S | A | F, S | A } },
		{ { 9, 4 }, { S | A | F, S | A } },
		{ { 4, 7 }, { S | A, S | A | F } },
		{ { 9, 9 }, { S | A | F, S | A | F } },
		{ { 7, 2 }, { S | F, S | A } },
		{ { 3, 3 }, { S, S } },
		{ { 5, 2 }, { S, S | A } },
		{ { 6, 2 }, { S, S | A } },
		{ { 8, 2 }, { S, S | A } },
		{ { 10, 9 }, { A, S | F } },
		{ { 4, 12 }, { S, A } },
		{ { 10, 10 }, { S, 0 } },
		{ { 11, 0 }, { S, 0 } },
		{ { 12, 0 }, { S | A, 0 } },
		{ { 12, 2 }, { S | A, 0 } },
	};
	struct flow f = plain_flow();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f.tcp_state[0] = cases[i].levels[0];
		f.tcp_state[1] = cases[i].levels[1];
		make(&f);
		assert_int_equal(r.tcp_flags[0], cases[i].sent[0]);
		assert_int_equal(r.tcp_flags[1], cases[i].sent[1]);
	}
}

/* The two cases in which the counters tell who reset. */
static void
test_reset(void **state)
{
	struct flow f = plain_flow();

	(void)state;
	f.tcp_state[0] = f.tcp_state[1] = FLOW_TCPS_TIME_WAIT;
	f.packets[0] = f.packets[1] = 1;
	make(&f);
	assert_int_equal(r.tcp_flags[0], S);
	assert_int_equal(r.tcp_flags[1], R | A);
	f.packets[0] = 2;
	f.packets[1] = 0;
	make(&f);
	assert_int_equal(r.tcp_flags[0], S | R);
	f.packets[1] = 3;
	make(&f);
	assert_int_equal(r.tcp_flags[0], S);
	assert_int_equal(r.tcp_flags[1], 0);
	f.anomalies = FLOW_BAD_TCP_STATE;
	make(&f);
	assert_int_equal(r.tcp_flags[0] | r.tcp_flags[1], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_both_directions, set_up),
		cmocka_unit_test_setup(test_one_direction, set_up),
		cmocka_unit_test_setup(test_views, set_up),
		cmocka_unit_test_setup(test_across, set_up),
		cmocka_unit_test_setup(test_portless, set_up),
		cmocka_unit_test_setup(test_reasons, set_up),
		cmocka_unit_test_setup(test_reason_interim, set_up),
		cmocka_unit_test_setup(test_flags, set_up),
		cmocka_unit_test_setup(test_reset, set_up),
	};

	return RUN(tests);
}
