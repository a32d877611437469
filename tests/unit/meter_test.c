/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the meter remembers of interfaces is what the ledger and the
 * configuration say of them, and it exports as of the time that is.
 */

#include "decode5.h"
#include "dumps.h"
#include "meters.h"

static int sink; /* where the collector's datagrams arrive */

/* A state of each interface, forth, back and forth. */
static struct capture *
capture_of_all(void)
{
	static uint8_t frames[3 * NAMES][FRAME];
	unsigned int i;

	for (i = 0; i < NAMES; i++) {
		put_frame(frames[i], i);
		put_frame(frames[2 * NAMES - 1 - i], i);
		put_frame(frames[2 * NAMES + i], i);
	}
	return capture_with(frames[0], 3 * NAMES);
}

/* A frame, and its state. */
static void
read_all(unsigned int states)
{
	while (states-- > 0)
		assert_int_equal(meter_read(&e, 0, 2), METER_MORE);
}

/*
 * Two records have come of so many states, with the indexes of then: one of
 * its interfaces is 0, and so is one of its ports.
 */
static void
check_records(unsigned int states, uint32_t first)
{
	unsigned int records = 0;
	struct datagram5 d;
	struct record5 *r;

	meter_flush(&e, 0);
	while (receive5(&d, sink))
		for (r = d.record; r < d.record + d.n; r++, records++)
			assert_int_equal(r->input + r->output,
			    first + r->from_port + r->to_port);
	assert_int_equal(records, 2 * states);
}

/* More than it remembers at once, over and over, and others after a reload. */
static void
test_interfaces(void **state)
{
	struct conf *conf = conf_indexed(1);
	struct ledger *ledger;
	unsigned int i;

	(void)state;
	sink = sink_for(&conf->collectors[0]);
	ledger = begin_meter(conf, capture_of_all());
	read_all(2 * NAMES);
	check_records(2 * NAMES, 1);
	assert_int_equal(meter_configure(&e, conf_indexed(5000), 0), 0);
	read_all(NAMES);
	check_records(NAMES, 5000);
	assert_int_equal(e.counters->no_interface, 0);
	for (i = 0; i < NAMES; i++) {
		assert_string_equal(ledger->interfaces[i].name, name_of(i));
		assert_int_equal(ledger->interfaces[i].states, 3);
		assert_int_equal(ledger->interfaces[i].records, 6);
	}
	end_meter(ledger);
	close(sink);
}

/* A direction without packets has no record. */
static void
test_one_direction(void **state)
{
	uint8_t frames[2][FRAME];
	struct state one = state_of(0);
	struct ledger *ledger;

	(void)state;
	put_frame(frames[0], 0);
	one.packets[0] = one.bytes[0] = 0;
	make_frame(frames[1], 3, &one, 1);
	ledger = begin_meter(conf_indexed(1), capture_with(frames[0], 2));
	assert_int_equal(meter_read(&e, 0, 1000), METER_END);
	assert_int_equal(e.counters->exported, 2);
	assert_int_equal(ledger->interfaces[0].states, 2);
	assert_int_equal(ledger->interfaces[0].records, 3);
	assert_int_equal(export_counters(e.export, 0)->built, 3);
	end_meter(ledger);
}

/* An index without room is counted for each record of each state. */
static void
test_wide_indexes(void **state)
{
	const unsigned int wide = NAMES / 2 + 3; /* amid a batch */
	struct ledger *ledger = begin_meter(conf_indexed(65536 - NAMES + wide),
	    capture_of_all());

	(void)state;
	while (meter_read(&e, 0, 1000) == METER_MORE)
		continue;
	assert_int_equal(export_counters(e.export, 0)->wide_index, 6 * wide);
	end_meter(ledger);
}

/* What the only collector's rules leave out is ignored. */
static void
test_all_ignore(void **state)
{
	struct rule udp = { .ignore = 1, .proto_given = 1, .proto = 17 };
	struct conf *conf = conf_indexed(1);
	struct ledger *ledger;

	(void)state;
	assert_int_equal(rule_add(&conf->filters[0], &udp), 0);
	ledger = begin_meter(conf, capture_of_all());
	while (meter_read(&e, 0, 1000) == METER_MORE)
		continue;
	assert_int_equal(e.counters->ignored, 3 * NAMES);
	assert_int_equal(ledger->rule_hits[0], 3 * NAMES);
	end_meter(ledger);
}

/* An interface's states are exported as of the clock, not of their message. */
static void
test_time_of_clock(void **state)
{
	struct conf *conf = conf_indexed(1);
	struct ledger *ledger;
	struct datagram5 d;
	uint8_t frame[FRAME];

	(void)state;
	put_frame(frame, 0);
	sink = sink_for(&conf->collectors[0]);
	ledger = begin_meter(conf, capture_with(frame, 1));
	e.source.facts.own_clock = 0;
	assert_int_equal(meter_read(&e, NOW + 3000, 2), METER_MORE);
	assert_int_equal(export_due(e.export),
	    NOW + 3000 + 1000 * e.conf->hold);
	meter_flush(&e, NOW + 3000);
	assert_true(receive5(&d, sink));
	assert_int_equal(d.time, NOW + 3000);
	end_meter(ledger);
	close(sink);
}

