/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The children are this program, executed anew: $CHILD_TEST says what one does.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <event2/event.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "unit.h"

#include "child_play.h"
#include "common/clock.h"
#include "pflowd/parent/child.h"
#include "pflowd/process/build.h"
#include "pflowd/process/link.h"
#include "pflowd/process/watch.h"

#define LIMIT_US 20000000   /* for any event to come */
#define SURVIVAL_US 5000000 /* for a survivor's link to be closed */
#define ORDERS 200

static struct event_base *base;
static struct child_list children;
static struct child child;
static struct watch *sigchld;
static struct msg_conn survivor; /* the other end of a link, or none */
static struct {
	int begun, ready, lines, failed, ended, status;
	enum child_fault fault;
	pid_t pid; /* when it failed */
} got;

/* In place of kill(2): one that is reaped may be another's process by now. */
int
kill(pid_t pid, int signo)
{
	static int (*real)(pid_t, int);
	siginfo_t info;

	assert_true(pid > 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info,
			     WEXITED | WNOHANG | WNOWAIT),
	    0);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "kill");
	return real(pid, signo);
}

static void
on_begun(void *arg)
{
	assert_ptr_equal(arg, &child);
	got.begun++;
}

static void
on_failed(void *arg, enum child_fault fault)
{
	assert_ptr_equal(arg, &child);
	got.failed++;
	got.fault = fault;
	got.pid = child.pid;
}

static void
on_ended(void *arg, int status)
{
	assert_ptr_equal(arg, &child);
	assert_int_equal(child.state, CHILD_NONE);
	assert_int_equal(child.pid, 0);
	got.ended++;
	got.status = status;
}

static void
on_ready(void *arg, struct msg *msg)
{
	(void)arg;
	(void)msg;
	child_running(&child);
	got.ready++;
}

static void
survivor_sends(uint32_t type, const void *data, size_t len)
{
	assert_true(clock_us() < child.started_us + SURVIVAL_US);
	assert_int_equal(msg_send(&survivor, type, 0, data, len, -1), 0);
}

/* A survivor has sent another line by the time that one is handled. */
static void
on_log(void *arg, struct msg *msg)
{
	(void)arg;
	got.lines++;
	if (survivor.fd != -1)
		survivor_sends(MSG_ENGINE_LOG, msg->data, msg->len);
}

static const struct child_message messages[] = {
	{ MSG_ENGINE_READY, 0, CHILD_OPENING, CHILD_OPENING, on_ready },
	{ MSG_ENGINE_LOG, sizeof(struct link_log), CHILD_OPENING, CHILD_RUNNING,
	    on_log },
};

static struct child_kind kind = {
	.name = "a child",
	.role = PRIVSEP_ENGINE,
	.queue = 65536,
	.stop = MSG_ENGINE_STOP,
	.start_max = 60,
	.messages = messages,
	.nmessages = sizeof(messages) / sizeof(messages[0]),
	.begun = on_begun,
	.failed = on_failed,
	.ended = on_ended,
};

static void
on_child(void *arg)
{
	child_reap(arg);
}

static int
set_up(void **state)
{
	(void)state;
	memset(&got, 0, sizeof(got));
	msg_init(&survivor, -1, 0, 0);
	kind.start_max = 60;
	LIST_INIT(&children);
	assert_non_null(base = event_base_new());
	assert_non_null(sigchld = watch_signal(base, SIGCHLD, on_child,
			    &children));
	assert_int_equal(child_init(&child, &children, base, &kind, &child), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	child_free(&child);
	assert_true(LIST_EMPTY(&children));
	watch_free(sigchld);
	event_base_free(base);
	while (wait(NULL) > 0)
		continue;
	assert_int_equal(errno, ECHILD); /* no process is left */
	return 0;
}

static void
start(const char *how)
{
	assert_int_equal(setenv(HOW, how, 1), 0);
	assert_int_equal(child_start(&child), 0);
}

/* Run the loop until so much has happened. */
static void
until(const int *what, int n)
{
	uint64_t end = clock_us() + LIMIT_US;

	while (*what < n) {
		assert_true(clock_us() < end);
		event_base_loop(base, EVLOOP_ONCE);
	}
	assert_int_equal(*what, n);
}

static void
test_life(void **state)
{
	(void)state;
	start("good");
	assert_int_equal(child.state, CHILD_STARTED);
	assert_int_not_equal(child.until_us, 0);
	until(&got.ready, 1);
	assert_int_equal(child.state, CHILD_RUNNING);
	assert_int_equal(child.until_us, 0);
	child_stop(&child);
	assert_int_not_equal(child.until_us, 0);
	until(&got.ended, 1);
	assert_true(child_ended_well(&child, got.status));
	assert_int_equal(got.begun, 1);
	assert_int_equal(got.failed, 0);
	start("good"); /* and so on */
	until(&got.ready, 2);
}

static void
is_killed(const char *how, enum child_fault fault)
{
	start(how);
	until(&got.failed, 1);
	assert_int_equal(got.fault, fault);
	assert_int_not_equal(got.pid, 0);
	assert_int_equal(child.state, CHILD_KILLED);
	until(&got.ended, 1);
	assert_int_equal(got.failed, 1);
	assert_true(WIFSIGNALED(got.status));
	assert_false(child_ended_well(&child, got.status));
}

static void
test_stranger(void **state)
{
	(void)state;
	is_killed("stranger", CHILD_OTHER_BUILD);
	assert_int_equal(got.begun, 0);
}

static void
test_invalid(void **state)
{
	static const char *const ways[] = { "early", "twice", "unknown",
		"short", "bytes" };
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		is_killed(ways[i], CHILD_INVALID);
		assert_int_equal(got.ready, 0);
		tear_down(state);
		set_up(state);
	}
}

