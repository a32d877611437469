/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The words of a configuration, without comments, and with macros, included
 * files and continued lines in place.  parse.y gives them a meaning.
 */

#ifndef LEX_H
#define LEX_H

#include <stddef.h>

#define LEX_WORD_MAX 255 /* bytes of a word or string */
#define LEX_ERRORS 50	 /* maximum reported, the last one as "and more" */

enum lex_type {
	LEX_END,
	LEX_NEWLINE,
	LEX_WORD,   /* unquoted: may be a keyword */
	LEX_STRING, /* quoted: never a keyword */
	LEX_SIGN,   /* { } , ! = < > <= >= != <> >< */
	LEX_WRONG   /* invalid; the error was reported */
};

/* text is owned by the lexer until lex_free(), and never NULL. */
struct lex_token {
	enum lex_type type;
	const char *text;
};

/* Place of a word; path is NULL before the first file. */
struct lex_place {
	const char *path;
	unsigned int line;
};

/* Receives an error as "file:line: reason"; the text is the lexer's. */
typedef void lex_error_cb(void *arg, const char *text);

struct lex;

/* Errors go to the callback.  NULL if out of memory. */
struct lex *lex_new(lex_error_cb *, void *arg);

/* Free the lexer with all its memory. */
void lex_free(struct lex *);

/*
 * Read a file next.  It must belong to root or to the caller, and must not be
 * writable by everyone.  The path of an included file is relative to the
 * including one.  Returns -1 after reporting the error.
 */
int lex_open(struct lex *, const char *path);

/*
 * Return the next word.  A file without a final newline is read as if it had
 * one.  After LEX_ERRORS errors, reading ends.
 */
struct lex_token lex_next(struct lex *);

/* True if "=" follows, which makes the last word the name of a macro. */
int lex_assigns(struct lex *);

/* Place of the last word; it stays valid until lex_free(). */
struct lex_place lex_place(const struct lex *);

/*
 * Define a macro; the texts are copied.  One defined on the command line
 * (fixed) cannot be redefined.  -1: out of memory, or not a valid name.
 */
int lex_define(struct lex *, const char *name, const char *value, int fixed);

/*
 * Report an error at the last word or at an earlier one, and count it.  Only
 * the first error of a line is reported, as the others mostly follow from it.
 */
void lex_error(struct lex *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void lex_error_at(struct lex *, const struct lex_place *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Number of errors, reported or not. */
unsigned int lex_errors(const struct lex *);

/* Allocate zeroed memory that lives until lex_free(); NULL: out of memory. */
void *lex_alloc(struct lex *, size_t);

#endif
