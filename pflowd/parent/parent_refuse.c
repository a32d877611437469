/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * While no engine has the control sockets, the parent sends their clients the
 * reason and the time of the next start.  It accepts a few of them at
 * intervals, so a flood of clients does not keep it busy, and reads nothing
 * from them.  It never accepts on a socket that an engine has or had: whoever
 * holds a socket might clear its O_NONBLOCK, and accepting would block.
 */

#include <sys/types.h>

#include <stdio.h>

#include "os/accept.h"
#include "parent_local.h"
#include "process/refuse.h"
#include "process/watch.h"

/* Interval between accepting clients, and the most on a socket each time. */
#define PERIOD_MS 100
#define ACCEPTS 8

/* Write the reason, and the time of the next try. */
static void
write_reason(const struct parent *p, char *text, size_t size)
{
	unsigned int seconds = child_starts_in(&p->engine);

	if (p->why_none[0] == '\0')
		snprintf(text, size, "pflowd is starting: try again");
	else if (seconds > 0)
		snprintf(text, size,
		    "no engine: it %s; the next one starts in "
		    "%u s",
		    p->why_none, seconds);
	else
		snprintf(text, size,
		    "no engine: it %s; the next one is "
		    "starting: try again",
		    p->why_none);
}

static void
on_refuse(void *arg)
{
	struct parent *p = arg;
	char text[256];
	unsigned int i;
	int n, fd;

	write_reason(p, text, sizeof(text));
	for (i = 0; i < p->conf->nsockets; i++)
		for (n = 0; n < ACCEPTS; n++) {
			fd = accept_client(p->conf->sockets[i].fd);
			if (fd == -1)
				break;
			refuse_client(fd, text);
		}
	watch_ms(p->refuse, PERIOD_MS);
}

int
parent_refuse_init(struct parent *p)
{
	p->refuse = watch_timer(p->base, on_refuse, p);
	return p->refuse == NULL ? -1 : 0;
}

void
parent_refuse_begin(struct parent *p)
{
	watch_ms(p->refuse, PERIOD_MS);
}

void
parent_refuse_end(struct parent *p)
{
	watch_off(p->refuse);
}