/* The time of the last drop is noted; drops before the first look are not. */
static void
test_drops(void **state)
{
	struct ledger *ledger = begin_meter(conf_indexed(1), capture_of_all());
	struct collector_counters *k = &ledger->collectors[0].counters;

	(void)state;
	assert_ptr_equal(k, export_counters(e.export, 0));
	k->dropped = 5;
	meter_note_drops(&e, 1000);
	meter_note_drops(&e, 2000);
	assert_int_equal(ledger->drop_time, 0);
	k->dropped++;
	meter_note_drops(&e, 3000);
	meter_note_drops(&e, 4000);
	assert_int_equal(ledger->drop_time, 3000);
	k->failed[SEND_NO_HOST]++;
	meter_note_drops(&e, 5000);
	assert_int_equal(ledger->drop_time, 5000);
	end_meter(ledger);
}

/* A configuration without collectors; -1: the setting is not given. */
static struct conf *
conf_with(int interim, int join)
{
	struct conf *conf = conf_new();

	assert_non_null(conf);
	conf->interim_given = interim != -1;
	conf->interim = (unsigned int)interim;
	conf->join_given = join != -1;
	conf->join = join;
	return conf;
}

/* A replay has read a frame: these settings are in force. */
static void
check_replay(struct conf *conf, struct capture *capture, unsigned int interim,
    int join)
{
	struct ledger *ledger = begin_meter(conf, capture);

	read_all(1);
	if (meter_reads_table(&e))
		assert_int_equal(e.source.interim, interim);
	assert_int_equal(e.source.join, join);
	end_meter(ledger);
}

/* A recording, which has begun a dump. */
static struct capture *
recording(void)
{
	struct dumps d;

	dumps_init(&d);
	dumps_put(&d, CHUNK_BEGIN, NULL, 0);
	dumps_state(&d, 1, 1);
	return dumps_open(&d);
}

/* In a replay, the file decides which defaults apply. */
static void
test_settings_of_replay(void **state)
{
	uint8_t frame[FRAME];

	(void)state;
	put_frame(frame, 0);
	check_replay(conf_with(-1, -1), capture_with(frame, 1), 0, 0);
	check_replay(conf_with(60, 1), capture_with(frame, 1), 0, 1);
	check_replay(conf_with(-1, 0), capture_with(frame, 1), 0, 0);
	check_replay(conf_with(-1, -1), recording(), 300, 1);
	check_replay(conf_with(0, 0), recording(), 0, 0);
	check_replay(conf_with(60, 1), recording(), 60, 1);
}

/* States that all look for a twin: no read takes as long as 1024 frames. */
static void
test_work(void **state)
{
	unsigned int most = 0, id;
	struct ledger *ledger;
	struct dumps d;

	(void)state;
	dumps_init(&d);
	dumps_put(&d, CHUNK_BEGIN, NULL, 0);
	for (id = 1; id <= 5000; id++)
		dumps_state(&d, id, 100);
	dumps_put(&d, CHUNK_END, NULL, 0);
	ledger = begin_meter(conf_with(-1, 1), dumps_open(&d));
	while (meter_read(&e, NOW, 1) == METER_MORE)
		if (most < e.source.opened)
			most = e.source.opened;
	assert_int_equal(e.counters->states, 5000);
	assert_true(most > 100);
	assert_true(most <= 1024);
	end_meter(ledger);
}

/* Live, the configuration decides, and the next one at once. */
static void
test_settings_live(void **state)
{
	struct ledger *ledger = begin_meter(conf_with(-1, -1), NULL);
	struct conf *table = conf_with(-1, -1), *off = conf_with(0, 0);
	struct conf *pfsync = conf_with(-1, 1);

	(void)state;
	e.source.facts.own_clock = 0;
	table->source = off->source = CONF_TABLE;
	pfsync->source = CONF_PFSYNC;
	assert_int_equal(meter_configure(&e, table, NOW), 0);
	assert_int_equal(e.source.interim, 300);
	assert_int_equal(e.source.join, 1);
	assert_int_equal(meter_configure(&e, off, NOW), 0);
	assert_int_equal(e.source.interim, 0);
	assert_int_equal(e.source.join, 0);
	assert_int_equal(meter_configure(&e, pfsync, NOW), 0);
	assert_int_equal(e.source.interim, 0);
	assert_int_equal(e.source.join, 1);
	end_meter(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_one_direction),
		cmocka_unit_test(test_wide_indexes),
		cmocka_unit_test(test_all_ignore),
		cmocka_unit_test(test_time_of_clock),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_settings_of_replay),
		cmocka_unit_test(test_work),
		cmocka_unit_test(test_settings_live),
	};

	return RUN(tests);
}
