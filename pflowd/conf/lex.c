/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Words of a configuration, and its errors.
 */

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lex_local.h"

#define ERROR_MAX 1024 /* bytes of an error, without its place */
#define SHOWN 32       /* bytes shown of a word that is too long */

/* Memory that lives as long as the lexer. */
struct chunk {
	SLIST_ENTRY(chunk) entry;
	max_align_t data[];
};

struct lex *
lex_new(lex_error_cb *cb, void *arg)
{
	struct lex *l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	l->cb = cb;
	l->arg = arg;
	return l;
}

void
lex_free(struct lex *l)
{
	struct chunk *c;

	if (l == NULL)
		return;
	while ((c = SLIST_FIRST(&l->chunks)) != NULL) {
		SLIST_REMOVE_HEAD(&l->chunks, entry);
		free(c);
	}
	free(l);
}

void *
lex_alloc(struct lex *l, size_t size)
{
	struct chunk *c;

	if ((c = calloc(1, sizeof(*c) + size)) == NULL) {
		lex_error(l, "out of memory");
		return NULL;
	}
	SLIST_INSERT_HEAD(&l->chunks, c, entry);
	return c->data;
}

const char *
lex_copy(struct lex *l, const char *text, size_t len)
{
	char *to = lex_alloc(l, len + 1);

	if (to == NULL)
		return "";
	memcpy(to, text, len);
	return to;
}

unsigned int
lex_errors(const struct lex *l)
{
	return l->errors;
}

struct lex_place
lex_place(const struct lex *l)
{
	return l->place;
}

static int
same_line(const struct lex_place *a, const struct lex_place *b)
{
	return a->path != NULL && a->path == b->path && a->line == b->line;
}

static void report(struct lex *, const struct lex_place *, const char *,
    va_list) __attribute__((format(printf, 3, 0)));

/* Count an error; report it unless the last one was on the same line. */
static void
report(struct lex *l, const struct lex_place *at, const char *fmt, va_list ap)
{
	char text[ERROR_MAX], line[ERROR_MAX + PATH_MAX];

	l->errors++;
	if (l->ended || same_line(at, &l->error_place))
		return;
	l->error_place = *at;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (++l->reported == LEX_ERRORS) {
		snprintf(text, sizeof(text), "too many errors, stopping here");
		l->ended = 1;
	}
	if (at->path == NULL)
		snprintf(line, sizeof(line), "%s", text);
	else
		snprintf(line, sizeof(line), "%s:%u: %s", at->path, at->line,
		    text);
	l->cb(l->arg, line);
}

void
lex_error(struct lex *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(l, &l->place, fmt, ap);
	va_end(ap);
}

void
lex_error_at(struct lex *l, const struct lex_place *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(l, at, fmt, ap);
	va_end(ap);
}

struct lex_source *
lex_push(struct lex *l, const char *name)
{
	struct lex_source *s = &l->stack[l->depth];

	if (l->depth == LEX_DEPTH) {
		lex_error(l, "%s: files or macros nested deeper than %d", name,
		    LEX_DEPTH);
		return NULL;
	}
	memset(s, 0, sizeof(*s));
	s->line = 1;
	l->depth++;
	return s;
}

int
lex_peek(const struct lex *l)
{
	const struct lex_source *s = &l->stack[l->depth - 1];

	return s->at < s->len ? (unsigned char)s->text[s->at] : LEX_NOTHING;
}

int
lex_get(struct lex *l)
{
	struct lex_source *s = &l->stack[l->depth - 1];
	int c = lex_peek(l);

	if (c != LEX_NOTHING)
		s->at++;
	if (c == '\n')
		s->line++;
	return c;
}

/* Length of backslash and newline, if the line is continued here; else 0. */
static size_t
continuation(const struct lex *l)
{
	const struct lex_source *s = &l->stack[l->depth - 1];
	size_t rest = s->len - s->at;

	if (rest >= 2 && memcmp(s->text + s->at, "\\\n", 2) == 0)
		return 2;
	if (rest >= 3 && memcmp(s->text + s->at, "\\\r\n", 3) == 0)
		return 3;
	return 0;
}

/* Skip blanks, continued lines and a comment, but no newline. */
static void
skip_blank(struct lex *l)
{
	size_t n;
	int c;

	for (;;) {
		c = lex_peek(l);
		if ((n = continuation(l)) > 0)
			while (n-- > 0)
				lex_get(l);
		else if (c == ' ' || c == '\t' || c == '\r')
			lex_get(l);
		else
			break;
	}
	if (c == '#')
		while ((c = lex_peek(l)) != '\n' && c != LEX_NOTHING)
			lex_get(l);
}

