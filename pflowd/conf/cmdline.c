/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "config.h"
#include "cmdline.h"

#define RATE_MAX 10000000 /* datagrams per second: faster than any network */

/*
 * Make a path absolute, so that it stays valid when the daemon changes
 * directory.
 */
static const char *
absolute(const char *path)
{
	char cwd[PATH_MAX];
	char *full;

	if (path[0] == '/')
		return path;
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		fatal("working directory");
	if (asprintf(&full, "%s/%s", cwd, path) == -1)
		fatal("%s", path);
	return full;
}

/* Parse the argument of -R.  Exits if it is invalid. */
static unsigned int
parse_rate(const char *text)
{
	const char *error;
	long long rate;

	rate = strtonum(text, 0, RATE_MAX, &error);
	if (error != NULL)
		fatalx("-R %s: %s: use datagrams per second, or 0 for no limit",
		    text, error);
	return (unsigned int)rate;
}

/* Parse the argument of -c.  Exits if it is invalid. */
static unsigned int
parse_count(const char *text)
{
	const char *error;
	long long count;

	count = strtonum(text, 1, INT_MAX, &error);
	if (error != NULL)
		fatalx("-c %s: %s: use a number of dumps", text, error);
	return (unsigned int)count;
}

/* As pcap(3), accept the name of the link type in any case. */
static void
check_link_name(const char *name)
{
	if (strcasecmp(name, "pfsync") != 0)
		fatalx("-y %s: link type must be pfsync", name);
}

static void
add_collector(struct cmdline *o, const char *spec)
{
	if (o->ncollectors == CONF_COLLECTORS)
		fatalx("-e %s: more than %d collectors", spec, CONF_COLLECTORS);
	o->collectors[o->ncollectors++] = spec;
}

/* Add a macro of -D.  The text is split in place. */
static void
add_define(struct cmdline *o, char *text)
{
	char *equals;

	if (o->ndefines == CMDLINE_DEFINES)
		fatalx("-D %s: more than %d macros", text, CMDLINE_DEFINES);
	if ((equals = strchr(text, '=')) == NULL)
		fatalx("-D %s: must be macro=value", text);
	*equals = '\0';
	o->defines[o->ndefines].name = text;
	o->defines[o->ndefines++].value = equals + 1;
}

/* Refuse an option of which only one value is used. */
static void
only_once(int ch, int given)
{
	if (given)
		fatalx("-%c %s: -%c can be given only once", ch, optarg, ch);
}

/* Store an option that has no argument.  Returns -1 if it is unknown. */
static int
parse_flag(struct cmdline *o, int ch)
{
	switch (ch) {
	case 'd':
		o->debug = 1;
		return 0;
	case 'h':
		o->help = 1;
		return 0;
	case 'j':
		o->json = 1;
		return 0;
	case 'n':
		o->check = 1;
		return 0;
	case 'V':
		o->version = 1;
		return 0;
	case 'v':
		o->verbose++;
		return 0;
	}
	return -1;
}

/* The same, of any option. */
static int
parse_option(struct cmdline *o, int ch)
{
	switch (ch) {
	case 'c':
		only_once(ch, o->count > 0);
		o->count = parse_count(optarg);
		return 0;
	case 'D':
		add_define(o, optarg);
		return 0;
	case 'e':
		add_collector(o, optarg);
		return 0;
	case 'f':
		only_once(ch, o->file_given);
		o->file = absolute(optarg);
		o->file_given = 1;
		return 0;
	case 'i':
		only_once(ch, o->interface != NULL);
		o->interface = optarg;
		return 0;
	case 'R':
		only_once(ch, o->rate_given);
		o->rate = parse_rate(optarg);
		o->rate_given = 1;
		return 0;
	case 'r':
		only_once(ch, o->capture != NULL);
		o->capture = optarg;
		return 0;
	case 's':
		only_once(ch, o->socket != NULL);
		o->socket = absolute(optarg);
		return 0;
	case 'w':
		only_once(ch, o->record != NULL);
		if (strcmp(optarg, "-") == 0)
			fatalx("-w -: a recording needs a file");
		o->record = absolute(optarg);
		return 0;
	case 'y':
		check_link_name(optarg);
		o->pfsync_link = 1;
		return 0;
	}
	return parse_flag(o, ch);
}

