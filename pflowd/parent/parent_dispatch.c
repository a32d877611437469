/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <event2/event.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "process/build.h"
#include "common/clock.h"
#include "common/log.h"
#include "config.h"
#include "parent_local.h"
#include "pidlock.h"
#include "process/privsep.h"

/* Seconds before a configuration that the engine refused is sent again. */
#define AGAIN 1

/* Minimum interval between interface checks that the engine requests. */
#define UNKNOWN_US (5 * 1000000ULL)

static void
take_hello(struct parent *p, struct msg *msg)
{
	struct link_hello hello;

	if (msg_payload(msg, &hello, sizeof(hello)) == -1 ||
	    strncmp(hello.build, build_id, sizeof(hello.build)) != 0) {
		p->stopping = 1;
		parent_kill(p,
		    "is of another build: binary replaced, "
		    "restart pflowd");
		return;
	}
	p->state = OPENING;
	parent_tell(p, MSG_LEDGER, 0, NULL, 0, p->ledger);
	if (p->capture != -1)
		parent_tell(p, MSG_CAPTURE_LEFT, 0, NULL, 0, p->capture);
	if (parent_send_conf(p, 0) == -1) {
		log_warn("cannot send the configuration to the engine");
		parent_kill(p, "cannot be configured");
	}
}

static void
keep_capture(struct parent *p, int fd)
{
	if (p->capture != -1)
		close(p->capture);
	p->capture = fd;
}

static void
watch_interface(struct parent *p, enum link_listening listening)
{
	p->listening = listening;
	if (listening == LINK_LISTENING) {
		event_del(p->poll);
	} else {
		keep_capture(p, -1);
		if (!event_pending(p->poll, EV_TIMEOUT, NULL))
			parent_wait(p->poll, PARENT_POLL);
	}
}

/* The first engine is ready: log it, detach, and let our starter continue. */
static void
settle(struct parent *p)
{
	int null;

	p->was_ready = 1;
	log_info("listening on %s for %u collector%s%s", p->conf->interface,
	    p->conf->ncollectors, p->conf->ncollectors == 1 ? "" : "s",
	    p->listening == LINK_LISTENING ? "" :
					     ", once the interface appears");
	lookup_begin(p->lookup, p->conf);
	if (p->conf->debug)
		return;
	null = privsep_open_null();
	pidlock_write(p->pidfile);
	log_to_syslog();
	privsep_ready();
	privsep_detach(null);
	if (chdir("/") == -1)
		log_warn("/");
}

static void
take_listening(struct parent *p, struct msg *msg)
{
	struct link_capture c;

	if (msg_payload(msg, &c, sizeof(c)) == 0)
		watch_interface(p, (enum link_listening)c.listening);
}

static void
take_capture(struct parent *p, struct msg *msg)
{
	keep_capture(p, msg->fd);
	msg->fd = -1;
}

static void
take_ready(struct parent *p, struct msg *msg)
{
	p->state = RUNNING;
	p->link.takes_fds = 0; /* it has dropped root and may send no more */
	take_listening(p, msg);
	if (p->was_ready)
		log_info("engine is running again");
	else
		settle(p);
}

static int
allowed(struct allowance *a)
{
	uint64_t now = clock_us();
	uint64_t more = (now - a->us) * a->rate / 1000000;

	if (more > 0) {
		a->us = now;
		a->credit = more < a->burst - a->credit ?
		    a->credit + (unsigned int)more :
		    a->burst;
	}
	if (a->credit == 0)
		return 0;
	a->credit--;
	return 1;
}

/*
 * Log a line of the engine, at a limited rate and with unprintable characters
 * replaced.  Its priority is LOG_CRIT at most, as LOG_EMERG would reach every
 * terminal.
 */