/* Record the current line of the innermost file as the last word's place. */
static void
record_place(struct lex *l)
{
	int i = l->depth;

	while (--i > 0 && l->stack[i].path == NULL)
		continue;
	l->place.path = l->stack[i].path;
	l->place.line = l->stack[i].line;
}

static struct lex_token
token(enum lex_type type, const char *text)
{
	struct lex_token t = { type, text };

	return t;
}

/* Report a word that is too long. */
static struct lex_token
too_long(struct lex *l, const char *text)
{
	lex_error(l, "\"%.*s...\": word longer than %d bytes", SHOWN, text,
	    LEX_WORD_MAX);
	return token(LEX_WRONG, "");
}

static int
is_control(int c)
{
	return (c < ' ' && c != '\t') || c == 0x7f;
}

/*
 * Read a string after its opening quote.  An error does not consume a newline,
 * as the next line is not part of it.
 */
static struct lex_token
read_string(struct lex *l)
{
	char text[LEX_WORD_MAX + 1] = "";
	size_t n = 0;
	int c;

	while ((c = lex_peek(l)) != '"') {
		if (c == '\n' || c == '\r' || c == LEX_NOTHING) {
			lex_error(l, "\"%.*s: quote is not closed", SHOWN,
			    text);
			return token(LEX_WRONG, "");
		}
		lex_get(l);
		if (c == '\\' && (lex_peek(l) == '"' || lex_peek(l) == '\\'))
			c = lex_get(l);
		if (is_control(c)) {
			lex_error(l, "\"%.*s: invalid byte 0x%02x in a string",
			    SHOWN, text, (unsigned int)c);
			return token(LEX_WRONG, "");
		}
		if (n == LEX_WORD_MAX)
			return too_long(l, text);
		text[n++] = (char)c;
	}
	lex_get(l);
	return token(LEX_STRING, lex_copy(l, text, n));
}

static int
is_word_char(int c)
{
	return lex_is_name(c) || (c > 0 && strchr(".:/-+*@%", c) != NULL);
}

/* Leave macro values read to their end, and continue behind the macro. */
static void
leave_macros(struct lex *l)
{
	while (l->stack[l->depth - 1].path == NULL &&
	    lex_peek(l) == LEX_NOTHING)
		l->depth--;
}

/*
 * A word may continue behind and inside macros, as in $net/24 and $low:$high.
 */
static struct lex_token
read_word(struct lex *l)
{
	char text[LEX_WORD_MAX + 1] = "";
	size_t n = 0;

	for (;; leave_macros(l)) {
		if (lex_peek(l) == '$') {
			lex_get(l);
			if (lex_read_macro(l) == -1)
				return token(LEX_WRONG, "");
			continue;
		}
		if (!is_word_char(lex_peek(l)))
			break;
		if (n == LEX_WORD_MAX)
			return too_long(l, text);
		text[n++] = (char)lex_get(l);
	}
	return token(LEX_WORD, lex_copy(l, text, n));
}

/* Read the longest sign that matches. */
static struct lex_token
read_sign(struct lex *l)
{
	static const char *const signs[] = { "<=", ">=", "!=", "<>", "><", "{",
		"}", ",", "!", "=", "<", ">" };
	const struct lex_source *s = &l->stack[l->depth - 1];
	char text[3] = "";
	size_t i;

	text[0] = (char)lex_peek(l);
	if (s->len - s->at > 1)
		text[1] = s->text[s->at + 1];
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t len = strlen(signs[i]);

		if (strncmp(text, signs[i], len) != 0)
			continue;
		while (len-- > 0)
			lex_get(l);
		return token(LEX_SIGN, signs[i]);
	}
	lex_strange(l);
	return token(LEX_WRONG, "");
}

int
lex_assigns(struct lex *l)
{
	if (l->depth == 0 || l->ended)
		return 0;
	skip_blank(l);
	return lex_peek(l) == '=';
}

/*
 * At the end of a source, return to the one around it.  Returns 1 if it was a
 * file.
 */
static int
leave(struct lex *l)
{
	return l->stack[--l->depth].path != NULL;
}

struct lex_token
lex_next(struct lex *l)
{
	int c;

	while (l->depth > 0 && !l->ended) {
		skip_blank(l);
		record_place(l);
		c = lex_peek(l);
		if (c == LEX_NOTHING) {
			if (leave(l))
				return token(LEX_NEWLINE, "");
		} else if (c == '\n') {
			lex_get(l);
			return token(LEX_NEWLINE, "");
		} else if (c == '"') {
			lex_get(l);
			return read_string(l);
		} else if (c == '$') {
			lex_get(l);
			if (lex_read_macro(l) == -1)
				return token(LEX_WRONG, "");
		} else if (is_word_char(c)) {
			return read_word(l);
		} else {
			return read_sign(l);
		}
	}
	return token(LEX_END, "");
}
