/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the meter makes of deletions of both states of a connection, in frames
 * together or apart.
 */

#include <unistd.h>

#include "decode5.h"
#include "meters.h"

#include "pflowd/source/hold.h"

static struct ledger *ledger;
static int sink; /* where the collector's datagrams arrive */

/* One state of the n-th connection; its client has that port. */
static struct state
twin_of(unsigned int n, enum flow_direction direction)
{
	struct state s = { .id = n,
		.packets = { 2, 3 },
		.bytes = { 200, 300 },
		.direction = (uint8_t)direction,
		.proto = IPPROTO_UDP,
		.af = 2,
		.age = 1 };
	struct host *client = direction == FLOW_IN ? &s.ext : &s.lan;
	struct host *server = direction == FLOW_IN ? &s.lan : &s.ext;

	client->addr[0] = 10;
	client->port = (uint16_t)n;
	server->addr[0] = 192;
	memcpy(s.ifname, "all", 3);
	s.gwy = s.lan;
	return s;
}

/* A frame of one state, so many ms after NOW. */
static void
add_twin(FILE *file, unsigned int n, enum flow_direction direction, uint64_t ms)
{
	struct state s = twin_of(n, direction);
	uint8_t frame[FRAME];

	s.age += (uint32_t)(ms / 1000);
	make_frame(frame, 3, &s, 1);
	add_frame(file, NOW + ms, frame, FRAME);
}

static struct conf *
conf_that_joins(int join)
{
	struct conf *conf = conf_of(1);

	conf->collectors[0].protocol = protocol_id("netflow5");
	conf->join = join;
	conf->join_given = 1;
	return conf;
}

static void
begin(FILE *file)
{
	struct conf *conf = conf_that_joins(1);

	sink = sink_for(&conf->collectors[0]);
	ledger = begin_meter(conf, open_file(file));
}

/* Live, the frames are the same, and the clock is not theirs. */
static void
begin_live(FILE *file)
{
	begin(file);
	e.source.facts.own_clock = 0;
}

static void
end(void)
{
	end_meter(ledger);
	close(sink);
}

/* What is shown adds up, whatever has been read. */
static void
check_sums(void)
{
	struct counters c;

	meter_counters(&e, &c);
	assert_int_equal(c.announced, c.states + c.cut + c.twins);
	assert_int_equal(c.states, c.exported);
}

/* Read a frame or what is due, as long as there is any. */
static enum meter_result
read_all(void)
{
	enum meter_result result = METER_MORE;

	while (result == METER_MORE) {
		result = meter_read(&e, NOW, 1);
		check_sums();
	}
	return result;
}

/* The ports of the clients of all records, in their order. */
static void
check_ports(const uint16_t *ports, unsigned int n)
{
	unsigned int i, records = 0;
	struct datagram5 d;

	meter_flush(&e, NOW);
	while (receive5(&d, sink))
		for (i = 0; i < d.n; i++, records++) {
			assert_true(records < n);
			assert_int_equal(d.record[i].from_port +
				d.record[i].to_port,
			    ports[records]);
		}
	assert_int_equal(records, n);
}

/* One connection gives one report, of packets 2 of the one and 3 of the other.
 */
static void
test_together(void **state)
{
	const uint16_t ports[] = { 1, 1 };
	struct state both[] = { twin_of(1, FLOW_IN), twin_of(1, FLOW_OUT) };
	uint8_t frame[FRAME_HEADER + 2 * STATE_MAX];
	FILE *file = begin_file();

	(void)state;
	both[0].bytes[1] = 290;
	both[1].bytes[0] = 190;
	add_frame(file, NOW, frame, make_frame(frame, 3, both, 2));
	begin(file);
	assert_int_equal(read_all(), METER_END);
	assert_int_equal(e.counters->announced, 2);
	assert_int_equal(e.counters->twins, 1);
	assert_int_equal(e.counters->states, 1);
	assert_int_equal(e.counters->exported, 1);
	assert_int_equal(e.counters->dropped_between, 20);
	check_ports(ports, 2);
	end();
}

static void
test_apart(void **state)
{
	const uint16_t ports[] = { 1, 1, 2, 2, 3, 3 };
	FILE *file = begin_file();

	(void)state;
	add_twin(file, 1, FLOW_IN, 0);
	add_twin(file, 2, FLOW_OUT, 500);
	add_twin(file, 3, FLOW_OUT, 1000);
	add_twin(file, 1, FLOW_OUT, HOLD_MS - 1);
	add_twin(file, 2, FLOW_IN, HOLD_MS + 499);
	add_twin(file, 3, FLOW_IN, HOLD_MS + 999);
	begin(file);
	assert_int_equal(read_all(), METER_END);
	assert_int_equal(e.counters->pairs, 3);
	check_ports(ports, 6);
	end();
}

/*
 * What has waited for 12 s comes before what the frame has that shows it, and
 * what waits at the end of the capture comes last.
 */
static void
test_alone(void **state)
{
	const uint16_t ports[] = { 1, 1, 2, 2, 4, 4, 3, 3 };
	FILE *file = begin_file();

	(void)state;
	add_twin(file, 1, FLOW_IN, 0);
	add_twin(file, 2, FLOW_IN, 1000);
	add_twin(file, 3, FLOW_OUT, 3000);
	add_twin(file, 4, FLOW_OUT, 3000);
	add_twin(file, 4, FLOW_IN, HOLD_MS + 1000);
	begin(file);
	assert_int_equal(read_all(), METER_END);
	assert_int_equal(read_all(), METER_END);
	assert_int_equal(e.counters->pairs, 1);
	assert_int_equal(e.counters->exported, 4);
	check_ports(ports, 8);
	end();
}

