/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Under -d -v -v an engine prints a line for each flow, to a pipe from which
 * the parent copies what can be printed: stdout is root's.
 */

#include <sys/types.h>
#include <event2/event.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "parent_local.h"

/* Microseconds before a blocked stdout is checked again. */
#define LATER_US 20000

/* True if stdout accepts PIPE_BUF bytes without blocking. */
static int
takes_more(void)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&pfd, 1, 0) == 1;
}

/* Replace control characters, which a terminal would execute. */
static void
make_printable(char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((text[i] < ' ' || text[i] > '~') && text[i] != '\n')
			text[i] = '?';
}

/* Returns 1 if some was copied, 0 if there is none now, -1 at the end. */
static int
copy_some(int fd)
{
	char text[PIPE_BUF];
	ssize_t n = read(fd, text, sizeof(text));

	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n == 0)
		return -1;
	make_printable(text, (size_t)n);
	return write(STDOUT_FILENO, text, (size_t)n) == -1 ? -1 : 1;
}

/*
 * Copy flows from the engine to stdout.  While stdout is blocked, the pipe
 * fills and the engine drops lines.
 */
void
parent_flows_ready(int fd, short what, void *arg)
{
	static const struct timeval later = { 0, LATER_US };
	struct parent *p = arg;

	(void)fd;
	(void)what;
	if (!takes_more())
		event_add(p->flows_later, &later);
	else if (copy_some(p->flows_fd) == -1)
		parent_flows_close(p);
	else
		event_add(p->flows, NULL);
}

int
parent_flows_open(struct parent *p)
{
	int fds[2];

	if (!p->conf->debug || p->conf->verbose < 2 || pipe(fds) == -1)
		return -1;
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	p->flows_fd = fds[0];
	event_assign(p->flows, p->base, fds[0], EV_READ, parent_flows_ready, p);
	event_add(p->flows, NULL);
	return fds[1];
}

void
parent_flows_close(struct parent *p)
{
	if (p->flows_fd == -1)
		return;
	event_del(p->flows);
	event_del(p->flows_later);
	while (takes_more() && copy_some(p->flows_fd) == 1)
		continue;
	close(p->flows_fd);
	p->flows_fd = -1;
}
