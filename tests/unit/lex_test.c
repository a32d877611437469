/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <unistd.h>

#include "unit.h"

#include "pflowd/conf/lex.h"

static struct lex *lex;
static char path[64];
static char told[4096]; /* errors, without the path */

static void
tell(void *arg, const char *text)
{
	size_t len = strlen(path);

	(void)arg;
	if (strncmp(text, path, len) == 0)
		text += len;
	assert_true(strlen(told) + strlen(text) + 2 < sizeof(told));
	strcat(told, text);
	strcat(told, "\n");
}

static int
set_up(void **state)
{
	(void)state;
	told[0] = '\0';
	lex = lex_new(tell, NULL);
	return lex == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	lex_free(lex);
	return 0;
}

static void
open_bytes(const char *text, size_t len)
{
	int fd;

	strcpy(path, "/tmp/pflowd-lex.XXXXXX");
	assert_true((fd = mkstemp(path)) != -1);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	assert_int_equal(lex_open(lex, path), 0);
	close(fd);
	unlink(path);
}

static void
open_text(const char *text)
{
	open_bytes(text, strlen(text));
}

static void
next_is(enum lex_type type, const char *text, unsigned int line)
{
	struct lex_token t = lex_next(lex);

	assert_int_equal(t.type, type);
	assert_string_equal(t.text, text);
	if (line > 0)
		assert_int_equal(lex_place(lex).line, line);
}

static void
test_words(void **state)
{
	(void)state;
	open_text("in em0.5 10/8\t::1 a@b%c-d_e*+f # no, \"not\" $this\n\n"
		  "\"a word\"\"\" \"q\\\"b\\\\s\\x\"\n");
	next_is(LEX_WORD, "in", 1);
	next_is(LEX_WORD, "em0.5", 1);
	next_is(LEX_WORD, "10/8", 1);
	next_is(LEX_WORD, "::1", 1);
	next_is(LEX_WORD, "a@b%c-d_e*+f", 1);
	next_is(LEX_NEWLINE, "", 1);
	next_is(LEX_NEWLINE, "", 2);
	next_is(LEX_STRING, "a word", 3);
	next_is(LEX_STRING, "", 3);
	next_is(LEX_STRING, "q\"b\\s\\x", 3);
	next_is(LEX_NEWLINE, "", 3);
	next_is(LEX_NEWLINE, "", 0); /* of the file */
	next_is(LEX_END, "", 0);
	next_is(LEX_END, "", 0);
	assert_string_equal(told, "");
}

static void
test_signs(void **state)
{
	static const char *const signs[] = { "<=", ">=", "!=", "<>", "><", "<",
		",", ">", "{", "}", "!", "=", "=", ">=", "=" };
	size_t i;

	(void)state;
	open_text("<=>=!=<>><<,>{}!= =>==");
	next_is(LEX_SIGN, "<=", 1);
	next_is(LEX_SIGN, ">=", 1);
	next_is(LEX_SIGN, "!=", 1);
	next_is(LEX_SIGN, "<>", 1);
	next_is(LEX_SIGN, "><", 1);
	for (i = 5; i < 10; i++)
		next_is(LEX_SIGN, signs[i], 1);
	next_is(LEX_SIGN, "!=", 1);
	next_is(LEX_SIGN, "=", 1);
	next_is(LEX_SIGN, ">=", 1);
	next_is(LEX_SIGN, "=", 1);
	next_is(LEX_NEWLINE, "", 1);
}

/* Lines that go on, however they end, and a file that ends within one. */
static void
test_lines(void **state)
{
	(void)state;
	open_text("a \\\n  b \\\r\n c\r\nd # x \\\ne\\\nf");
	next_is(LEX_WORD, "a", 1);
	next_is(LEX_WORD, "b", 2);
	next_is(LEX_WORD, "c", 3);
	next_is(LEX_NEWLINE, "", 3);
	next_is(LEX_WORD, "d", 4);
	next_is(LEX_NEWLINE, "", 4);
	next_is(LEX_WORD, "e", 5);
	next_is(LEX_WORD, "f", 6);
	next_is(LEX_NEWLINE, "", 6);
	next_is(LEX_NEWLINE, "", 0);
	next_is(LEX_END, "", 0);
	assert_string_equal(told, "");
}

static void
test_macros(void **state)
{
	(void)state;
	assert_int_equal(lex_define(lex, "net", "10.0.0.0", 0), 0);
	assert_int_equal(lex_define(lex, "list", "{ a, $net }", 0), 0);
	assert_int_equal(lex_define(lex, "none", "", 0), 0);
	open_text("$net/24 x$net$none:$net $none $list$net \"$net\"");
	next_is(LEX_WORD, "10.0.0.0/24", 1);
	next_is(LEX_WORD, "x10.0.0.0:10.0.0.0", 1);
	next_is(LEX_SIGN, "{", 1);
	next_is(LEX_WORD, "a", 1);
	next_is(LEX_SIGN, ",", 1);
	next_is(LEX_WORD, "10.0.0.0", 1);
	next_is(LEX_SIGN, "}", 1);
	next_is(LEX_WORD, "10.0.0.0", 1);
	next_is(LEX_STRING, "$net", 1);
	next_is(LEX_NEWLINE, "", 1);
	assert_string_equal(told, "");
}

