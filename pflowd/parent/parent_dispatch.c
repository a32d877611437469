/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>

#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "config.h"
#include "dumper.h"
#include "os/memory.h"
#include "parent_local.h"
#include "pidlock.h"
#include "process/privsep.h"
#include "process/watch.h"

/* Seconds before a configuration that the engine refused is sent again. */
#define AGAIN 1

/*
 * Seconds an engine may take until it is ready: long, as the system may look up
 * its user on another host.
 */
#define START_MAX 60

/* Minimum interval between interface checks that the engine requests. */
#define UNKNOWN_US (5 * 1000000ULL)

/* Memory for what the engine tracks, and that of the one before. */
static int
send_tracked(struct parent *p)
{
	struct child *c = &p->engine;

	if (p->tracked == -1 && (p->tracked = memory_open()) == -1)
		return -1;
	if (child_send(c, MSG_TRACKED, 0, NULL, 0, p->tracked) == -1)
		return -1;
	return p->tracked_before == -1 ?
	    0 :
	    child_send(c, MSG_TRACKED_BEFORE, 0, NULL, 0, p->tracked_before);
}

/* Send the engine what it needs to begin. */
static void
on_begun(void *arg)
{
	struct parent *p = arg;
	struct child *c = &p->engine;

	parent_refuse_end(p);
	if (child_send(c, MSG_LEDGER, 0, NULL, 0, p->ledger) == 0 &&
	    send_tracked(p) == 0 &&
	    (p->capture == -1 ||
		child_send(c, MSG_OLD_CAPTURE, 0, NULL, 0, p->capture) == 0) &&
	    parent_send_conf(p, 0) == 0)
		return;
	log_warn("cannot send the configuration to the engine");
	child_kill(c, CHILD_NO_MEMORY);
}

static void
keep_capture(struct parent *p, int fd)
{
	if (p->capture != -1)
		close(p->capture);
	p->capture = fd;
}

/* The engine repeats that it does not listen until it is replaced. */
static void
watch_interface(struct parent *p, enum link_listening listening)
{
	p->listening = listening;
	if (listening == LINK_LISTENING) {
		watch_off(p->poll);
		return;
	}
	keep_capture(p, -1);
	if (!watch_is_set(p->poll))
		watch_ms(p->poll, PARENT_POLL * 1000);
}