static void
test_deadline_of_start(void **state)
{
	(void)state;
	kind.start_max = 1;
	is_killed("mute", CHILD_LATE);
	memset(&got, 0, sizeof(got));
	is_killed("late", CHILD_LATE);
}

/* It can only come closer: nothing that a child does puts it off. */
static void
test_deadline(void **state)
{
	uint64_t until_us;

	(void)state;
	start("dogged");
	child_deadline(&child, 2);
	until_us = child.until_us;
	child_deadline(&child, 30);
	assert_int_equal(child.until_us, until_us);
	child.stopping = 1;
	until(&got.ready, 1);
	assert_int_equal(child.until_us, until_us);
	child_deadline(&child, 1);
	assert_true(child.until_us < until_us);
	until(&got.failed, 1);
	assert_int_equal(got.fault, CHILD_LATE);
	until(&got.ended, 1);
}

/* One that does not read is the end of it, not of the parent's memory. */
static void
test_full(void **state)
{
	static const char data[1024];
	int n;

	(void)state;
	start("dogged");
	until(&got.ready, 1);
	for (n = 0; n < 10000; n++) {
		if (child_send(&child, MSG_RELOAD_LINE, 0, data, sizeof(data),
			-1) == -1)
			break;
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	assert_int_equal(got.failed, 1);
	assert_int_equal(got.fault, CHILD_FULL);
	assert_int_equal(child_send(&child, MSG_RELOAD_LINE, 0, NULL, 0, -1),
	    -1);
	until(&got.ended, 1);
}

static void
test_dies(void **state)
{
	(void)state;
	start("dies");
	until(&got.ended, 1);
	assert_int_equal(got.failed, 0);
	assert_true(WIFEXITED(got.status) && WEXITSTATUS(got.status) == 3);
	assert_false(child_ended_well(&child, got.status));
}

/* Somebody else's kill is no fault of its own. */
static void
test_murder(void **state)
{
	(void)state;
	start("good");
	until(&got.ready, 1);
	assert_int_equal(kill(child.pid, SIGKILL), 0);
	child_stop(&child);
	until(&got.ended, 1);
	assert_int_equal(got.failed, 0);
	assert_true(child_ended_well(&child, got.status));
}

/* The fault of one is not its successor's. */
static void
test_forgiven(void **state)
{
	(void)state;
	is_killed("stranger", CHILD_OTHER_BUILD);
	start("good");
	until(&got.ready, 1);
	child_end(&child);
	until(&got.ended, 2);
	assert_true(child_ended_well(&child, got.status));
}

/* One that has closed its link has little time to end. */
static void
test_closes(void **state)
{
	(void)state;
	start("closes");
	until(&got.ready, 1);
	assert_int_equal(child.until_us, 0);
	event_base_loop(base, EVLOOP_ONCE);
	assert_int_not_equal(child.until_us, 0);
	assert_int_equal(got.failed, 0);
}

/* What it sent before its end is read, though it is reaped first. */
static void
test_last_words(void **state)
{
	(void)state;
	start("talks");
	until(&got.ended, 1);
	assert_int_equal(got.ready, 1);
	assert_int_equal(got.lines, WORDS);
	assert_true(child_ended_well(&child, got.status));
}

/* Nor is one killed for them that is reaped: its number may be another's. */
static void
test_last_curse(void **state)
{
	uint64_t end = clock_us() + LIMIT_US;

	(void)state;
	start("curses");
	for (; got.ended == 0; poll(NULL, 0, 1)) { /* nothing is read before */
		assert_true(clock_us() < end);
		child_reap(&children);
	}
	assert_int_equal(got.begun, 1);
	assert_int_equal(got.failed, 1);
	assert_int_equal(got.fault, CHILD_INVALID);
	assert_int_equal(got.pid, 0);
}

/*
 * A child that ends at once, and one that survives it: this process, which has
 * its end of the link, and sends its first message.
 */
static void
begin_survivor(int fd)
{
	struct link_hello hello = { 0 };
	int pair[2];
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	if ((pid = fork()) == 0)
		_exit(0);
	child_attach(&child, pid, pair[0]);
	msg_init(&survivor, pair[1], 65536, 0);
	strlcpy(hello.build, build_id, sizeof(hello.build));
	assert_int_equal(msg_send(&survivor, MSG_HELLO, 0, &hello,
			     sizeof(hello), fd),
	    0);
}

static void
end_survivor(void)
{
	while (got.ended == 0)
		child_reap(&children);
	assert_int_equal(got.begun, 1);
	assert_int_equal(got.failed, 0);
	assert_int_equal(child.link.fd, -1);
	msg_close(&survivor);
}

/* What it writes is not read for ever: the next line when one is read. */
static void
test_survivor(void **state)
{
	struct link_log log = { 0 };

	(void)state;
	begin_survivor(-1);
	survivor_sends(MSG_ENGINE_LOG, &log, sizeof(log));
	end_survivor();
	assert_true(got.lines > 1);
}

static int
open_descriptors(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* One that comes with a message which has none is closed. */
static void
test_descriptor(void **state)
{
	int before = open_descriptors();

	(void)state;
	kind.sends_fds = 1;
	begin_survivor(STDIN_FILENO);
	kind.sends_fds = 0;
	end_survivor();
	assert_int_equal(open_descriptors(), before);
}

/* Whatever is done to a child, and whenever: see kill() above. */
static void
test_any_order(void **state)
{
	static const char *const ways[] = { "good", "dies", "talks", "curses",
		"dogged", "mute" };
	int i;

	(void)state;
	srandom(1);
	for (i = 0; i < ORDERS; i++) {
		assert_int_equal(setenv(HOW, ways[random() % 6], 1), 0);
		assert_int_equal(child_start(&child), 0);
		poll(NULL, 0, (int)(random() % 4));
		if (random() % 2 == 0)
			event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		if (random() % 4 == 0)
			child_stop(&child);
		if (random() % 2 == 0)
			child_end(&child);
		if (random() % 4 == 0)
			child_kill(&child, CHILD_LATE);
		if (random() % 2 == 0)
			child_reap(&children);
		child_end(&child);
	}
}

/* A successor starts when the old one is reaped, not before. */
static void
test_successor(void **state)
{
	pid_t first;

	(void)state;
	start("good");
	until(&got.ready, 1);
	first = child.pid;
	child_end(&child);
	assert_int_equal(child_start(&child), 0);
	assert_int_equal(child_start(&child), 0);
	assert_int_equal(child.pid, first);
	assert_int_equal(child.state, CHILD_KILLED);
	until(&got.ended, 1);
	assert_int_not_equal(child.pid, 0);
	until(&got.ready, 2);
	child_end(&child);
	assert_int_equal(child_start(&child), 0);
	child_stop(&child); /* and none is wanted any more */
	until(&got.ended, 2);
	assert_int_equal(child.state, CHILD_NONE);
}

static void
test_not_begun(void **state)
{
	(void)state;
	start("mute");
	child_stop(&child);
	assert_int_equal(child.state, CHILD_KILLED);
	until(&got.ended, 1);
	assert_int_equal(got.failed, 0);
	assert_true(child_ended_well(&child, got.status));
	child_start_in(&child, 0);
	child_stop(&child);
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(child.state, CHILD_NONE);
}

/* Rounded up, and nothing when it is overdue. */
static void
test_starts_in(void **state)
{
	(void)state;
	assert_int_equal(child_starts_in(&child), 0);
	child_start_in(&child, 30);
	assert_int_equal(child_starts_in(&child), 30);
	child.start_us = clock_us() - 5000000;
	assert_int_equal(child_starts_in(&child), 0);
	child_stop(&child);
}

static void
test_back_off(void **state)
{
	static const unsigned int wanted[] = { 0, 1, 2, 4, 8, 16, 32, 64, 64 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_int_equal(child_back_off(&child), wanted[i]);
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_life, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stranger, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_invalid, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_deadline_of_start, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_deadline, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_murder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forgiven, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_closes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_last_words, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_last_curse, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_survivor, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_descriptor, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_any_order, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_successor, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_not_begun, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_starts_in, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_back_off, set_up,
		    tear_down),
	};
	enum privsep_role role;

	if (privsep_role(argc, argv, &role))
		return play(getenv(HOW));
	signal(SIGPIPE, SIG_IGN);
	privsep_init(argv[0]);
	return RUN(tests);
}
