/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The fields of a state in each version, and what is odd about them.
 */

#include <netinet/in.h>

#include "states.h"

#include "pflowd/source/pfsync.h"
#include "pflowd/source/pfsync_layout.h"

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
	assert_int_equal(f->timeout,
	    tail[9] <= FLOW_PURGE ? tail[9] : FLOW_TIMEOUT_UNKNOWN);
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
		assert_int_equal(l->record, w->size);
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
	struct state s = plain_state;
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
	struct state s[2] = { plain_state, plain_state };
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
	struct state s = plain_state;

	(void)state;
	s.direction = 0;
	assert_int_equal(odd(&s), FLOW_BAD_DIRECTION);
	s.direction = 3;
	assert_int_equal(odd(&s), FLOW_BAD_DIRECTION);
	s = plain_state;
	s.age = 0x7fffffff;
	assert_int_equal(odd(&s), 0);
	s.age = 0x80000000;
	assert_int_equal(odd(&s), FLOW_BAD_AGE);
	s = plain_state;
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
	s = plain_state;
	s.level[0] = 12;
	assert_int_equal(odd(&s), 0);
	s.level[1] = 13;
	assert_int_equal(odd(&s), FLOW_BAD_TCP_STATE);
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
	};

	return RUN(tests);
}