/* Options that a recording has no use for. */
static int
check_record(const struct cmdline *o)
{
	const char *with = o->capture != NULL ? "-r" :
	    o->interface != NULL	      ? "-i" :
	    o->pfsync_link		      ? "-y" :
	    o->ncollectors > 0		      ? "-e" :
	    o->socket != NULL		      ? "-s" :
						NULL;

	if (o->count > 0 && o->record == NULL) {
		log_warnx("-c needs -w: it counts the dumps of a recording");
		return -1;
	}
	if (o->record != NULL && with != NULL) {
		log_warnx("-w and %s cannot be combined: a recording only "
			  "reads pf's state table",
		    with);
		return -1;
	}
	return 0;
}

int
cmdline_parse(struct cmdline *o, int argc, char *argv[])
{
	int ch;

	memset(o, 0, sizeof(*o));
	o->file = PFLOWD_CONF;
	o->rate = CMDLINE_RATE;
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		o->help = 1;
		return 0;
	}
	while ((ch = getopt(argc, argv, "c:D:de:f:hi:jnR:r:s:Vvw:y:")) != -1)
		if (parse_option(o, ch) == -1)
			return -1;
	if (optind != argc)
		return -1;
	if (o->capture != NULL && o->interface != NULL) {
		log_warnx(
		    "-i and -r cannot be combined: a replay does not listen on "
		    "an interface");
		return -1;
	}
	if (o->rate_given && o->capture == NULL) {
		log_warnx("-R needs -r: it limits the rate of a replay");
		return -1;
	}
	if (o->json && o->capture == NULL) {
		log_warnx("-j needs -r: it prints the flows of a replay");
		return -1;
	}
	return check_record(o);
}

/* True if flows are printed on standard output without a replay. */
static int
shows_flows(const struct cmdline *o)
{
	return o->debug && o->verbose >= 2;
}

/*
 * True if a configuration file is to be read.  A replay reads one only with -f.
 * With -e, to print flows, or to record, the default file is optional.
 */
static int
has_file(const struct cmdline *o)
{
	if (o->file_given)
		return 1;
	if (o->capture != NULL)
		return 0;
	if (o->ncollectors > 0 || o->record != NULL || shows_flows(o))
		return access(o->file, F_OK) == 0;
	return 1;
}

/* True if the default file is required but does not exist. */
static int
is_missing(const struct cmdline *o)
{
	return !o->file_given && has_file(o) && access(o->file, F_OK) == -1 &&
	    errno == ENOENT;
}

void
cmdline_error(void *arg, const char *text)
{
	(void)arg;
	if (text[0] == '/')
		fprintf(stderr, "%s\n", text);
	else
		log_warnx("%s", text);
}

