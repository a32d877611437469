/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Talks to a running pflowd.  pflowd of this version opens no control socket
 * yet, so all there is to say is its version, and how to see its counters.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"

static void
usage(void)
{
	fprintf(stderr, "usage: pflowctl -V\n");
	exit(1);
}

int
main(int argc, char *argv[])
{
	int ch;

	while ((ch = getopt(argc, argv, "V")) != -1) {
		if (ch != 'V')
			usage();
		printf("pflowctl %s\n", PFLOWD_VERSION);
		return 0;
	}
	if (optind == argc)
		usage();
	fprintf(stderr,
	    "pflowctl: pflowd %s answers no commands: kill -USR1 `cat %s` "
	    "has it log its counters\n",
	    PFLOWD_VERSION, PFLOWD_PIDFILE);
	return 1;
}
