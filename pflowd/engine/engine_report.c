/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Reports to the parent.  What it must know is kept as a state, and repeated
 * until it is queued or no longer true: a full link loses nothing.
 */

#include <event2/event.h>

#include <string.h>

#include "common/log.h"
#include "engine_local.h"
#include "process/link.h"

int
engine_send_parent(struct engine *l, uint32_t type, uint32_t id,
    const void *data, size_t len)
{
	if (msg_put(&l->link, type, id, data, len, -1) == -1)
		return -1;
	if (l->write != NULL)
		event_add(l->write, NULL);
	return 0;
}

/* The parent replaces this engine when the interface is there. */
static void
report_absent(struct engine *l)
{
	struct link_capture c = { (uint32_t)l->listening };

	if (l->meter.source.capture == NULL)
		engine_send_parent(l, MSG_ENGINE_ABSENT, 0, &c, sizeof(c));
}

/* The parent sends the configuration again. */
static void
report_refused(struct engine *l)
{
	if (l->refused)
		engine_send_parent(l, MSG_ENGINE_REFUSED, 0, NULL, 0);
}

static void
report_verbose(struct engine *l)
{
	struct link_verbose v = { (uint32_t)l->meter.conf->verbose };

	if (l->verbose_changed &&
	    engine_send_parent(l, MSG_ENGINE_VERBOSE, 0, &v, sizeof(v)) == 0)
		l->verbose_changed = 0;
}

static void
report_down(struct engine *l)
{
	struct link_down d;

	for (d.collector = 0; d.collector < CONF_COLLECTORS; d.collector++)
		if (l->down[d.collector] &&
		    engine_send_parent(l, MSG_ENGINE_DOWN, 0, &d, sizeof(d)) ==
			0)
			l->down[d.collector] = 0;
}

static void
report_lost_lines(struct engine *l)
{
	unsigned int n = l->unlogged;

	if (n == 0 || msg_room(&l->link) < MSG_HEADER + sizeof(struct link_log))
		return;
	l->unlogged = 0;
	log_warnx("%u log lines were lost before this one", n);
}

void
engine_report(struct engine *l)
{
	report_absent(l);
	report_refused(l);
	report_verbose(l);
	report_down(l);
	report_lost_lines(l);
}

void
engine_report_conf(struct engine *l)
{
	const struct export *x = l->meter.export;
	struct export_status s;
	unsigned int i;

	memset(l->down, 0, sizeof(l->down));
	for (i = 0; i < export_collectors(x); i++) {
		export_status(x, i, &s);
		l->down[i] = !s.state.up && s.state.error != 0;
	}
}

void
engine_report_verbose(void *arg, int verbose)
{
	struct engine *l = arg;

	l->meter.conf->verbose = verbose;
	log_verbosity(verbose);
	l->verbose_changed = 1;
	report_verbose(l);
}

void
engine_report_down(void *arg, unsigned int collector)
{
	struct engine *l = arg;

	l->down[collector] = 1;
	report_down(l);
}