/* More than a batch are due at once, in the midst of a frame, too. */
static void
test_many(void **state)
{
	struct state s[3 * BATCH];
	uint8_t frame[FRAME_HEADER + 3 * BATCH * STATE_MAX];
	FILE *file = begin_file();
	unsigned int i;

	(void)state;
	for (i = 0; i < 3 * BATCH; i++)
		s[i] = twin_of(i, FLOW_IN);
	add_frame(file, NOW, frame, make_frame(frame, 3, s, 3 * BATCH));
	for (i = 0; i < 3 * BATCH; i++)
		s[i] = twin_of(100 + i / 2, i % 2 ? FLOW_IN : FLOW_OUT);
	add_frame(file, NOW + HOLD_MS, frame,
	    make_frame(frame, 3, s, 3 * BATCH));
	begin(file);
	assert_int_equal(read_all(), METER_END);
	assert_int_equal(e.counters->exported, 3 * BATCH + 3 * BATCH / 2);
	end();
}

/* A capture that is cut ends so after what it had has been reported. */
static void
test_cut(void **state)
{
	const uint16_t ports[] = { 1, 1 };
	FILE *file = begin_file();

	(void)state;
	add_twin(file, 1, FLOW_IN, 0);
	assert_int_equal(fwrite("cut", 3, 1, file), 1);
	begin(file);
	assert_int_equal(read_all(), METER_ERROR);
	assert_int_equal(read_all(), METER_ERROR);
	assert_int_equal(e.counters->exported, 1);
	check_ports(ports, 2);
	end();
}

/* The end, amid a frame. */
static void
test_flush(void **state)
{
	struct state s[] = { twin_of(1, FLOW_IN), twin_of(2, FLOW_IN),
		twin_of(1, FLOW_OUT) };
	uint8_t frame[FRAME_HEADER + 3 * STATE_MAX];
	FILE *file = begin_file();

	(void)state;
	add_frame(file, NOW, frame, make_frame(frame, 3, s, 3));
	add_twin(file, 3, FLOW_IN, 0);
	begin(file);
	assert_int_equal(meter_read(&e, NOW, 2), METER_MORE);
	check_sums();
	assert_int_equal(source_held(&e.source), 1);
	meter_flush(&e, NOW);
	assert_int_equal(e.counters->frames, 1);
	assert_int_equal(e.counters->exported, 2);
	assert_int_equal(e.counters->pairs, 1);
	check_sums();
	end();
}

/* A live capture with a state that waits, read 100 ms later. */
static void
begin_waiting(void)
{
	FILE *file = begin_file();

	add_twin(file, 1, FLOW_IN, 0);
	begin_live(file);
	assert_int_equal(source_due(&e.source, NOW), UINT64_MAX);
	assert_int_equal(meter_read(&e, NOW + 100, 2), METER_MORE);
	assert_int_equal(source_held(&e.source), 1);
	check_sums();
}

/* Without another frame, the clock makes it due. */
static void
test_live(void **state)
{
	const uint64_t due = NOW + 100 + HOLD_MS;

	(void)state;
	begin_waiting();
	assert_int_equal(source_due(&e.source, NOW + 5000), due);
	assert_int_equal(source_due(&e.source, NOW), NOW + HOLD_MS);
	assert_int_equal(meter_read(&e, due - 1, 1), METER_END);
	assert_int_equal(e.counters->exported, 0);
	assert_int_equal(meter_read(&e, due, 1), METER_MORE);
	assert_int_equal(e.counters->exported, 1);
	assert_int_equal(source_due(&e.source, due), UINT64_MAX);
	check_sums();
	end();
}

/* Joining ends: what waits is due, and its memory is not needed any more. */
static void
test_reload(void **state)
{
	(void)state;
	begin_waiting();
	assert_int_equal(meter_configure(&e, conf_that_joins(0), NOW), 0);
	assert_int_equal(source_due(&e.source, NOW + 200), NOW + 200);
	assert_int_equal(meter_read(&e, NOW + 200, 1), METER_MORE);
	assert_int_equal(e.counters->exported, 1);
	assert_null(e.source.hold);
	check_sums();
	end();
}

/* The other state is not announced there: nothing waits for another capture. */
static void
test_capture(void **state)
{
	(void)state;
	begin_waiting();
	meter_capture(&e, NULL);
	assert_int_equal(source_due(&e.source, NOW), 0);
	assert_int_equal(meter_read(&e, NOW + 200, 1), METER_MORE);
	assert_int_equal(e.counters->exported, 1);
	assert_int_equal(meter_read(&e, NOW + 200, 1), METER_NONE);
	check_sums();
	end();
}

/* What waited in an engine that died is lost, and counted. */
static void
test_crash(void **state)
{
	(void)state;
	begin_waiting();
	assert_int_equal(ledger_check(ledger), 0);
	ledger_begin(ledger, NOW);
	assert_int_equal(e.counters->announced, 1);
	assert_int_equal(e.counters->crashed, 1);
	assert_int_equal(e.counters->states, 0);
	end();
}

/* A ledger that has more twins than were announced is not sound. */
static void
test_forged(void **state)
{
	(void)state;
	begin_waiting();
	e.counters->twins = 2;
	assert_int_equal(ledger_check(ledger), -1);
	end();
}

/* Without join, nothing waits. */
static void
test_single(void **state)
{
	FILE *file = begin_file();

	(void)state;
	add_twin(file, 1, FLOW_IN, 0);
	add_twin(file, 1, FLOW_OUT, 0);
	ledger = begin_meter(conf_that_joins(0), open_file(file));
	while (meter_read(&e, NOW, 1) == METER_MORE)
		assert_int_equal(source_held(&e.source), 0);
	assert_int_equal(e.counters->states, 2);
	assert_null(e.source.hold);
	end_meter(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_capture),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_single),
	};

	return RUN(tests);
}
