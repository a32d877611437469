/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "pflowd/process/ledger.h"

static struct ledger *l;

/* What an engine leaves that was killed in its work. */
static int
set_up(void **state)
{
	struct ledger_collector *c;

	(void)state;
	if ((l = ledger_new()) == NULL)
		return -1;
	ledger_begin(l, 1000);
	c = ledger_collector(l, "netflow5 192.0.2.1:2055");
	c->counters.built = 10;
	c->counters.sent = 7;
	c->counters.failed[SEND_REFUSED] = 1;
	c->counters.octets_built = 1000;
	c->counters.octets_sent = 700;
	c->counters.octets_dropped = 50;
	c->counters.octets_failed = 100;
	ledger_retire(l, &ledger_collector(l, "first")->counters);
	ledger_retire(l, &ledger_collector(l, "second")->counters);
	l->counters.announced = 9;
	l->counters.cut = 1;
	l->counters.exported = 5;
	l->counters.ignored = 2;
	l->counters.octets_reported = 900;
	l->counters.octets_exported = 500;
	l->counters.octets_ignored = 200;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(l);
	return 0;
}

static void
test_sound(void **state)
{
	(void)state;
	assert_int_equal(ledger_check(l), 0);
	assert_int_equal(l->counters.exported, 5);
	ledger_begin(l, 2000);
	assert_int_equal(l->counters.crashed, 1);
	assert_int_equal(l->counters.octets_crashed, 200);
	assert_int_equal(l->counters.octets_shown, 900);
	assert_int_equal(l->collectors[0].counters.crashed, 2);
	assert_int_equal(l->collectors[0].counters.octets_crashed, 150);
}

/* What tracked states have not reported stays theirs. */
static void
test_tracked_octets(void **state)
{
	(void)state;
	l->counters.octets_shown = 5000;
	l->counters.first_seen = l->counters.tracked = 1;
	ledger_begin(l, 2000);
	assert_int_equal(l->counters.octets_shown, 5000);
}

/* Octets are of any size, as forged counters are; their sums wrap. */
static void
test_forged_octets(void **state)
{
	(void)state;
	l->counters.octets_reported = 90;
	l->counters.octets_exported = UINT64_MAX - 99;
	l->counters.octets_own = 30;
	l->counters.octets_other_creator = 7;
	l->counters.octets_inexpressible = 3;
	l->counters.dropped_between = UINT64_MAX;
	l->collectors[0].counters.octets_built = 5;
	l->collectors[0].counters.octets_sent = UINT64_MAX;
	assert_int_equal(ledger_check(l), 0);
	ledger_begin(l, 2000);
	assert_int_equal(l->counters.octets_crashed, UINT64_MAX - 49);
	assert_int_equal(ledger_check(l), 0);
	ledger_begin(l, 3000);
	assert_int_equal(l->counters.octets_crashed, UINT64_MAX - 49);
}

/* Unfinished work is undone, once, and what is complete stays. */
static void
test_recovery(void **state)
{
	struct collector_counters *c = &l->collectors[0].counters;
	int engines;

	(void)state;
	l->counters.verdict[PFSYNC_DECODED] = 3;
	l->counters.verdict[PFSYNC_CLR] = 1;
	l->counters.frames = 5; /* the last without a verdict */
	c->given = 4;
	c->ignored = 1;
	c->inexpressible_inet6 = 2;
	c->inexpressible_wide = 1;
	c->offered = 9; /* the last without a result */
	for (engines = 0; engines < 2; engines++) {
		ledger_begin(l, 2000);
		assert_int_equal(l->started, 1000);
		assert_int_equal(l->counters.frames, 4);
		assert_int_equal(l->counters.states, 7);
		assert_int_equal(l->counters.crashed, 1);
		assert_int_equal(l->counters.octets_crashed, 200);
		assert_int_equal(c->offered, 8);
		assert_int_equal(c->crashed, 2);
	}
}

/* A name that has no row of its own is counted with others, in the last. */
static void
test_interfaces(void **state)
{
	struct ledger_interface *last = &l->interfaces[LEDGER_INTERFACES - 1];
	char name[FLOW_IFNAME];
	int i;

	(void)state;
	for (i = 0; i < LEDGER_INTERFACES + 9; i++) {
		memset(name, 0, sizeof(name));
		snprintf(name, sizeof(name), "if%d", i);
		ledger_interface(l, name)->states++;
		ledger_interface(l, name)->states++;
	}
	assert_string_equal(l->interfaces[0].name, "if0");
	assert_int_equal(l->interfaces[0].states, 2);
	assert_string_equal(last[-1].name, "if126");
	assert_int_equal(last[-1].states, 2);
	assert_string_equal(last->name, "others");
	assert_int_equal(last->states, 2 * 10);
	assert_int_equal(ledger_check(l), 0);
}

/* A row that is free again begins with nothing. */
static void
test_rows(void **state)
{
	struct ledger_collector *row = &l->collectors[3];

	(void)state;
	row->health.narrow = 1; /* left by somebody */
	assert_ptr_equal(ledger_collector(l, "third"), row);
	assert_int_equal(row->health.narrow, 0);
	row->counters.built = row->counters.sent = 5;
	row->health.failing = 1;
	assert_ptr_equal(ledger_collector(l, "third"), row);
	ledger_retire(l, &row->counters);
	assert_ptr_not_equal(ledger_collector(l, "third"), row);
	assert_int_equal(row->counters.built, 5);
	ledger_release(l, &row->counters);
	assert_ptr_equal(ledger_collector(l, "fourth"), row);
	assert_int_equal(row->counters.built, 0);
	assert_int_equal(row->health.failing, 0);
	ledger_rename(l, &row->counters, "fifth");
	assert_ptr_equal(ledger_collector(l, "fifth"), row);
}

