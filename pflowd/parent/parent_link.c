/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>

#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "parent_local.h"
#include "process/conf_link.h"

/* Send all messages queued since the mark, or discard them. */
static int
send_whole(struct child *c, int put, struct msg_out *mark)
{
	int error = errno;

	if (put == 0) {
		child_write(c);
		return 0;
	}
	if (error == ENOBUFS) {
		child_kill(c, CHILD_FULL);
		return 0; /* the next engine gets the one in force */
	}
	msg_back(&c->link, mark);
	errno = error;
	return -1;
}

int
parent_send_host(struct parent *p, const struct conf *conf)
{
	struct child *c = &p->engine;
	struct msg_out *mark = msg_mark(&c->link);

	if (c->state < CHILD_OPENING)
		return 0;
	return send_whole(c, conf_link_put_host(&c->link, conf), mark);
}

static int
put_done(struct child *c, uint32_t id)
{
	struct link_done done;

	if (id == 0)
		return 0;
	memset(&done, 0, sizeof(done));
	return msg_put(&c->link, MSG_RELOAD_DONE, id, &done, sizeof(done), -1);
}

int
parent_send_conf(struct parent *p, uint32_t id)
{
	struct child *c = &p->engine;
	struct msg_out *mark = msg_mark(&c->link);
	int put;

	if (c->state < CHILD_OPENING)
		return 0; /* sent later, when the engine is ready */
	put = conf_link_put(&c->link, p->conf);
	if (put == 0)
		put = put_done(c, id);
	return send_whole(c, put, mark);
}

void
parent_send_done(struct parent *p, uint32_t id, const struct link_done *done)
{
	if (id != 0 &&
	    child_send(&p->engine, MSG_RELOAD_DONE, id, done, sizeof(*done),
		-1) == -1)
		child_kill(&p->engine, CHILD_NO_MEMORY);
}

void
parent_send_warning(struct parent *p)
{
	struct child *c = &p->engine;

	if (!p->warned || c->state != CHILD_RUNNING ||
	    msg_put(&c->link, MSG_PARENT_WARNING, 0, &p->warning,
		sizeof(p->warning), -1) == -1)
		return;
	p->warned = 0;
	child_write(c);
}

void
parent_send_stats(struct parent *p)
{
	if (p->stats && p->engine.state == CHILD_RUNNING &&
	    child_send(&p->engine, MSG_ENGINE_STATS, 0, NULL, 0, -1) == 0)
		p->stats = 0;
}
