/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Random states of every version go in as the bytes of a frame and come out of
 * a socket as NetFlow version 5: what must hold for each of them.  Nothing of
 * the decoder or the encoder is used to write the ones and read the others.
 * PROPERTY_SEED in the environment repeats a run, PROPERTY_STATES makes it
 * longer.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <event2/event.h>

#include <fcntl.h>
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

#include "pflowd/conf/conf.h"
#include "pflowd/export/export.h"
#include "pflowd/process/ledger.h"
#include "pflowd/source/last_packet.h"
#include "pflowd/source/pfsync.h"
#include "pflowd/flow/record.h"

#define T0 UINT64_C(1700000000000) /* ms */
#define STATES 20000
#define TOGETHER 250
#define MOST (UINT64_C(0xffffffff))
#define SPAN (UINT64_C(0xffffffff) - 86400000) /* ms that version 5 can say */
#define INDEX 7

/* A state as pf has it, and what the records of it must say. */
struct state {
	uint32_t number; /* in its addresses: no two are alike */
	uint8_t version;
	uint8_t direction; /* 1 in, 2 out */
	uint8_t proto;
	uint8_t timeout;
	uint8_t tcp_state[2];
	uint16_t port[3]; /* lan, gwy, ext */
	uint8_t addr[3][4];
	uint8_t gateway[4];
	uint32_t age, expire;
	uint64_t packets[2], bytes[2];
	uint64_t time; /* of its frame, ms */
	int inexpressible;
	/* What came: */
	uint64_t got_packets[2], got_bytes[2];
	unsigned int got[2];
};
enum {
	LAN,
	GWY,
	EXT
};

static uint64_t seed;
static struct state states[TOGETHER];
static struct event_base *base;
static struct export *x;
static struct ledger *ledger;
static struct conf *conf;
static int at; /* where the datagrams arrive */
static uint32_t sequence;
static uint64_t clamped;
static enum flow_view view;

/* xorshift64*: the same on every system. */
static uint64_t
random64(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * UINT64_C(2685821657736338717);
}

static uint64_t
below(uint64_t n)
{
	return random64() % n;
}

/* Numbers of every width, and the edges of 32 bits more often. */
static uint64_t
wide(void)
{
	switch (below(8)) {
	case 0:
		return MOST + below(3) - 1;
	case 1:
		return MOST * (1 + below(40)) + below(3);
	case 2:
		return random64() >> (22 + below(20));
	default:
		return random64() >> (40 + below(24));
	}
}

/* What so many packets may have. */
static uint64_t
bytes_for(uint64_t packets)
{
	return packets * (20 + below(1481)) + below(5);
}

static void
make_counters(struct state *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		s->packets[i] = below(3) ? 1 + wide() % 50000000 : below(3);
		if (!below(20))
			s->packets[i] = wide();
		s->bytes[i] = bytes_for(s->packets[i]);
		if (!below(50))
			s->bytes[i] = wide(); /* more than they can have */
		if (s->version == 2) {
			s->packets[i] &= MOST;
			s->bytes[i] &= MOST;
		}
		if (s->packets[i] > 0 && s->bytes[i] == 0)
			s->bytes[i] = 1;
	}
}

static void
make_hosts(struct state *s)
{
	static const uint8_t outer[4] = { 192, 0, 2, 1 };
	int i;

	s->addr[LAN][0] = 10;
	s->addr[LAN][1] = (uint8_t)(s->number >> 16);
	s->addr[LAN][2] = (uint8_t)(s->number >> 8);
	s->addr[LAN][3] = (uint8_t)s->number;
	memcpy(s->addr[GWY], s->addr[LAN], 4);
	if (below(2)) {
		memcpy(s->addr[GWY], outer, 4);
		s->addr[GWY][2] = (uint8_t)(s->number >> 8);
		s->addr[GWY][3] = (uint8_t)s->number;
	}
	s->addr[EXT][0] = 203;
	s->addr[EXT][3] = (uint8_t)(1 + below(254));
	for (i = 0; i < 3; i++)
		s->port[i] = (uint16_t)random64();
	memset(s->gateway, 0, 4);
	if (!below(4))
		s->gateway[0] = 172;
}

static uint32_t
make_age(void)
{
	switch (below(6)) {
	case 0:
		return (uint32_t)below(3);
	case 1:
		return (uint32_t)(48 * 86400 - 2 + below(4)); /* the edge */
	case 2:
		return (uint32_t)random64();
	default:
		return (uint32_t)below(100000);
	}
}

