/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>

#include "unit.h"

#include "pflowd/source/pfsync.h"
#include "tests/tools/frames.h"

static const struct state plain = { .id = 1,
	.packets = { 3, 4 },
	.bytes = { 300, 400 },
	.direction = 1,
	.proto = 6,
	.af = 2,
	.age = 100,
	.timeout = 5 };

/* A frame of n plain states. */
static void
make(struct frame *f, unsigned int version, unsigned int n)
{
	open_frame(f, version);
	start_data(f);
	f->data[0] = (uint8_t)version;
	f->data[2] = 3;
	f->data[3] = (uint8_t)n;
	while (n-- > 0)
		add_state(f, &plain);
}

/* What the reader says of it, and how many states it gives. */
static enum pfsync_verdict
read_frame(const uint8_t *data, size_t len, struct pfsync_frame *p,
    unsigned int *states)
{
	uint8_t *copy = exact_copy(data, len);
	enum pfsync_verdict verdict = pfsync_open(p, copy, len);
	struct flow flow;

	*states = 0;
	while (pfsync_read(p, &flow, 1)) {
		assert_int_equal(flow.packets[0], 3);
		assert_int_equal(flow.packets[1], 4);
		assert_int_equal(flow.anomalies, 0);
		(*states)++;
	}
	assert_int_equal(pfsync_read(p, &flow, 1), 0);
	free(copy);
	return verdict;
}

/* Where the fields of a record are: by the kernels' structs, not by pflowd. */
struct where {
	unsigned int version, size;
	unsigned int lan, lan_port, gwy, gwy_port, ext, ext_port;
	unsigned int creator, width;
};
static const struct where where[] = {
	{ 2, 224, 24, 40, 48, 64, 72, 88, 212, 4 },
	{ 3, 240, 24, 40, 48, 64, 72, 88, 228, 8 },
	{ 4, 240, 76, 94, 40, 58, 24, 56, 228, 8 },
};

static uint64_t
be(const uint8_t *p, unsigned int width)
{
	uint64_t v = 0;

	while (width-- > 0)
		v = v << 8 | *p++;
	return v;
}

static void
check_hosts(const struct flow *f, const uint8_t *r, const struct where *w)
{
	assert_memory_equal(f->lan.addr, r + w->lan, 16);
	assert_memory_equal(f->gwy.addr, r + w->gwy, 16);
	assert_memory_equal(f->ext.addr, r + w->ext, 16);
	assert_int_equal(f->lan.port, be(r + w->lan_port, 2));
	assert_int_equal(f->gwy.port, be(r + w->gwy_port, 2));
	assert_int_equal(f->ext.port, be(r + w->ext_port, 2));
	assert_memory_equal(f->rt_addr, r + 160, 16);
}

static void
check_rest(const struct flow *f, const uint8_t *r, const struct where *w)
{
	const uint8_t *tail = r + w->creator;

	assert_int_equal(f->id, be(r, 8));
	assert_memory_equal(f->ifname, r + 8, 15);
	assert_int_equal(f->ifname[15], 0);
	assert_int_equal(f->rule, be(r + 176, 4));
	assert_int_equal(f->age, be(r + 188, 4));
	assert_int_equal(f->expires,
	    w->version < 4 && be(r + 192, 4) != 0 ? FLOW_EXPIRES_UNKNOWN :
						    be(r + 192, 4));
	assert_int_equal(f->packets[0], be(r + 196, w->width));
	assert_int_equal(f->packets[1], be(r + 196 + w->width, w->width));
	assert_int_equal(f->bytes[0], be(r + 196 + 2 * w->width, w->width));
	assert_int_equal(f->bytes[1], be(r + 196 + 3 * w->width, w->width));
	assert_int_equal(f->creator, be(tail, 4));
	assert_int_equal(f->proto, tail[5]);
	assert_int_equal(f->direction, tail[6]);
	assert_int_equal(f->timeout, tail[9]);
	assert_int_equal(f->tcp_state[0], r[120]);
	assert_int_equal(f->tcp_state[1], r[152]);
	assert_int_equal(f->version, w->version);
}

/* Every byte differs from its neighbours, so that no offset can be wrong. */
static void
test_fields(void **state)
{
	struct flow flow;
	size_t i, v;

	(void)state;
	for (v = 0; v < 3; v++) {
		const struct where *w = &where[v];
		const struct pfsync_layout *l =
		    pfsync_layout((uint8_t)w->version);
		uint8_t *r = malloc(w->size);

		assert_non_null(r);
		for (i = 0; i < w->size; i++)
			r[i] = (uint8_t)(i * 37 + 11);
		r[96 + 3] = 1;
		assert_int_equal(pfsync_state_size(l), w->size);
		memset(&flow, 0xaa, sizeof(flow));
		pfsync_states(l, r, &flow, 1);
		check_hosts(&flow, r, w);
		check_rest(&flow, r, w);
		free(r);
	}
}

