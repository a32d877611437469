/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Collectors that come, stay, go and change, and engines that die.
 */

#include "exports.h"

/* A path that becomes narrow, and wide again, amid a datagram. */
static void
test_path(void **state)
{
	struct sums s = { 0 };
	unsigned int i;

	(void)state;
	start(1);
	for (i = 0; i < 15; i++)
		give(1, 100, NOW);
	export_path(x, 0, 576);
	receive(&s, 0);
	assert_int_equal(s.records, 15); /* more than would fit */
	for (i = 0; i < 20; i++)
		give(1, 100, NOW);
	receive(&s, 0);
	assert_int_equal(s.records, 35);
	assert_int_equal(s.latest_records, 10);
	export_path(x, 0, 0);
	for (i = 0; i < 30; i++)
		give(1, 100, NOW);
	receive(&s, 0);
	assert_int_equal(s.latest_records, 30);
	export_path(x, 1, 576); /* of no collector */
	stop(1);
}

/* A path with less room than there was when the datagram began. */
static void
test_mtu_reload(void **state)
{
	struct conf *c = conf_with(1);
	struct sample given = pair(3, 4);
	struct sums s = { 0 };
	unsigned int i;

	(void)state;
	start(1);
	for (i = 0; i < 9; i++)
		give(1, 100, NOW);
	c->collectors[0].mtu = 576;
	apply(c);
	export_sample(&given, NOW);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.records, 11);
	assert_int_equal(s.most, 10);
	stop(1);
}

/* A socket like that of a collector, from the same address. */
static int
another_socket(const struct conf_collector *c)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&c->addr,
			     c->addrlen),
	    0);
	return fd;
}

/* A collector that stays keeps socket, queue and sequence; its rest changes. */
static void
test_reload_keeps(void **state)
{
	struct sums s = { 0 };
	struct conf *next;
	unsigned int i;

	(void)state;
	start(1);
	for (i = 0; i < 45; i++)
		give(1, 100, NOW);
	next = conf_with(2);
	next->collectors[0].mtu = 576; /* ten records */
	next->collectors[0].addr = conf->collectors[0].addr;
	next->collectors[0].addrlen = conf->collectors[0].addrlen;
	next->collectors[0].fd = another_socket(&conf->collectors[0]);
	sockets[1] = sink_for(&next->collectors[1]);
	apply(next);
	assert_int_not_equal(next->collectors[0].fd, -1); /* not taken */
	receive(&s, 0);
	assert_int_equal(s.records, 45); /* fifteen were more than ten */
	assert_int_equal(counters(0)->built, 45);
	assert_int_equal(counters(1)->built, 0);
	for (i = 0; i < 20; i++)
		give(1, 100, NOW);
	receive(&s, 0); /* which checks the sequence */
	assert_int_equal(s.records, 65);
	assert_int_equal(s.latest_records, 10);
	memset(&s, 0, sizeof(s));
	export_close(x, NOW);
	receive(&s, 1);
	assert_int_equal(s.records, 20);
	stop(2);
}

/*
 * A collector that begins to fail while a configuration is being applied: the
 * hook is called, for the collector that it is.
 */
static void
test_reload_fails(void **state)
{
	struct conf *c = conf_with(2), *next = conf_with(2);
	unsigned int i;

	(void)state;
	ledger = ledger_new();
	begin_export();
	sockets[0] = sink_for(&c->collectors[0]);
	sockets[1] = sink_for(&c->collectors[1]);
	c->collectors[1].rate = 1;
	apply(c);
	close(sockets[1]); /* refuses from now on */
	for (i = 0; i < 64 * 30 - 1; i++)
		give(1, 100, NOW);
	downs = 0;
	next->collectors[1].mtu = 576; /* the open one is too large: 65 */
	apply(next);
	assert_int_equal(downs, 1);
	check_sums(0);
	check_sums(1);
	sockets[1] = dup(0);
	stop(2);
}

/* A reload brings a socket to another address, of which the news was lost. */
static void
test_reload_moves(void **state)
{
	struct conf *next;
	struct sums s = { 0 };
	int moved;

	(void)state;
	start(1);
	give(1, 100, NOW);
	next = conf_with(1);
	moved = sink_for(&next->collectors[0]);
	close(sockets[0]);
	sockets[0] = moved;
	apply(next);
	assert_int_equal(next->collectors[0].fd, -1);
	give(1, 100, NOW);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.records, 2);
	stop(1);
}

