/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "unit.h"

#include "pflowctl/escape.h"

typedef void escape(FILE *, const char *, size_t);

/* What comes out for len bytes that end where their memory does. */
static void
check(escape *e, const char *bytes, size_t len, const char *wanted)
{
	char *copy = (char *)exact_copy((const uint8_t *)bytes, len);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	e(f, copy, len);
	fclose(f);
	assert_string_equal(text, wanted);
	free(text);
	free(copy);
}

#define CHECK(e, bytes, wanted) check(e, bytes, sizeof(bytes) - 1, wanted)

static void
test_text(void **state)
{
	(void)state;
	CHECK(escape_text, "em0 ~", "em0 ~");
	CHECK(escape_text, "a\tb\n\033[2J\x7f\xc3\xa9", "a?b??[2J???");
	CHECK(escape_text, "a\0b", "a");
	CHECK(escape_text, "", "");
	CHECK(escape_line, "\ta\n", "\ta?");
}

#define WIDTH 80
#define IN \
	"                                                                          "

static void
fold(FILE *f, const char *text, size_t size)
{
	escape_folded(f, text, size, WIDTH - 10, WIDTH - 6);
}

/* Ten columns, then six to a line. */
static void
test_folded(void **state)
{
	(void)state;
	CHECK(fold, "", "");
	CHECK(fold, "a\tb\0c", "a?b");
	CHECK(fold, "0123456789", "0123456789");
	CHECK(fold, "012345 789 b", "012345 789\n" IN "b");
	CHECK(fold, "012345 7890 b", "012345\n" IN "7890 b");
	CHECK(fold, "a 1234567890 b", "a\n" IN "1234567890\n" IN "b");
	CHECK(fold, "0123456789ab 123456 8",
	    "0123456789ab\n" IN "123456\n" IN "8");
	CHECK(fold, "  3 5 ", "  3 5 ");
}

static void
test_json(void **state)
{
	(void)state;
	CHECK(escape_json, "em0", "\"em0\"");
	CHECK(escape_json, "a\0b", "\"a\"");
	CHECK(escape_json, "\"\\/", "\"\\\"\\\\/\"");
	CHECK(escape_json, "\n\x1f\x7f", "\"\\u000a\\u001f\\u007f\"");
	CHECK(escape_json, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
	CHECK(escape_json, "\xc2\x9b", "\"\\u009b\"");
}

#define BAD "\xef\xbf\xbd"

/* Each byte that is no part of a character is replaced, and none else. */
static void
test_invalid(void **state)
{
	(void)state;
	CHECK(escape_json,
	    "a\xff"
	    "b",
	    "\"a" BAD "b\"");
	CHECK(escape_json, "\x80", "\"" BAD "\"");
	CHECK(escape_json, "\xc3", "\"" BAD "\"");
	CHECK(escape_json, "\xe2\x82", "\"" BAD BAD "\"");
	CHECK(escape_json,
	    "\xe2\x82"
	    "a",
	    "\"" BAD BAD "a\"");
	CHECK(escape_json, "\xc0\xaf", "\"" BAD BAD "\"");
	CHECK(escape_json, "\xe0\x80\xaf", "\"" BAD BAD BAD "\"");
	CHECK(escape_json, "\xed\xa0\x80", "\"" BAD BAD BAD "\"");
	CHECK(escape_json, "\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\"");
	CHECK(escape_json, "\xf5\x80", "\"" BAD BAD "\"");
}

static void
test_label(void **state)
{
	(void)state;
	CHECK(escape_label, "a\"b\\c\nd", "\"a\\\"b\\\\c\\nd\"");
	CHECK(escape_label, "\r\t\xc2\x85", "\"???\"");
	CHECK(escape_label, "\xc3\xa9\xc3", "\"\xc3\xa9" BAD "\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_folded),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_label),
	};

	return RUN(tests);
}