static void
test_families(void **state)
{
	static const struct {
		uint8_t af, family;
	} cases[] = { { 2, 4 }, { 24, 6 }, { 28, 6 }, { 30, 6 }, { 0, 0 },
		{ 10, 0 }, { 255, 0 } };
	struct state s = plain;
	uint8_t r[STATE_MAX];
	struct flow flow;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s.af = cases[i].af;
		s.bytes[0] = s.bytes[1] = 1000;
		put_state(r, 3, &s);
		pfsync_states(pfsync_layout(3), r, &flow, 1);
		assert_int_equal(flow_family(&flow), cases[i].family);
		assert_int_equal(flow.anomalies,
		    cases[i].family == 0 ? FLOW_BAD_FAMILY : 0);
	}
}

/* What is odd about the plain state with these of its fields changed. */
static unsigned int
odd(const struct state *s)
{
	uint8_t r[STATE_MAX];
	struct flow flow;

	put_state(r, 3, s);
	pfsync_states(pfsync_layout(3), r, &flow, 1);
	return flow.anomalies;
}

/* Of either direction. */
static unsigned int
bad_counters(uint8_t af, uint64_t packets, uint64_t bytes)
{
	struct state s[2] = { plain, plain };
	int i;

	for (i = 0; i < 2; i++) {
		s[i].af = af;
		s[i].packets[i] = packets;
		s[i].bytes[i] = bytes;
	}
	assert_int_equal(odd(&s[0]), odd(&s[1]));
	return odd(&s[0]);
}

static void
test_odd_counters(void **state)
{
	(void)state;
	assert_int_equal(bad_counters(2, 0, 0), 0);
	assert_int_equal(bad_counters(2, 1, 0), FLOW_BAD_COUNTERS);
	assert_int_equal(bad_counters(2, 0, 1), FLOW_BAD_COUNTERS);
	assert_int_equal(bad_counters(2, 3, 59), FLOW_BAD_COUNTERS);
	assert_int_equal(bad_counters(2, 3, 60), 0);
	assert_int_equal(bad_counters(2, 2, 2 * 65535), 0);
	assert_int_equal(bad_counters(2, 2, 2 * 65535 + 1), FLOW_BAD_COUNTERS);
	assert_int_equal(bad_counters(24, 3, 119), FLOW_BAD_COUNTERS);
	assert_int_equal(bad_counters(24, 3, 120), 0);
	assert_int_equal(bad_counters(2, UINT64_MAX, UINT64_MAX),
	    FLOW_BAD_COUNTERS);
}

/* So many of the longest packets are just what 64 bits can tell. */
static void
test_odd_huge_counters(void **state)
{
	const uint64_t packets = UINT64_MAX / 65535;

	(void)state;
	assert_int_equal(bad_counters(2, packets, UINT64_MAX), 0);
	assert_int_equal(bad_counters(2, packets, packets * 20), 0);
	assert_int_equal(bad_counters(2, packets, packets * 20 - 1),
	    FLOW_BAD_COUNTERS);
	assert_int_equal(bad_counters(2, packets - 1, UINT64_MAX),
	    FLOW_BAD_COUNTERS);
	assert_int_equal(bad_counters(2, packets - 1, UINT64_MAX - 65535), 0);
	assert_int_equal(bad_counters(2, packets + 1, UINT64_MAX), 0);
	assert_int_equal(bad_counters(2, packets + 1, packets * 20 + 20), 0);
	assert_int_equal(bad_counters(2, packets + 1, packets * 20 + 19),
	    FLOW_BAD_COUNTERS);
	assert_int_equal(bad_counters(2, packets + 1, 0), FLOW_BAD_COUNTERS);
	assert_int_equal(bad_counters(24, packets + 1, packets * 40 + 39),
	    FLOW_BAD_COUNTERS);
}