/* An engine that did not say that it ends has died. */
static void
test_engines(void **state)
{
	(void)state;
	assert_int_equal(l->died + l->replaced, 0);
	ledger_begin(l, 2000);
	assert_int_equal(l->died, 1);
	assert_int_equal(l->replaced, 0);
	l->pfsync_version = 5;
	ledger_begin(l, 2500);
	assert_int_equal(l->pfsync_version, 5);
	ledger_end(l);
	ledger_begin(l, 3000);
	assert_int_equal(l->pfsync_version, 0);
	ledger_begin(l, 4000);
	assert_int_equal(l->died, 3);
	assert_int_equal(l->replaced, 1);
	assert_int_equal(l->engines, 5);
}

/* A warning is forgotten if it is of what is well again. */
static void
test_settle(void **state)
{
	char text[sizeof(l->error) + 10];

	(void)state;
	ledger_error(l, "collector a: refused", 2000);
	ledger_settle(l, "collector b: ");
	ledger_settle(l, "collector a: refused, too");
	assert_string_equal(l->error, "collector a: refused");
	assert_int_equal(l->error_time, 2000);
	ledger_settle(l, "collector a: ");
	assert_string_equal(l->error, "");
	assert_int_equal(l->error_time, 0);
	memset(text, 'x', sizeof(text) - 1); /* longer than is kept */
	text[sizeof(text) - 1] = '\0';
	ledger_error(l, text, 2000);
	ledger_settle(l, text);
	assert_string_equal(l->error, "");
}

/* Everything is zero afterwards, as of a first engine. */
static void
is_emptied(void)
{
	static const struct ledger empty;

	assert_int_equal(ledger_check(l), -1);
	assert_memory_equal(l, &empty, sizeof(empty));
}

/* Each in a ledger of its own: set_up() comes before each test. */
#define UNSOUND(name, statement)          \
	static void test_##name(void **s) \
	{                                 \
		(void)s;                  \
		statement;                \
		is_emptied();             \
	}

UNSOUND(all_ones, memset(l, 0xff, sizeof(*l)))
UNSOUND(error_text, memset(l->error, 'x', sizeof(l->error)))
UNSOUND(pfsync_version, l->pfsync_version = 7)
UNSOUND(time, l->started = UINT64_MAX)
UNSOUND(rule, l->rule_hits[RULE_MAX - 1] = UINT64_MAX)
UNSOUND(last_counter, l->counters.kernel_unread = UINT64_MAX)
UNSOUND(states, l->counters.ignored = 4)
UNSOUND(wrapping_states, l->counters.own = UINT64_MAX - 1)
UNSOUND(interface_name, memset(l->interfaces[1].name, 'x', FLOW_IFNAME))
UNSOUND(interface_count, l->interfaces[LEDGER_INTERFACES - 1].records--)
UNSOUND(sent, l->collectors[0].counters.sent = 10)
UNSOUND(crashed, l->collectors[0].counters.crashed = 3)
UNSOUND(lost, l->collectors[0].lost = UINT64_MAX)
UNSOUND(key_text, memset(l->collectors[9].key, 'x', LEDGER_KEY))
UNSOUND(last_error, l->collectors[0].counters.errors[SEND_ERRORS - 1]--)
UNSOUND(same_key, memcpy(l->collectors[9].key, l->collectors[0].key, 30))

/* As it is made for the first engine: all of its memory is there. */
static void
test_created(void **state)
{
	static const struct ledger empty;
	struct ledger *mapped;
	struct stat st;
	int fd;

	(void)state;
	assert_int_not_equal(fd = ledger_create(), -1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, sizeof(empty));
	assert_true((uint64_t)st.st_blocks * 512 >= sizeof(empty));
	assert_non_null(mapped = ledger_map(fd));
	assert_memory_equal(mapped, &empty, sizeof(empty));
	close(fd);
}

/* No room is an error at once, not a SIGBUS later. */
static void
test_no_room(void **state)
{
	struct rlimit limit, small;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 4096;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(ledger_create(), -1);
	assert_int_equal(errno, EFBIG);
	setrlimit(RLIMIT_FSIZE, &limit);
	signal(SIGXFSZ, SIG_DFL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tracked_octets),
		TEST(test_forged_octets),
		TEST(test_recovery),
		TEST(test_interfaces),
		TEST(test_rows),
		TEST(test_engines),
		TEST(test_settle),
		TEST(test_sound),
		TEST(test_all_ones),
		TEST(test_error_text),
		TEST(test_pfsync_version),
		TEST(test_time),
		TEST(test_rule),
		TEST(test_last_counter),
		TEST(test_states),
		TEST(test_wrapping_states),
		TEST(test_interface_name),
		TEST(test_interface_count),
		TEST(test_sent),
		TEST(test_crashed),
		TEST(test_lost),
		TEST(test_key_text),
		TEST(test_last_error),
		TEST(test_same_key),
		TEST(test_created),
		TEST(test_no_room),
	};

	return RUN(tests);
}
