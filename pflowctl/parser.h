/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The commands, and which of them the words of a command line are.
 */

#ifndef PARSER_H
#define PARSER_H

#include <stddef.h>
#include <stdint.h>

#include "output.h"

#define PARSER_WORDS 2	 /* of the longest command */
#define PARSER_ERROR 256 /* bytes of any error, NUL included */

enum verb {
	VERB_SHOW,
	VERB_MONITOR,
	VERB_RELOAD,
	VERB_LOG
};

struct command {
	const char *words[PARSER_WORDS];
	enum verb verb;
	enum view view;				/* of VERB_SHOW, and: */
	const struct kind *kinds[ANSWER_KINDS]; /* what is asked for */
	const char *output;			/* unless it is JSON */
	uint32_t verbose;			/* of VERB_LOG */
	int argument; /* a word of the user's own may follow */
};

/*
 * The command of these words, each of which may be shortened as far as it
 * stays the only one.  NULL, and in error why, with the words that may stand
 * there.
 * *argument is the user's own word behind them, or NULL.
 */
const struct command *parser_parse(int argc, char *argv[],
    const char **argument, char error[PARSER_ERROR]);

#endif