static void
test_odd_rest(void **state)
{
	struct state s = plain;

	(void)state;
	s.direction = 0;
	assert_int_equal(odd(&s), FLOW_BAD_DIRECTION);
	s.direction = 3;
	assert_int_equal(odd(&s), FLOW_BAD_DIRECTION);
	s = plain;
	s.age = 0x7fffffff;
	assert_int_equal(odd(&s), 0);
	s.age = 0x80000000;
	assert_int_equal(odd(&s), FLOW_BAD_AGE);
	s = plain;
	s.timeout = 13;
	assert_int_equal(odd(&s), 0);
	s.timeout = 14;
	assert_int_equal(odd(&s), FLOW_BAD_TIMEOUT);
	s.timeout = 20;
	assert_int_equal(odd(&s), 0);
	s.timeout = 21;
	assert_int_equal(odd(&s), 0);
	s.timeout = 22;
	assert_int_equal(odd(&s), FLOW_BAD_TIMEOUT);
	s = plain;
	s.level[0] = 12;
	assert_int_equal(odd(&s), 0);
	s.level[1] = 13;
	assert_int_equal(odd(&s), FLOW_BAD_TCP_STATE);
}

/* Every length of a frame of three states. */
static void
test_cuts(void **state)
{
	static struct frame f;
	struct pfsync_frame p;
	unsigned int version, n;
	size_t len;

	(void)state;
	for (version = 2; version <= 4; version++) {
		size_t header = version == 2 ? 4 : 20;
		size_t record = version == 2 ? 224 : 240;

		make(&f, version, 3);
		for (len = 0; len <= f.len; len++) {
			enum pfsync_verdict v = read_frame(f.data, len, &p, &n);

			if (len < header) {
				assert_int_equal(v, PFSYNC_SHORT);
				assert_int_equal(n, 0);
				continue;
			}
			assert_int_equal(v, PFSYNC_DECODED);
			assert_int_equal(n, (len - header) / record);
			assert_int_equal(p.announced, 3);
			assert_int_equal(p.cut, 3 - n);
			assert_int_equal(p.trailing, 0);
		}
	}
}

static void
test_trailing(void **state)
{
	static struct frame f;
	struct pfsync_frame p;
	unsigned int n;

	(void)state;
	make(&f, 3, 2);
	memset(f.data + f.len, 0xee, 300);
	assert_int_equal(read_frame(f.data, f.len + 300, &p, &n),
	    PFSYNC_DECODED);
	assert_int_equal(n, 2);
	assert_int_equal(p.trailing, 300);
	f.data[3] = 1;
	read_frame(f.data, f.len, &p, &n);
	assert_int_equal(n, 1);
	assert_int_equal(p.trailing, 240);
	make(&f, 4, 255);
	assert_int_equal(read_frame(f.data, f.len, &p, &n), PFSYNC_DECODED);
	assert_int_equal(n, 255);
}

static void
test_verdicts(void **state)
{
	static struct frame f;
	struct pfsync_frame p;
	unsigned int n, i;

	(void)state;
	make(&f, 3, 1);
	for (i = 0; i < 256; i++) {
		enum pfsync_verdict wanted = i >= 2 && i <= 4 ? PFSYNC_DECODED :
								PFSYNC_VERSION;

		make(&f, 4, 1);
		f.data[0] = (uint8_t)i;
		/* A 4 in the upper half could be an IP header's. */
		if (f.data[9] == 240)
			fail();
		assert_int_equal(read_frame(f.data, 20, &p, &n), wanted);
		assert_int_equal(p.version, i);
	}
	for (i = 0; i < 256; i++) {
		make(&f, 3, 1);
		f.data[2] = (uint8_t)i;
		assert_int_equal(read_frame(f.data, f.len, &p, &n),
		    i == 3     ? PFSYNC_DECODED :
			i == 0 ? PFSYNC_CLR :
				 PFSYNC_ACTION);
		assert_int_equal(n, i == 3);
	}
	f.data[2] = 3;
	f.data[3] = 0;
	assert_int_equal(read_frame(f.data, f.len, &p, &n), PFSYNC_COUNT);
}

