/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The commands, and the parser of the command line.
 */

#ifndef PARSER_H
#define PARSER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "output.h"

#define PARSER_WORDS 2	 /* most words of a command */
#define PARSER_ERROR 256 /* bytes of the longest error, with NUL */

enum verb {
	VERB_SHOW,
	VERB_MONITOR,
	VERB_LOG,
	VERB_LEVEL,
	VERB_CHECK,
	VERB_STOP,
	VERB_HELP
};

struct command {
	const char *words[PARSER_WORDS];
	enum verb verb;
	enum view view;				   /* VERB_SHOW */
	const struct row_type *rows[ANSWER_TYPES]; /* VERB_SHOW: to request */
	const char *output;   /* name, without -j; NULL: text */
	uint32_t verbose;     /* VERB_LOG */
	const char *argument; /* what may follow; NULL: nothing */
	int arguments;	      /* as many of them as there are */
	const char *help;     /* a few words */
	int whole;	      /* its first word must not be shortened */
};

/*
 * Parse the words of a command, which may be abbreviated as long as they are
 * unambiguous.  *n: how many they are; what follows are arguments.  Returns
 * NULL on error, and writes the reason and the possible words to error.
 */
const struct command *parser_parse(int argc, char *argv[], int *n,
    char error[PARSER_ERROR]);

/* Print a line for each command. */
void parser_help(FILE *);

#endif
