/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What comes amid a split or a frame: a full queue, a reload, the capture's
 * end.
 */

#include "decode5.h"
#include "meters.h"

/* A replay waits for its collectors amid the records of one state, too. */
static void
test_full_amid_split(void **state)
{
	struct state wide = state_of(0);
	struct ledger *ledger;
	enum meter_result result;
	uint8_t frame[FRAME];

	(void)state;
	widen(&wide, 65536);
	make_frame(frame, 3, &wide, 1);
	ledger = begin_meter(conf_indexed(1), capture_with(frame, 1));
	while ((result = meter_read(&e, 0, 100)) == METER_MORE)
		continue;
	assert_int_equal(result, METER_FULL);
	assert_true(export_busy(e.export));
	assert_int_equal(export_counters(e.export, 0)->dropped, 0);
	end_meter(ledger);
}

/*
 * A collector goes amid a split: what the others have got they get no second
 * time, and by its own rules of before it is told the rest.
 */
static void
test_reload_amid_split(void **state)
{
	struct rule udp = { .ignore = 1, .proto_given = 1, .proto = 17 };
	struct rule tcp = { .ignore = 1, .proto_given = 1, .proto = 6 };
	struct conf *conf = conf_of(2), *next = conf_of(1);
	struct state wide = state_of(0);
	struct ledger *ledger;
	uint8_t frames[2][FRAME];

	(void)state;
	widen(&wide, 1000);
	wide.proto = IPPROTO_ICMP;
	make_frame(frames[0], 3, &wide, 1);
	put_frame(frames[1], 1);
	assert_int_equal(rule_add(&conf->filters[1], &udp), 0);
	assert_int_equal(rule_add(&next->filters[0], &tcp), 0);
	next->generation = 1;
	ledger = begin_meter(conf, capture_with(frames[0], 2));
	assert_int_equal(meter_read(&e, 0, 4), METER_MORE);
	assert_true(export_busy(e.export));
	assert_int_equal(meter_configure(&e, next, 0), 0);
	assert_false(export_busy(e.export));
	assert_int_equal(meter_read(&e, 0, 4), METER_END);
	assert_int_equal(e.counters->exported, 2);
	assert_int_equal(export_counters(e.export, 0)->offered, 2);
	assert_int_equal(export_counters(e.export, 0)->built, 4);
	assert_int_equal(ledger->rule_hits[0], 0);
	end_meter(ledger);
}

/* Add a frame of IPv6 states, every other one translated. */
static void
add_inet6(FILE *file, unsigned int count)
{
	static uint8_t frame[FRAME_HEADER + UINT8_MAX * STATE_MAX];
	static struct state states[UINT8_MAX];
	const struct state inet6 = { .packets = { 1, 1 },
		.bytes = { 100, 100 },
		.af = 24, /* AF_INET6 of OpenBSD */
		.direction = FLOW_IN };
	unsigned int i;

	for (i = 0; i < count; i++) {
		states[i] = inet6;
		states[i].lan.addr[0] = i % 2;
	}
	add_frame(file, NOW, frame, make_frame(frame, 3, states, count));
}

/*
 * While a queue is not full there is room for a frame and what waits to be
 * exported, each state in a datagram of its own: that is so with kinds that
 * come in turns, as long as each needs its template.
 */
static void
test_full_in_time(void **state)
{
	const unsigned int most = SENDQUEUE_QUEUE - EXPORT_ROOM + 1;
	struct conf *conf = conf_of(1);
	struct ledger *ledger;
	FILE *file = begin_file();

	(void)state;
	add_inet6(file, UINT8_MAX);
	add_inet6(file, most - UINT8_MAX);
	add_inet6(file, BATCH - 1);
	add_inet6(file, UINT8_MAX);
	add_inet6(file, UINT8_MAX);
	conf->collectors[0].biflow = 1;
	conf->collectors[0].mtu = 576;
	ledger = begin_meter(conf, open_file(file));
	assert_int_equal(meter_read(&e, 0, most + 1), METER_MORE);
	while (meter_read(&e, 0, 1000) == METER_MORE)
		continue;
	assert_true(export_full(e.export));
	assert_int_equal(export_counters(e.export, 0)->dropped, 0);
	end_meter(ledger);
}

/* Two frames, the second much later than the first, which is amid its split. */
static struct ledger *
begin_held(void)
{
	FILE *file = begin_file();
	struct state wide = state_of(0);
	struct ledger *ledger;
	uint8_t frame[FRAME];

	widen(&wide, 1000);
	make_frame(frame, 3, &wide, 1);
	add_frame(file, NOW, frame, FRAME);
	put_frame(frame, 1);
	add_frame(file, NOW + 60000, frame, FRAME);
	ledger = begin_meter(conf_indexed(1), open_file(file));
	assert_int_equal(meter_read(&e, 0, 3), METER_MORE);
	assert_true(export_busy(e.export));
	assert_int_equal(e.counters->frames, 1);
	return ledger;
}

