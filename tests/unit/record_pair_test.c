/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The record of a pair: a client asks a server for what the firewall forwards,
 * with its address translated (nat), the server's (rdr), both, or none.
 */

#include <netinet/in.h>

#include "unit.h"

#include "pflowd/flow/record.h"

#define IN 3
#define OUT 5

enum {
	NONE = 0,
	NAT = 1,
	RDR = 2,
	BOTH = 3
};

static struct flow in, out;
static struct report report;
static struct record r;

static struct flow_host client, seen, server, asked;

static struct flow_host
host(const char *addr, uint16_t port)
{
	struct flow_host h = { .port = port, .family = 4 };

	memcpy(h.addr, addr, 4);
	return h;
}

/* The in-state translates the server's address, the out-state the client's. */
static void
make_pair(int translated)
{
	client = host("\x0a\0\0\x07", 1000);
	seen = translated & NAT ? host("\xc0\0\x02\x07", 60000) : client;
	server = host("\x0a\1\0\x09", 8080);
	asked = translated & RDR ? host("\xc0\0\x02\x01", 80) : server;
	in = (struct flow){ .id = 11,
		.ext = client,
		.lan = server,
		.gwy = asked,
		.proto = IPPROTO_TCP,
		.direction = FLOW_IN,
		.tcp_state = { FLOW_TCPS_FIN_WAIT_2, FLOW_TCPS_FIN_WAIT_2 } };
	out = (struct flow){ .id = 12,
		.lan = client,
		.gwy = seen,
		.ext = server,
		.proto = IPPROTO_TCP,
		.direction = FLOW_OUT,
		.tcp_state = { FLOW_TCPS_ESTABLISHED, FLOW_TCPS_ESTABLISHED } };
	report = (struct report){ .flow = &in,
		.twin = &out,
		.packets = { 7, 8 },
		.bytes = { 700, 8000 },
		.times = { 1000, 2000 },
		.ending = REPORT_EXPIRED };
}

static void
make(enum flow_view view)
{
	memset(&r, 0xaa, sizeof(r));
	record_make(&r, &report, view, IN);
	if (report.twin != NULL)
		record_join(&r, report.twin, view, OUT);
}

static void
check_host(const struct flow_host *host, const struct flow_host *wanted)
{
	assert_memory_equal(host->addr, wanted->addr, sizeof(wanted->addr));
	assert_int_equal(record_port(&r, host), wanted->port & r.ports);
}

/* Both sides of both translations, whatever the view. */
static void
check_hosts(enum flow_view view)
{
	int inside[2] = { view != FLOW_OUTSIDE, view == FLOW_INSIDE };

	check_host(r.host[0], inside[0] ? &client : &seen);
	check_host(r.translated[0], inside[0] ? &seen : &client);
	check_host(r.host[1], inside[1] ? &server : &asked);
	check_host(r.translated[1], inside[1] ? &asked : &server);
}

static void
test_hosts(void **state)
{
	int view, translated;

	(void)state;
	for (translated = NONE; translated <= BOTH; translated++)
		for (view = FLOW_INSIDE; view <= FLOW_ORIGINAL; view++) {
			make_pair(translated);
			make((enum flow_view)view);
			check_hosts((enum flow_view)view);
			assert_int_equal(record_translated(&r),
			    translated != NONE);
		}
}

static void
test_inet6(void **state)
{
	int view;

	(void)state;
	for (view = FLOW_INSIDE; view <= FLOW_ORIGINAL; view++) {
		make_pair(BOTH);
		client.addr[15] = server.addr[15] = 1;
		seen.addr[15] = asked.addr[15] = 2;
		client.family = seen.family = server.family = asked.family = 6;
		in.ext = out.lan = client;
		in.lan = out.ext = server;
		in.gwy = asked;
		out.gwy = seen;
		make((enum flow_view)view);
		check_hosts((enum flow_view)view);
		assert_int_equal(record_family(&r), 6);
		assert_true(record_translated(&r));
	}
}

/* Each state says by which interface; all else is the in-state's. */
static void
test_sides(void **state)
{
	(void)state;
	make_pair(BOTH);
	make(FLOW_INSIDE);
	assert_ptr_equal(r.flow, &in);
	assert_ptr_equal(r.twin, &out);
	assert_int_equal(record_input(&r, FLOW_INITIATOR), IN);
	assert_int_equal(record_output(&r, FLOW_INITIATOR), OUT);
	assert_int_equal(record_input(&r, FLOW_RESPONDER), OUT);
	assert_int_equal(record_output(&r, FLOW_RESPONDER), IN);
	assert_int_equal(record_egress(&r, FLOW_INITIATOR), 0);
	assert_int_equal(record_egress(&r, FLOW_RESPONDER), 1);
	assert_int_equal(r.packets[0], 7);
	assert_int_equal(r.bytes[1], 8000);
	assert_int_equal(r.times.start, 1000);
	assert_int_equal(r.times.end, 2000);
	assert_true(r.tcp_flags[0] & RECORD_FIN);
	assert_int_equal(record_reason(&r), RECORD_FINISHED);
}

/* A route-to or reply-to may be on either side. */
static void
test_next_hop(void **state)
{
	static const uint8_t none[4], first[4] = { 192, 0, 2, 254 },
				      second[4] = { 192, 0, 2, 253 };

	(void)state;
	make_pair(NAT);
	make(FLOW_INSIDE);
	assert_memory_equal(record_next_hop(&r), none, 4);
	memcpy(out.rt_addr, second, 4);
	assert_memory_equal(record_next_hop(&r), second, 4);
	memcpy(in.rt_addr, first, 4);
	assert_memory_equal(record_next_hop(&r), first, 4);
	report.twin = NULL;
	make(FLOW_INSIDE);
	memset(in.rt_addr, 0, 4);
	assert_memory_equal(record_next_hop(&r), none, 4);
}

/* An echo: the id is in both ports, which no record has. */
static void
test_icmp(void **state)
{
	(void)state;
	make_pair(NAT);
	in.proto = out.proto = IPPROTO_ICMP;
	in.icmp = 8 << 8;
	make(FLOW_INSIDE);
	assert_int_equal(record_port(&r, r.host[0]), 0);
	assert_int_equal(record_port(&r, r.translated[0]), 0);
	assert_int_equal(record_port_to(&r, FLOW_INITIATOR), 8 << 8);
	assert_int_equal(record_port_to(&r, FLOW_RESPONDER), 0);
	assert_int_equal(r.tcp_flags[0] | r.tcp_flags[1], 0);
}

/* A single state beside a pair has nothing of its twin. */
static void
test_single(void **state)
{
	(void)state;
	make_pair(BOTH);
	make(FLOW_INSIDE);
	record_make(&r, &report, FLOW_INSIDE, IN);
	assert_null(r.twin);
	check_host(r.host[0], &client);
	check_host(r.translated[0], &client);
	assert_int_equal(r.in, IN);
	assert_int_equal(r.out, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_inet6),
		cmocka_unit_test(test_sides),
		cmocka_unit_test(test_next_hop),
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_single),
	};

	return RUN(tests);
}