static void
take_log(struct parent *p, struct msg *msg)
{
	struct link_log log;
	char *c;

	if (msg_payload(msg, &log, sizeof(log)) == -1)
		return;
	if (!allowed(&p->lines)) {
		p->unlogged++;
		return;
	}
	log.text[sizeof(log.text) - 1] = '\0';
	for (c = log.text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	if (p->unlogged > 0)
		log_warnx("%u log lines of the engine were suppressed",
		    p->unlogged);
	p->unlogged = 0;
	log_line(log.priority >= LOG_CRIT && log.priority <= LOG_DEBUG ?
		(int)log.priority :
		LOG_WARNING,
	    log.text);
}

/* Reloads are limited, as each reads files and writes to the log. */
static void
take_reload(struct parent *p, struct msg *msg)
{
	struct link_done d = { 1,
		"too many reloads at once: try again in a second" };

	if (allowed(&p->reloads))
		parent_reload(p, msg->id);
	else
		parent_tell(p, MSG_RELOAD_DONE, msg->id, &d, sizeof(d), -1);
}

static void
take_verbose(struct parent *p, struct msg *msg)
{
	struct link_verbose v;

	if (msg_payload(msg, &v, sizeof(v)) == -1)
		return;
	p->conf->verbose = v.verbose != 0;
	log_verbosity(p->conf->verbose);
}

static void
take_unknown(struct parent *p, struct msg *msg)
{
	uint64_t now = clock_us();

	(void)msg;
	if (now - p->looked_us < UNKNOWN_US)
		return;
	p->looked_us = now;
	parent_look(p);
}

/* The engine was out of memory; it may have some again in a moment. */
static void
take_refused(struct parent *p, struct msg *msg)
{
	(void)msg;
	if (!event_pending(p->again, EV_TIMEOUT, NULL))
		parent_wait(p->again, AGAIN);
}

static void
take_down(struct parent *p, struct msg *msg)
{
	struct link_down d;

	if (msg_payload(msg, &d, sizeof(d)) == 0)
		lookup_again(p->lookup, d.collector);
}

/*
 * All messages an engine may send: the exact size, and the states that allow
 * it.
 */
static const struct {
	uint32_t type;
	size_t len;
	enum engine_state from;
	enum engine_state to;
	void (*take)(struct parent *, struct msg *);
} messages[] = {
	{ MSG_HELLO, sizeof(struct link_hello), STARTED, STARTED, take_hello },
	{ MSG_ENGINE_CAPTURE, 0, OPENING, OPENING, take_capture },
	{ MSG_ENGINE_READY, sizeof(struct link_capture), OPENING, OPENING,
	    take_ready },
	{ MSG_ENGINE_ABSENT, sizeof(struct link_capture), RUNNING, RUNNING,
	    take_listening },
	{ MSG_ENGINE_LOG, sizeof(struct link_log), STARTED, RUNNING, take_log },
	{ MSG_ENGINE_RELOAD, 0, RUNNING, RUNNING, take_reload },
	{ MSG_ENGINE_VERBOSE, sizeof(struct link_verbose), RUNNING, RUNNING,
	    take_verbose },
	{ MSG_ENGINE_DOWN, sizeof(struct link_down), RUNNING, RUNNING,
	    take_down },
	{ MSG_ENGINE_REFUSED, 0, RUNNING, RUNNING, take_refused },
	{ MSG_ENGINE_UNKNOWN, 0, RUNNING, RUNNING, take_unknown },
};
#define MESSAGES (sizeof(messages) / sizeof(messages[0]))

static void
dispatch(struct parent *p, struct msg *msg)
{
	size_t i;

	for (i = 0; i < MESSAGES; i++)
		if (messages[i].type == msg->type &&
		    messages[i].len == msg->len &&
		    p->state >= messages[i].from &&
		    p->state <= messages[i].to) {
			messages[i].take(p, msg);
			msg_discard(msg);
			return;
		}
	msg_discard(msg);
	parent_kill(p, "sent a message that is not allowed");
}

int
parent_dispatch(struct parent *p)
{
	struct msg msg;
	int n;

	if ((n = msg_read(&p->link)) != 1)
		return n == -1 && errno == EAGAIN ? 0 : -1;
	while (p->state > DOOMED && (n = msg_get(&p->link, &msg)) == 1)
		dispatch(p, &msg);
	if (n == -1)
		parent_kill(p, "sent a malformed message");
	return p->state > DOOMED ? 1 : -1;
}
