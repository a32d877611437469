/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the parent must know, on a link that is full.
 */

#include "unit.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <syslog.h>

#include "common/log.h"
#include "pflowd/conf/conf.h"
#include "pflowd/engine/engine_local.h"
#include "pflowd/process/build.h"
#include "pflowd/process/link.h"

#define DOWN 3 /* a collector */

const char build_id[] = "a build of ours";

static struct engine e;
static struct msg_conn parent; /* the other end */
static unsigned int got[MSG_RESOLVE_ADDR + 1];
static unsigned int verbose, down, listening;

static void
note(const struct msg *msg)
{
	struct link_verbose v;
	struct link_down d;
	struct link_capture c;

	assert_true(msg->type <= MSG_RESOLVE_ADDR);
	got[msg->type]++;
	if (msg->type == MSG_ENGINE_VERBOSE) {
		assert_int_equal(msg_payload(msg, &v, sizeof(v)), 0);
		verbose = v.verbose;
	} else if (msg->type == MSG_ENGINE_DOWN) {
		assert_int_equal(msg_payload(msg, &d, sizeof(d)), 0);
		down = d.collector;
	} else if (msg->type == MSG_ENGINE_ABSENT) {
		assert_int_equal(msg_payload(msg, &c, sizeof(c)), 0);
		listening = c.listening;
	}
}

/* Read all that the engine has queued by now. */
static void
receive(void)
{
	struct msg msg;
	int written, n;

	memset(got, 0, sizeof(got));
	do {
		written = msg_write(&e.link);
		while ((n = msg_read(&parent)) == 1)
			while (msg_get(&parent, &msg) == 1)
				note(&msg);
	} while (written == 0);
	assert_int_equal(written, 1);
}

static void
lose_lines(void *arg, int priority, const char *line)
{
	struct link_log log = { .priority = (uint32_t)priority };

	(void)arg;
	strlcpy(log.text, line, sizeof(log.text));
	if (engine_send_parent(&e, MSG_ENGINE_LOG, 0, &log, sizeof(log)) == -1)
		e.unlogged++;
}

/* Until not even the smallest message has room. */
static void
fill(void)
{
	while (e.unlogged == 0)
		log_warnx("fill");
	while (engine_send_parent(&e, MSG_ENGINE_UNKNOWN, 0, NULL, 0) == 0)
		continue;
}

static int
set_up(void **state)
{
	int pair[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1 ||
	    fcntl(pair[0], F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(pair[1], F_SETFL, O_NONBLOCK) == -1 ||
	    (e.meter.conf = conf_new()) == NULL)
		return -1;
	e.meter.conf->source = CONF_PFSYNC; /* which has an interface */
	msg_init(&e.link, pair[0], LINK_ENGINE_QUEUE, 0);
	msg_init(&parent, pair[1], 0, 0);
	log_to(lose_lines, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	log_to(NULL, NULL);
	msg_close(&e.link);
	msg_close(&parent);
	conf_free(e.meter.conf);
	memset(&e, 0, sizeof(e));
	return 0;
}

/* It comes through when there is room, with what it is by then, and once. */
static void
test_full(void **state)
{
	(void)state;
	fill();
	e.listening = LINK_MISSING;
	e.refused = 1;
	engine_report_verbose(&e, 0);
	engine_report_verbose(&e, 1);
	engine_report_down(&e, DOWN);
	engine_report(&e);
	receive();
	assert_int_equal(got[MSG_ENGINE_ABSENT], 0);
	assert_int_equal(got[MSG_ENGINE_REFUSED], 0);
	assert_int_equal(got[MSG_ENGINE_VERBOSE], 0);
	assert_int_equal(got[MSG_ENGINE_DOWN], 0);

	engine_report(&e);
	receive();
	assert_int_equal(got[MSG_ENGINE_ABSENT], 1);
	assert_int_equal(listening, LINK_MISSING);
	assert_int_equal(got[MSG_ENGINE_REFUSED], 1);
	assert_int_equal(got[MSG_ENGINE_VERBOSE], 1);
	assert_int_equal(verbose, 1);
	assert_int_equal(got[MSG_ENGINE_DOWN], 1);
	assert_int_equal(down, DOWN);
	assert_int_equal(got[MSG_ENGINE_LOG], 1); /* that some were lost */
	assert_int_equal(e.unlogged, 0);
}

/* What lasts is repeated, for a parent that did not act; the rest is not. */
static void
test_repeated(void **state)
{
	(void)state;
	e.refused = 1;
	engine_report_verbose(&e, 1);
	engine_report_down(&e, DOWN);
	receive();
	assert_int_equal(got[MSG_ENGINE_VERBOSE], 1);
	assert_int_equal(got[MSG_ENGINE_DOWN], 1);
	engine_report(&e);
	engine_report(&e);
	receive();
	assert_int_equal(got[MSG_ENGINE_ABSENT], 2);
	assert_int_equal(got[MSG_ENGINE_REFUSED], 2);
	assert_int_equal(got[MSG_ENGINE_VERBOSE], 0);
	assert_int_equal(got[MSG_ENGINE_DOWN], 0);
	assert_int_equal(got[MSG_ENGINE_LOG], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_repeated, set_up,
		    tear_down),
	};

	return RUN(tests);
}
