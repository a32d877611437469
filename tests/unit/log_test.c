/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <errno.h>
#include <unistd.h>

#include "unit.h"

#include "common/log.h"

static FILE *file;
static int saved;
static char text[4096];

static void
begin(void)
{
	file = tmpfile();
	assert_non_null(file);
	saved = dup(STDERR_FILENO);
	dup2(fileno(file), STDERR_FILENO);
}

/* What was written to stderr since begin(). */
static const char *
said(void)
{
	size_t n;

	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	return text;
}

static void
test_lines(void **state)
{
	(void)state;
	log_init("test", 0);
	begin();
	log_info("one %d", 1);
	log_debug("not this");
	errno = ENOENT;
	log_warn("two");
	assert_int_equal(errno, ENOENT);
	log_warnx("three");
	assert_string_equal(said(),
	    "test: one 1\n"
	    "test: two: No such file or directory\ntest: three\n");
}

static void
test_verbose(void **state)
{
	(void)state;
	log_init("test", 1);
	begin();
	log_debug("this");
	assert_string_equal(said(), "test: this\n");
}

/* A progress line is ended first, once. */
static void
test_open_line(void **state)
{
	(void)state;
	log_init("test", 0);
	begin();
	log_line_open(1);
	log_info("a");
	log_info("b");
	assert_string_equal(said(), "\ntest: a\ntest: b\n");
}

static void
test_long_line(void **state)
{
	char line[3000];

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	begin();
	log_info("%s", line);
	said();
	assert_int_equal(strlen(text), strlen("test: ") + 1023 + 1);
	assert_int_equal(text[strlen(text) - 1], '\n');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_verbose),
		cmocka_unit_test(test_open_line),
		cmocka_unit_test(test_long_line),
	};

	return RUN(tests);
}
