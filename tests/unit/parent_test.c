/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the parent of a live engine does with what an engine sends and prints,
 * which may be an attacker's.
 */

#include "unit.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <signal.h>
#include <syslog.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "pflowd/parent/parent_local.h"
#include "pflowd/process/build.h"

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

/* As the link hands it over, with text that need not end. */
static void
engine_logs(uint32_t priority, const char *text, size_t len)
{
	const struct child_kind *kind = &parent_engine_kind;
	struct link_log log = { .priority = priority };
	struct msg msg = { .type = MSG_ENGINE_LOG, .len = sizeof(log) };
	size_t i = 0;

	memcpy(log.text, text, len);
	memcpy(msg.data, &log, sizeof(log));
	while (kind->messages[i].type != MSG_ENGINE_LOG)
		i++;
	assert_int_equal(kind->messages[i].len, sizeof(log));
	kind->messages[i].handle(&parent, &msg);
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
	};

	return RUN(tests);
}