static int fail(lex_error_cb *, void *, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/* Report an error to the callback; returns -1. */
static int
fail(lex_error_cb *cb, void *arg, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cb(arg, text);
	return -1;
}

/* Replace the file's collectors by those of -e. */
static int
add_collectors(const struct cmdline *o, struct conf *conf, lex_error_cb *cb,
    void *arg)
{
	char why[512];
	unsigned int i, n;

	if (o->ncollectors > 0)
		conf_clear_collectors(conf);
	for (n = 0; n < o->ncollectors; n++) {
		if (conf_add_collector(conf, o->collectors[n], why,
			sizeof(why)) == -1)
			return fail(cb, arg, "-e %s", why);
		for (i = 0; i < n; i++)
			if (conf_same_collector(&conf->collectors[i],
				&conf->collectors[n]))
				return fail(cb, arg, "-e %s: given twice",
				    o->collectors[n]);
	}
	return 0;
}

/* A replay has a rate even if the file gives none. */
static void
apply_rate(const struct cmdline *o, struct conf *conf)
{
	unsigned int i;

	for (i = 0; o->capture != NULL && i < conf->ncollectors; i++)
		if (o->rate_given || conf->collectors[i].rate == 0)
			conf->collectors[i].rate = o->rate;
}

/* Replace the path of the control socket.  A replay has no sockets. */
static int
apply_socket(const struct cmdline *o, struct conf *conf, lex_error_cb *cb,
    void *arg)
{
	const char *path = o->socket;
	unsigned int i;

	if (path == NULL && o->capture == NULL && conf_control(conf) == NULL)
		path = PFLOWD_SOCKET;
	if (o->capture != NULL)
		conf->nsockets = 0;
	for (i = 0; path != NULL && i < conf->nsockets; i++)
		if (conf->sockets[i].restricted &&
		    strcmp(conf->sockets[i].path, path) == 0)
			return fail(cb, arg,
			    "-s %s: already the path of the restricted socket",
			    path);
	if (path != NULL && conf_set_control(conf, path) == -1)
		return fail(cb, arg, "-s %s: longer than %d bytes", path,
		    CONF_PATH - 1);
	return 0;
}

/* Replace the interface of the file.  -1 after reporting an invalid name. */
static int
apply_interface(const struct cmdline *o, struct conf *conf, lex_error_cb *cb,
    void *arg)
{
	if (o->interface == NULL)
		return 0;
	if (conf->source_given && conf->source == CONF_TABLE)
		return fail(cb, arg,
		    "-i %s: source table reads no interface: remove -i, or "
		    "\"source table\" from %s",
		    o->interface, o->file);
	conf->source = CONF_PFSYNC;
	if (o->interface[0] == '\0' ||
	    strpbrk(o->interface, " \t\n\"\\") != NULL)
		return fail(cb, arg, "-i \"%s\": not an interface name",
		    o->interface);
	if (strlcpy(conf->interface, o->interface, sizeof(conf->interface)) >=
	    sizeof(conf->interface))
		return fail(cb, arg, "-i %s: interface name is too long",
		    o->interface);
	return 0;
}

/* Only source table has interim reports. */
static int
check_interim(const struct cmdline *o, const struct conf *conf,
    lex_error_cb *cb, void *arg)
{
	if (conf->interim == 0 || conf->source == CONF_TABLE)
		return 0;
	return fail(cb, arg,
	    "interim %u: needs source table: remove \"interim\" from %s, or "
	    "%s",
	    conf->interim, o->file,
	    o->interface != NULL ? "remove -i" : "add \"source table\"");
}

/*
 * Source table has no interface.  A replay has the source of its file, so that
 * -y is of use with any; with interim, a recording is expected.  A recording is
 * of the table.
 */
static int
apply_source(const struct cmdline *o, struct conf *conf, lex_error_cb *cb,
    void *arg)
{
	if (o->record != NULL && conf->source_given &&
	    conf->source == CONF_PFSYNC)
		return fail(cb, arg,
		    "-w %s: needs source table, but %s has source pfsync: use "
		    "-f with another file",
		    o->record, o->file);
	if (o->record != NULL || (o->capture != NULL && conf->interim > 0))
		conf->source = CONF_TABLE;
	if (check_interim(o, conf, cb, arg) == -1)
		return -1;
	if (conf->source != CONF_TABLE || o->capture != NULL)
		return 0;
	if (o->pfsync_link)
		return fail(cb, arg,
		    "-y pfsync: source table reads no frames: use source "
		    "pfsync, or remove -y");
	conf->interface[0] = '\0';
	return 0;
}

/* Refuse a configuration that neither exports nor prints flows. */
static int
check_collectors(const struct cmdline *o, const struct conf *conf,
    lex_error_cb *cb, void *arg)
{
	if (conf->ncollectors > 0 || o->capture != NULL || o->record != NULL ||
	    shows_flows(o))
		return 0;
	return fail(cb, arg,
	    "no collector: define one with -e host[:port] or in %s, or print "
	    "the flows with -d -v -v",
	    o->file);
}

/* Let the command line override the file. */
static int
apply(const struct cmdline *o, struct conf *conf, lex_error_cb *cb, void *arg)
{
	conf->pfsync_link |= o->pfsync_link;
	conf->debug = o->debug || o->capture != NULL;
	conf->verbose = o->verbose;
	conf->json = o->json;
	if (apply_interface(o, conf, cb, arg) == -1 ||
	    apply_source(o, conf, cb, arg) == -1 ||
	    add_collectors(o, conf, cb, arg) == -1)
		return -1;
	apply_rate(o, conf);
	if (apply_socket(o, conf, cb, arg) == -1)
		return -1;
	return check_collectors(o, conf, cb, arg);
}

struct conf *
cmdline_conf(const struct cmdline *o, lex_error_cb *cb, void *arg)
{
	struct conf *conf;

	if (is_missing(o)) {
		fail(cb, arg,
		    "no %s and no collector: use -e host[:port], or -f "
		    "with another file",
		    o->file);
		return NULL;
	}
	if (has_file(o))
		conf = parse_conf(o->file, o->defines, o->ndefines, cb, arg);
	else if ((conf = conf_new()) == NULL)
		cb(arg, "out of memory");
	if (conf == NULL)
		return NULL;
	if (apply(o, conf, cb, arg) == 0)
		return conf;
	conf_free(conf);
	return NULL;
}
