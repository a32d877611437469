/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The command line, and who is to act on it: a replay, the parent of a live
 * engine, or one of the parent's children.
 */

#include <sys/types.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "common/log.h"
#include "conf.h"
#include "config.h"
#include "live.h"
#include "parent.h"
#include "privsep.h"
#include "replay.h"
#include "resolve.h"

#define RATE_MAX 10000000 /* datagrams a second: more than any network has */

/* What the command line says beyond the configuration. */
struct options {
	const char *capture;   /* -r */
	const char *interface; /* -i */
	unsigned int rate;     /* -R */
	int rate_given;
};

static void usage(void) LOG_NORETURN;

static void
usage(void)
{
	fprintf(stderr,
	    "usage: pflowd [-dVv] [-e host[:port]] ... "
	    "[-i interface | -r capture]\n"
	    "              [-R rate] [-y linktype]\n");
	exit(1);
}

static void
show_version(void)
{
	printf("pflowd %s\n%s\nsandbox: none\n", PFLOWD_VERSION,
	    capture_library());
}

/* Descriptors 0 to 2 are open from here on: no socket is taken for one. */
static void
open_standard(void)
{
	int fd;

	do {
		if ((fd = open("/dev/null", O_RDWR)) == -1)
			exit(1);
	} while (fd <= STDERR_FILENO);
	close(fd);
}

static void
add_collector(struct conf *conf, const char *spec)
{
	char why[512];

	if (conf_add_collector(conf, spec, why, sizeof(why)) == -1)
		fatalx("-e %s", why);
}

static unsigned int
parse_rate(const char *text)
{
	const char *error;
	long long rate;

	rate = strtonum(text, 0, RATE_MAX, &error);
	if (error != NULL)
		fatalx("-R %s: %s: give datagrams a second, or 0 for no limit",
		    text, error);
	return (unsigned int)rate;
}

static void
check_link_name(const char *name)
{
	if (strcasecmp(name, "pfsync") != 0)
		fatalx("-y %s: the only link type to be had is pfsync", name);
}

static void
parse_options(int argc, char *argv[], struct conf *conf, struct options *o)
{
	int ch;

	while ((ch = getopt(argc, argv, "dVve:i:r:R:y:")) != -1) {
		switch (ch) {
		case 'd':
			conf->debug = 1;
			break;
		case 'V':
			show_version();
			exit(0);
		case 'v':
			conf->verbose++;
			break;
		case 'e':
			add_collector(conf, optarg);
			break;
		case 'i':
			o->interface = optarg;
			break;
		case 'r':
			o->capture = optarg;
			break;
		case 'R':
			o->rate = parse_rate(optarg);
			o->rate_given = 1;
			break;
		case 'y':
			check_link_name(optarg);
			conf->pfsync_link = 1;
			break;
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();
}

static int
start_replay(struct conf *conf, const struct options *o)
{
	unsigned int i;

	if (o->interface != NULL) {
		log_warnx("-i and -r: a replay listens on no interface");
		usage();
	}
	conf->debug = 1;
	for (i = 0; i < conf->ncollectors; i++)
		conf->collectors[i].rate = o->rate;
	return replay_main(conf, o->capture);
}

static int
start_live(struct conf *conf, const struct options *o)
{
	if (o->rate_given) {
		log_warnx("-R without -r: only a replay has a rate");
		usage();
	}
	if (o->interface != NULL &&
	    strlcpy(conf->interface, o->interface, sizeof(conf->interface)) >=
		sizeof(conf->interface))
		fatalx("-i %s: no interface has so long a name", o->interface);
	if (conf->ncollectors == 0 && !(conf->debug && conf->verbose >= 2))
		fatalx("no collector: give one with -e host[:port], or see "
		       "the flows with -d -v -v");
	return parent_main(conf);
}

static int
run_role(enum privsep_role role)
{
	switch (role) {
	case PRIVSEP_ENGINE:
		return live_main();
	case PRIVSEP_RESOLVER:
		return resolve_main();
	}
	return 1;
}

int
main(int argc, char *argv[])
{
	struct options options = { .rate = REPLAY_RATE };
	enum privsep_role role;
	struct conf *conf;

	log_init("pflowd", 0);
	if (privsep_role(argc, argv, &role))
		return run_role(role);
	open_standard();
	privsep_init(argv[0]);
	if ((conf = conf_new()) == NULL)
		fatal("start");
	parse_options(argc, argv, conf, &options);
	log_init("pflowd", conf->verbose);
	if (options.capture != NULL)
		return start_replay(conf, &options);
	return start_live(conf, &options);
}
