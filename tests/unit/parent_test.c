/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the parent of a live engine does with what an engine sends and prints,
 * which may be an attacker's.
 */

#include "unit.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <event2/event.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "pflowd/parent/dumper.h"
#include "pflowd/parent/parent_local.h"
#include "pflowd/process/build.h"
#include "pflowd/process/watch.h"

#define PIPE (64 * 1024) /* bytes that a pipe holds */
#define BURST 10
#define FLOOD 1000
#define LIMIT_S 20

const char build_id[] = "a build of ours";

static struct parent parent;
static struct {
	unsigned int lines, notes;
	int priority;
	char text[LINK_TEXT];
} logged;

static time_t passed;	    /* seconds, beside those that really pass */
static unsigned int timers; /* calls of parent.poll and parent.again */

/* In place of the system's. */
int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	int result;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	result = real(clock, ts);
	ts->tv_sec += passed;
	return result;
}

static void
on_timer(void *arg)
{
	(void)arg;
	timers++;
}

static void
on_line(void *arg, int priority, const char *line)
{
	(void)arg;
	if (strstr(line, "suppressed") != NULL) {
		logged.notes++;
		return;
	}
	logged.lines++;
	logged.priority = priority;
	strlcpy(logged.text, line, sizeof(logged.text));
}

static int
set_up(void **state)
{
	(void)state;
	memset(&parent, 0, sizeof(parent));
	memset(&logged, 0, sizeof(logged));
	parent.flows_fd = -1;
	parent.lines = (struct allowance){ BURST, 1, BURST, clock_us() };
	log_verbosity(1);
	log_to(on_line, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	log_to(NULL, NULL);
	return 0;
}

/* A parent with an engine that has begun, and was ready once. */
static int
set_up_engine(void **state)
{
	const struct dumper_hooks hooks = { 0 };

	set_up(state);
	LIST_INIT(&parent.children);
	parent.base = event_base_new();
	parent.conf = conf_new();
	parent.poll = watch_timer(parent.base, on_timer, NULL);
	parent.again = watch_timer(parent.base, on_timer, NULL);
	parent.dumper = dumper_new(parent.base, &parent.children, &hooks);
	parent.capture = parent.tracked = parent.tracked_before = -1;
	parent.was_ready = 1;
	timers = 0;
	passed = 0;
	return parent.conf == NULL || parent.dumper == NULL ||
	    parent_refuse_init(&parent) == -1 ||
	    child_init(&parent.engine, &parent.children, parent.base,
		&parent_engine_kind, &parent) == -1;
}

static int
tear_down_engine(void **state)
{
	child_free(&parent.engine);
	dumper_free(parent.dumper);
	watch_free(parent.poll);
	watch_free(parent.again);
	watch_free(parent.refuse);
	conf_free(parent.conf);
	event_base_free(parent.base);
	return tear_down(state);
}

/* As the link hands it over.  Returns the descriptor, if nobody took it. */
static int
engine_sends(uint32_t type, const void *data, size_t len, int fd)
{
	const struct child_kind *kind = &parent_engine_kind;
	struct msg msg = { .type = type, .len = (uint32_t)len, .fd = fd };
	size_t i = 0;

	memcpy(msg.data, data, len);
	while (kind->messages[i].type != type)
		i++;
	assert_int_equal(kind->messages[i].len, len);
	kind->messages[i].handle(&parent, &msg);
	return msg.fd;
}

/* Text need not end. */
static void
engine_logs(uint32_t priority, const char *text, size_t len)
{
	struct link_log log = { .priority = priority };

	memcpy(log.text, text, len);
	engine_sends(MSG_ENGINE_LOG, &log, sizeof(log), -1);
}

static void
engine_listens(uint32_t type, enum link_listening listening)
{
	struct link_capture c = { listening };

	engine_sends(type, &c, sizeof(c), -1);
}

/* Let the timers of another second expire. */
static void
a_second_passes(void)
{
	passed++;
	event_base_loop(parent.base, EVLOOP_NONBLOCK);
}

/* LOG_EMERG reaches every terminal, and a facility other files. */
static void
test_priority(void **state)
{
	static const struct {
		uint32_t sent;
		int logged;
	} priorities[] = {
		{ LOG_EMERG, LOG_WARNING },
		{ LOG_ALERT, LOG_WARNING },
		{ LOG_CRIT, LOG_CRIT },
		{ LOG_ERR, LOG_ERR },
		{ LOG_DEBUG, LOG_DEBUG },
		{ LOG_DEBUG + 1, LOG_WARNING },
		{ LOG_AUTH | LOG_EMERG, LOG_WARNING },
		{ LOG_AUTH | LOG_INFO, LOG_WARNING },
		{ UINT32_MAX, LOG_WARNING },
		{ UINT32_C(1) << 31 | LOG_INFO, LOG_WARNING },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(priorities) / sizeof(priorities[0]); i++) {
		engine_logs(priorities[i].sent, "x", 2);
		assert_int_equal(logged.lines, i + 1);
		assert_int_equal(logged.priority, priorities[i].logged);
	}
}

static void
test_text(void **state)
{
	static const char escape[] = "a\033[2Jb\nc\377";
	char endless[LINK_TEXT];

	(void)state;
	engine_logs(LOG_INFO, escape, sizeof(escape));
	assert_string_equal(logged.text, "a?[2Jb?c?");
	memset(endless, 'e', sizeof(endless));
	engine_logs(LOG_INFO, endless, sizeof(endless));
	assert_int_equal(strlen(logged.text), LINK_TEXT - 1);
}

/* Whatever its priority, and however long it has said nothing before. */
static void
test_rate(void **state)
{
	unsigned int i, most;

	(void)state;
	parent.lines.us -= UINT64_C(3600) * 1000000;
	for (i = 0; i < FLOOD; i++)
		engine_logs(i % (LOG_DEBUG + 1), "x", 2);
	most = BURST + 1 +
	    (unsigned int)((clock_us() - parent.lines.us) / 1000000);
	assert_true(logged.lines >= BURST && logged.lines <= most);
	assert_int_equal(parent.unlogged, FLOOD - logged.lines);
	assert_int_equal(logged.notes, 0);
	parent.lines.us -= 1000000; /* a second later there is one more */
	engine_logs(LOG_INFO, "later", 6);
	assert_string_equal(logged.text, "later");
	assert_int_equal(logged.notes, 1);
	assert_int_equal(parent.unlogged, 0);
}

/* What a dead engine printed is copied, but what another prints is no end. */
static void
test_flows_end(void **state)
{
	FILE *file = tmpfile();
	int out = dup(STDOUT_FILENO);
	struct stat st;

	(void)state;
	assert_non_null(file);
	fflush(stdout);
	alarm(LIMIT_S);
	parent.flows_fd = open("/dev/zero", O_RDONLY); /* always has more */
	assert_int_not_equal(dup2(fileno(file), STDOUT_FILENO), -1);
	parent_flows_finish(&parent);
	assert_int_not_equal(dup2(out, STDOUT_FILENO), -1);
	alarm(0);
	assert_int_equal(fstat(fileno(file), &st), 0);
	assert_int_equal(st.st_size, PIPE);
	close(parent.flows_fd);
	close(out);
	fclose(file);
}

/* It has dropped root by then, and has nothing to send any more. */
static void
test_ready(void **state)
{
	(void)state;
	parent.engine.state = CHILD_OPENING;
	parent.engine.link.takes_fds = 1;
	engine_listens(MSG_ENGINE_READY, LINK_LISTENING);
	assert_int_equal(parent.engine.state, CHILD_RUNNING);
	assert_int_equal(parent.engine.link.takes_fds, 0);
	assert_string_equal(logged.text, "engine is running again");
	a_second_passes();
	assert_int_equal(timers, 0);
	parent.engine.state = CHILD_NONE;
}

static int
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

/* Of all captures, the last is kept, while there is an interface. */
static void
test_capture(void **state)
{
	int first = dup(STDIN_FILENO), second = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(engine_sends(MSG_ENGINE_CAPTURE, "", 0, first), -1);
	assert_int_equal(parent.capture, first);
	assert_int_equal(engine_sends(MSG_ENGINE_CAPTURE, "", 0, second), -1);
	assert_int_equal(parent.capture, second);
	assert_false(is_open(first));
	engine_listens(MSG_ENGINE_ABSENT, LINK_MISSING);
	assert_int_equal(parent.capture, -1);
	assert_false(is_open(second));
}

/* A capture of the source before would fill, unread. */
static void
test_capture_and_table(void **state)
{
	int old = dup(STDIN_FILENO);

	(void)state;
	parent.capture = old;
	parent.conf->source = CONF_TABLE;
	parent.engine.state = CHILD_OPENING;
	engine_listens(MSG_ENGINE_READY, LINK_LISTENING);
	assert_int_equal(parent.capture, -1);
	assert_false(is_open(old));
	dumper_end(parent.dumper);
	parent.engine.state = CHILD_NONE;
}

/* However often the engine repeats itself, the parent acts in time. */
static void
test_repeats(void **state)
{
	(void)state;
	engine_listens(MSG_ENGINE_ABSENT, LINK_DOWN);
	assert_int_equal(parent.listening, LINK_DOWN);
	engine_sends(MSG_ENGINE_REFUSED, "", 0, -1);
	passed++;
	engine_listens(MSG_ENGINE_ABSENT, LINK_MISSING);
	engine_sends(MSG_ENGINE_REFUSED, "", 0, -1);
	event_base_loop(parent.base, EVLOOP_NONBLOCK);
	assert_int_equal(timers, 2);
	engine_sends(MSG_ENGINE_REFUSED, "", 0, -1);
	a_second_passes();
	assert_int_equal(timers, 3);
}

static void
test_verbose(void **state)
{
	struct link_verbose v = { 0 };

	(void)state;
	engine_sends(MSG_ENGINE_VERBOSE, &v, sizeof(v), -1);
	engine_logs(LOG_DEBUG, "x", 2);
	assert_int_equal(logged.lines, 0);
	v.verbose = 7;
	engine_sends(MSG_ENGINE_VERBOSE, &v, sizeof(v), -1);
	assert_int_equal(parent.conf->verbose, 1); /* for the next engine */
	engine_logs(LOG_DEBUG, "x", 2);
	assert_int_equal(logged.lines, 1);
}

/* The host is not looked at as often as an engine may ask. */
static void
test_unknown(void **state)
{
	const uint64_t before = clock_us();

	(void)state;
	parent.checked_us = before;
	engine_sends(MSG_ENGINE_UNKNOWN, "", 0, -1);
	passed += 4;
	engine_sends(MSG_ENGINE_UNKNOWN, "", 0, -1);
	assert_int_equal(parent.checked_us, before);
}

/* Until it runs, it may send a descriptor, the log, and that it is ready. */
static void
test_messages(void **state)
{
	const struct child_kind *kind = &parent_engine_kind;
	size_t i;

	(void)state;
	for (i = 0; i < kind->nmessages; i++) {
		const struct child_message *m = &kind->messages[i];

		switch (m->type) {
		case MSG_ENGINE_CAPTURE:
		case MSG_ENGINE_READY:
			assert_int_equal(m->from, CHILD_OPENING);
			assert_int_equal(m->to, CHILD_OPENING);
			break;
		case MSG_ENGINE_LOG:
			assert_int_equal(m->from, CHILD_STARTED);
			break;
		default:
			assert_int_equal(m->from, CHILD_RUNNING);
		}
	}
}

/* An engine that runs, whose link has room for so many bytes. */
static void
run_engine(size_t room)
{
	parent.engine.state = CHILD_RUNNING;
	msg_init(&parent.engine.link, -1, room, 0);
}

/* What it must get is kept until it is queued, and queued once. */
static void
test_kept(void **state)
{
	const size_t both = 2 * MSG_HEADER + sizeof(struct link_warning);

	(void)state;
	parent.warned = parent.stats = 1;
	parent_send_warning(&parent);
	parent_send_stats(&parent);
	assert_true(parent.warned && parent.stats); /* there is no engine */
	run_engine(MSG_HEADER);
	parent_send_warning(&parent);
	assert_true(parent.warned); /* no room */
	run_engine(3 * both);
	parent_send_warning(&parent);
	parent_send_stats(&parent);
	assert_int_equal(msg_room(&parent.engine.link), 2 * both);
	assert_false(parent.warned || parent.stats);
	parent_send_warning(&parent);
	parent_send_stats(&parent);
	assert_int_equal(msg_room(&parent.engine.link), 2 * both);
}

/* An engine that would get a part of a configuration gets none. */
static void
test_conf_full(void **state)
{
	(void)state;
	run_engine(MSG_HEADER);
	assert_int_equal(parent_send_conf(&parent, 0), 0);
	assert_int_equal(parent.engine.state, CHILD_KILLED);
	assert_string_equal(logged.text,
	    "engine does not read its messages; killing it");
}

/*
 * The parent accepts no client on a socket that an engine has: that engine
 * could make the socket blocking.
 */
static void
test_refuse(void **state)
{
	(void)state;
	parent_refuse_begin(&parent);
	assert_true(watch_is_set(parent.refuse));
	run_engine(1 << 20);
	parent_engine_kind.begun(&parent);
	assert_false(watch_is_set(parent.refuse));
}

/* Nor does one when the parent lacks what it takes to send all. */
static void
test_conf_whole(void **state)
{
	struct rlimit limit, none;
	char why[128];

	(void)state;
	assert_int_equal(conf_add_collector(parent.conf, "127.0.0.1:9", why,
			     sizeof(why)),
	    0);
	parent.conf->collectors[0].fd = STDERR_FILENO;
	run_engine(LINK_PARENT_QUEUE);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3; /* these are open */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(parent_send_conf(&parent, 0), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(parent.engine.state, CHILD_RUNNING);
	assert_int_equal(parent.engine.link.queued, 0);
	assert_int_equal(parent_send_conf(&parent, 0), 0);
	assert_int_not_equal(parent.engine.link.queued, 0);
	parent.conf->collectors[0].fd = -1;
}

/* Who stops an engine that has just been started kills it. */
static void
test_unwanted(void **state)
{
	(void)state;
	parent.stopping = 1;
	parent_engine_ended(&parent, SIGKILL);
	assert_int_equal(logged.lines, 0);
	parent_engine_ended(&parent, SIGSEGV);
	assert_int_equal(logged.lines, 1);
	parent.engine.faulty = 1;
	parent_engine_ended(&parent, SIGKILL);
	assert_int_equal(logged.lines, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_priority, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_flows_end, set_up,
		    tear_down),
		cmocka_unit_test(test_messages),
		cmocka_unit_test_setup_teardown(test_kept, set_up_engine,
		    tear_down_engine),
		cmocka_unit_test_setup_teardown(test_conf_full, set_up_engine,
		    tear_down_engine),
		cmocka_unit_test_setup_teardown(test_conf_whole, set_up_engine,
		    tear_down_engine),
		cmocka_unit_test_setup_teardown(test_ready, set_up_engine,
		    tear_down_engine),
		cmocka_unit_test_setup_teardown(test_capture, set_up_engine,
		    tear_down_engine),
		cmocka_unit_test_setup_teardown(test_capture_and_table,
		    set_up_engine, tear_down_engine),
		cmocka_unit_test_setup_teardown(test_repeats, set_up_engine,
		    tear_down_engine),
		cmocka_unit_test_setup_teardown(test_verbose, set_up_engine,
		    tear_down_engine),
		cmocka_unit_test_setup_teardown(test_unknown, set_up_engine,
		    tear_down_engine),
		cmocka_unit_test_setup_teardown(test_refuse, set_up_engine,
		    tear_down_engine),
		cmocka_unit_test_setup_teardown(test_unwanted, set_up_engine,
		    tear_down_engine),
	};

	return RUN(tests);
}
