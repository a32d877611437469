/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "dumper.h"
#include "os/statedump.h"
#include "process/link.h"
#include "process/watch.h"

#define QUEUE 65536 /* bytes on the link */

/* Seconds that it may take until it is confined: see parent_dispatch.c. */
#define START_MAX 60

/* Seconds before pf is looked for again. */
#define AGAIN 1

/* Bytes of the socket's buffers: systems give a stream 8 KiB by default. */
#define BUFFER (128 * 1024)

struct dumper {
	struct child child;
	struct dumper_hooks hooks;
	struct link_dumper order;
	int file;	       /* of a recording, or -1 */
	int pf[STATEDUMP_FDS]; /* opened for the next one, or -1 */
	int wanted;	       /* start another one when it ends */
	struct watch *again;   /* look for pf */
	char why[256];	       /* pf cannot be opened; logged */
};

static void
close_pf(int pf[STATEDUMP_FDS])
{
	int i;

	for (i = 0; i < STATEDUMP_FDS; i++) {
		if (pf[i] != -1)
			close(pf[i]);
		pf[i] = -1;
	}
}

int
dumper_possible(char *why, size_t whylen)
{
	int pf[STATEDUMP_FDS], later;

	if (statedump_open(pf, &later, why, whylen) == -1)
		return later ? 0 : -1;
	close_pf(pf);
	return 0;
}

/* Log a reason once, until another one replaces it. */
static int
open_pf(struct dumper *d)
{
	char why[sizeof(d->why)];
	int later;

	close_pf(d->pf);
	if (statedump_open(d->pf, &later, why, sizeof(why)) == 0) {
		if (d->why[0] != '\0') {
			log_info("pf's state table can be read now");
			log_settled("%s", d->why);
		}
		d->why[0] = '\0';
		return 0;
	}
	if (strcmp(d->why, why) != 0)
		log_warnx("%s; will retry", why);
	strlcpy(d->why, why, sizeof(d->why));
	return -1;
}

static void
on_again(void *arg)
{
	struct dumper *d = arg;

	if (d->child.state > CHILD_KILLED)
		return;
	if (open_pf(d) == -1)
		watch_ms(d->again, AGAIN * 1000);
	else if (child_start(&d->child) == -1)
		d->child.kind->failed(d, CHILD_NOT_STARTED);
}

/* Start the next one at once, then after 1, 2, 4 ... s while they die young. */
static void
start_later(struct dumper *d)
{
	unsigned int seconds = child_back_off(&d->child);

	watch_ms(d->again, seconds * UINT64_C(1000));
}

