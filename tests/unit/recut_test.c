/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Datagrams that a path refuses: each is cut until it fits, and what arrives is
 * what would have arrived.  Sending is the test's own.
 */

#include "decode5.h"
#include "exports.h"

#include <errno.h>

#include "common/log.h"
#include "pflowd/export/protocol.h"
#include "pflowd/export/recut.h"
#include "pflowd/os/send.h"

#define RECORDS 800 /* of a run that is kept, at most */

/* What has arrived: records one behind the other, and what they came in. */
struct arrived {
	unsigned int n;
	unsigned int datagrams;
	struct {
		unsigned int set;
		size_t len;
		uint8_t data[160];
	} record[RECORDS];
};

static struct arrived *into;
static const struct protocol *protocol;
static size_t limit;   /* bytes that the path takes */
static int pending;    /* an error of an earlier datagram */
static uint32_t next;  /* in the sequence */
static uint32_t apart; /* IPFIX: in that of options data */

static void
arrive(unsigned int set, const uint8_t *data, size_t len)
{
	unsigned int i = into->n++ % RECORDS;

	assert_true(len <= sizeof(into->record[0].data));
	into->record[i].set = set;
	into->record[i].len = len;
	memcpy(into->record[i].data, data, len);
}

/* Returns its records; what is behind them is zero, and less than one. */
static unsigned int
read_set(unsigned int id, const uint8_t *p, size_t len)
{
	static const size_t options[] = { 28, 28, 12, 20 };
	size_t size;
	unsigned int n;

	if (id < 256) /* templates */
		return 0;
	size = id < 264 ? protocol->record[id - 256] : options[id - 512];
	assert_int_not_equal(size, 0);
	assert_int_equal((len + 4) % 4, 0);
	for (n = 0; len >= size; p += size, len -= size, n++)
		arrive(id, p, size);
	assert_true(len < 4);
	for (; len > 0; len--)
		assert_int_equal(*p++, 0);
	return n;
}

static unsigned int
read_sets(const uint8_t *p, const uint8_t *end)
{
	unsigned int n = 0;
	size_t len;

	for (; p < end; p += len) {
		assert_true(end - p >= 4);
		len = get_be16(p + 2);
		assert_true(len > 4 && len <= (size_t)(end - p));
		n += read_set(get_be16(p), p + 4, len - 4);
	}
	return n;
}

static unsigned int
templates_in(const uint8_t *p, const uint8_t *end)
{
	unsigned int n = 0;
	const uint8_t *t;
	unsigned int fields;

	for (; p < end && get_be16(p) < 256; p += get_be16(p + 2)) {
		if (get_be16(p) != 0) { /* options templates, one in a set */
			n++;
			continue;
		}
		for (t = p + 4; t < p + get_be16(p + 2); n++) {
			fields = get_be16(t + 2);
			t += 4 + 4 * fields;
		}
	}
	return n;
}

static void
read_datagram(const uint8_t *p, size_t len)
{
	struct datagram5 d;
	unsigned int n, i;

	into->datagrams++;
	switch (get_be16(p)) {
	case 5:
		decode5(&d, p, len);
		assert_int_equal(d.sequence, next);
		for (i = 0; i < d.n; i++)
			arrive(0, p + 24 + 48 * i, 48);
		next += d.n;
		break;
	case 9:
		assert_int_equal(get_be32(p + 12), next);
		n = read_sets(p + 20, p + len);
		assert_int_equal(get_be16(p + 2),
		    n + templates_in(p + 20, p + len));
		next++;
		break;
	default:
		assert_int_equal(get_be16(p), 10);
		assert_int_equal(get_be16(p + 2), len);
		n = read_sets(p + 16, p + len);
		if (get_be32(p + 12) == 0) {
			assert_int_equal(get_be32(p + 8), apart);
			apart += n;
		} else {
			assert_int_equal(get_be32(p + 8), next);
			next += n;
		}
	}
}

void
send_begin(struct send_mode *mode, int fd)
{
	(void)fd;
	mode->singly = 1;
	mode->segment = 0;
}

int
send_datagrams(int fd, const struct iovec *iov, unsigned int n,
    struct send_mode *mode)
{
	unsigned int i;

	(void)fd;
	(void)mode;
	if (pending != 0) {
		errno = pending;
		pending = 0;
		return -1;
	}
	for (i = 0; i < n && iov[i].iov_len <= limit; i++)
		read_datagram(iov[i].iov_base, iov[i].iov_len);
	if (i > 0)
		return (int)i;
	errno = EMSGSIZE;
	return -1;
}

/* A state of any kind, different from the others. */
static void
give_one(unsigned int i)
{
	struct sample s = pair(i + 1, i % 3);

	s.flow.bytes[0] = 1000 + i;
	s.flow.proto = 6;
	s.flow.lan.port = (uint16_t)i;
	if (protocol->inet6 && i % 5 == 4)
		flow_set_family(&s.flow, 6);
	export_sample(&s, NOW);
	while (export_busy(x))
		export_more(x, NOW);
}

static struct conf *
conf_of(const char *name, int biflow)
{
	struct conf *c = conf_with(1);

	c->collectors[0].protocol = protocol_id(name);
	if (strcmp(name, "netflow5") != 0)
		c->collectors[0].domain = 7;
	c->collectors[0].biflow = biflow;
	c->collectors[0].templates_datagrams = 3;
	return c;
}

