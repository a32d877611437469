/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lex.h"

#define FILE_MAX (1024 * 1024) /* bytes */
#define DEPTH_MAX 16	       /* nested files and macros */
#define FILES_MAX 1024	       /* total files */
#define MACROS_MAX 4096
#define USES_MAX 65536 /* of macros */
#define ERROR_MAX 1024
#define SHOWN 32 /* bytes shown of a word that is too long */

#define NOTHING (-1) /* no more characters */

/* A text being read: a file, or the value of a macro used in one. */
struct source {
	const char *path; /* NULL: a macro's value */
	const char *text;
	size_t len;
	size_t at;
	unsigned int line;
	dev_t dev; /* of a file */
	ino_t ino;
};

struct macro {
	SLIST_ENTRY(macro) entry;
	const char *name;
	const char *value;
	int fixed;
};

/* Memory that lives as long as the lexer. */
struct chunk {
	SLIST_ENTRY(chunk) entry;
	max_align_t data[];
};

struct lex {
	lex_error_cb *cb;
	void *arg;
	struct source stack[DEPTH_MAX];
	int depth; /* of the stack; the top is being read */
	SLIST_HEAD(macros, macro) macros;
	unsigned int nmacros;
	unsigned int uses; /* of macros */
	unsigned int files;
	SLIST_HEAD(chunks, chunk) chunks;
	struct lex_place place; /* of the last word */
	struct lex_place wrong; /* of the last error */
	unsigned int errors;
	unsigned int told;
	int ended; /* stop reading */
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

static const char *
copy(struct lex *l, const char *text, size_t len)
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

static void tell(struct lex *, const struct lex_place *, const char *, va_list)
    __attribute__((format(printf, 3, 0)));

static void
tell(struct lex *l, const struct lex_place *at, const char *fmt, va_list ap)
{
	char text[ERROR_MAX], line[ERROR_MAX + PATH_MAX];

	l->errors++;
	if (l->ended || same_line(at, &l->wrong))
		return;
	l->wrong = *at;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (++l->told == LEX_ERRORS) {
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
	tell(l, &l->place, fmt, ap);
	va_end(ap);
}

void
lex_error_at(struct lex *l, const struct lex_place *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(l, at, fmt, ap);
	va_end(ap);
}

/*
 * True if the file is being read already, so that including it would never end.
 */
static int
is_open(const struct lex *l, const struct stat *st)
{
	int i;

	for (i = 0; i < l->depth; i++)
		if (l->stack[i].path != NULL && l->stack[i].dev == st->st_dev &&
		    l->stack[i].ino == st->st_ino)
			return 1;
	return 0;
}

/* Check owner and mode: whoever can write the file controls the daemon. */
static int
check_file(struct lex *l, const char *path, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		lex_error(l, "%s: not a regular file", path);
	else if (st->st_uid != 0 && st->st_uid != getuid())
		lex_error(l, "%s: owned by user %lu: chown root %s", path,
		    (unsigned long)st->st_uid, path);
	else if (st->st_mode & S_IWOTH)
		lex_error(l, "%s: writable by everyone: chmod o-w %s", path,
		    path);
	else if (st->st_size > FILE_MAX)
		lex_error(l, "%s: larger than %d bytes", path, FILE_MAX);
	else if (is_open(l, st))
		lex_error(l, "%s: includes itself", path);
	else if (l->files++ == FILES_MAX)
		lex_error(l, "%s: more than %d files", path, FILES_MAX);
	else
		return 0;
	return -1;
}

/*
 * Read the file's text, and end it with a newline if it does not.  Returns NULL
 * after reporting the error.
 */
static char *
read_all(struct lex *l, int fd, const char *path, size_t *len)
{
	size_t size = *len;
	ssize_t n = 0;
	char *text;

	if ((text = lex_alloc(l, size + 1)) == NULL)
		return NULL;
	*len = 0;
	while (*len < size && (n = read(fd, text + *len, size - *len)) > 0)
		*len += (size_t)n;
	if (n == -1) {
		lex_error(l, "%s: %s", path, strerror(errno));
		return NULL;
	}
	if (*len == 0 || text[*len - 1] != '\n')
		text[(*len)++] = '\n';
	return text;
}

/*
 * Push the next source. `what` names it in an error; NULL after reporting that.
 */
static struct source *
push(struct lex *l, const char *what)
{
	struct source *s = &l->stack[l->depth];

	if (l->depth == DEPTH_MAX) {
		lex_error(l, "%s: files or macros nested deeper than %d", what,
		    DEPTH_MAX);
		return NULL;
	}
	memset(s, 0, sizeof(*s));
	s->line = 1;
	l->depth++;
	return s;
}

/* Resolve a relative path in the directory of the including file. */
static const char *
full_path(struct lex *l, const char *path)
{
	const char *slash = NULL;
	size_t dir;
	char *full;

	if (path[0] != '/' && l->place.path != NULL)
		slash = strrchr(l->place.path, '/');
	dir = slash == NULL ? 0 : (size_t)(slash + 1 - l->place.path);
	if ((full = lex_alloc(l, dir + strlen(path) + 1)) == NULL)
		return path;
	if (dir > 0)
		memcpy(full, l->place.path, dir);
	strcpy(full + dir, path);
	return full;
}

static int
open_fd(struct lex *l, int fd, const char *path)
{
	struct source *s;
	struct stat st;
	size_t len;
	char *text;

	if (fd == -1 || fstat(fd, &st) == -1) {
		lex_error(l, "%s: %s", path, strerror(errno));
		return -1;
	}
	if (check_file(l, path, &st) == -1)
		return -1;
	len = (size_t)st.st_size;
	if ((text = read_all(l, fd, path, &len)) == NULL ||
	    (s = push(l, path)) == NULL)
		return -1;
	s->path = path;
	s->text = text;
	s->len = len;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return 0;
}

int
lex_open(struct lex *l, const char *path)
{
	const char *full = full_path(l, path);
	int fd, result;

	fd = open(full, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	result = open_fd(l, fd, full);
	if (fd != -1)
		close(fd);
	return result;
}

static struct macro *
find_macro(const struct lex *l, const char *name)
{
	struct macro *m;

	SLIST_FOREACH(m, &l->macros, entry)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

static int
is_name_char(int c)
{
	return c != NOTHING && (isalnum((unsigned char)c) || c == '_');
}

int
lex_define(struct lex *l, const char *name, const char *value, int fixed)
{
	struct macro *m;
	const char *p;

	for (p = name; is_name_char(*p); p++)
		continue;
	if (p == name || *p != '\0' || isdigit((unsigned char)name[0]))
		return -1;
	if ((m = find_macro(l, name)) == NULL) {
		if (l->nmacros++ == MACROS_MAX) {
			lex_error(l, "macro \"%s\": more than %d macros", name,
			    MACROS_MAX);
			return 0;
		}
		if ((m = lex_alloc(l, sizeof(*m))) == NULL)
			return -1;
		m->name = copy(l, name, strlen(name));
		SLIST_INSERT_HEAD(&l->macros, m, entry);
	} else if (m->fixed && !fixed) {
		return 0;
	}
	m->value = copy(l, value, strlen(value));
	m->fixed = fixed;
	return 0;
}

static int
peek(const struct lex *l)
{
	const struct source *s = &l->stack[l->depth - 1];

	return s->at < s->len ? (unsigned char)s->text[s->at] : NOTHING;
}

static int
get(struct lex *l)
{
	struct source *s = &l->stack[l->depth - 1];
	int c = peek(l);

	if (c != NOTHING)
		s->at++;
	if (c == '\n')
		s->line++;
	return c;
}

/* Length of backslash and newline, if the line is continued here; else 0. */
static size_t
continuation(const struct lex *l)
{
	const struct source *s = &l->stack[l->depth - 1];
	size_t left = s->len - s->at;

	if (left >= 2 && memcmp(s->text + s->at, "\\\n", 2) == 0)
		return 2;
	if (left >= 3 && memcmp(s->text + s->at, "\\\r\n", 3) == 0)
		return 3;
	return 0;
}

static void
skip_blank(struct lex *l)
{
	size_t n;
	int c;

	for (;;) {
		c = peek(l);
		if ((n = continuation(l)) > 0)
			while (n-- > 0)
				get(l);
		else if (c == ' ' || c == '\t' || c == '\r')
			get(l);
		else
			break;
	}
	if (c == '#')
		while ((c = peek(l)) != '\n' && c != NOTHING)
			get(l);
}

/* Record the current line of the innermost file as the last word's place. */
static void
note_place(struct lex *l)
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

/* Do not consume a newline: the next line is not part of the error. */
static struct lex_token
read_string(struct lex *l)
{
	char text[LEX_WORD_MAX + 1] = "";
	size_t n = 0;
	int c;

	while ((c = peek(l)) != '"') {
		if (c == '\n' || c == '\r' || c == NOTHING) {
			lex_error(l, "\"%.*s: quote is not closed", SHOWN,
			    text);
			return token(LEX_WRONG, "");
		}
		get(l);
		if (c == '\\' && (peek(l) == '"' || peek(l) == '\\'))
			c = get(l);
		if (is_control(c)) {
			lex_error(l, "\"%.*s: invalid byte 0x%02x in a string",
			    SHOWN, text, (unsigned int)c);
			return token(LEX_WRONG, "");
		}
		if (n == LEX_WORD_MAX)
			return too_long(l, text);
		text[n++] = (char)c;
	}
	get(l);
	return token(LEX_STRING, copy(l, text, n));
}

static int
is_word_char(int c)
{
	return is_name_char(c) || (c > 0 && strchr(".:/-+*@%", c) != NULL);
}

/* Push the macro's value, to be read in its place. */
static int
read_macro(struct lex *l)
{
	char name[LEX_WORD_MAX + 1] = "$";
	const struct macro *m;
	struct source *s;
	size_t n = 1;

	while (is_name_char(peek(l)) && n < LEX_WORD_MAX)
		name[n++] = (char)get(l);
	if ((m = find_macro(l, name + 1)) == NULL) {
		lex_error(l, "macro \"%s\" is not defined", name);
		return -1;
	}
	if (++l->uses > USES_MAX) {
		lex_error(l, "macro \"%s\": macros used more than %d times",
		    name, USES_MAX);
		l->ended = 1;
		return -1;
	}
	if ((s = push(l, name)) == NULL)
		return -1;
	s->text = m->value;
	s->len = strlen(m->value);
	return 0;
}

/* Leave macro values read to their end, and continue behind the macro. */
static void
leave_macros(struct lex *l)
{
	while (l->stack[l->depth - 1].path == NULL && peek(l) == NOTHING)
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
		if (peek(l) == '$') {
			get(l);
			if (read_macro(l) == -1)
				return token(LEX_WRONG, "");
			continue;
		}
		if (!is_word_char(peek(l)))
			break;
		if (n == LEX_WORD_MAX)
			return too_long(l, text);
		text[n++] = (char)get(l);
	}
	return token(LEX_WORD, copy(l, text, n));
}

static struct lex_token
read_sign(struct lex *l)
{
	static const char *const signs[] = { "<=", ">=", "!=", "<>", "><", "{",
		"}", ",", "!", "=", "<", ">" };
	char text[3] = "";
	size_t i;

	text[0] = (char)get(l);
	text[1] = peek(l) == NOTHING ? '\0' : (char)peek(l);
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t len = strlen(signs[i]);

		if (strncmp(text, signs[i], len) != 0)
			continue;
		if (len == 2)
			get(l);
		return token(LEX_SIGN, signs[i]);
	}
	if (isprint((unsigned char)text[0]))
		lex_error(l, "unexpected character '%c'", text[0]);
	else
		lex_error(l, "unexpected byte 0x%02x",
		    (unsigned int)(unsigned char)text[0]);
	return token(LEX_WRONG, "");
}

int
lex_assigns(struct lex *l)
{
	if (l->depth == 0 || l->ended)
		return 0;
	skip_blank(l);
	return peek(l) == '=';
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
		note_place(l);
		c = peek(l);
		if (c == NOTHING) {
			if (leave(l))
				return token(LEX_NEWLINE, "");
		} else if (c == '\n') {
			get(l);
			return token(LEX_NEWLINE, "");
		} else if (c == '"') {
			get(l);
			return read_string(l);
		} else if (c == '$') {
			get(l);
			if (read_macro(l) == -1)
				return token(LEX_WRONG, "");
		} else if (is_word_char(c)) {
			return read_word(l);
		} else {
			return read_sign(l);
		}
	}
	return token(LEX_END, "");
}