/* A socket for the chunks, whose other end does not block. */
static int
open_socket(int pair[2])
{
	const int size = BUFFER;
	int i;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		return -1;
	for (i = 0; i < 2; i++) { /* smaller ones are slower, no more */
		setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		setsockopt(pair[i], SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	}
	if (fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(pair[0], F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(pair[1], F_SETFD, FD_CLOEXEC) == 0)
		return 0;
	close(pair[0]);
	close(pair[1]);
	return -1;
}

static int
send_order(struct dumper *d, int out)
{
	return child_send(&d->child, MSG_DUMPER_BEGIN, 0, &d->order,
	    sizeof(d->order), out);
}

/* The engine's end first: it must not miss what the dumper writes. */
static int
connect_engine(struct dumper *d)
{
	int pair[2], result = -1;

	if (open_socket(pair) == -1)
		return -1;
	if (d->hooks.connect(d->hooks.arg, pair[0]) == 0)
		result = send_order(d, pair[1]);
	close(pair[0]);
	close(pair[1]);
	return result;
}

static int
send_pf(struct dumper *d)
{
	struct link_pf pf;

	for (pf.index = 0; pf.index < STATEDUMP_FDS; pf.index++)
		if (d->pf[pf.index] != -1 &&
		    child_send(&d->child, MSG_DUMPER_PF, 0, &pf, sizeof(pf),
			d->pf[pf.index]) == -1)
			return -1;
	close_pf(d->pf);
	return 0;
}

static void
on_begun(void *arg)
{
	struct dumper *d = arg;

	if (send_pf(d) == 0 &&
	    (d->order.file ? send_order(d, d->file) : connect_engine(d)) == 0)
		return;
	child_kill(&d->child, CHILD_NO_MEMORY);
}

static void
on_ready(void *arg, struct msg *msg)
{
	struct dumper *d = arg;

	(void)msg;
	child_running(&d->child);
}

static void
on_failed(void *arg, enum child_fault fault)
{
	struct dumper *d = arg;

	if (fault == CHILD_NOT_STARTED) {
		log_warn("cannot start the dumper");
		start_later(d);
		return;
	}
	log_warnx("dumper %s; killing it", child_fault_text(&d->child, fault));
	if (fault == CHILD_OTHER_BUILD)
		d->hooks.outdated(d->hooks.arg);
}

/* Without a fault, it ends when the engine does not want it any more. */
static void
log_end(const struct dumper *d, int status)
{
	char text[CHILD_END];

	if (d->child.faulty || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == ENXIO)
		log_warnx("pf is gone; looking for it again");
	else
		log_warnx("dumper %s", child_end_text(status, text));
}

static void
on_ended(void *arg, int status)
{
	struct dumper *d = arg;

	if (d->order.file) {
		d->hooks.recorded(d->hooks.arg,
		    WIFEXITED(status) && WEXITSTATUS(status) != EXIT_FAILURE ?
			WEXITSTATUS(status) :
			-1);
		return;
	}
	if (!d->wanted || d->child.wanted) /* by dumper_end(), and begin() */
		return;
	log_end(d, status);
	if (child_was_healthy(&d->child))
		d->child.delay = 0;
	start_later(d);
}

static const struct child_message messages[] = {
	{ MSG_DUMPER_READY, 0, CHILD_OPENING, CHILD_OPENING, on_ready },
};

static const struct child_kind kind = {
	.name = "the dumper",
	.late = "does not answer",
	.role = PRIVSEP_DUMPER,
	.queue = QUEUE,
	.stop = MSG_DUMPER_STOP,
	.start_max = START_MAX,
	.messages = messages,
	.nmessages = sizeof(messages) / sizeof(messages[0]),
	.begun = on_begun,
	.failed = on_failed,
	.ended = on_ended,
};

struct dumper *
dumper_new(struct event_base *base, struct child_list *children,
    const struct dumper_hooks *hooks)
{
	struct dumper *d;
	int i;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		return NULL;
	d->hooks = *hooks;
	d->file = -1;
	for (i = 0; i < STATEDUMP_FDS; i++)
		d->pf[i] = -1;
	d->again = watch_timer(base, on_again, d);
	if (child_init(&d->child, children, base, &kind, d) == 0 &&
	    d->again != NULL)
		return d;
	dumper_free(d);
	errno = ENOMEM;
	return NULL;
}

void
dumper_free(struct dumper *d)
{
	if (d == NULL)
		return;
	child_free(&d->child);
	close_pf(d->pf);
	watch_free(d->again);
	free(d);
}

void
dumper_begin(struct dumper *d)
{
	d->wanted = 1;
	watch_ms(d->again, 0);
}

void
dumper_record(struct dumper *d, int file, unsigned int interval,
    unsigned int count)
{
	d->order = (struct link_dumper){ 1, interval, count };
	d->file = file;
	dumper_begin(d);
}

void
dumper_end(struct dumper *d)
{
	d->wanted = d->child.wanted = 0;
	watch_off(d->again);
	child_end(&d->child);
}

void
dumper_stop(struct dumper *d)
{
	watch_off(d->again);
	if (d->child.state == CHILD_NONE)
		d->hooks.recorded(d->hooks.arg, 0);
	else
		child_stop(&d->child);
}

void
dumper_overdue(struct dumper *d)
{
	if (d->child.state == CHILD_RUNNING)
		child_kill(&d->child, CHILD_LATE);
}