/* A split is finished without the capture, and no frame is read meanwhile. */
static void
test_held_frame(void **state)
{
	struct ledger *ledger = begin_held();

	(void)state;
	meter_flush(&e, 0);
	assert_int_equal(e.counters->frames, 1);
	assert_int_equal(e.counters->exported, 1);
	end_meter(ledger);
	ledger = begin_held();
	meter_capture(&e, NULL);
	meter_flush(&e, 0);
	assert_int_equal(e.counters->frames, 1);
	assert_int_equal(e.counters->exported, 1);
	end_meter(ledger);
}

/*
 * The end builds no more of a split than a turn does, and counts the rest, for
 * the collector by a gap; the frame's other states follow.
 */
static void
test_end_amid_wide(void **state)
{
	const unsigned int parts = 65536;
	const struct collector_counters *k;
	struct conf *conf = conf_indexed(1);
	struct state states[3] = { state_of(0), state_of(0), state_of(0) };
	FILE *file = begin_file();
	struct datagram5 d;
	struct ledger *ledger;
	uint8_t frame[FRAME_HEADER + 3 * STATE_MAX];
	unsigned int last = 0, sent = 0;
	int sink;

	(void)state;
	widen(&states[0], parts);
	widen(&states[1], parts);
	sink = sink_for(&conf->collectors[0]);
	add_frame(file, NOW, frame, make_frame(frame, 3, states, 3));
	ledger = begin_meter(conf, open_file(file));
	assert_int_equal(meter_read(&e, 0, 2), METER_MORE);
	assert_int_equal(source_pending(&e.source), 2);
	meter_flush(&e, 0);
	k = export_counters(e.export, 0);
	/* A turn of each, the states' other directions, and the third state. */
	assert_int_equal(k->built, 2 * parts + 2 + 2);
	assert_int_equal(k->dropped, 2 * (parts - 256));
	assert_int_equal(k->sent, k->built - k->dropped);
	assert_int_equal(e.counters->exported, 3);
	for (; receive5(&d, sink); sent += d.n)
		last = d.sequence + d.n;
	assert_int_equal(sent, k->sent);
	assert_int_equal(last, k->built);
	end_meter(ledger);
	close(sink);
}

/* So are states that were not read yet; what was read is exported. */
static void
test_frame_amid(void **state)
{
	FILE *files[] = { begin_file(), begin_file() };
	struct ledger *ledger;

	(void)state;
	add_inet6(files[0], 5);
	ledger = begin_meter(conf_of(1), open_file(files[0]));
	assert_int_equal(meter_read(&e, 0, 3), METER_MORE);
	assert_int_equal(e.counters->exported, 2);
	meter_flush(&e, 0);
	assert_int_equal(e.counters->exported, 5);
	end_meter(ledger);
	add_inet6(files[1], 5);
	ledger = begin_meter(conf_of(1), open_file(files[1]));
	assert_int_equal(meter_read(&e, 0, 3), METER_MORE);
	meter_capture(&e, NULL);
	meter_flush(&e, 0);
	assert_int_equal(e.counters->exported, 2);
	assert_int_equal(e.counters->announced,
	    e.counters->states + e.counters->cut);
	end_meter(ledger);
}

/* A split is of the time of its state, not of the first one of the batch. */
static void
test_time_of_split(void **state)
{
	struct conf *conf = conf_indexed(1);
	FILE *file = begin_file();
	struct ledger *ledger;
	struct datagram5 d;
	struct state wide = state_of(0);
	uint8_t frame[FRAME];
	unsigned int datagrams = 0;
	int sink;

	(void)state;
	put_frame(frame, 0);
	add_frame(file, NOW, frame, FRAME);
	wide.age = 1000; /* its end was long before */
	wide.timeout = FLOW_UDP_FIRST;
	widen(&wide, 1000);
	make_frame(frame, 3, &wide, 1);
	add_frame(file, NOW + 1000, frame, FRAME);
	sink = sink_for(&conf->collectors[0]);
	ledger = begin_meter(conf, open_file(file));
	while (meter_read(&e, 0, 1000) == METER_MORE)
		continue;
	meter_flush(&e, 0);
	for (; receive5(&d, sink); datagrams++)
		assert_int_equal(d.time, NOW + 1000);
	assert_true(datagrams > 1000 / 30);
	end_meter(ledger);
	close(sink);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_amid_split),
		cmocka_unit_test(test_reload_amid_split),
		cmocka_unit_test(test_full_in_time),
		cmocka_unit_test(test_held_frame),
		cmocka_unit_test(test_end_amid_wide),
		cmocka_unit_test(test_frame_amid),
		cmocka_unit_test(test_time_of_split),
	};

	return RUN(tests);
}
