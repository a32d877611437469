/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The words of a configuration: comments, continued lines, quotes, macros and
 * included files are dealt with here, what the words mean is parse.y's.
 */

#ifndef LEX_H
#define LEX_H

#include <stddef.h>

#define LEX_WORD_MAX 255 /* bytes of a word or string */
#define LEX_ERRORS 50	 /* are told; the last of so many says: and more */

enum lex_kind {
	LEX_END,
	LEX_NEWLINE,
	LEX_WORD,   /* unquoted: may be a keyword */
	LEX_STRING, /* quoted: never one */
	LEX_SIGN,   /* { } , ! = < > <= >= != <> >< */
	LEX_WRONG   /* nothing of these; the error has been told */
};

/* text is the lexer's, until lex_free(); never NULL. */
struct lex_token {
	enum lex_kind kind;
	const char *text;
};

/* Where a word is; path is NULL before the first. */
struct lex_place {
	const char *path;
	unsigned int line;
};

/* Told of an error, as "file:line: what is wrong"; the text is the lexer's. */
typedef void lex_error_cb(void *arg, const char *text);

struct lex;

/* NULL: out of memory. */
struct lex *lex_new(lex_error_cb *, void *arg);
void lex_free(struct lex *);

/*
 * Read on in a file, which must belong to root or to the caller and not be
 * writable by everyone; one that is included is relative to the including one.
 * -1: it has been told why not.
 */
int lex_open(struct lex *, const char *path);

/*
 * The next word.  A file that ends without a newline is given one.  After
 * LEX_ERRORS nothing more is read.
 */
struct lex_token lex_next(struct lex *);

/* Whether "=" comes next, which makes the last word a macro's name. */
int lex_assigns(struct lex *);

/* Where that is; it outlives the lexer's way on. */
struct lex_place lex_place(const struct lex *);

/*
 * Define a macro.  One defined by the command line (fixed) cannot be changed
 * any more.  The texts are copied.  -1: out of memory, or no name of a macro.
 */
int lex_define(struct lex *, const char *name, const char *value, int fixed);

/*
 * Tell an error at the last word or at an earlier one, and count it.  Of a
 * line only the first is told: the others mostly follow from it.
 */
void lex_error(struct lex *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void lex_error_at(struct lex *, const struct lex_place *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* How many there were, told or not. */
unsigned int lex_errors(const struct lex *);

/* Zeroed memory that lives until lex_free(); NULL: out of memory. */
void *lex_alloc(struct lex *, size_t);

#endif