static struct conf *
conf_named(const char *spec)
{
	struct conf *c = conf_new();
	char why[128];

	assert_non_null(c);
	assert_int_equal(conf_add_collector(c, spec, why, sizeof(why)), 0);
	return c;
}

/* Written otherwise it is the same, and is found by that after a crash. */
static void
test_renamed(void **state)
{
	struct conf *c = conf_named("localhost:1000");

	(void)state;
	start_with(c);
	give(1, 100, NOW);
	apply(conf_named("LOCALHOST:1000"));
	give(1, 100, NOW);
	assert_int_equal(counters(0)->built, 2);
	end_export();
	begin_export();
	apply(conf_named("LOCALHOST:1000"));
	assert_int_equal(counters(0)->built, 2);
	assert_int_equal(counters(0)->crashed, 2);
	stop(1);
}

/* The records of a collector whose rate lets few of them pass. */
#define SLOWLY (30 * 30)

static void
start_slow(void)
{
	struct conf *c = conf_with(1);
	unsigned int i;

	ledger = ledger_new();
	begin_export();
	sockets[0] = sink_for(&c->collectors[0]);
	c->collectors[0].rate = 1;
	apply(c);
	for (i = 0; i < SLOWLY; i++)
		give(1, 100, NOW);
	export_send(x);
}

/* All that was not sent to it is counted, once. */
static void
stop_slow(void)
{
	struct sums s = { 0 };

	receive(&s, 0);
	assert_true(s.records > 0);
	assert_int_equal(s.records + ledger->counters.gone, SLOWLY);
	close(sockets[0]);
	end_export();
	free(ledger);
}

/* What a collector that goes does not take in time is counted. */
static void
test_gone(void **state)
{
	(void)state;
	start_slow();
	apply(conf_new());
	assert_int_equal(ledger->counters.gone, 0);
	event_base_loop(base, 0); /* until it is forgotten */
	stop_slow();
}

/* An engine that ends waits for it, and counts what is left. */
static void
test_gone_at_end(void **state)
{
	(void)state;
	start_slow();
	apply(conf_new());
	assert_true(export_unsent(x));
	export_abandon(x);
	assert_false(export_unsent(x));
	stop_slow();
}

/* An engine that waits is told that a removed collector was forgotten. */
static void
test_gone_is_told(void **state)
{
	(void)state;
	start_slow();
	apply(conf_new());
	writable = 0;
	while (export_unsent(x))
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(writable, 1);
	stop_slow();
}

/* The same after a crash, whether the dead engine knew that it was removed. */
static void
test_gone_in_crash(void **state)
{
	(void)state;
	start_slow();
	apply(conf_new());
	end_export();
	begin_export();
	end_export();
	begin_export();
	apply(conf_new());
	stop_slow();
	start_slow();
	end_export();
	begin_export();
	apply(conf_new());
	stop_slow();
}

/* What was lost in a crash before the removal has been counted as such. */
static void
test_crashed_before(void **state)
{
	(void)state;
	start_slow();
	end_export();
	begin_export();
	apply(conf_with(1));
	assert_int_equal(ledger->counters.gone, 0);
	assert_true(counters(0)->crashed > 0);
	apply(conf_new());
	end_export();
	begin_export();
	apply(conf_new());
	assert_int_equal(ledger->counters.gone, 0);
	close(sockets[0]);
	end_export();
	free(ledger);
}

/* A collector that goes is sent what it has coming. */
static void
test_reload_flushes(void **state)
{
	struct sums s = { 0 };
	struct conf *next;
	unsigned int i;
	int gone;

	(void)state;
	start(1);
	gone = sockets[0];
	for (i = 0; i < 7; i++)
		give(1, 100, NOW);
	next = conf_with(1);
	next->collectors[0].engine_id = 5;
	sockets[0] = sink_for(&next->collectors[0]);
	apply(next);
	i = (unsigned int)sockets[0];
	sockets[0] = gone;
	receive(&s, 0);
	assert_int_equal(s.records, 7);
	sockets[0] = (int)i;
	close(gone);
	event_base_loop(base, EVLOOP_ONCE); /* it is forgotten */
	assert_int_equal(counters(0)->built, 0);
	stop(1);
}

