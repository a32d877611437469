/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "statedump.h"

const char *
statedump_ways(void)
{
	return "none";
}

int
statedump_open(int fd[STATEDUMP_FDS], int *later, char *why, size_t whylen)
{
	fd[0] = fd[1] = -1;
	*later = 0;
	snprintf(why, whylen,
	    "this system has no pf(4): source table needs FreeBSD, OpenBSD, "
	    "NetBSD or DragonFly");
	return -1;
}

struct statedump *
statedump_new(const int fd[STATEDUMP_FDS])
{
	(void)fd;
	errno = ENOSYS;
	return NULL;
}

unsigned int
statedump_layout(const struct statedump *s)
{
	(void)s;
	return 0;
}

void
statedump_settings(struct statedump *s, struct statedump_settings *settings)
{
	(void)s;
	memset(settings, 0, sizeof(*settings));
	settings->enabled = -1;
}

int
statedump_counters(struct statedump *s, uint64_t counters[2])
{
	(void)s;
	(void)counters;
	return -1;
}

int
statedump_read(struct statedump *s)
{
	(void)s;
	return ENOSYS;
}

size_t
statedump_piece(struct statedump *s, const uint8_t **data)
{
	(void)s;
	(void)data;
	return 0;
}