static void
test_define(void **state)
{
	(void)state;
	assert_int_equal(lex_define(lex, "", "x", 0), -1);
	assert_int_equal(lex_define(lex, "1a", "x", 0), -1);
	assert_int_equal(lex_define(lex, "a-b", "x", 0), -1);
	assert_int_equal(lex_define(lex, "\303\244", "x", 0), -1);
	assert_int_equal(lex_define(lex, "_a1", "1", 0), 0);
	assert_int_equal(lex_define(lex, "_a1", "2", 0), 0);
	assert_int_equal(lex_define(lex, "b", "3", 1), 0);
	assert_int_equal(lex_define(lex, "b", "4", 0), 0); /* fixed */
	assert_int_equal(lex_define(lex, "c", "5", 0), 0);
	assert_int_equal(lex_define(lex, "c", "6", 1), 0);
	open_text("$_a1 $b $c");
	next_is(LEX_WORD, "2", 1);
	next_is(LEX_WORD, "3", 1);
	next_is(LEX_WORD, "6", 1);
}

/* A macro that stands for itself ends somewhere, whatever is around it. */
static void
test_endless(void **state)
{
	static const char *const values[] = { "$a", "x$a", "$a$a", "x $a y",
		"\"\"$a" };
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_int_equal(lex_define(lex, "a", values[i], 0), 0);
		open_text("$a");
		for (n = 0; lex_next(lex).type != LEX_END; n++)
			assert_true(n < 200000);
		assert_non_null(strstr(told, "deeper than 16"));
		tear_down(state);
		assert_int_equal(set_up(state), 0);
	}
}

static void
test_errors(void **state)
{
	(void)state;
	open_bytes("a \0 \0\n\"b\nc ; ;\n$d\n\"e\001\"\n\"f\rg\"\n", 29);
	while (lex_next(lex).type != LEX_END)
		continue;
	assert_string_equal(told,
	    ":1: unexpected byte 0x00\n"
	    ":2: \"b: quote is not closed\n"
	    ":3: unexpected character ';': a statement ends with its line\n"
	    ":4: macro \"$d\" is not defined\n"
	    ":5: \"e: invalid byte 0x01 in a string\n"
	    ":6: \"f: quote is not closed\n");
	assert_true(lex_errors(lex) > 6);
}

static void
test_error_at(void **state)
{
	struct lex_place first;

	(void)state;
	open_text("a\nb\n");
	lex_next(lex);
	first = lex_place(lex);
	lex_next(lex);
	lex_next(lex);
	lex_error(lex, "second %d", 2);
	lex_error(lex, "not told");
	lex_error_at(lex, &first, "first");
	assert_string_equal(told, ":2: second 2\n:1: first\n");
	assert_int_equal(lex_errors(lex), 3);
}

/* Many errors end it. */
static void
test_too_many(void **state)
{
	char text[2 * 2 * LEX_ERRORS + 1] = "";
	const char *p;
	int i, n = 0;

	(void)state;
	for (i = 0; i < 2 * LEX_ERRORS; i++)
		strcat(text, ";\n");
	open_text(text);
	while (lex_next(lex).type != LEX_END)
		continue;
	for (p = told; (p = strchr(p, '\n')) != NULL; p++)
		n++;
	assert_int_equal(n, LEX_ERRORS);
	assert_non_null(strstr(told, ":50: too many errors"));
}

static void
test_length(void **state)
{
	char text[2 * LEX_WORD_MAX];

	(void)state;
	memset(text, 'w', sizeof(text));
	text[LEX_WORD_MAX] = ' ';
	text[LEX_WORD_MAX + 1] = '\0';
	open_text(text);
	assert_int_equal(strlen(lex_next(lex).text), LEX_WORD_MAX);
	while (lex_next(lex).type != LEX_END)
		continue;
	text[LEX_WORD_MAX] = 'w';
	open_text(text);
	next_is(LEX_WRONG, "", 1);
	assert_non_null(strstr(told, "www...\": word longer than 255"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_words),
		TEST(test_signs),
		TEST(test_lines),
		TEST(test_macros),
		TEST(test_define),
		TEST(test_endless),
		TEST(test_errors),
		TEST(test_error_at),
		TEST(test_too_many),
		TEST(test_length),
	};

	return RUN(tests);
}
