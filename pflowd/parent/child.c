/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "common/clock.h"
#include "common/log.h"
#include "process/link.h"
#include "process/watch.h"

/* Seconds to end, when asked or at the end of the link; two are needed. */
#define END_MAX 5

/* Time limit for the last messages of a child that was reaped. */
#define LAST_READ_US 1000000

/* Maximum delay before a start, in seconds. */
#define DELAY_MAX 64

#define HEALTHY_US (60 * 1000000ULL)

static void
on_deadline(void *arg)
{
	struct child *c = arg;

	c->until_us = 0;
	child_kill(c, CHILD_LATE);
}

static void
on_start(void *arg)
{
	struct child *c = arg;

	if (child_start(c) == -1)
		c->kind->failed(c->arg, CHILD_NOT_STARTED);
}

int
child_init(struct child *c, struct child_list *list, struct event_base *base,
    const struct child_kind *kind, void *arg)
{
	memset(c, 0, sizeof(*c));
	msg_init(&c->link, -1, 0, 0);
	c->kind = kind;
	c->arg = arg;
	c->base = base;
	c->out = -1;
	LIST_INSERT_HEAD(list, c, siblings);
	c->deadline = watch_timer(base, on_deadline, c);
	c->start = watch_timer(base, on_start, c);
	return c->deadline == NULL || c->start == NULL ? -1 : 0;
}

static void
close_link(struct child *c)
{
	watch_free(c->readable);
	watch_free(c->writable);
	c->readable = c->writable = NULL;
	msg_close(&c->link);
}

void
child_free(struct child *c)
{
	if (c->kind == NULL)
		return;
	child_end(c);
	close_link(c);
	watch_free(c->deadline);
	watch_free(c->start);
	LIST_REMOVE(c, siblings);
	memset(c, 0, sizeof(*c));
}

static void
clear_deadline(struct child *c)
{
	watch_off(c->deadline);
	c->until_us = 0;
}

/* Send the only signal that a child ever gets, if it is not reaped yet. */
static void
end_process(struct child *c)
{
	c->state = CHILD_KILLED;
	clear_deadline(c);
	if (c->readable != NULL)
		watch_off(c->readable);
	if (c->pid != 0)
		kill(c->pid, SIGKILL);
}

void
child_end(struct child *c)
{
	if (c->state > CHILD_KILLED)
		end_process(c);
}

void
child_kill(struct child *c, enum child_fault fault)
{
	if (c->state <= CHILD_KILLED)
		return;
	end_process(c);
	c->faulty = 1;
	c->kind->failed(c->arg, fault);
}

void
child_deadline(struct child *c, unsigned int seconds)
{
	uint64_t until = clock_us() + seconds * UINT64_C(1000000);

	if (c->until_us != 0 && c->until_us <= until)
		return;
	c->until_us = until;
	watch_ms(c->deadline, seconds * UINT64_C(1000));
}

void
child_running(struct child *c)
{
	c->state = CHILD_RUNNING;
	if (!c->stopping)
		clear_deadline(c);
}

/*
 * If the message cannot be sent, close our side of the link instead: the child
 * stops at its end, and shutdown() needs no memory.
 */
void
child_stop(struct child *c)
{
	watch_off(c->start);
	c->wanted = 0;
	if (c->kind->stop == 0 || c->state < CHILD_OPENING) {
		child_end(c);
		return;
	}
	c->stopping = 1;
	if (child_send(c, c->kind->stop, 0, NULL, 0, -1) == -1)
		shutdown(c->link.fd, SHUT_WR);
	if (c->state > CHILD_KILLED)
		child_deadline(c, END_MAX);
}

/*
 * No code of ours ends in SIGKILL: if it was not for a fault, then the child
 * was not needed any more, or somebody else killed it.
 */
int
child_ended_well(const struct child *c, int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == 0;
	return WTERMSIG(status) == SIGKILL && !c->faulty;
}

const char *
child_fault_text(const struct child *c, enum child_fault fault)
{
	static const char *const texts[] = {
		[CHILD_OTHER_BUILD] =
		    "is of another build: binary replaced, restart pflowd",
		[CHILD_INVALID] = "sent a message that is not allowed",
		[CHILD_FULL] = "does not read its messages",
		[CHILD_NO_MEMORY] = "cannot be served: out of memory",
	};

	return fault == CHILD_LATE ? c->kind->late : texts[fault];
}

