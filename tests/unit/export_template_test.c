/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What protocols with templates export.
 */

#include "exports.h"

/* What came before it, of options data. */
static unsigned int tellings;

static int
is_options(const uint8_t *d)
{
	if (get_be16(d) == 9)
		return get_be16(d + 20) == 1;
	return get_be16(d) == 10 && get_be32(d + 12) == 0;
}

/* The next datagram with flows; it is all that there is. */
static ssize_t
receive_flows(uint8_t d[2048], uint64_t now)
{
	ssize_t len;
	uint8_t more[2048];

	tellings = 0;
	export_close(x, now);
	export_send(x);
	while ((len = recv(sockets[0], d, 2048, MSG_DONTWAIT)) > 0 &&
	    is_options(d))
		tellings++;
	assert_true(len > 20);
	assert_int_equal(recv(sockets[0], more, 2048, MSG_DONTWAIT), -1);
	return len;
}

/* One record in one message of its own; whether that has templates. */
static int
message_has_templates(uint64_t now)
{
	uint8_t d[2048];
	ssize_t len;

	export_clock(x, now);
	give(1, 100, now);
	len = receive_flows(d, now);
	assert_int_equal(get_be16(d), 10);
	assert_int_equal(get_be16(d + 2), len);
	assert_int_equal(get_be32(d + 4), now / 1000);
	assert_int_equal(get_be32(d + 12), 5);
	return get_be16(d + 16) == 2;
}

static struct conf *
conf_ipfix(unsigned int domain)
{
	struct conf *c = conf_with(1);
	struct conf_collector *k = &c->collectors[0];

	k->protocol = PROTOCOL_IPFIX;
	k->domain = domain;
	k->templates_datagrams = 4;
	k->templates_seconds = 50;
	return c;
}

/* That of each kind of record comes with the first of its kind. */
static void
test_templates_of_kinds(void **state)
{
	struct conf *c = conf_ipfix(5);
	struct sample given = sample(1, 100);
	uint8_t d[2048];

	(void)state;
	start_with(c);
	assert_true(message_has_templates(NOW));
	assert_false(message_has_templates(NOW));
	give(1, 100, NOW);
	flow_set_family(&given.flow, 6);
	export_sample(&given, NOW);
	export_sample(&given, NOW);
	/* One template, one record of IPv4, two of IPv6. */
	assert_int_equal(receive_flows(d, NOW),
	    16 + 4 + 68 + 4 + 65 + 3 + 4 + 2 * 89 + 2);
	assert_int_equal(get_be16(d + 16), 2);
	assert_int_equal(get_be16(d + 18), 4 + 68);
	assert_int_equal(get_be16(d + 20), 257);
	export_sample(&given, NOW);
	assert_int_equal(receive_flows(d, NOW), 16 + 4 + 89 + 3);
	stop(1);
}

/* The next datagram is of options data: its length. */
static ssize_t
telling(uint8_t d[2048], uint64_t now)
{
	ssize_t len;

	export_clock(x, now);
	give(1, 100, now);
	export_close(x, now);
	export_send(x);
	len = recv(sockets[0], d, 2048, MSG_DONTWAIT);
	assert_true(len > 20);
	if (!is_options(d))
		return 0;
	recv(sockets[0], d + len, (size_t)(2048 - len), MSG_DONTWAIT);
	return len;
}

/*
 * What the exporter tells of itself: at first, at times, when there is an
 * interface more, and when an engine has died.
 */
