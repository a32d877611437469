/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The command line, and the configuration that it and pflowd.conf make
 * together: at the start, and again at each reload.
 */

#ifndef OPTIONS_H
#define OPTIONS_H

#include "conf.h"
#include "parse.h"

#define OPTIONS_DEFINES 64 /* -D, at most */

/* Texts are argv's, or live as long as the program. */
struct options {
	const char *file;      /* absolute; the default if not given */
	const char *capture;   /* -r */
	const char *interface; /* -i */
	const char *socket;    /* -s, absolute */
	int file_given;
	int check;	 /* -n */
	int version;	 /* -V */
	int debug;	 /* -d */
	int verbose;	 /* how many -v */
	int pfsync_link; /* -y pfsync */
	int rate_given;
	unsigned int rate; /* -R, datagrams a second; 0: no limit */
	unsigned int ncollectors;
	const char *collectors[CONF_COLLECTORS]; /* -e */
	unsigned int ndefines;
	struct parse_define defines[OPTIONS_DEFINES]; /* -D */
};

/*
 * Read the command line.  Returns -1 when it is not of the form that the usage
 * tells; what is of the form and still wrong ends the program.
 */
int options_parse(struct options *, int argc, char *argv[]);

/*
 * Tell an error on standard error: what begins with a file's path as compilers
 * do, all else after the program's name.
 */
lex_error_cb options_tell;

/*
 * The configuration.  NULL after every error was told.
 */
struct conf *options_conf(const struct options *, lex_error_cb *, void *arg);

#endif