const char *
child_end_text(int status, char text[CHILD_END])
{
	if (WIFSIGNALED(status))
		snprintf(text, CHILD_END, "killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		strlcpy(text, "exited unexpectedly", CHILD_END);
	return text;
}

int
child_was_healthy(const struct child *c)
{
	return clock_us() - c->started_us > HEALTHY_US;
}

/* Messages. */

void
child_write(struct child *c)
{
	if (c->writable != NULL)
		watch_on(c->writable);
}

int
child_send(struct child *c, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd)
{
	if (c->state <= CHILD_KILLED)
		return -1;
	if (msg_put(&c->link, type, id, data, len, fd) == -1) {
		if (errno == ENOBUFS)
			child_kill(c, CHILD_FULL);
		else
			log_warn("cannot send a message to %s", c->kind->name);
		return -1;
	}
	child_write(c);
	return 0;
}

/* The first message of every child. */
static void
check_build(struct child *c, const struct msg *msg)
{
	if (!link_same_build(msg)) {
		child_kill(c, CHILD_OTHER_BUILD);
		return;
	}
	c->state = CHILD_OPENING;
	c->kind->begun(c->arg);
}

static const struct child_message *
find_message(const struct child *c, const struct msg *msg)
{
	const struct child_message *m = c->kind->messages;
	const struct child_message *end = m + c->kind->nmessages;

	for (; m < end; m++)
		if (m->type == msg->type && m->len == msg->len &&
		    c->state >= m->from && c->state <= m->to)
			return m;
	return NULL;
}

static void
dispatch(struct child *c, struct msg *msg)
{
	const struct child_message *m;

	if (msg->type == MSG_HELLO && c->state == CHILD_STARTED)
		check_build(c, msg);
	else if ((m = find_message(c, msg)) != NULL)
		m->handle(c->arg, msg);
	else
		child_kill(c, CHILD_INVALID);
	msg_discard(msg);
}

/*
 * Read once, and handle the messages.  Returns 1 if something was read, 0 if
 * there is nothing now, -1 at the end of the link or of the child.
 */
static int
read_messages(struct child *c)
{
	struct msg msg;
	int n;

	if ((n = msg_read(&c->link)) != 1)
		return n == -1 && errno == EAGAIN ? 0 : -1;
	while (c->state > CHILD_KILLED && (n = msg_get(&c->link, &msg)) == 1)
		dispatch(c, &msg);
	if (n == -1)
		child_kill(c, CHILD_INVALID);
	return c->state > CHILD_KILLED ? 1 : -1;
}

/* After the end of the link, the exit of the child is imminent. */
static void
on_readable(void *arg)
{
	struct child *c = arg;

	if (read_messages(c) == -1 && c->state > CHILD_KILLED) {
		watch_off(c->readable);
		child_deadline(c, END_MAX);
	}
}

static void
on_writable(void *arg)
{
	struct child *c = arg;

	if (msg_write(&c->link) == 0)
		watch_on(c->writable);
}

/* Start and end of the process. */

void
child_attach(struct child *c, pid_t pid, int link)
{
	c->pid = pid;
	c->state = CHILD_STARTED;
	c->stopping = c->faulty = 0;
	c->started_us = clock_us();
	msg_init(&c->link, link, c->kind->queue, c->kind->sends_fds);
	c->readable = watch_readable(c->base, link, on_readable, c);
	c->writable = watch_writable(c->base, link, on_writable, c);
	child_deadline(c, c->kind->start_max);
	if (fcntl(link, F_SETFL, O_NONBLOCK) == -1 || c->readable == NULL ||
	    c->writable == NULL)
		child_kill(c, CHILD_NO_MEMORY);
}

int
child_start(struct child *c)
{
	pid_t pid;
	int link;

	assert(c->state <= CHILD_KILLED);
	if (c->state != CHILD_NONE) {
		c->wanted = 1;
		return 0;
	}
	if ((pid = privsep_start(c->kind->role, &link, c->out)) == -1)
		return -1;
	child_attach(c, pid, link);
	return 0;
}

void
child_start_in(struct child *c, unsigned int seconds)
{
	c->start_us = clock_us() + seconds * UINT64_C(1000000);
	watch_ms(c->start, seconds * UINT64_C(1000));
}

unsigned int
child_starts_in(const struct child *c)
{
	uint64_t now = clock_us();

	if (c->start_us <= now)
		return 0;
	return (unsigned int)((c->start_us - now + 999999) / 1000000);
}

unsigned int
child_back_off(struct child *c)
{
	unsigned int seconds = c->delay;

	c->delay = seconds == 0 ? 1 : seconds * 2;
	if (c->delay > DELAY_MAX)
		c->delay = DELAY_MAX;
	return seconds;
}

/*
 * Handle the last messages before the end, with a time limit: a process that an
 * attacker started may still hold the link and write.
 */
static void
reaped(struct child *c, int status)
{
	uint64_t until = clock_us() + LAST_READ_US;

	c->pid = 0;
	while (c->state > CHILD_KILLED && clock_us() < until &&
	    read_messages(c) == 1)
		continue;
	close_link(c);
	clear_deadline(c);
	c->state = CHILD_NONE;
	c->kind->ended(c->arg, status);
	if (c->wanted) {
		c->wanted = 0;
		on_start(c);
	}
}

static struct child *
find_child(const struct child_list *list, pid_t pid)
{
	struct child *c;

	LIST_FOREACH(c, list, siblings)
		if (c->pid == pid)
			return c;
	return NULL;
}

void
child_reap(struct child_list *list)
{
	struct child *c;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if ((c = find_child(list, pid)) != NULL)
			reaped(c, status);
}