static void
test_options(void **state)
{
	const ssize_t plain = 16 + 96 + 32 + 32 + 16, name = 4 + 20;
	struct conf *c = conf_ipfix(5);
	const struct ifindex_entry em0 = { .name = "em0", .index = 4 };
	uint8_t d[2048];

	(void)state;
	ledger = ledger_new();
	assert_non_null(ledger);
	begin_export();
	ledger->counters.states = 77;
	ledger->counters.cut = 3;
	ledger->counters.crashed = 4;
	ledger->counters.inexpressible = 5;
	ledger->counters.kernel_dropped = 6;
	ledger->counters.kernel_if_dropped = 7;
	ledger->counters.kernel_unread = 8;
	ifindex_add(&c->interfaces, &em0);
	sockets[0] = sink_for(&c->collectors[0]);
	apply(c);
	assert_int_equal(telling(d, NOW), plain);
	assert_int_equal(get_be32(d + 8), 0);
	assert_int_equal(telling(d, NOW), 0);
	ledger_interface(ledger, "em9\0\0\0\0\0\0\0\0\0\0\0\0"); /* no index */
	ledger_interface(ledger, "em0\0\0\0\0\0\0\0\0\0\0\0\0");
	assert_int_equal(telling(d, NOW), plain + name);
	assert_int_equal(get_be32(d + 8), 3);	/* of its own sequence */
	assert_int_equal(get_be64(d + 120), 3); /* messages: one was this */
	assert_int_equal(get_be64(d + 128), 2);
	assert_int_equal(get_be64(d + 152), 77 + 3 + 4);
	assert_int_equal(get_be64(d + 160), 3 + 4 + 5); /* lost */
	assert_int_equal(get_be64(d + 168), 6 + 7 + 8);
	assert_int_equal(get_be32(d + plain + 4), 4);
	assert_string_equal((char *)d + plain + 8, "em0");
	assert_int_equal(telling(d, NOW), 0);
	assert_int_equal(telling(d, NOW + 50000), plain + name);
	export_host(x);
	assert_int_equal(telling(d, NOW + 50000), plain + name);
	give(1, 100, NOW + 50000);
	close(sockets[0]);
	end_export(); /* one is open */
	begin_export();
	c = conf_ipfix(5);
	sockets[0] = sink_for(&c->collectors[0]);
	apply(c);
	assert_int_equal(telling(d, NOW), plain);
	assert_int_equal(get_be32(d + 8), 3 + 3 * 4);
	assert_int_equal(get_be64(d + 184), 1); /* lost */
	assert_int_equal(counters(0)->options, 3 * 5 + 3);
	stop(1);
}

/* A message of what was given, and how many bytes it has. */
static ssize_t
message_of(const struct sample *given, uint32_t sequence)
{
	uint8_t d[2048];
	ssize_t len;

	export_sample(given, NOW);
	len = receive_flows(d, NOW);
	assert_int_equal(get_be32(d + 8), sequence);
	return len;
}

/* Whether both directions are one record may change at any time. */
static void
test_biflow(void **state)
{
	struct conf *c = conf_ipfix(5);
	struct sample two = pair(1, 2), one = sample(1, 100);

	(void)state;
	start_with(c);
	assert_int_equal(message_of(&two, 0), 16 + 4 + 68 + 4 + 2 * 65 + 2);
	c = conf_ipfix(5);
	c->collectors[0].biflow = 1;
	apply(c);
	assert_int_equal(message_of(&two, 2), 16 + 4 + 120 + 4 + 92);
	assert_int_equal(message_of(&one, 3), 16 + 4 + 68 + 4 + 65 + 3);
	assert_int_equal(counters(0)->built, 4);
	assert_int_equal(counters(0)->given, 3);
	apply(conf_ipfix(5));
	assert_int_equal(message_of(&two, 4), 16 + 4 + 68 + 4 + 2 * 65 + 2);
	stop(1);
}

/* Collectors in a row that differ in what they want, and some that do not. */
static struct conf *
conf_mixed(unsigned int first, unsigned int n)
{
	static const char *const protocols[] = { "ipfix", "ipfix", "ipfix",
		"netflow9", "netflow5", "netflow5" };
	struct conf *c = conf_with(n);
	unsigned int i;

	for (i = 0; i < n; i++) {
		c->collectors[i].protocol = protocol_id(protocols[first + i]);
		c->collectors[i].biflow = first + i == 1;
		sockets[i] = sink_for(&c->collectors[i]);
	}
	return c;
}

/* One direction, the other, both; of each family, with NAT or not; wide. */
static void
give_all_kinds(void)
{
	struct sample given;
	unsigned int i;

	for (i = 0; i < 12; i++) {
		given = pair(i % 3 == 1 ? 0 : 3, i % 3 == 2 ? 0 : 4);
		flow_set_family(&given.flow, i / 3 % 2 ? 6 : 4);
		given.flow.gwy.port = (uint16_t)(i / 6);
		export_sample(&given, NOW);
	}
	given = pair(3, 4);
	given.flow.bytes[1] = (uint64_t)UINT32_MAX + 1;
	export_sample(&given, NOW);
	while (export_busy(x))
		export_more(x, NOW);
	export_close(x, NOW);
	export_send(x);
}

