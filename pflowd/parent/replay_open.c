/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "process/privsep.h"
#include "replay_open.h"
#include "resolver_ask.h"
#include "sockets.h"
#include "source/capture.h"

static int
open_capture(const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0) {
		if (isatty(STDIN_FILENO))
			fatalx("standard input is a terminal: pipe a capture "
			       "into it");
		return STDIN_FILENO;
	}
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		fatal("%s", path);
	return fd;
}

static void
drop_root(void)
{
	struct privsep_user user;
	char why[512];

	if (geteuid() != 0)
		return;
	if (privsep_lookup(&user, why, sizeof(why)) == -1)
		fatalx("%s", why);
	privsep_drop(&user, 1);
}

static void
connect_collectors(struct conf *conf)
{
	char why[256];
	unsigned int i;

	for (i = 0; i < conf->ncollectors; i++)
		if (sockets_collector(&conf->collectors[i], why, sizeof(why)) !=
		    SOCKETS_OPEN)
			fatalx("%scollector %s: %s", conf->collectors[i].place,
			    conf->collectors[i].name, why);
}

static void
open_sockets(struct conf *conf)
{
	char why[512];
	unsigned int i;

	for (i = 0; i < conf->nsockets; i++)
		if (sockets_control(&conf->sockets[i], why, sizeof(why)) == -1)
			fatalx("control socket %s: %s", conf->sockets[i].path,
			    why);
}

struct capture *
replay_open(struct conf *conf, const char *path)
{
	struct capture *capture;
	char why[1024];
	int fd = open_capture(path);

	if (resolver_ask_all(conf, why, sizeof(why)) == -1)
		fatalx("%s", why);
	connect_collectors(conf);
	open_sockets(conf);
	drop_root();
	capture = capture_open_fd(fd,
	    fd == STDIN_FILENO ? "standard input" : path, conf->pfsync_link,
	    why, sizeof(why));
	if (capture == NULL)
		fatalx("%s", why);
	return capture;
}