static void
test_clear(void **state)
{
	static struct frame f;
	struct pfsync_frame p;
	unsigned int n;

	(void)state;
	make(&f, 3, 0);
	f.data[2] = 0;
	memcpy(f.data + 20, "em0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	put32(f.data + 36, 0xdeadbeef);
	assert_int_equal(read_frame(f.data, 44, &p, &n), PFSYNC_CLR);
	assert_string_equal(p.clr_ifname, "em0");
	assert_int_equal(p.clr_creator, 0xdeadbeef);
	assert_int_equal(read_frame(f.data, 43, &p, &n), PFSYNC_CLR);
	assert_string_equal(p.clr_ifname, "");
}

/* Name and padding of a CLR are what the kernel's buffer held before. */
static void
test_clear_names(void **state)
{
	static const struct {
		const char bytes[17];
		const char *name;
	} names[] = {
		{ "wm2\0@\x11\0\0\x7f\0\0\1\x7f\0\0\1", "wm2" },
		{ "\0\x13\x89\6\4\0\3\2\0\0\1\xa2 a,>", "" },
		{ "all", "all" },
		{ "vlan10.3", "vlan10.3" },
		{ "wan_1-a:0", "wan_1-a:0" },
		{ "abcdefghijklmno", "abcdefghijklmno" },
		{ "abcdefghijklmnop", "" }, /* no end */
		{ "E", "" },		    /* of an IP header */
		{ "1em", "" },
		{ "em 0", "" },
		{ "em\x1b[2J", "" },
		{ "em\xe9", "" },
		{ "\xff\xfe", "" },
		{ "-F", "" },
	};
	static struct frame f;
	struct pfsync_frame p;
	unsigned int n;
	size_t i;

	(void)state;
	make(&f, 3, 0);
	f.data[2] = 0;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		memcpy(f.data + 20, names[i].bytes, 16);
		assert_int_equal(read_frame(f.data, 44, &p, &n), PFSYNC_CLR);
		assert_string_equal(p.clr_ifname, names[i].name);
	}
}

/* A frame of two states behind an IP header, in packet; returns its length. */
static size_t
with_ip(uint8_t *packet, int family, size_t options)
{
	static struct frame f;
	size_t header = (family == 4 ? 20 : 40) + options;

	make(&f, 3, 2);
	memset(packet, 0, header);
	if (family == 4) {
		packet[0] = (uint8_t)(0x40 | header / 4);
		put16(packet + 2, (uint16_t)(header + f.len));
		put16(packet + 6, 0x4000); /* do not fragment */
		packet[9] = 240;
	} else {
		packet[0] = 0x60;
		put16(packet + 4, (uint16_t)f.len);
		packet[6] = 240;
	}
	memcpy(packet + header, f.data, f.len);
	return header + f.len;
}

static void
test_ip(void **state)
{
	uint8_t packet[1024];
	struct pfsync_frame p;
	unsigned int n;
	size_t len, cut;

	(void)state;
	len = with_ip(packet, 4, 0);
	for (cut = 0; cut <= len; cut++) {
		enum pfsync_verdict v = read_frame(packet, cut, &p, &n);

		if (cut >= 40) {
			assert_int_equal(v, PFSYNC_DECODED);
			assert_int_equal(n, (cut - 40) / 240);
		} else {
			assert_int_not_equal(v, PFSYNC_DECODED);
		}
	}
	len = with_ip(packet, 4, 8);
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_DECODED);
	assert_int_equal(n, 2);
	len = with_ip(packet, 6, 0);
	for (cut = 60; cut <= len; cut++) {
		assert_int_equal(read_frame(packet, cut, &p, &n),
		    PFSYNC_DECODED);
		assert_int_equal(n, (cut - 60) / 240);
	}
}

static void
test_ip_lengths(void **state)
{
	uint8_t packet[1024];
	struct pfsync_frame p;
	unsigned int n;
	size_t len;

	(void)state;
	len = with_ip(packet, 4, 0);
	put16(packet + 2, (uint16_t)(len - 240)); /* then padding */
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_DECODED);
	assert_int_equal(n, 1);
	put16(packet + 2, 19);
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_LENGTH);
	len = with_ip(packet, 4, 0);
	packet[0] = 0x44;
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_LENGTH);
	len = with_ip(packet, 4, 0);
	put16(packet + 6, 1); /* a later fragment */
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_LENGTH);
	len = with_ip(packet, 6, 0);
	put16(packet + 4, 240 + 20);
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_DECODED);
	assert_int_equal(n, 1);
	packet[6] = 17; /* not pfsync: a frame that begins with 0x60 */
	assert_int_equal(read_frame(packet, len, &p, &n), PFSYNC_VERSION);
}

static void
test_names(void **state)
{
	int v;

	(void)state;
	for (v = 0; v < PFSYNC_VERDICTS; v++)
		assert_non_null(pfsync_verdict_name((enum pfsync_verdict)v));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_odd_counters),
		cmocka_unit_test(test_odd_huge_counters),
		cmocka_unit_test(test_odd_rest),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_trailing),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_clear_names),
		cmocka_unit_test(test_ip),
		cmocka_unit_test(test_ip_lengths),
		cmocka_unit_test(test_names),
	};

	return RUN(tests);
}
