/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The state of a lexer, shared by its files: lex.c (words and errors),
 * lex_file.c (files), lex_macro.c (macros) and lex_strange.c (bytes that begin
 * no word and are no sign).
 */

#ifndef LEX_LOCAL_H
#define LEX_LOCAL_H

#include <sys/types.h>
#include <sys/queue.h>

#include "lex.h"

#define LEX_DEPTH 16	 /* nested files and macros */
#define LEX_NOTHING (-1) /* no more characters */

/* A text being read: a file, or the value of a macro used in one. */
struct lex_source {
	const char *path; /* NULL: a macro's value */
	const char *text;
	size_t len;
	size_t at;
	unsigned int line;
	dev_t dev; /* of a file */
	ino_t ino;
};

struct macro;
struct chunk;

struct lex {
	lex_error_cb *cb;
	void *arg;
	struct lex_source stack[LEX_DEPTH];
	int depth; /* of the stack; the top is being read */
	SLIST_HEAD(macros, macro) macros;
	unsigned int nmacros;
	unsigned int uses; /* of macros */
	unsigned int files;
	SLIST_HEAD(chunks, chunk) chunks;
	struct lex_place place;	      /* of the last word */
	struct lex_place error_place; /* of the last error */
	unsigned int errors;
	unsigned int reported;
	int ended; /* stop reading */
};

/*
 * Push a source, to be read until its end.  `name` names it in an error.  NULL
 * after reporting that it would be nested too deeply.
 */
struct lex_source *lex_push(struct lex *, const char *name);

/* Copy a text to memory of the lexer; "" if out of memory, which it reports. */
const char *lex_copy(struct lex *, const char *text, size_t len);

/* The next character of the current source; LEX_NOTHING at its end. */
int lex_peek(const struct lex *);

/* The same, and consume it. */
int lex_get(struct lex *);

/* True for the characters of a macro's name. */
int lex_is_name(int c);

/*
 * Read the name of a macro, after "$", and push its value, to be read in its
 * place.  Returns -1 after reporting an error.
 */
int lex_read_macro(struct lex *);

/*
 * Consume what no word can begin with, and report it, with a remedy if it is a
 * frequent mistake.
 */
void lex_strange(struct lex *);

#endif
