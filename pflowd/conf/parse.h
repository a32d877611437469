/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * pflowd.conf: text to struct conf.  Looks at no device and no host name.
 */

#ifndef PARSE_H
#define PARSE_H

#include "conf.h"
#include "lex.h"

#define PARSE_ERRORS LEX_ERRORS /* maximum reported per configuration */

/* A macro from the command line; value may be empty. */
struct parse_define {
	const char *name;
	const char *value;
};

/*
 * Read a configuration.  Reports every error; after any, returns NULL, and
 * there is nothing to free.
 */
struct conf *parse_conf(const char *path, const struct parse_define *defines,
    unsigned int n, lex_error_cb *, void *arg);

#endif
