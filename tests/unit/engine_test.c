/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the engine remembers of interfaces is what the ledger and the
 * configuration say of them.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <fcntl.h>
#include <unistd.h>

#include "unit.h"

#include "common/bytes.h"
#include "pflowd/conf.h"
#include "pflowd/engine.h"
#include "pflowd/ledger.h"
#include "pflowd/pfsync_layout.h"

#define NAMES (4 * ENGINE_INTERFACES)
#define LINK_PFSYNC 246
#define NOW UINT64_C(1700000000000)
#define FRAME (HEADER_V3 + V3_RECORD)

static struct engine e;
static int sink; /* where the collector's datagrams arrive */

/* As they are, and so long that it is the end that tells them apart. */
static const char *
name_of(unsigned int n)
{
	static char name[FLOW_IFNAME];

	snprintf(name, sizeof(name), n % 2 ? "em%u" : "interface.%05u", n);
	return name;
}

/* A state of an interface, its initiator's port the number of that. */
static void
put_frame(uint8_t frame[FRAME], unsigned int n)
{
	uint8_t *state = frame + HEADER_V3, *tail = state + V3_CREATOR;

	memset(frame, 0, FRAME);
	frame[HEADER_VERSION] = 3;
	frame[HEADER_ACTION] = ACTION_DEL;
	frame[HEADER_COUNT] = 1;
	memcpy(state + AT_IFNAME, name_of(n), strlen(name_of(n)));
	put_be16(state + V3_EXT_PORT, (uint16_t)n);
	put_be64(state + AT_COUNTERS, 1);
	put_be64(state + AT_COUNTERS + 8, 1);
	put_be64(state + AT_COUNTERS + 16, 100);
	put_be64(state + AT_COUNTERS + 24, 100);
	tail[TAIL_AF] = AF_4;
	tail[TAIL_PROTO] = IPPROTO_UDP;
	tail[TAIL_DIRECTION] = FLOW_IN;
}

/* So many packets of it, and octets for as many records of version 5. */
static void
widen(uint8_t frame[FRAME], unsigned int parts)
{
	uint8_t *counters = frame + HEADER_V3 + AT_COUNTERS;

	put_be64(counters, parts);
	put_be64(counters + 16, (uint64_t)parts * UINT32_MAX);
}

static void
put_words(FILE *file, const uint32_t *words, size_t n)
{
	assert_int_equal(fwrite(words, sizeof(*words), n, file), n);
}

static FILE *
begin_file(void)
{
	const uint32_t magic = 0xa1b2c3d4,
		       rest[] = { 0, 0, 65535, LINK_PFSYNC };
	const uint16_t version[] = { 2, 4 };
	FILE *file = tmpfile();

	assert_non_null(file);
	put_words(file, &magic, 1);
	assert_int_equal(fwrite(version, sizeof(version), 1, file), 1);
	put_words(file, rest, 4);
	return file;
}

static void
add_frame(FILE *file, uint64_t ms, const uint8_t *frame, size_t len)
{
	const uint32_t packet[] = { (uint32_t)(ms / 1000),
		(uint32_t)(ms % 1000) * 1000, (uint32_t)len, (uint32_t)len };

	put_words(file, packet, 4);
	assert_int_equal(fwrite(frame, len, 1, file), 1);
}

static struct capture *
open_file(FILE *file)
{
	struct capture *capture;
	char why[512];
	int fd;

	rewind(file);
	fd = dup(fileno(file));
	fclose(file);
	capture = capture_open_fd(fd, "test", 0, why, sizeof(why));
	assert_non_null(capture);
	return capture;
}

/* A capture of n frames. */
static struct capture *
capture_with(const uint8_t *frames, unsigned int n)
{
	FILE *file = begin_file();

	for (; n > 0; n--, frames += FRAME)
		add_frame(file, NOW, frames, FRAME);
	return open_file(file);
}

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

/* With these indexes, from `first` on. */
static struct conf *
conf_with(uint32_t first)
{
	struct conf *conf = conf_new();
	char why[128];
	unsigned int i;

	assert_non_null(conf);
	assert_int_equal(conf_add_collector(conf, "127.0.0.1", why,
			     sizeof(why)),
	    0);
	for (i = 0; i < NAMES; i++)
		assert_int_equal(ifindex_fix(&conf->interfaces, name_of(i),
				     first + i),
		    0);
	return conf;
}

