/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The command line, and the configuration made of pflowd.conf and the command
 * line: at the start, and again at each reload.
 */

#ifndef CMDLINE_H
#define CMDLINE_H

#include "conf.h"
#include "parse.h"

#define CMDLINE_DEFINES 64 /* maximum of -D */
#define CMDLINE_RATE 20000 /* default of -R */

/* The strings are argv's, or live as long as the program. */
struct cmdline {
	const char *file;      /* absolute path, or the default */
	const char *capture;   /* -r */
	const char *record;    /* -w, absolute */
	const char *interface; /* -i */
	const char *socket;    /* -s, absolute */
	int file_given;
	int check;	 /* -n */
	int help;	 /* -h */
	int json;	 /* -j */
	int version;	 /* -V */
	int debug;	 /* -d */
	int verbose;	 /* number of -v */
	int pfsync_link; /* -y pfsync */
	int rate_given;
	unsigned int rate;  /* -R, datagrams per second; 0: no limit */
	unsigned int count; /* -c, dumps; 0: no limit */
	unsigned int ncollectors;
	const char *collectors[CONF_COLLECTORS]; /* -e */
	unsigned int ndefines;
	struct parse_define defines[CMDLINE_DEFINES]; /* -D */
};

/*
 * Parse the command line.  Returns -1 if it does not match the usage; a valid
 * form with an invalid value ends the program.
 */
int cmdline_parse(struct cmdline *, int argc, char *argv[]);

/*
 * Print an error on standard error: one that begins with a path as it is, in
 * the form of compilers; any other after the program's name.
 */
lex_error_cb cmdline_error;

/* Build the configuration.  NULL after every error was reported. */
struct conf *cmdline_conf(const struct cmdline *, lex_error_cb *, void *arg);

#endif