/* All that has come, one behind the other. */
static size_t
receive_bytes(uint8_t *to, size_t room, unsigned int i)
{
	size_t len = 0;
	ssize_t n;

	while ((n = recv(sockets[i], to + len, room - len, MSG_DONTWAIT)) > 0)
		len += (size_t)n;
	return len;
}

/* What one is sent is what it would be if there were no other. */
static void
test_mixed(void **state)
{
	static uint8_t got[6][8192], alone[8192];
	size_t len[6];
	unsigned int i;

	(void)state;
	ledger = ledger_new();
	begin_export();
	apply(conf_mixed(0, 6));
	give_all_kinds();
	for (i = 0; i < 6; i++)
		len[i] = receive_bytes(got[i], sizeof(got[i]), i);
	stop(6);
	for (i = 0; i < 6; i++) {
		ledger = ledger_new();
		begin_export();
		apply(conf_mixed(i, 1));
		give_all_kinds();
		assert_true(len[i] > 300);
		assert_int_equal(receive_bytes(alone, sizeof(alone), 0),
		    len[i]);
		assert_memory_equal(alone, got[i], len[i]);
		stop(1);
	}
}

/* The first, every so often, after a reload, and when the clock was set. */
static void
test_templates(void **state)
{
	struct conf *c = conf_ipfix(5);
	uint64_t now = NOW;
	int i;

	(void)state;
	start_with(c);
	for (i = 0; i < 9; i++)
		assert_int_equal(message_has_templates(now), i % 4 == 0);
	assert_false(message_has_templates(now + 49999));
	assert_true(message_has_templates(now += 50000));
	assert_false(message_has_templates(now));
	assert_true(message_has_templates(now - 1));
	assert_false(message_has_templates(now));
	apply(conf_ipfix(5));
	assert_true(message_has_templates(now));
	assert_false(message_has_templates(now));
	assert_int_equal(counters(0)->begun, 16 + 4);
	stop(1);
}

/*
 * A collector that was away for one datagram gets a template with the next,
 * and options data once it has answered for a while.
 */
static void
test_collector_back(void **state)
{
	struct conf *c = conf_ipfix(5);
	struct sockaddr_in in;
	uint8_t d[2048];
	socklen_t len = sizeof(in);

	(void)state;
	start_with(c);
	assert_true(message_has_templates(NOW));
	assert_false(message_has_templates(NOW + 1000));
	assert_int_equal(getsockname(sockets[0], (struct sockaddr *)&in, &len),
	    0);
	close(sockets[0]);
	give(1, 100, NOW + 2000);
	export_close(x, NOW + 2000);
	export_send(x); /* into the void */
	sockets[0] = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(sockets[0], (struct sockaddr *)&in, len), 0);
	assert_true(message_has_templates(NOW + 3000));
	assert_int_equal(tellings, 0);
	assert_true(message_has_templates(NOW + 4000)); /* not trusted yet */
	ledger_collector(ledger, ledger->collectors[0].key)->health.failing = 0;
	assert_int_equal(telling(d, NOW + 5000), 16 + 96 + 32 + 32 + 16);
	stop(1);
}

/* Where it counts datagrams, the open one is missing as well. */
static void
test_crash_netflow9(void **state)
{
	uint32_t wanted[] = { 1, 4 }; /* options data before it */
	struct conf *c;
	uint8_t d[2048];
	int i;

	(void)state;
	ledger = ledger_new();
	assert_non_null(ledger);
	for (i = 0; i < 2; i++) {
		begin_export();
		c = conf_with(1);
		c->collectors[0].protocol = PROTOCOL_NETFLOW9;
		sockets[0] = sink_for(&c->collectors[0]);
		apply(c);
		give(1, 100, NOW);
		receive_flows(d, NOW);
		assert_int_equal(get_be16(d), 9);
		assert_int_equal(get_be32(d + 12), wanted[i]);
		close(sockets[0]);
		if (i == 0) {
			give(1, 100, NOW);
			end_export();
		}
	}
	assert_int_equal(counters(0)->crashed, 1);
	sockets[0] = dup(0);
	stop(1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_biflow),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_collector_back),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_templates_of_kinds),
		cmocka_unit_test(test_crash_netflow9),
	};

	return RUN(tests);
}
