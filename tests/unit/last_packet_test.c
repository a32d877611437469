/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The times of records whose states pfsync announced.
 */

#include <netinet/in.h>

#include "records.h"

#define NOW UINT64_C(1700000000250)

static struct record_policy rules;
static struct record r;

static unsigned int
make(const struct flow *f)
{
	return make_record(&r, f, NOW, &rules);
}

static int
set_up(void **state)
{
	(void)state;
	record_policy_default(&rules);
	memset(&r, 0xaa, sizeof(r));
	return 0;
}

/* The age of the last packet at the announcement, in ms. */
static uint64_t
idle(const struct flow *f)
{
	make(f);
	assert_int_equal(r.times.start, NOW - (uint64_t)f->age * 1000);
	assert_true(r.times.end >= r.times.start && r.times.end <= NOW);
	return NOW - r.times.end;
}

static void
test_times(void **state)
{
	struct flow f = plain_flow();

	(void)state;
	f.age = 1000;
	assert_int_equal(idle(&f), 95500); /* tcp.closed and the purge's lag */
	f.timeout = FLOW_UDP_MULTIPLE;
	assert_int_equal(idle(&f), 65500);
	rules.timeout[FLOW_UDP_MULTIPLE] = 20;
	rules.timeout[FLOW_INTERVAL] = 2;
	assert_int_equal(idle(&f), 21500);
	rules.timeout[FLOW_UDP_MULTIPLE] = 0; /* it tells nothing */
	assert_int_equal(idle(&f), 0);
	f.timeout = FLOW_PURGE; /* killed */
	assert_int_equal(idle(&f), 0);
	f.timeout = 200;
	f.anomalies = FLOW_BAD_TIMEOUT;
	assert_int_equal(idle(&f), 0);
	f = plain_flow();
	f.age = 1000;
	f.tcp_state[0] = f.tcp_state[1] = 0; /* flushed */
	assert_int_equal(idle(&f), 0);
	f.tcp_state[0] =
	    FLOW_TCPS_SYN_SENT; /* one end of it alone says nothing */
	assert_int_equal(idle(&f), 91500);
	f.tcp_state[0] = 0;
	f.tcp_state[1] = FLOW_TCPS_SYN_SENT;
	assert_int_equal(idle(&f), 91500);
	f = plain_flow();
	f.age = 89; /* younger than its timeout: it did not expire */
	assert_int_equal(idle(&f), 0);
	f.age = 90; /* never before the start */
	assert_int_equal(idle(&f), 90000);
	rules.end = RECORD_DELETION;
	assert_int_equal(idle(&f), 0);
}

/* Version 4 says how much of the timeout was left. */
static void
test_time_left(void **state)
{
	struct flow f = plain_flow();

	(void)state;
	f.version = 4;
	f.age = 1000;
	f.expires = 30;
	assert_int_equal(idle(&f), 60000);
	f.expires = 90;
	assert_int_equal(idle(&f), 0);
	f.expires = UINT32_MAX;
	assert_int_equal(idle(&f), 0);
	f.expires = 0;
	assert_int_equal(idle(&f), 95500);
	f.expires = 30;
	f.age = 60;
	assert_int_equal(idle(&f), 60000);
	f.age = 59; /* the timeout was another one */
	assert_int_equal(idle(&f), 0);
	f.age = 1000;
	rules.timeout[FLOW_INTERVAL] = 90; /* which is none of states */
	f.timeout = FLOW_INTERVAL;
	assert_int_equal(idle(&f), 0);
	f.timeout = FLOW_TCP_CLOSED;
	f.tcp_state[0] = f.tcp_state[1] = FLOW_TCPS_CLOSED; /* killed */
	assert_int_equal(idle(&f), 0);
}

/*
 * The clock was set back: in versions 2 and 3 the last packet is in the future,
 * and the state did not expire; nor did one whose beginning is.
 */
static void
test_clock_set_back(void **state)
{
	struct flow f = plain_flow();

	(void)state;
	f.version = 3;
	f.age = 3700;
	f.expires = FLOW_EXPIRES_UNKNOWN;
	assert_int_equal(idle(&f), 0);
	assert_int_equal(record_reason(&r), RECORD_FORCED);
	f.age = UINT32_MAX - 3592;
	f.anomalies = FLOW_BAD_AGE;
	for (f.expires = 3593;; f.expires = 0) {
		make(&f);
		assert_int_equal(r.times.start, NOW);
		assert_int_equal(r.times.end, NOW);
		assert_int_equal(record_reason(&r), RECORD_FORCED);
		if (f.expires == 0)
			break;
	}
}

/*
 * How far the estimate of the last packet is off at most, in ms, when pf purges
 * once in `interval` and gathers for a second: over all lags that makes.
 */
static uint64_t
largest_error(enum flow_timeout timeout, uint32_t interval)
{
	uint64_t last, estimate, error, largest = 0;
	struct flow f = plain_flow();
	uint32_t lag;

	rules.timeout[FLOW_INTERVAL] = interval;
	f.timeout = (uint8_t)timeout;
	f.proto = timeout >= FLOW_UDP_FIRST ? IPPROTO_UDP : IPPROTO_TCP;
	f.age = rules.timeout[timeout] + 100000;
	for (lag = 0; lag <= (interval + 1) * 1000; lag += 10) {
		last = NOW - rules.timeout[timeout] * UINT64_C(1000) - lag;
		make(&f);
		estimate = r.times.end;
		error = estimate > last ? estimate - last : last - estimate;
		if (error > largest)
			largest = error;
	}
	return largest;
}

/* What the manual says of it: half of the purge's interval, and of a second. */
static void
test_error_of_last_packet(void **state)
{
	int i;

	(void)state;
	for (i = FLOW_TCP_FIRST; i < FLOW_STATE_TIMEOUTS; i++) {
		assert_int_equal(largest_error((enum flow_timeout)i, 10), 5500);
		assert_int_equal(largest_error((enum flow_timeout)i, 60),
		    30500);
	}
}

static void
test_single_packet(void **state)
{
	struct flow f = plain_flow();

	(void)state;
	f.packets[0] = 1;
	f.packets[1] = 0;
	assert_int_equal(idle(&f), 60000);
	f.packets[1] = 1;
	f.packets[0] = 0;
	assert_int_equal(idle(&f), 60000);
	f.packets[0] = 1;
	assert_int_not_equal(idle(&f), 60000);
}

static void
test_extreme_times(void **state)
{
	struct flow f = plain_flow();

	(void)state;
	f.age = 0x7fffffff; /* created before the epoch */
	make(&f);
	assert_int_equal(r.times.start, 0);
	f.age = 0xffffffff;
	f.anomalies = FLOW_BAD_AGE;
	make(&f);
	assert_int_equal(r.times.start, NOW);
	assert_int_equal(r.times.end, NOW);
	f = plain_flow();
	assert_int_equal(make_record(&r, &f, 0, &rules), 2);
	assert_int_equal(r.times.start, 0);
	assert_int_equal(r.times.end, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_times, set_up),
		cmocka_unit_test_setup(test_time_left, set_up),
		cmocka_unit_test_setup(test_clock_set_back, set_up),
		cmocka_unit_test_setup(test_error_of_last_packet, set_up),
		cmocka_unit_test_setup(test_single_packet, set_up),
		cmocka_unit_test_setup(test_extreme_times, set_up),
	};

	return RUN(tests);
}