/* An engine with this configuration and capture, which replays. */
static struct ledger *
begin(struct conf *conf, struct capture *capture)
{
	const struct export_hooks hooks = { .room = NULL };
	struct ledger *ledger = ledger_new();

	assert_non_null(ledger);
	assert_int_equal(engine_init(&e, ledger, &hooks), 0);
	e.replay = 1;
	assert_int_equal(engine_configure(&e, conf), 0);
	engine_capture(&e, capture);
	return ledger;
}

static void
connect_sink(struct conf_collector *to)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sink = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(sink, (struct sockaddr *)&in, len), 0);
	assert_int_equal(getsockname(sink, (struct sockaddr *)&in, &len), 0);
	to->fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(connect(to->fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(fcntl(to->fd, F_SETFL, O_NONBLOCK), 0);
	to->addr.ss_family = AF_INET;
}

/* A frame, and its state. */
static void
read_all(unsigned int states)
{
	while (states-- > 0)
		assert_int_equal(engine_read(&e, 2), ENGINE_MORE);
}

/*
 * Two records have come of so many states, with the indexes of then: one of
 * its interfaces is 0, and so is one of its ports.
 */
static void
check_records(unsigned int states, uint32_t first)
{
	unsigned int records = 0;
	uint8_t d[2048], *r;
	ssize_t len;

	engine_flush(&e);
	while ((len = recv(sink, d, sizeof(d), MSG_DONTWAIT)) > 0)
		for (r = d + 24; r < d + len; r += 48, records++)
			assert_int_equal(get_be16(r + 12) + get_be16(r + 14),
			    first + get_be16(r + 32) + get_be16(r + 34));
	assert_int_equal(records, 2 * states);
}

/* More than it remembers at once, over and over, and others after a reload. */
static void
test_interfaces(void **state)
{
	struct conf *conf = conf_with(1);
	struct ledger *ledger;
	unsigned int i;

	(void)state;
	connect_sink(&conf->collectors[0]);
	ledger = begin(conf, capture_of_all());
	read_all(2 * NAMES);
	check_records(2 * NAMES, 1);
	assert_int_equal(engine_configure(&e, conf_with(5000)), 0);
	read_all(NAMES);
	check_records(NAMES, 5000);
	assert_int_equal(e.counters->no_interface, 0);
	for (i = 0; i < NAMES; i++) {
		assert_string_equal(ledger->interfaces[i].name, name_of(i));
		assert_int_equal(ledger->interfaces[i].states, 3);
		assert_int_equal(ledger->interfaces[i].records, 6);
	}
	engine_free(&e);
	free(ledger);
	close(sink);
}

/* A replay waits for its collectors amid the records of one state, too. */
static void
test_full_amid_split(void **state)
{
	struct ledger *ledger;
	enum engine_result result;
	uint8_t frame[FRAME];

	(void)state;
	put_frame(frame, 0);
	widen(frame, 65536);
	ledger = begin(conf_with(1), capture_with(frame, 1));
	while ((result = engine_read(&e, 100)) == ENGINE_MORE)
		continue;
	assert_int_equal(result, ENGINE_FULL);
	assert_true(export_busy(e.export));
	assert_int_equal(export_counters(e.export, 0)->dropped, 0);
	engine_free(&e);
	free(ledger);
}

#define MIXED 3000 /* states */
#define SINKS 4

static unsigned int seed;

/* Below n, the same in each run. */
static unsigned int
below(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* Some of all that there is: families, NAT, one direction, none, too wide. */
static void
put_mixed(uint8_t *state, unsigned int n)
{
	uint8_t *tail = state + V3_CREATOR, *c = state + AT_COUNTERS;

	memset(state, 0, V3_RECORD);
	put_be64(state + AT_ID, n);
	memcpy(state + AT_IFNAME, "em0", 3);
	put_be32(state + V3_LAN_ADDR, n);
	put_be32(state + V3_GWY_ADDR, below(3) == 0 ? ~n : n);
	put_be32(state + AT_CREATION, below(200));
	put_be64(c, below(9) == 0 ? 0 : 5);
	put_be64(c + 8, below(9) == 0 ? 0 : 7);
	put_be64(c + 16, below(19) == 0 ? UINT64_C(3) << 32 : 500);
	put_be64(c + 24, below(99) == 0 ? UINT64_MAX : 700);
	tail[TAIL_AF] = below(5) == 0 ? AF_6_OPENBSD : AF_4;
	tail[TAIL_PROTO] = below(2) == 0 ? IPPROTO_TCP : IPPROTO_UDP;
	tail[TAIL_DIRECTION] = below(2) == 0 ? FLOW_IN : FLOW_OUT;
	tail[TAIL_TIMEOUT] = FLOW_TCP_CLOSED;
}

/* Frames of one state or more, at once or some time later, seldom before. */
static struct capture *
capture_mixed(void)
{
	static uint8_t frame[HEADER_V3 + UINT8_MAX * V3_RECORD];
	FILE *file = begin_file();
	uint64_t now = NOW;
	unsigned int i, count, n;

	seed = 1;
	for (n = 0; n < MIXED; n += count) {
		count = below(3) == 0 ? 1 + below(40) : 1;
		memset(frame, 0, HEADER_V3);
		frame[HEADER_VERSION] = 3;
		frame[HEADER_ACTION] = ACTION_DEL;
		frame[HEADER_COUNT] = (uint8_t)count;
		for (i = 0; i < count; i++)
			put_mixed(frame + HEADER_V3 + i * V3_RECORD, n + i);
		add_frame(file, now, frame, HEADER_V3 + count * V3_RECORD);
		now += below(2) == 0 ? 0 : below(2000);
		now -= below(20) == 0 ? below(9000) : 0;
	}
	return open_file(file);
}

/* The first n of four collectors: IPFIX never splits, version 5 does. */
static struct conf *
conf_of(unsigned int n)
{
	static const char *const protocols[SINKS] = { "ipfix", "netflow5",
		"netflow9", "netflow5" };
	static const char *const names[SINKS] = { "127.0.0.1:1", "127.0.0.1:2",
		"127.0.0.1:3", "127.0.0.1:4" };
	struct conf *conf = conf_new();
	char why[128];
	unsigned int i;

	assert_non_null(conf);
	for (i = 0; i < n; i++) {
		assert_int_equal(conf_add_collector(conf, names[i], why,
				     sizeof(why)),
		    0);
		strlcpy(conf->collectors[i].protocol, protocols[i],
		    sizeof(conf->collectors[i].protocol));
	}
	return conf;
}

/* All of them, one with both directions in a record, one that ignores some. */
static struct conf *
conf_mixed(int sinks[SINKS])
{
	struct rule udp = { .ignore = 1, .proto_given = 1, .proto = 17 };
	struct conf *conf = conf_of(SINKS);
	int i;

	for (i = 0; i < SINKS; i++) {
		connect_sink(&conf->collectors[i]);
		sinks[i] = sink;
	}
	conf->collectors[0].biflow = 1;
	assert_int_equal(rule_add(&conf->selections[3], &udp), 0);
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
	enum engine_result result;
	int sinks[SINKS];
	struct ledger *ledger = begin(conf_mixed(sinks), capture_mixed());

	do {
		result = engine_read(&e, budget);
		export_send(e.export);
		for (i = 0; i < SINKS; i++)
			add_to_sum(sinks[i], &sums[i], &n[i]);
	} while (result == ENGINE_MORE || result == ENGINE_FULL);
	assert_int_equal(result, ENGINE_END);
	engine_flush(&e);
	*c = *e.counters;
	for (i = 0; i < SINKS; i++) {
		add_to_sum(sinks[i], &sums[i], &n[i]);
		assert_int_equal(n[i], export_counters(e.export, i)->datagrams);
		close(sinks[i]);
	}
	engine_free(&e);
	free(ledger);
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
	struct ledger *ledger;
	uint8_t frames[2][FRAME];

	(void)state;
	put_frame(frames[0], 0);
	widen(frames[0], 1000);
	frames[0][HEADER_V3 + V3_CREATOR + TAIL_PROTO] = IPPROTO_ICMP;
	put_frame(frames[1], 1);
	assert_int_equal(rule_add(&conf->selections[1], &udp), 0);
	assert_int_equal(rule_add(&next->selections[0], &tcp), 0);
	next->generation = 1;
	ledger = begin(conf, capture_with(frames[0], 2));
	assert_int_equal(engine_read(&e, 4), ENGINE_MORE);
	assert_true(export_busy(e.export));
	assert_int_equal(engine_configure(&e, next), 0);
	assert_false(export_busy(e.export));
	assert_int_equal(engine_read(&e, 4), ENGINE_END);
	assert_int_equal(e.counters->exported, 2);
	assert_int_equal(export_counters(e.export, 0)->offered, 2);
	assert_int_equal(export_counters(e.export, 0)->built, 4);
	assert_int_equal(ledger->rules[0], 0);
	engine_free(&e);
	free(ledger);
}

/* Add a frame of IPv6 states, every other one translated. */
static void
add_inet6(FILE *file, unsigned int count)
{
	static uint8_t frame[HEADER_V3 + UINT8_MAX * V3_RECORD];
	uint8_t *state = frame + HEADER_V3;
	unsigned int i;

	memset(frame, 0, sizeof(frame));
	frame[HEADER_VERSION] = 3;
	frame[HEADER_ACTION] = ACTION_DEL;
	frame[HEADER_COUNT] = (uint8_t)count;
	for (i = 0; i < count; i++, state += V3_RECORD) {
		state[V3_LAN_ADDR] = i % 2;
		put_be64(state + AT_COUNTERS, 1);
		put_be64(state + AT_COUNTERS + 8, 1);
		put_be64(state + AT_COUNTERS + 16, 100);
		put_be64(state + AT_COUNTERS + 24, 100);
		state[V3_CREATOR + TAIL_AF] = AF_6_OPENBSD;
		state[V3_CREATOR + TAIL_DIRECTION] = FLOW_IN;
	}
	add_frame(file, NOW, frame, HEADER_V3 + count * V3_RECORD);
}

/*
 * While a queue is not full there is room for a frame and what waits to be
 * exported, each state in a datagram of its own: that is so with kinds that
 * come in turns, as long as each needs its template.
 */
static void
test_full_in_time(void **state)
{
	const unsigned int most = COLLECTOR_QUEUE - EXPORT_ROOM + 1;
	struct conf *conf = conf_of(1);
	struct ledger *ledger;
	FILE *file = begin_file();

	(void)state;
	add_inet6(file, most);
	add_inet6(file, BATCH - 1);
	add_inet6(file, UINT8_MAX);
	add_inet6(file, UINT8_MAX);
	conf->collectors[0].biflow = 1;
	conf->collectors[0].mtu = 576;
	ledger = begin(conf, open_file(file));
	assert_int_equal(engine_read(&e, most + 1), ENGINE_MORE);
	while (engine_read(&e, 1000) == ENGINE_MORE)
		continue;
	assert_true(export_full(e.export));
	assert_int_equal(export_counters(e.export, 0)->dropped, 0);
	engine_free(&e);
	free(ledger);
}

/* Two frames, the second much later than the first, which is amid its split. */
static struct ledger *
begin_held(void)
{
	FILE *file = begin_file();
	struct ledger *ledger;
	uint8_t frame[FRAME];

	put_frame(frame, 0);
	widen(frame, 1000);
	add_frame(file, NOW, frame, FRAME);
	put_frame(frame, 1);
	add_frame(file, NOW + 60000, frame, FRAME);
	ledger = begin(conf_with(1), open_file(file));
	assert_int_equal(engine_read(&e, 3), ENGINE_MORE);
	assert_true(export_busy(e.export));
	assert_int_equal(e.counters->frames, 1);
	return ledger;
}

/* A frame that waits is of the capture, and goes with it. */
static void
test_held_frame(void **state)
{
	struct ledger *ledger = begin_held();

	(void)state;
	engine_flush(&e);
	assert_int_equal(e.counters->frames, 2);
	assert_int_equal(e.counters->exported, 2);
	engine_free(&e);
	free(ledger);
	ledger = begin_held();
	engine_capture(&e, NULL);
	engine_flush(&e);
	assert_int_equal(e.counters->frames, 1);
	assert_int_equal(e.counters->exported, 1);
	engine_free(&e);
	free(ledger);
}

/* So are states that were not read yet; what was read is exported. */
static void
test_frame_amid(void **state)
{
	FILE *files[] = { begin_file(), begin_file() };
	struct ledger *ledger;

	(void)state;
	add_inet6(files[0], 5);
	ledger = begin(conf_of(1), open_file(files[0]));
	assert_int_equal(engine_read(&e, 3), ENGINE_MORE);
	assert_int_equal(e.counters->exported, 2);
	engine_flush(&e);
	assert_int_equal(e.counters->exported, 5);
	engine_free(&e);
	free(ledger);
	add_inet6(files[1], 5);
	ledger = begin(conf_of(1), open_file(files[1]));
	assert_int_equal(engine_read(&e, 3), ENGINE_MORE);
	engine_capture(&e, NULL);
	engine_flush(&e);
	assert_int_equal(e.counters->exported, 2);
	engine_free(&e);
	free(ledger);
}

/* An index without room is counted for each record of each state. */
static void
test_wide_indexes(void **state)
{
	struct ledger *ledger = begin(conf_with(70000), capture_of_all());

	(void)state;
	while (engine_read(&e, 1000) == ENGINE_MORE)
		continue;
	assert_int_equal(export_counters(e.export, 0)->wide_index, 6 * NAMES);
	engine_free(&e);
	free(ledger);
}

/* What the only collector's rules leave out is ignored. */
static void
test_all_ignore(void **state)
{
	struct rule udp = { .ignore = 1, .proto_given = 1, .proto = 17 };
	struct conf *conf = conf_with(1);
	struct ledger *ledger;

	(void)state;
	assert_int_equal(rule_add(&conf->selections[0], &udp), 0);
	ledger = begin(conf, capture_of_all());
	while (engine_read(&e, 1000) == ENGINE_MORE)
		continue;
	assert_int_equal(e.counters->ignored, 3 * NAMES);
	assert_int_equal(ledger->rules[0], 3 * NAMES);
	engine_free(&e);
	free(ledger);
}

/* A split is of the time of its state, not of the first one of the batch. */
static void
test_time_of_split(void **state)
{
	struct conf *conf = conf_with(1);
	FILE *file = begin_file();
	struct ledger *ledger;
	uint8_t frame[FRAME], *wide = frame + HEADER_V3, d[2048];
	unsigned int datagrams = 0;

	(void)state;
	put_frame(frame, 0);
	add_frame(file, NOW, frame, FRAME);
	put_be32(wide + AT_CREATION, 1000); /* its end was long before */
	wide[V3_CREATOR + TAIL_TIMEOUT] = FLOW_UDP_FIRST;
	widen(frame, 1000);
	add_frame(file, NOW + 1000, frame, FRAME);
	connect_sink(&conf->collectors[0]);
	ledger = begin(conf, open_file(file));
	while (engine_read(&e, 1000) == ENGINE_MORE)
		continue;
	engine_flush(&e);
	for (; recv(sink, d, sizeof(d), MSG_DONTWAIT) > 0; datagrams++)
		assert_int_equal(get_be32(d + 8), NOW / 1000 + 1);
	assert_true(datagrams > 1000 / 30);
	engine_free(&e);
	free(ledger);
	close(sink);
}

/* An interface's states are exported as of the clock, not of their message. */
static void
test_time_of_clock(void **state)
{
	struct conf *conf = conf_with(1);
	struct ledger *ledger;
	uint8_t frame[FRAME], d[2048];

	(void)state;
	put_frame(frame, 0);
	connect_sink(&conf->collectors[0]);
	ledger = begin(conf, capture_with(frame, 1));
	e.replay = 0;
	e.now = NOW + 3000;
	assert_int_equal(engine_read(&e, 2), ENGINE_MORE);
	assert_int_equal(export_due(e.export),
	    NOW + 3000 + 1000 * e.conf->hold);
	engine_flush(&e);
	assert_true(recv(sink, d, sizeof(d), MSG_DONTWAIT) > 0);
	assert_int_equal(get_be32(d + 8), NOW / 1000 + 3);
	engine_free(&e);
	free(ledger);
	close(sink);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_full_amid_split),
		cmocka_unit_test(test_reload_amid_split),
		cmocka_unit_test(test_full_in_time),
		cmocka_unit_test(test_held_frame),
		cmocka_unit_test(test_frame_amid),
		cmocka_unit_test(test_wide_indexes),
		cmocka_unit_test(test_all_ignore),
		cmocka_unit_test(test_time_of_split),
		cmocka_unit_test(test_time_of_clock),
	};

	return RUN(tests);
}