/* The rest of a split is exported when the reload removes its collector. */
static void
test_reload_amid_split(void **state)
{
	const struct sample wide = sample(60, UINT64_C(60) * UINT32_MAX);
	struct sums s = { 0 };
	struct conf *next = conf_new();

	(void)state;
	start(1);
	export_sample(&wide, NOW);
	assert_int_equal(export_apply(x, next, NOW + 3000), 0);
	conf_free(conf);
	conf = next;
	receive(&s, 0);
	assert_int_equal(s.records, 60);
	assert_int_equal(s.time, NOW + 3000);
	close(sockets[0]);
	end_export();
	free(ledger);
}

/*
 * A split of more than a turn is not built for a collector that goes: the rest
 * is counted.  The one that stays goes on with its own.
 */
static void
test_reload_amid_wide(void **state)
{
	const uint64_t parts = 65536;
	const struct sample wide = sample(parts, parts * UINT32_MAX);
	struct conf *c = conf_with(2), *next = conf_with(1);

	(void)state;
	ledger = ledger_new();
	begin_export();
	sockets[0] = sink_for(&c->collectors[0]);
	sockets[1] = sink_for(&c->collectors[1]);
	apply(c);
	export_sample(&wide, NOW);
	export_more(x, NOW);
	apply(next);
	assert_int_equal(ledger->counters.gone, parts - 2 * 256);
	assert_true(export_busy(x));
	assert_int_equal(counters(0)->built, 256);
	while (export_busy(x))
		export_more(x, NOW);
	assert_int_equal(counters(0)->built, parts);
	close(sockets[1]);
	stop(1);
}

/* What a dead engine had queued is lost, and the sequence says so. */
static void
test_crash(void **state)
{
	struct sums s = { 0 };
	struct conf *c;
	unsigned int i;

	(void)state;
	start(1);
	for (i = 0; i < 35; i++)
		give(1, 100, NOW);
	receive(&s, 0);
	assert_int_equal(s.records, 30);
	close(sockets[0]);
	end_export(); /* five are open */
	begin_export();
	c = conf_with(1);
	sockets[0] = sink_for(&c->collectors[0]);
	apply(c);
	assert_int_equal(counters(0)->built, 35);
	assert_int_equal(counters(0)->crashed, 5);
	give(1, 100, NOW);
	export_close(x, NOW);
	s.sequence = 35;
	receive(&s, 0);
	assert_int_equal(s.records, 31);
	stop(1);
}

/* Without an address all waits, as far as there is room. */
static void
test_no_socket_yet(void **state)
{
	struct conf_collector later;
	struct sums s = { 0 };
	unsigned int i;

	(void)state;
	ledger = ledger_new();
	begin_export();
	apply(conf_with(1));
	for (i = 0; i < 65; i++)
		give(1, 100, NOW);
	export_send(x);
	assert_int_equal(queued(0), 65);
	sockets[0] = sink_for(&later);
	export_socket(x, 0, later.fd, &later.addr, later.addrlen);
	receive(&s, 0);
	assert_int_equal(s.records, 58); /* 29: fit for IPv6 as well */
	assert_int_equal(s.most, 29);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.records, 65);
	stop(1);
}

/*
 * The state of the datagrams to a collector ends a minute after the last: after
 * a move it is ours as well.
 */
static void
test_own_before(void **state)
{
	struct flow own = { FAMILY(4), .proto = 17, .direction = FLOW_OUT };
	struct conf_collector later;
	const struct sockaddr_in *in;
	struct export_status status;

	(void)state;
	start(1);
	export_status(x, 0, &status);
	in = (const struct sockaddr_in *)status.addr;
	memcpy(own.ext.addr, &in->sin_addr, 4);
	memcpy(own.lan.addr, &in->sin_addr, 4); /* the loopback's address */
	own.ext.port = ntohs(in->sin_port);
	assert_true(export_own(x, &own));
	close(sockets[0]);
	sockets[0] = sink_for(&later);
	export_socket(x, 0, later.fd, &later.addr, later.addrlen);
	assert_true(export_own(x, &own));
	own.ext.port--;
	assert_false(export_own(x, &own));
	stop(1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_mtu_reload),
		cmocka_unit_test(test_reload_keeps),
		cmocka_unit_test(test_reload_moves),
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_gone_at_end),
		cmocka_unit_test(test_gone_is_told),
		cmocka_unit_test(test_gone_in_crash),
		cmocka_unit_test(test_crashed_before),
		cmocka_unit_test(test_reload_fails),
		cmocka_unit_test(test_reload_flushes),
		cmocka_unit_test(test_reload_amid_split),
		cmocka_unit_test(test_reload_amid_wide),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_no_socket_yet),
		cmocka_unit_test(test_own_before),
	};

	return RUN(tests);
}
