/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdint.h>
#include <string.h>

#include "escape.h"

#define WIDTH 80		   /* columns of a terminal */
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* A UTF-8 character in a text. */
struct character {
	const char *bytes;
	size_t len;
	uint32_t code;
	int valid; /* 0: a byte that is not part of a valid character */
};

/* Write printable ASCII and the bytes of also, others as question marks. */
static void
write_printable(FILE *f, const char *text, size_t size, const char *also)
{
	size_t i;

	for (i = 0; i < size && text[i] != '\0'; i++) {
		int c = (unsigned char)text[i];

		putc((c >= ' ' && c <= '~') || strchr(also, c) != NULL ? c :
									 '?',
		    f);
	}
}

void
escape_text(FILE *f, const char *text, size_t size)
{
	write_printable(f, text, size, "");
}

void
escape_in_place(char *text, size_t size)
{
	text[size - 1] = '\0';
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

/* Bytes of the words that fit into room, but of at least one whole word. */
static size_t
fitting_words(const char *text, size_t len, size_t room)
{
	size_t i, end = 0;

	for (i = 0; i <= len && (i <= room || end == 0); i++)
		if (i == len || text[i] == ' ')
			end = i;
	return end;
}

void
escape_folded(FILE *f, const char *text, size_t size, size_t column,
    size_t indent)
{
	size_t rest = strnlen(text, size), n;

	for (;;) {
		n = fitting_words(text, rest, WIDTH - column);
		escape_text(f, text, n);
		if (n == rest)
			return;
		text += n + 1;
		rest -= n + 1;
		column = indent;
		fprintf(f, "\n%*s", (int)indent, "");
	}
}

void
escape_line(FILE *f, const char *text, size_t size)
{
	write_printable(f, text, size, "\t");
}

/* Bytes of a character by its first byte; 0: not a first byte. */
static size_t
length_of(uint8_t byte)
{
	if (byte < 0x80)
		return 1;
	if (byte >= 0xc2 && byte <= 0xdf)
		return 2;
	if (byte >= 0xe0 && byte <= 0xef)
		return 3;
	return byte >= 0xf0 && byte <= 0xf4 ? 4 : 0;
}

/* Overlong forms, surrogates, and codes beyond Unicode (RFC 3629). */
static int
forbidden(uint32_t code, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	return code < least[len] || (code >= 0xd800 && code <= 0xdfff) ||
	    code > 0x10ffff;
}

/* Decode the character at text, which has rest bytes. */
static struct character
next_character(const char *text, size_t rest)
{
	struct character c = { text, 1, 0, 0 };
	size_t i, len = length_of((uint8_t)text[0]);
	uint32_t code;

	if (len == 0 || len > rest)
		return c;
	code = (uint8_t)text[0] & (len == 1 ? 0x7f : 0xffU >> (len + 1));
	for (i = 1; i < len; i++) {
		if (((uint8_t)text[i] & 0xc0) != 0x80)
			return c;
		code = code << 6 | ((uint8_t)text[i] & 0x3f);
	}
	if (forbidden(code, len))
		return c;
	c.len = len;
	c.code = code;
	c.valid = 1;
	return c;
}

static int
is_control(const struct character *c)
{
	return c->code < 0x20 || (c->code >= 0x7f && c->code <= 0x9f);
}

/* JSON needs escapes for control characters, quotes and backslashes. */
static void
print_json(FILE *f, const struct character *c)
{
	if (is_control(c))
		fprintf(f, "\\u%04x", c->code);
	else if (c->code == '"' || c->code == '\\')
		fprintf(f, "\\%c", (int)c->code);
	else
		fwrite(c->bytes, c->len, 1, f);
}

/* Prometheus has three escapes, but none for other control characters. */
static void
print_label(FILE *f, const struct character *c)
{
	if (c->code == '\n')
		fprintf(f, "\\n");
	else if (is_control(c))
		putc('?', f);
	else if (c->code == '"' || c->code == '\\')
		fprintf(f, "\\%c", (int)c->code);
	else
		fwrite(c->bytes, c->len, 1, f);
}

/* Write a text in quotes, with print for each valid character. */
static void
quote(FILE *f, const char *text, size_t size,
    void (*print)(FILE *, const struct character *))
{
	size_t rest = strnlen(text, size);
	struct character c;

	putc('"', f);
	for (; rest > 0; text += c.len, rest -= c.len) {
		c = next_character(text, rest);
		if (c.valid)
			print(f, &c);
		else
			fprintf(f, REPLACEMENT);
	}
	putc('"', f);
}

void
escape_json(FILE *f, const char *text, size_t size)
{
	quote(f, text, size, print_json);
}

void
escape_label(FILE *f, const char *text, size_t size)
{
	quote(f, text, size, print_label);
}
