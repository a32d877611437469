/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <event2/event.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "common/log.h"
#include "process/conf_link.h"
#include "parent_local.h"

void
parent_wait(struct event *ev, unsigned int seconds)
{
	struct timeval tv = { (time_t)seconds, 0 };

	event_add(ev, &tv);
}

void
parent_kill(struct parent *p, const char *why)
{
	if (p->state <= DOOMED)
		return;
	p->state = DOOMED;
	log_warnx("engine %s; killing it", why);
	kill(p->engine, SIGKILL);
}

int
parent_tell(struct parent *p, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd)
{
	if (p->state <= DOOMED)
		return -1;
	if (msg_put(&p->link, type, id, data, len, fd) == -1) {
		if (errno == ENOBUFS)
			parent_kill(p, "does not read its messages");
		else
			log_warn("cannot send a message to the engine");
		return -1;
	}
	event_add(p->writable, NULL);
	return 0;
}

/* Send all messages queued since the mark, or discard them. */
static int
send_whole(struct parent *p, int put, struct msg_out *mark)
{
	int error = errno;

	if (put == 0) {
		event_add(p->writable, NULL);
		return 0;
	}
	if (error == ENOBUFS) {
		parent_kill(p, "does not read its messages");
		return 0; /* the next engine gets the one in force */
	}
	msg_back(&p->link, mark);
	errno = error;
	return -1;
}

int
parent_send_host(struct parent *p, const struct conf *conf)
{
	struct msg_out *mark = msg_mark(&p->link);

	if (p->state < OPENING)
		return 0;
	return send_whole(p, conf_link_put_host(&p->link, conf), mark);
}

static int
put_done(struct parent *p, uint32_t id)
{
	struct link_done done;

	if (id == 0)
		return 0;
	memset(&done, 0, sizeof(done));
	return msg_put(&p->link, MSG_RELOAD_DONE, id, &done, sizeof(done), -1);
}

int
parent_send_conf(struct parent *p, uint32_t id)
{
	struct msg_out *mark = msg_mark(&p->link);
	int put;

	if (p->state < OPENING)
		return 0; /* sent later, when the engine is ready */
	put = conf_link_put(&p->link, p->conf);
	if (put == 0)
		put = put_done(p, id);
	return send_whole(p, put, mark);
}