/* Many of them wait for the socket; then the others come. */
static void
run(const char *name, int biflow, size_t takes, struct arrived *result)
{
	struct conf_collector late;
	unsigned int i;

	memset(result, 0, sizeof(*result));
	into = result;
	protocol = protocols[protocol_id(name)];
	limit = takes;
	next = apart = 0;
	pending = 0;
	downs = 0;
	ledger = ledger_new();
	begin_export();
	apply(conf_of(name, biflow));
	for (i = 0; i < 150; i++)
		give_one(i);
	sockets[0] = sink_for(&late);
	export_socket(x, 0, late.fd, &late.addr, late.addrlen);
	for (; i < 200; i++)
		give_one(i);
	export_close(x, NOW);
	export_send(x);
	assert_int_equal(queued(0), 0);
	assert_true(into->n <= RECORDS);
	check_sums(0);
}

/* The i-th record of a set; a->n: there are less. */
static unsigned int
find_record(const struct arrived *a, unsigned int set, unsigned int i)
{
	unsigned int at;

	for (at = 0; at < a->n; at++)
		if (a->record[at].set == set && i-- == 0)
			break;
	return at;
}

/* Of each kind; but for options data, which tell of datagrams. */
static void
same_records(const struct arrived *a, const struct arrived *b)
{
	unsigned int set, i, j, k;

	for (set = 0; set < 264; set++)
		for (k = 0;; k++) {
			i = find_record(a, set, k);
			j = find_record(b, set, k);
			assert_int_equal(i == a->n, j == b->n);
			if (i == a->n)
				break;
			assert_int_equal(a->record[i].len, b->record[j].len);
			assert_memory_equal(a->record[i].data,
			    b->record[j].data, a->record[i].len);
		}
}

static void
check_cut(const char *name, int biflow)
{
	static const size_t limits[] = { 1400, 1000, 700, 548 };
	static struct arrived whole, cut;
	size_t i;

	run(name, biflow, SIZE_MAX, &whole);
	assert_int_equal(counters(0)->errors[SEND_TOO_BIG], 0);
	stop(1);
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		run(name, biflow, limits[i], &cut);
		same_records(&whole, &cut);
		assert_true(cut.datagrams > whole.datagrams);
		assert_int_equal(counters(0)->datagrams, cut.datagrams);
		assert_int_equal(counters(0)->begun, cut.datagrams);
		assert_int_equal(counters_failed(counters(0)), 0);
		assert_int_equal(counters(0)->octets_sent,
		    counters(0)->octets_built);
		assert_true(counters(0)->errors[SEND_TOO_BIG] > 0);
		stop(1);
	}
}

static void
test_netflow5(void **state)
{
	(void)state;
	check_cut("netflow5", 0);
}

static void
test_netflow9(void **state)
{
	(void)state;
	check_cut("netflow9", 0);
}

static void
test_ipfix(void **state)
{
	(void)state;
	check_cut("ipfix", 0);
}

static void
test_biflow(void **state)
{
	(void)state;
	check_cut("ipfix", 1);
}

static void
count_line(void *arg, int priority, const char *line)
{
	(void)priority;
	++*(int *)arg;
	assert_non_null(strstr(line, "mtu"));
}

/* It is said once, and the collector is not down. */
static void
test_said(void **state)
{
	static struct arrived cut;
	struct export_status status;
	int lines = 0;

	(void)state;
	log_watch(count_line, &lines);
	run("netflow5", 0, 700, &cut);
	log_watch(NULL, NULL);
	assert_int_equal(lines, 1);
	assert_int_equal(downs, 1); /* the parent looks at the path */
	export_status(x, 0, &status);
	assert_true(status.state.up);
	assert_int_equal(status.state.error, EMSGSIZE);
	stop(1);
}

/* Not even one record goes: they are counted, and nothing else is lost. */
static void
test_least(void **state)
{
	static struct arrived cut;

	(void)state;
	run("netflow5", 0, 71, &cut);
	assert_int_equal(cut.n, 0);
	assert_int_equal(counters(0)->failed[SEND_TOO_BIG], counters(0)->built);
	assert_true(counters(0)->octets_built > 0);
	assert_int_equal(counters(0)->octets_failed, counters(0)->octets_built);
	stop(1);
}

/* What a router says of an earlier datagram costs this one nothing. */
static void
test_earlier(void **state)
{
	static struct arrived all;
	unsigned int i;

	(void)state;
	run("netflow5", 0, SIZE_MAX, &all);
	all.datagrams = 0;
	pending = EMSGSIZE;
	for (i = 0; i < 30; i++)
		give(1, 100, NOW);
	export_close(x, NOW);
	export_send(x);
	assert_int_equal(all.datagrams, 1);
	assert_int_equal(counters(0)->errors[SEND_TOO_BIG], 1);
	assert_int_equal(counters_failed(counters(0)), 0);
	stop(1);
}

/* A queue that is full has room for what is cut off. */
static void
test_full(void **state)
{
	static struct arrived cut;
	struct conf_collector late;
	unsigned int i, n = SENDQUEUE_QUEUE * 29 + 15;

	(void)state;
	memset(&cut, 0, sizeof(cut));
	into = &cut;
	protocol = protocols[PROTOCOL_NETFLOW5];
	limit = 24 + 48;
	next = 0;
	ledger = ledger_new();
	begin_export();
	apply(conf_of("netflow5", 0));
	for (i = 0; i < n; i++)
		give(1, 100, NOW);
	assert_int_equal(queued(0), n);
	assert_int_equal(counters(0)->dropped, 0);
	sockets[0] = sink_for(&late);
	export_socket(x, 0, late.fd, &late.addr, late.addrlen);
	export_close(x, NOW);
	export_send(x);
	assert_int_equal(cut.n, n);
	assert_int_equal(cut.datagrams, n);
	stop(1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_netflow5),
		cmocka_unit_test(test_netflow9),
		cmocka_unit_test(test_ipfix),
		cmocka_unit_test(test_biflow),
		cmocka_unit_test(test_said),
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_earlier),
		cmocka_unit_test(test_full),
	};

	return RUN(tests);
}
