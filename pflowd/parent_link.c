/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <event2/event.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <syslog.h>

#include "build.h"
#include "common/clock.h"
#include "common/log.h"
#include "parent_local.h"

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
parent_send_conf(struct parent *p)
{
	if (p->state < OPENING)
		return; /* it gets the one in force when it is ready for it */
	if (conf_put(&p->link, p->conf) == -1)
		parent_kill(p, "cannot be given its configuration");
	event_add(p->writable, NULL);
}

static void
take_hello(struct parent *p, const struct msg *msg)
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
	parent_send_conf(p);
}

static void
take_listening(struct parent *p, const struct msg *msg)
{
	struct link_capture c;

	if (msg_payload(msg, &c, sizeof(c)) == 0)
		parent_listening(p, (enum link_listening)c.listening);
}

static void
take_ready(struct parent *p, const struct msg *msg)
{
	p->state = RUNNING;
	take_listening(p, msg);
	if (p->was_ready)
		log_info("the engine runs again");
	else
		parent_settle(p);
}

static int
may_log(struct parent *p)
{
	uint64_t now = clock_us();
	uint64_t more = (now - p->log_us) * LOG_RATE / 1000000;

	if (more > 0) {
		p->log_us = now;
		p->log_credit = more < LOG_BURST - p->log_credit ?
		    p->log_credit + (unsigned int)more :
		    LOG_BURST;
	}
	if (p->log_credit == 0) {
		p->unlogged++;
		return 0;
	}
	p->log_credit--;
	return 1;
}

/* Whatever it says stays one printable line. */
static void
take_log(struct parent *p, const struct msg *msg)
{
	struct link_log log;
	char *c;

	if (msg_payload(msg, &log, sizeof(log)) == -1 || !may_log(p))
		return;
	log.text[sizeof(log.text) - 1] = '\0';
	for (c = log.text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	if (p->unlogged > 0)
		log_warnx("%u lines of the engine were too many", p->unlogged);
	p->unlogged = 0;
	log_line(log.priority <= LOG_DEBUG ? (int)log.priority : LOG_WARNING,
	    log.text);
}

static void
take_reload(struct parent *p, const struct msg *msg)
{
	parent_reload(p, msg->id);
}

static void
take_verbose(struct parent *p, const struct msg *msg)
{
	struct link_verbose v;

	if (msg_payload(msg, &v, sizeof(v)) == -1)
		return;
	p->conf->verbose = v.verbose != 0;
	log_verbosity(p->conf->verbose);
}

static void
take_down(struct parent *p, const struct msg *msg)
{
	struct link_down d;

	if (msg_payload(msg, &d, sizeof(d)) == 0)
		lookup_again(p->lookup, d.collector);
}

/* All that an engine may say: of this size, in this state. */
static const struct {
	uint32_t type;
	size_t len;
	enum engine_state from;
	enum engine_state to;
	void (*take)(struct parent *, const struct msg *);
} words[] = {
	{ MSG_HELLO, sizeof(struct link_hello), STARTED, STARTED, take_hello },
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
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static void
take_word(struct parent *p, const struct msg *msg)
{
	size_t i;

	for (i = 0; i < WORDS; i++)
		if (words[i].type == msg->type && words[i].len == msg->len &&
		    p->state >= words[i].from && p->state <= words[i].to) {
			words[i].take(p, msg);
			return;
		}
	parent_kill(p, "says what it may not");
}

int
parent_hear(struct parent *p)
{
	struct msg msg;
	int n;

	if ((n = msg_read(&p->link)) != 1)
		return n == -1 && errno == EAGAIN ? 0 : -1;
	while (p->state > DOOMED && (n = msg_get(&p->link, &msg)) == 1)
		take_word(p, &msg);
	if (n == -1)
		parent_kill(p, "says what is no message");
	return p->state > DOOMED ? 1 : -1;
}