/* The first engine is ready: log it, detach, and let our starter continue. */
static void
detach(struct parent *p)
{
	char source[PARENT_SOURCE];
	int null;

	p->was_ready = 1;
	log_info("%s for %u collector%s%s", parent_source(p->conf, source),
	    p->conf->ncollectors, p->conf->ncollectors == 1 ? "" : "s",
	    p->listening == LINK_LISTENING ? "" :
					     ", once the interface appears");
	resolver_begin(p->resolver, p->conf);
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
on_listening(void *arg, struct msg *msg)
{
	struct parent *p = arg;
	struct link_capture c;

	if (msg_payload(msg, &c, sizeof(c)) == 0)
		watch_interface(p, (enum link_listening)c.listening);
}

static void
on_capture(void *arg, struct msg *msg)
{
	struct parent *p = arg;
	keep_capture(p, msg->fd);
	msg->fd = -1;
}

static void
on_ready(void *arg, struct msg *msg)
{
	struct parent *p = arg;
	child_running(&p->engine);
	if (p->tracked_before != -1)
		close(p->tracked_before);
	p->tracked_before = -1;
	p->engine.link.takes_fds = 0; /* it has dropped root */
	on_listening(p, msg);
	log_settled("cannot start the engine");
	if (p->previous != NULL)
		parent_reload_keep(p);
	else if (p->was_ready)
		log_info("engine is running again");
	else
		detach(p);
	if (p->conf->source == CONF_TABLE) {
		keep_capture(p, -1); /* of a source before */
		dumper_begin(p->dumper);
	}
	parent_send_warning(p);
	parent_send_stats(p);
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
on_log(void *arg, struct msg *msg)
{
	struct parent *p = arg;
	struct link_log log;

	if (msg_payload(msg, &log, sizeof(log)) == -1)
		return;
	if (!allowed(&p->lines)) {
		p->unlogged++;
		return;
	}
	log.text[sizeof(log.text) - 1] = '\0';
	parent_make_printable(log.text, strlen(log.text), '\0');
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
on_reload(void *arg, struct msg *msg)
{
	struct parent *p = arg;
	struct link_done d = { 1,
		"too many reloads at once: try again in a second" };

	if (allowed(&p->reloads))
		parent_reload(p, msg->id);
	else
		parent_send_done(p, msg->id, &d);
}

static void
on_verbose(void *arg, struct msg *msg)
{
	struct parent *p = arg;
	struct link_verbose v;

	if (msg_payload(msg, &v, sizeof(v)) == -1)
		return;
	p->conf->verbose = v.verbose != 0;
	log_verbosity(p->conf->verbose);
}

static void
on_unknown(void *arg, struct msg *msg)
{
	struct parent *p = arg;
	uint64_t now = clock_us();

	(void)msg;
	if (now - p->checked_us < UNKNOWN_US)
		return;
	p->checked_us = now;
	parent_check_host(p);
}

/* The engine repeats this until it is stopped. */
static void
on_end(void *arg, struct msg *msg)
{
	struct parent *p = arg;

	(void)msg;
	if (!p->stopping)
		log_info("a client of the control socket ends pflowd");
	parent_stop(p);
}

/* The engine was out of memory; it may have some again in a moment. */
static void
on_refused(void *arg, struct msg *msg)
{
	struct parent *p = arg;
	(void)msg;
	if (!watch_is_set(p->again))
		watch_ms(p->again, AGAIN * 1000);
}

/* The engine repeats this until it has another dumper. */
static void
on_overdue(void *arg, struct msg *msg)
{
	struct parent *p = arg;

	(void)msg;
	dumper_overdue(p->dumper);
}

static void
on_down(void *arg, struct msg *msg)
{
	struct parent *p = arg;
	struct link_down d;

	if (msg_payload(msg, &d, sizeof(d)) == 0)
		resolver_retry(p->resolver, d.collector);
}

static const struct child_message messages[] = {
	{ MSG_ENGINE_CAPTURE, 0, CHILD_OPENING, CHILD_OPENING, on_capture },
	{ MSG_ENGINE_READY, sizeof(struct link_capture), CHILD_OPENING,
	    CHILD_OPENING, on_ready },
	{ MSG_ENGINE_ABSENT, sizeof(struct link_capture), CHILD_RUNNING,
	    CHILD_RUNNING, on_listening },
	{ MSG_ENGINE_LOG, sizeof(struct link_log), CHILD_STARTED, CHILD_RUNNING,
	    on_log },
	{ MSG_ENGINE_RELOAD, 0, CHILD_RUNNING, CHILD_RUNNING, on_reload },
	{ MSG_ENGINE_END, 0, CHILD_RUNNING, CHILD_RUNNING, on_end },
	{ MSG_ENGINE_VERBOSE, sizeof(struct link_verbose), CHILD_RUNNING,
	    CHILD_RUNNING, on_verbose },
	{ MSG_ENGINE_DOWN, sizeof(struct link_down), CHILD_RUNNING,
	    CHILD_RUNNING, on_down },
	{ MSG_ENGINE_OVERDUE, 0, CHILD_RUNNING, CHILD_RUNNING, on_overdue },
	{ MSG_ENGINE_REFUSED, 0, CHILD_RUNNING, CHILD_RUNNING, on_refused },
	{ MSG_ENGINE_UNKNOWN, 0, CHILD_RUNNING, CHILD_RUNNING, on_unknown },
};

const struct child_kind parent_engine_kind = {
	.name = "the engine",
	.late = "does not start or stop in time",
	.role = PRIVSEP_ENGINE,
	.queue = LINK_PARENT_QUEUE,
	.sends_fds = 1,
	.stop = MSG_ENGINE_STOP,
	.start_max = START_MAX,
	.messages = messages,
	.nmessages = sizeof(messages) / sizeof(messages[0]),
	.begun = on_begun,
	.failed = parent_engine_failed,
	.ended = parent_engine_ended,
};
