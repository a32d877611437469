/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The command line, and who is to act on it: a replay, the parent of a live
 * engine, a recorder, or one of the parent's children.
 */

#include <sys/types.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "source/capture.h"
#include "common/log.h"
#include "config.h"
#include "engine/engine.h"
#include "conf/cmdline.h"
#include "parent/dumper_child.h"
#include "parent/parent.h"
#include "parent/recorder.h"
#include "conf/printconf.h"
#include "process/privsep.h"
#include "parent/replay.h"
#include "parent/resolver_child.h"
#include "os/sandbox.h"
#include "os/statedump.h"

#define USAGE                                                           \
	"usage: pflowd [-dhjnVv] [-c count] [-D macro=value] [-e "      \
	"host[:port]] ...\n              [-f file] [-i interface | -r " \
	"capture | -w recording]\n              [-R rate] [-s socket] " \
	"[-y linktype]\n"

static void usage(void) LOG_NORETURN;

static void
usage(void)
{
	fprintf(stderr, USAGE);
	exit(1);
}

static void
help(void)
{
	printf(USAGE
	    "\n"
	    "  -c count        with -w: end after so many dumps\n"
	    "  -d              stay in the foreground, log to standard error\n"
	    "  -D macro=value  define a macro for the configuration\n"
	    "  -e host[:port]  export to this collector, not to the file's\n"
	    "  -f file         configuration, instead of " PFLOWD_CONF "\n"
	    "  -h              print this text\n"
	    "  -i interface    capture on this pfsync interface\n"
	    "  -j              with -r: print flows as JSON lines\n"
	    "  -n              check the configuration; with -v, print it\n"
	    "  -R rate         with -r: at most so many datagrams per second\n"
	    "  -r capture      replay a capture file; \"-\": standard input\n"
	    "  -s socket       control socket, instead of " PFLOWD_SOCKET "\n"
	    "  -V              print the version\n"
	    "  -v              log more; with -d, twice: print each flow\n"
	    "  -w recording    record dumps of pf's state table in this file\n"
	    "  -y linktype     decode all frames as pfsync: -y pfsync\n"
	    "\nSee pflowd(8), pflowd.conf(5) and " PFLOWCTL "(8).\n");
}

static void
show_version(void)
{
	printf("pflowd %s\n%s\nsandbox: %s\nstate table: %s\n", PFLOWD_VERSION,
	    capture_library(), sandbox_name(), statedump_ways());
}

/* Open descriptors 0 to 2, so that no socket gets one of these numbers. */
static void
open_standard(void)
{
	int fd;

	do {
		if ((fd = open("/dev/null", O_RDWR)) == -1)
			fatal("/dev/null");
	} while (fd <= STDERR_FILENO);
	close(fd);
}

static void
print_line(void *arg, const char *text)
{
	(void)arg;
	puts(text);
}

static int
check(const struct cmdline *o)
{
	struct conf *conf;

	if ((conf = cmdline_conf(o, cmdline_error, NULL)) == NULL)
		return 1;
	if (o->verbose > 0)
		printconf(conf, print_line, NULL);
	conf_warn(conf, conf->source == CONF_TABLE);
	conf_free(conf);
	return 0;
}

static int
start_replay(const struct cmdline *o)
{
	struct conf *conf;

	if ((conf = cmdline_conf(o, cmdline_error, NULL)) == NULL)
		return 1;
	return replay_main(conf, o->capture);
}

static int
run_role(enum privsep_role role)
{
	switch (role) {
	case PRIVSEP_ENGINE:
		return engine_main();
	case PRIVSEP_RESOLVER:
		return resolver_child_main();
	case PRIVSEP_DUMPER:
		return dumper_child_main();
	}
	return 1;
}

int
main(int argc, char *argv[])
{
	static struct cmdline cmdline;
	enum privsep_role role;

	log_init("pflowd", 0);
	if (privsep_role(argc, argv, &role))
		return run_role(role);
	open_standard();
	privsep_init(argv[0]);
	if (cmdline_parse(&cmdline, argc, argv) == -1)
		usage();
	log_init("pflowd", cmdline.verbose);
	if (cmdline.help) {
		help();
		return 0;
	}
	if (cmdline.version) {
		show_version();
		return 0;
	}
	if (cmdline.check)
		return check(&cmdline);
	if (cmdline.record != NULL)
		return recorder_main(&cmdline);
	return cmdline.capture != NULL ? start_replay(&cmdline) :
					 parent_main(&cmdline);
}
