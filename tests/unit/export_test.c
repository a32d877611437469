/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Records in, datagrams at a socket out.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <event2/event.h>

#include <fcntl.h>
#include <unistd.h>

#include "unit.h"

#include "common/bytes.h"
#include "pflowd/conf.h"
#include "pflowd/export.h"
#include "pflowd/ledger.h"

#define NOW UINT64_C(1700000000000)
#define HOLD 5000

static struct event_base *base;
static struct exports *x;
static struct ledger *ledger;
static struct conf *conf;  /* in force */
static unsigned int downs; /* calls of the hook */
static int sockets[6];	   /* where the collectors' datagrams arrive */

/* What has arrived at one of them. */
struct sums {
	unsigned int datagrams, records, sequence, most, latest_records;
	uint64_t packets, octets, largest;
	uint64_t time;	/* of the last header, in ms */
	uint32_t first; /* of the last record, as an age in ms */
	uint16_t input;
};

static const struct collector_counters *
counters(unsigned int i)
{
	return export_counters(x, i);
}

static uint64_t
queued(unsigned int i)
{
	struct export_status status;

	export_status(x, i, &status);
	return status.queued;
}

static int
udp(struct conf_collector *to)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	to->fd = socket(AF_INET, SOCK_DGRAM, 0);
	memcpy(&to->addr, &in, len);
	to->addrlen = len;
	assert_int_equal(connect(to->fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(fcntl(to->fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void
on_down(void *arg, unsigned int i)
{
	(void)arg;
	(void)i;
	downs++;
}

static struct conf *
conf_with(unsigned int n)
{
	struct conf *c = conf_new();
	char spec[32], why[128];
	unsigned int i;

	assert_non_null(c);
	for (i = 0; i < n; i++) {
		snprintf(spec, sizeof(spec), "127.0.0.1:%u", 1000 + i);
		assert_int_equal(conf_add_collector(c, spec, why, sizeof(why)),
		    0);
	}
	return c;
}

static void
apply(struct conf *next)
{
	assert_int_equal(export_apply(x, next, NOW), 0);
	conf_free(conf);
	conf = next;
}

/* An engine begins: with a ledger that may have been another's before. */
static void
begin(void)
{
	const struct export_hooks hooks = { .down = on_down };

	base = event_base_new();
	ledger_begin(ledger, NOW);
	x = export_new(base, ledger, &hooks);
	assert_non_null(x);
}

static void
start(unsigned int n)
{
	struct conf *c = conf_with(n);
	unsigned int i;

	ledger = ledger_new();
	assert_non_null(ledger);
	begin();
	for (i = 0; i < n; i++)
		sockets[i] = udp(&c->collectors[i]);
	apply(c);
}

/* The same with a collector of another kind. */
static void
start_with(struct conf *c)
{
	ledger = ledger_new();
	assert_non_null(ledger);
	begin();
	sockets[0] = udp(&c->collectors[0]);
	apply(c);
}

static void
check_sums(unsigned int i)
{
	const struct collector_counters *k = counters(i);

	assert_int_equal(k->offered,
	    k->given + k->ignored + k->inexpressible_inet6 +
		k->inexpressible_wide);
	assert_int_equal(k->built,
	    k->sent + queued(i) + k->dropped + k->crashed + counters_failed(k));
}

static void
end(void)
{
	export_free(x);
	event_base_free(base);
	conf_free(conf);
	conf = NULL;
}

static void
stop(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		check_sums(i);
		close(sockets[i]);
	}
	end();
	free(ledger);
}

static void
sum_record(struct sums *s, const uint8_t *r, uint32_t uptime)
{
	s->records++;
	s->packets += get_be32(r + 16);
	s->octets += get_be32(r + 20);
	if (get_be32(r + 20) > s->largest)
		s->largest = get_be32(r + 20);
	s->first = uptime - get_be32(r + 24);
	s->input = get_be16(r + 12);
}

/* Take in what has arrived; the sequence must be without a gap. */
static void
receive(struct sums *s, unsigned int i)
{
	uint8_t d[2048];
	ssize_t len;
	unsigned int n, at;

	export_send(x);
	while ((len = recv(sockets[i], d, sizeof(d), MSG_DONTWAIT)) != -1) {
		n = get_be16(d + 2);
		assert_int_equal(len, 24 + n * 48);
		assert_int_equal(get_be32(d + 16), s->sequence);
		s->sequence += n;
		s->datagrams++;
		s->latest_records = n;
		if (n > s->most)
			s->most = n;
		s->time = (uint64_t)get_be32(d + 8) * 1000 +
		    get_be32(d + 12) / 1000000;
		for (at = 0; at < n; at++)
			sum_record(s, d + 24 + at * 48, get_be32(d + 4));
	}
}

/* A state, and what its record says. */
struct sample {
	struct flow flow;
	struct record record;
};

static struct sample
sample(uint64_t packets, uint64_t octets)
{
	struct sample s = { .flow = { .packets = { packets },
				.bytes = { octets },
				.family = 4,
				.proto = 6,
				.direction = FLOW_IN },
		.record = { .times = { NOW - 1000, NOW } } };

	return s;
}

/* Of both directions. */
static struct sample
pair(uint64_t forward, uint64_t back)
{
	struct sample s = sample(forward, 100);

	s.flow.packets[1] = back;
	s.flow.bytes[1] = 200;
	return s;
}

/* A batch of one state. */
static enum export_result
export_sample(const struct sample *sample, uint64_t now)
{
	static struct sample s;
	static struct batch b;
	struct record *r = &s.record;

	s = *sample;
	r->flow = &s.flow;
	r->host[0] = &s.flow.ext;
	r->host[1] = &s.flow.lan;
	b.n = 1;
	b.deletion[0].flow = &s.flow;
	b.now[0] = now;
	b.record[0] = *r;
	export_batch(x, &b);
	return b.result[0];
}

static enum export_result
give(uint64_t packets, uint64_t octets, uint64_t now)
{
	struct sample given = sample(packets, octets);
	enum export_result result = export_sample(&given, now);

	while (export_busy(x))
		export_more(x);
	return result;
}

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
			export_more(x);
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
		uint16_t mtu;
		unsigned int most;
	} cases[] = { { AF_INET, 1500, 30 }, { AF_INET6, 1500, 29 },
		{ AF_INET, 9000, 30 }, { AF_INET, 576, 10 },
		{ AF_INET, 579, 10 }, { AF_INET, 580, 11 },
		{ AF_INET6, 1280, 25 } };
	size_t i;
	unsigned int n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf *c = conf_with(1);
		struct sums s = { 0 };

		ledger = ledger_new();
		begin();
		sockets[0] = udp(&c->collectors[0]);
		c->collectors[0].mtu = cases[i].mtu;
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
	begin();
	sockets[0] = udp(&c->collectors[0]);
	c->collectors[0].mtu = 579;
	apply(c);
	give(1, 100, NOW);
	for (n = 0; n < 10; n++)
		export_sample(&given, NOW);
	receive(&s, 0);
	assert_int_equal(s.most, 10);
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

static void
test_hold(void **state)
{
	struct sums s = { 0 };

	(void)state;
	start(2);
	assert_int_equal(export_due(x), UINT64_MAX);
	export_clock(x, NOW);
	give(1, 100, NOW);
	give(1, 100, NOW + 100);
	assert_int_equal(export_due(x), NOW + HOLD);
	export_clock(x, NOW + HOLD - 1);
	receive(&s, 0);
	assert_int_equal(s.datagrams, 0);
	export_clock(x, NOW + HOLD + 700);
	receive(&s, 0);
	assert_int_equal(s.records, 2);
	assert_int_equal(s.time, NOW + HOLD); /* when it was due */
	assert_int_equal(export_due(x), UINT64_MAX);
	memset(&s, 0, sizeof(s));
	receive(&s, 1);
	assert_int_equal(s.records, 2);
	stop(2);
}

/*
 * A datagram begins when its first record comes, not when a clock was told; all
 * records of a split come with its state, if that was not long ago.
 */
static void
test_held_since(void **state)
{
	const struct sample wide = sample(600, UINT64_C(600) * UINT32_MAX);

	(void)state;
	start(1);
	give(1, 100, NOW + 100);
	assert_int_equal(export_due(x), NOW + 100 + HOLD);
	export_close(x, NOW + 100);
	export_sample(&wide, NOW + 100);
	export_clock(x, NOW + 700);
	export_more(x);
	assert_int_equal(export_due(x), NOW + 100 + HOLD);
	export_clock(x, NOW + 200 + HOLD);
	export_more(x);
	assert_int_equal(export_due(x), NOW + 200 + 2 * HOLD);
	while (export_busy(x))
		export_more(x);
	stop(1);
}

static void
test_clock_set_back(void **state)
{
	const uint64_t now = NOW - 3500000;
	struct sample given = sample(1, 100);
	struct sums s = { 0 };

	(void)state;
	start(1);
	export_clock(x, NOW);
	give(1, 100, NOW);
	export_clock(x, now);
	receive(&s, 0);
	assert_int_equal(s.records, 1);
	assert_int_equal(s.time, NOW); /* never before a record's end */
	assert_int_equal(s.first, 1000);
	given.record.times.start = given.record.times.end = now;
	export_sample(&given, now);
	export_close(x, now);
	receive(&s, 0);
	assert_int_equal(s.records, 2);
	assert_int_equal(s.time, now); /* but of its own records */
	stop(1);
}

/* Also if a state or a test is what comes first after it. */
static void
test_set_back_and_told_later(void **state)
{
	const struct sample wide = sample(2, (uint64_t)UINT32_MAX + 1);
	const uint64_t now = NOW - 3500000;
	int i;

	(void)state;
	start(2);
	for (i = 0; i < 3; i++) {
		export_clock(x, NOW);
		give(1, 100, NOW);
		if (i == 0)
			give(1, 100, now);
		if (i == 1) {
			export_sample(&wide, NOW);
			export_more(x);
		}
		if (i == 2)
			export_test(x, 1, now);
		export_clock(x, now);
		export_send(x);
		assert_int_equal(queued(0), 0);
		assert_int_equal(queued(1), 0);
	}
	stop(2);
}

/* Exact sums of what takes several records. */
static void
test_wide_counters(void **state)
{
	static const struct {
		uint64_t packets, octets;
		unsigned int records;
	} cases[] = {
		{ UINT32_MAX, UINT32_MAX, 1 },
		{ 5, (uint64_t)UINT32_MAX + 1, 2 },
		{ (uint64_t)UINT32_MAX + 1, UINT64_C(1) << 40, 257 },
		{ UINT64_C(12345678901), UINT64_C(9876543210123), 2300 },
		{ UINT64_C(5000000000), UINT64_C(65536) * UINT32_MAX, 65536 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sums s = { 0 };
		struct sample given = sample(cases[i].packets, cases[i].octets);

		start(1);
		assert_int_equal(export_sample(&given, NOW), EXPORT_GIVEN);
		while (export_busy(x)) {
			export_more(x);
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
	given.flow.family = 6;
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
	given.record.input[0] = 65535;
	export_sample(&given, NOW);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.input, 65535);
	given.record.input[0] = 65536;
	export_sample(&given, NOW);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.input, 0);
	assert_int_equal(counters(0)->wide_index, 1);
	given = pair(3, 4);
	given.record.input[0] = 65536;
	export_sample(&given, NOW);
	assert_int_equal(counters(0)->wide_index, 3);
	given.flow.bytes[1] = (uint64_t)UINT32_MAX + 1;
	export_sample(&given, NOW);
	while (export_busy(x))
		export_more(x);
	assert_int_equal(counters(0)->wide_index, 6); /* each record's */
	stop(1);
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
	next->collectors[0].mtu = 576;	 /* ten records */
	next->collectors[0].fd = dup(0); /* a copy of the socket that is */
	sockets[1] = udp(&next->collectors[1]);
	apply(next);
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

	strlcpy(k->protocol, "ipfix", sizeof(k->protocol));
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
	given.flow.family = 6;
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
	begin();
	ledger->counters.states = 77;
	ledger->counters.cut = 3;
	ledger->counters.crashed = 4;
	ledger->counters.inexpressible = 5;
	ledger->counters.kernel_dropped = 6;
	ledger->counters.kernel_if_dropped = 7;
	ledger->counters.kernel_unread = 8;
	ifindex_add(&c->interfaces, &em0);
	sockets[0] = udp(&c->collectors[0]);
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
	end(); /* one is open */
	begin();
	c = conf_ipfix(5);
	sockets[0] = udp(&c->collectors[0]);
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
		strlcpy(c->collectors[i].protocol, protocols[first + i],
		    sizeof(c->collectors[i].protocol));
		c->collectors[i].biflow = first + i == 1;
		sockets[i] = udp(&c->collectors[i]);
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
		given.flow.family = i / 3 % 2 ? 6 : 4;
		given.flow.gwy.port = (uint16_t)(i / 6);
		export_sample(&given, NOW);
	}
	given = pair(3, 4);
	given.flow.bytes[1] = (uint64_t)UINT32_MAX + 1;
	export_sample(&given, NOW);
	while (export_busy(x))
		export_more(x);
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
	begin();
	apply(conf_mixed(0, 6));
	give_all_kinds();
	for (i = 0; i < 6; i++)
		len[i] = receive_bytes(got[i], sizeof(got[i]), i);
	stop(6);
	for (i = 0; i < 6; i++) {
		ledger = ledger_new();
		begin();
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
	begin();
	sockets[0] = udp(&c->collectors[0]);
	sockets[1] = udp(&c->collectors[1]);
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
	end();
	begin();
	apply(conf_named("LOCALHOST:1000"));
	assert_int_equal(counters(0)->built, 2);
	assert_int_equal(counters(0)->crashed, 2);
	stop(1);
}

/* What a collector that goes does not take in time is counted. */
static void
test_gone(void **state)
{
	struct conf *c = conf_with(1);
	struct sums s = { 0 };
	unsigned int i;

	(void)state;
	ledger = ledger_new();
	begin();
	sockets[0] = udp(&c->collectors[0]);
	c->collectors[0].rate = 1;
	apply(c);
	for (i = 0; i < 30 * 30; i++)
		give(1, 100, NOW);
	apply(conf_new());
	assert_int_equal(ledger->counters.gone, 0);
	event_base_loop(base, 0); /* until it is forgotten */
	receive(&s, 0);
	assert_true(s.records > 0);
	assert_int_equal(s.records + ledger->counters.gone, 30 * 30);
	close(sockets[0]);
	end();
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
	sockets[0] = udp(&next->collectors[0]);
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

/* What is left of a split is of the time of its state still. */
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
	assert_int_equal(s.time, NOW);
	close(sockets[0]);
	end();
	free(ledger);
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
	end(); /* five are open */
	begin();
	c = conf_with(1);
	sockets[0] = udp(&c->collectors[0]);
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
		begin();
		c = conf_with(1);
		strlcpy(c->collectors[0].protocol, "netflow9",
		    sizeof(c->collectors[0].protocol));
		sockets[0] = udp(&c->collectors[0]);
		apply(c);
		give(1, 100, NOW);
		receive_flows(d, NOW);
		assert_int_equal(get_be16(d), 9);
		assert_int_equal(get_be32(d + 12), wanted[i]);
		close(sockets[0]);
		if (i == 0) {
			give(1, 100, NOW);
			end();
		}
	}
	assert_int_equal(counters(0)->crashed, 1);
	sockets[0] = dup(0);
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
	begin();
	apply(conf_with(1));
	for (i = 0; i < 65; i++)
		give(1, 100, NOW);
	export_send(x);
	assert_int_equal(queued(0), 65);
	sockets[0] = udp(&later);
	export_socket(x, 0, later.fd, &later.addr, later.addrlen);
	receive(&s, 0);
	assert_int_equal(s.records, 58); /* 29: fit for IPv6 as well */
	assert_int_equal(s.most, 29);
	export_close(x, NOW);
	receive(&s, 0);
	assert_int_equal(s.records, 65);
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
	struct flow flow = { .family = 4, .direction = FLOW_OUT };
	struct sums s = { 0 };
	struct conf *c = conf_with(2);

	(void)state;
	ledger = ledger_new();
	begin();
	sockets[0] = udp(&c->collectors[0]);
	sockets[1] = udp(&c->collectors[1]);
	ignore_proto(&c->selection, 1);
	ignore_proto(&c->selections[1], 17);
	ignore_proto(&c->selections[1], 6);
	apply(c);
	flow.proto = 1;
	assert_true(export_ignored(x, &flow));
	flow.proto = 6;
	assert_false(export_ignored(x, &flow));
	assert_int_equal(give(1, 100, NOW), EXPORT_GIVEN);
	assert_int_equal(counters(0)->given, 1);
	assert_int_equal(counters(1)->ignored, 1);
	assert_int_equal(ledger->rules[0], 1);
	assert_int_equal(ledger->rules[1], 0);
	assert_int_equal(ledger->rules[2], 1);
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
	struct flow own = { .family = 4, .proto = 17, .direction = FLOW_OUT };

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
		cmocka_unit_test(test_mtu_reload),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_held_since),
		cmocka_unit_test(test_clock_set_back),
		cmocka_unit_test(test_set_back_and_told_later),
		cmocka_unit_test(test_wide_counters),
		cmocka_unit_test(test_parts_are_even),
		cmocka_unit_test(test_too_wide),
		cmocka_unit_test(test_inet6),
		cmocka_unit_test(test_old_records),
		cmocka_unit_test(test_wide_index),
		cmocka_unit_test(test_reload_keeps),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_biflow),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_collector_back),
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_templates_of_kinds),
		cmocka_unit_test(test_reload_fails),
		cmocka_unit_test(test_reload_flushes),
		cmocka_unit_test(test_reload_amid_split),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_crash_netflow9),
		cmocka_unit_test(test_no_socket_yet),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_own),
	};

	return RUN(tests);
}
