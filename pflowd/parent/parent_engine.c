/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The life of an engine: why it ended, and what the next one gets.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "dumper.h"
#include "parent_local.h"
#include "process/watch.h"
#include "reload.h"
#include "resolver.h"

/*
 * A new engine inherits nothing from the old one except the ledger and what was
 * tracked, which it verifies.  Replace the sockets that the old engine had.
 */
static void
renew_sockets(struct parent *p)
{
	reload_renew(p->conf);
	resolver_begin(p->resolver, p->conf);
}

/*
 * Start the next engine at once, then after 1, 2, 4 ... s while engines die
 * young.
 */
static void
start_later(struct parent *p)
{
	unsigned int seconds = child_back_off(&p->engine);

	if (seconds > 0)
		log_info("restarting the engine in %u s", seconds);
	child_start_in(&p->engine, seconds);
}

void
parent_engine_failed(void *arg, enum child_fault fault)
{
	struct parent *p = arg;
	const char *why;

	if (fault == CHILD_NOT_STARTED) {
		log_warn("cannot start the engine");
		snprintf(p->why_none, sizeof(p->why_none),
		    "cannot be started: %s", strerror(errno));
		if (p->engine.delay == 0) /* what it lacks may come later */
			p->engine.delay = 1;
		start_later(p);
		return;
	}
	why = child_fault_text(&p->engine, fault);
	strlcpy(p->why_none, why, sizeof(p->why_none));
	if (fault == CHILD_OTHER_BUILD)
		p->stopping = p->outdated = 1;
	log_warnx("engine %s; killing it", why);
}

/* One that is stopped before it can read is killed, which is no news. */
static void
log_end(const struct parent *p, int status)
{
	int unwanted = p->stopping || p->replacing;
	char text[CHILD_END];

	if (unwanted && child_ended_well(&p->engine, status))
		return;
	if (WIFSIGNALED(status) ||
	    (!unwanted && p->previous == NULL && p->was_ready))
		log_warnx("engine %s", child_end_text(status, text));
}

/* The reason for clients; that of a fault is known already. */
static void
write_why_none(struct parent *p, int status)
{
	char text[CHILD_END];

	if (p->replacing)
		strlcpy(p->why_none, "is being replaced", sizeof(p->why_none));
	else if (!p->engine.faulty)
		snprintf(p->why_none, sizeof(p->why_none), "%s%s",
		    WIFSIGNALED(status) ? "was " : "",
		    child_end_text(status, text));
}

/*
 * The next engine copies what the last one that was ready has tracked: memory
 * that it might still write to, if a process of it survives, is not shared.
 */
static void
renew_tracked(struct parent *p)
{
	if (p->tracked_before == -1)
		p->tracked_before = p->tracked;
	else if (p->tracked != -1)
		close(p->tracked);
	p->tracked = -1;
}

/* Take over from the engine that ended. */
static void
take_over(struct parent *p)
{
	renew_tracked(p);
	renew_sockets(p);
	parent_refuse_begin(p);
}

void
parent_replace_engine(struct parent *p)
{
	if (p->engine.state == CHILD_NONE) { /* its start is due */
		take_over(p);
		return;
	}
	p->replacing = 1;
	child_send(&p->engine, MSG_ENGINE_REPLACE, 0, NULL, 0, -1);
	child_stop(&p->engine);
}

void
parent_engine_ended(void *arg, int status)
{
	struct parent *p = arg;

	log_end(p, status);
	write_why_none(p, status);
	parent_flows_finish(p);
	dumper_end(p->dumper);
	watch_off(p->poll);
	watch_off(p->again);
	if (p->stopping || !p->was_ready) {
		parent_end(p,
		    p->outdated || !p->stopping ||
			!child_ended_well(&p->engine, status));
		return;
	}
	if (!p->engine.faulty && child_was_healthy(&p->engine))
		p->engine.delay = 0;
	if (!p->replacing && p->previous != NULL) {
		parent_reload_undo(p);
		child_start_in(&p->engine, 0);
	} else if (p->replacing) {
		child_start_in(&p->engine, 0);
	} else {
		start_later(p);
	}
	p->replacing = 0;
	take_over(p);
}