static void
make_state(struct state *s, uint32_t number, uint64_t time)
{
	static const uint8_t protos[] = { 6, 6, 6, 17, 17, 1, 47, 50, 132 };

	memset(s, 0, sizeof(*s));
	s->number = number;
	s->version = (uint8_t)(2 + below(3));
	s->direction = (uint8_t)(1 + below(2));
	s->proto = protos[below(sizeof(protos))];
	s->timeout = (uint8_t)(below(30) ? below(14) : below(256));
	s->tcp_state[0] = (uint8_t)(below(30) ? below(13) : below(256));
	s->tcp_state[1] = (uint8_t)(below(30) ? below(13) : below(256));
	s->age = make_age();
	s->expire = below(3) ? 0 : (uint32_t)below(200);
	s->time = time;
	make_hosts(s);
	make_counters(s);
}

/* Bytes of a frame, by pfsync_state in each version's net/pfvar.h. */

static void
put(uint8_t *p, uint64_t v, int n)
{
	while (n-- > 0) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static void
put_host(uint8_t *r, int addr, int port, const struct state *s, int which)
{
	memcpy(r + addr, s->addr[which], 4);
	put(r + port, s->port[which], 2);
}

static size_t
write_frame(uint8_t *f, const struct state *s)
{
	size_t header = s->version == 2 ? 4 : 20;
	size_t size = s->version == 2 ? 224 : 240;
	uint8_t *r = f + header, *tail;
	int width = s->version == 2 ? 4 : 8, i;

	memset(f, 0, header + size);
	f[0] = s->version;
	f[2] = 3;
	f[3] = 1;
	memcpy(r + 8, "em0", 3);
	if (s->version < 4) {
		put_host(r, 24, 40, s, LAN);
		put_host(r, 48, 64, s, GWY);
		put_host(r, 72, 88, s, EXT);
	} else {
		put_host(r, 24, 56, s, EXT); /* key 0, wire: addr[0] */
		put_host(r, 40, 58, s, GWY);
		put_host(r, 60, 92, s, EXT); /* key 1, stack */
		put_host(r, 76, 94, s, LAN);
	}
	r[96 + 24] = s->tcp_state[0];
	r[128 + 24] = s->tcp_state[1];
	memcpy(r + 160, s->gateway, 4);
	put(r + 188, s->age, 4);
	put(r + 192, s->expire, 4);
	for (i = 0; i < 2; i++) {
		put(r + 196 + i * width, s->packets[i], width);
		put(r + 196 + (2 + i) * width, s->bytes[i], width);
	}
	tail = r + 196 + 4 * width + 4;
	tail[0] = 2; /* AF_INET */
	tail[1] = s->proto;
	tail[2] = s->direction;
	tail[5] = s->timeout;
	return header + size;
}

/* What is expected, from the tables of the protocols' descriptions. */

/* The initiator (0) or the responder (1) in the view: which of the hosts. */
static int
host_of(const struct state *s, int end)
{
	static const int table[3][2][2] = {
		/* in: from, to; out: from, to */
		[FLOW_INSIDE] = { { EXT, LAN }, { LAN, EXT } },
		[FLOW_OUTSIDE] = { { EXT, GWY }, { GWY, EXT } },
		[FLOW_ORIGINAL] = { { EXT, GWY }, { LAN, EXT } },
	};

	return table[view][s->direction - 1][end];
}

static int
has_ports(const struct state *s)
{
	return s->proto == 6 || s->proto == 17 || s->proto == 132;
}

/* S: own level 2 to 9; A: the other's 4 to 9; F: own 7 or 9.  RFC 9293 bits. */
static int
flags_of(const struct state *s, int way)
{
	int own = s->tcp_state[way], other = s->tcp_state[!way], flags = 0;

	if (s->proto != 6 || s->tcp_state[0] > 12 || s->tcp_state[1] > 12)
		return 0;
	if (own == 10 && other == 10) {
		if (s->packets[0] == 1 && s->packets[1] == 1)
			return way == 0 ? 0x02 : 0x14;
		if (way == 1)
			return 0;
		return s->packets[1] == 0 ? 0x06 : 0x02;
	}
	if (s->tcp_state[0] == 11)
		return way == 0 ? 0x02 : 0;
	if (s->tcp_state[0] == 12)
		return way == 0 ? 0x12 : 0;
	if (own >= 2 && own <= 9)
		flags |= 0x02;
	if (other >= 4 && other <= 9)
		flags |= 0x10;
	if (own == 7 || own == 9)
		flags |= 0x01;
	return flags;
}

/* Not before the epoch, and of an absurd age at once. */
static uint64_t
start_of(const struct state *s)
{
	uint64_t age = s->age * UINT64_C(1000);

	if (s->age >= UINT32_C(1) << 31)
		return s->time;
	return age > s->time ? 0 : s->time - age;
}

static uint64_t
parts(const struct state *s, int way)
{
	uint64_t p = (s->packets[way] + MOST - 1) / MOST;
	uint64_t b = s->bytes[way] / MOST + (s->bytes[way] % MOST != 0);

	return p > b ? p : b;
}

static int
is_inexpressible(const struct state *s)
{
	int i;

	for (i = 0; i < 2; i++)
		if (s->packets[i] > 0 &&
		    (parts(s, i) > 65536 || parts(s, i) > s->packets[i]))
			return 1;
	return 0;
}

/* A strict reader, from the description of version 5. */

static uint64_t
get(const uint8_t *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* The state and the way of a record, by the host that has the number. */
static struct state *
owner(const uint8_t *r, int *way)
{
	struct state *s;
	int from, to;

	for (s = states; s < states + TOGETHER; s++) {
		from = host_of(s, 0);
		to = host_of(s, 1);
		for (*way = 0; *way < 2; (*way)++)
			if (memcmp(r, s->addr[*way ? to : from], 4) == 0 &&
			    memcmp(r + 4, s->addr[*way ? from : to], 4) == 0 &&
			    (s->addr[LAN][0] == 10))
				return s;
	}
	fail_msg("a record of no state");
	return NULL;
}

static void
check_times(const struct state *s, const uint8_t *r, uint64_t boot,
    uint64_t header)
{
	uint64_t first = get(r + 24, 4), last = get(r + 28, 4);
	uint64_t start = start_of(s), earliest = header - SPAN;

	assert_true(first <= last);
	if (start >= earliest) {
		assert_int_equal(boot + first, start);
	} else {
		assert_int_equal(boot + first, earliest);
		clamped++;
	}
	assert_true(boot + last <= s->time || boot + last == earliest);
	if (s->packets[0] + s->packets[1] == 1)
		assert_int_equal(last, first);
}

static void
check_record(const uint8_t *r, uint64_t boot, uint64_t header)
{
	int way;
	struct state *s = owner(r, &way);
	int in = (s->direction == 1) != way; /* at the state's interface */

	assert_false(s->inexpressible);
	assert_memory_equal(r + 8, s->gateway, 4);
	assert_int_equal(get(r + 12, 2), in ? INDEX : 0);
	assert_int_equal(get(r + 14, 2), in ? 0 : INDEX);
	assert_true(get(r + 16, 4) > 0);
	s->got_packets[way] += get(r + 16, 4);
	s->got_bytes[way] += get(r + 20, 4);
	s->got[way]++;
	check_times(s, r, boot, header);
	assert_int_equal(get(r + 32, 2),
	    has_ports(s) ? s->port[host_of(s, way)] : 0);
	assert_int_equal(get(r + 34, 2),
	    has_ports(s) ? s->port[host_of(s, !way)] : 0);
	assert_int_equal(r[37], flags_of(s, way));
	assert_int_equal(r[38], s->proto);
	assert_int_equal(r[36] | r[39] | get(r + 40, 8), 0);
}

static void
check_datagram(const uint8_t *d, size_t len)
{
	uint64_t n = get(d + 2, 2), uptime = get(d + 4, 4), header, i;

	assert_int_equal(get(d, 2), 5);
	assert_true(n >= 1 && n <= 30);
	assert_int_equal(len, 24 + 48 * n);
	assert_int_equal(get(d + 16, 4), sequence);
	assert_int_equal(get(d + 20, 4), 0);
	sequence += (uint32_t)n;
	header = get(d + 8, 4) * 1000 + get(d + 12, 4) / 1000000;
	for (i = 0; i < n; i++) {
		const uint8_t *r = d + 24 + 48 * i;

		assert_true(get(r + 28, 4) <= uptime);
		check_record(r, header - uptime, header);
	}
}

static void
receive(void)
{
	uint8_t d[2048];
	ssize_t len;

	export_send(x);
	while ((len = recv(at, d, sizeof(d), MSG_DONTWAIT)) != -1)
		check_datagram(d, (size_t)len);
}

/* The path of a state through pflowd. */

static void
open_collector(struct conf *c)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	struct conf_collector *k = &c->collectors[0];
	char why[128];
	int size = 8 << 20;

	assert_int_equal(conf_add_collector(c, "127.0.0.1", why, sizeof(why)),
	    0);
	if (at == 0) {
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		at = socket(AF_INET, SOCK_DGRAM, 0);
		setsockopt(at, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
		assert_int_equal(bind(at, (struct sockaddr *)&in, len), 0);
	}
	assert_int_equal(getsockname(at, (struct sockaddr *)&in, &len), 0);
	k->fd = socket(AF_INET, SOCK_DGRAM, 0);
	memcpy(&k->addr, &in, len);
	k->addrlen = len;
	assert_int_equal(connect(k->fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(fcntl(k->fd, F_SETFL, O_NONBLOCK), 0);
}

/* As by a reload: the stream goes on. */
static void
reload(void)
{
	struct conf *next = conf_new();

	assert_non_null(next);
	open_collector(next);
	next->hold = (unsigned int)below(61);
	next->policy.view = view;
	assert_int_equal(export_apply(x, next, T0), 0);
	conf_free(conf);
	conf = next;
}

/* As by a new engine, after the last one ended well: likewise. */
static void
respawn(void)
{
	const struct export_hooks hooks = { .writable = NULL };

	if (x != NULL) {
		export_free(x);
		event_base_free(base);
	}
	base = event_base_new();
	ledger_begin(ledger, T0);
	x = export_new(base, ledger, &hooks);
	assert_non_null(x);
	reload();
}

static void
export_state(struct state *s, uint64_t now)
{
	static uint8_t frame[300];
	static struct flow flow;
	static struct batch b;
	struct report report;
	struct pfsync_frame f;
	size_t len = write_frame(frame, s);

	assert_int_equal(pfsync_open(&f, frame, len), PFSYNC_DECODED);
	assert_int_equal(pfsync_read(&f, &flow, 1), 1);
	export_clock(x, now);
	assert_int_equal(flow_counted(&flow),
	    s->packets[0] + s->packets[1] > 0);
	s->inexpressible = is_inexpressible(s);
	if (flow_counted(&flow)) {
		b.n = 1;
		last_packet_report(&report, &flow, 1, s->time, &conf->policy);
		record_make(b.record, &report, conf->policy.view, INDEX);
		export_batch(x, &b, now);
		assert_int_equal(b.result[0],
		    s->inexpressible ? EXPORT_INEXPRESSIBLE : EXPORT_GIVEN);
	}
	while (export_busy(x)) {
		export_more(x, now);
		receive();
	}
}

static void
check_state(const struct state *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		int said = s->packets[i] > 0 && !s->inexpressible;

		assert_int_equal(s->got_packets[i], said ? s->packets[i] : 0);
		assert_int_equal(s->got_bytes[i], said ? s->bytes[i] : 0);
		assert_int_equal(s->got[i], said ? parts(s, i) : 0);
	}
}

/* Frames' times and the clock jump about by an hour each way. */
static void
run_batch(uint32_t number)
{
	uint64_t now = T0;
	unsigned int i;

	view = (enum flow_view)below(3);
	if (x != NULL && below(4))
		reload();
	else
		respawn();
	for (i = 0; i < TOGETHER; i++) {
		if (!below(40))
			now = T0 - 3600000 + below(7200000);
		now += below(200);
		make_state(&states[i], number + i,
		    below(10) ? now : T0 - 3600000 + below(7200000));
	}
	now = T0;
	for (i = 0; i < TOGETHER; i++) {
		now = below(40) ? states[i].time : T0 + below(7200000);
		export_state(&states[i], now);
		if (!below(10))
			receive();
	}
	export_close(x, now);
	receive();
	for (i = 0; i < TOGETHER; i++)
		check_state(&states[i]);
}

static void
test_properties(void **state)
{
	const char *given = getenv("PROPERTY_SEED");
	const char *more = getenv("PROPERTY_STATES");
	unsigned long n = more != NULL ? strtoul(more, NULL, 10) : STATES;
	uint32_t number;

	(void)state;
	seed = given != NULL ? strtoull(given, NULL, 10) :
			       (uint64_t)time(NULL) << 20 | (uint32_t)getpid();
	print_message("PROPERTY_SEED=%" PRIu64 "\n", seed);
	ledger = ledger_new();
	assert_non_null(ledger);
	for (number = 1; number <= n; number += TOGETHER)
		run_batch(number);
	assert_int_equal(export_counters(x, 0)->clamped, clamped);
	assert_int_equal(export_counters(x, 0)->built, sequence);
	export_free(x);
	event_base_free(base);
	conf_free(conf);
	free(ledger);
	close(at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties),
	};

	return RUN(tests);
}
