/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Under -d -v -v an engine prints a line for each flow, to a pipe from which
 * the parent copies what can be printed: stdout is root's.
 */

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "parent_local.h"
#include "process/watch.h"

/* Milliseconds before a blocked stdout is checked again. */
#define LATER_MS 20

/* Reads at a time: what a pipe holds, 64 KiB. */
#define READS (64 * 1024 / PIPE_BUF)

enum copied {
	COPY_FAILED,
	COPY_NONE,    /* nothing to read now */
	COPY_BLOCKED, /* stdout does not accept any more now */
	COPY_SOME
};

/* True if stdout accepts PIPE_BUF bytes without blocking. */
static int
is_writable(void)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&pfd, 1, 0) == 1;
}

void
parent_make_printable(char *text, size_t len, char kept)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((text[i] < ' ' || text[i] > '~') && text[i] != kept)
			text[i] = '?';
}

static enum copied
copy_some(int fd)
{
	char text[PIPE_BUF];
	ssize_t n;

	if (!is_writable())
		return COPY_BLOCKED;
	if ((n = read(fd, text, sizeof(text))) == -1)
		return errno == EAGAIN || errno == EINTR ? COPY_NONE :
							   COPY_FAILED;
	if (n == 0)
		return COPY_FAILED;
	parent_make_printable(text, (size_t)n, '\n');
	return write(STDOUT_FILENO, text, (size_t)n) == -1 ? COPY_FAILED :
							     COPY_SOME;
}

/*
 * Copy what the pipe holds, and no more: its writer may go on.  Returns the
 * result of the last read.
 */
static enum copied
copy_pipe(int fd)
{
	enum copied result = COPY_SOME;
	unsigned int i;

	for (i = 0; result == COPY_SOME && i < READS; i++)
		result = copy_some(fd);
	return result;
}

/*
 * Copy flows from the engine to stdout.  While stdout is blocked, the pipe
 * fills and the engine drops lines.
 */
static void
on_flows(void *arg)
{
	struct parent *p = arg;
	enum copied result = copy_pipe(p->flows_fd);

	if (result == COPY_FAILED) {
		parent_flows_close(p);
	} else if (result == COPY_BLOCKED) {
		watch_off(p->flows);
		watch_ms(p->flows_later, LATER_MS);
	}
}

static void
on_later(void *arg)
{
	struct parent *p = arg;

	watch_on(p->flows);
}

int
parent_flows_open(struct parent *p)
{
	int fds[2];

	if (!p->conf->debug || p->conf->verbose < 2)
		return 0;
	if (pipe(fds) == -1)
		return -1;
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	p->flows_fd = fds[0];
	p->engine.out = fds[1];
	p->flows = watch_readable(p->base, fds[0], on_flows, p);
	p->flows_later = watch_timer(p->base, on_later, p);
	return p->flows == NULL || p->flows_later == NULL ? -1 : 0;
}

void
parent_flows_finish(struct parent *p)
{
	if (p->flows_fd != -1)
		copy_pipe(p->flows_fd);
}

void
parent_flows_close(struct parent *p)
{
	watch_free(p->flows);
	watch_free(p->flows_later);
	p->flows = p->flows_later = NULL;
	if (p->flows_fd == -1)
		return;
	close(p->flows_fd);
	close(p->engine.out);
	p->flows_fd = p->engine.out = -1;
}
