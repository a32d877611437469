/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <event2/event.h>

#include <signal.h>

#include "common/log.h"
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
	log_warnx("the engine %s: killing it", why);
	kill(p->engine, SIGKILL);
}

int
parent_tell(struct parent *p, uint32_t type, uint32_t id, const void *data,
    size_t len, int fd)
{
	if (p->state <= DOOMED)
		return -1;
	if (msg_put(&p->link, type, id, data, len, fd) == -1) {
		parent_kill(p, "does not read");
		return -1;
	}
	event_add(p->writable, NULL);
	return 0;
}

void
parent_send_host(struct parent *p)
{
	if (p->state < OPENING)
		return;
	if (conf_put_host(&p->link, p->conf) == -1)
		parent_kill(p, "does not read");
	event_add(p->writable, NULL);
}

void
parent_send_conf(struct parent *p)
{
	if (p->state < OPENING)
		return; /* it gets the one in force when it is ready for it */
	if (conf_put(&p->link, p->conf) == -1)
		parent_kill(p, "cannot be given its configuration");
	event_add(p->writable, NULL);
}
