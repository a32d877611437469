/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Reports to the parent.  What it must know is kept as a state, and repeated
 * until it is queued or no longer true: a full link loses nothing.
 */

#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine_local.h"
#include "process/watch.h"
#include "process/link.h"

int
engine_send_parent(struct engine *e, uint32_t type, uint32_t id,
    const void *data, size_t len)
{
	if (msg_put(&e->link, type, id, data, len, -1) == -1)
		return -1;
	if (e->write != NULL)
		watch_on(e->write);
	return 0;
}

/* The parent replaces this engine when the interface is there. */
static void
report_absent(struct engine *e)
{
	struct link_capture c = { (uint32_t)e->listening };

	if (e->meter.source.capture == NULL && !meter_reads_table(&e->meter))
		engine_send_parent(e, MSG_ENGINE_ABSENT, 0, &c, sizeof(c));
}

/* The parent replaces the dumper. */
static void
report_overdue(struct engine *e)
{
	if (poller_overdue(&e->poller, clock_us() / 1000))
		engine_send_parent(e, MSG_ENGINE_OVERDUE, 0, NULL, 0);
}

/* The parent sends the configuration again. */
static void
report_refused(struct engine *e)
{
	if (e->refused)
		engine_send_parent(e, MSG_ENGINE_REFUSED, 0, NULL, 0);
}

static void
report_verbose(struct engine *e)
{
	struct link_verbose v = { (uint32_t)e->meter.conf->verbose };

	if (e->verbose_changed &&
	    engine_send_parent(e, MSG_ENGINE_VERBOSE, 0, &v, sizeof(v)) == 0)
		e->verbose_changed = 0;
}

/* The parent stops this engine then. */
static void
report_end(struct engine *e)
{
	if (e->end_asked)
		engine_send_parent(e, MSG_ENGINE_END, 0, NULL, 0);
}

static void
report_down(struct engine *e)
{
	struct link_down d;

	for (d.collector = 0; d.collector < CONF_COLLECTORS; d.collector++)
		if (e->down[d.collector] &&
		    engine_send_parent(e, MSG_ENGINE_DOWN, 0, &d, sizeof(d)) ==
			0)
			e->down[d.collector] = 0;
}

static void
report_lost_lines(struct engine *e)
{
	unsigned int n = e->unlogged;

	if (n == 0 || msg_room(&e->link) < MSG_HEADER + sizeof(struct link_log))
		return;
	e->unlogged = 0;
	log_warnx("%u log lines were lost before this one", n);
}

void
engine_report(struct engine *e)
{
	report_absent(e);
	report_overdue(e);
	report_refused(e);
	report_verbose(e);
	report_end(e);
	report_down(e);
	report_lost_lines(e);
}

void
engine_report_conf(struct engine *e)
{
	const struct export *x = e->meter.export;
	struct export_status s;
	unsigned int i;

	memset(e->down, 0, sizeof(e->down));
	for (i = 0; i < export_collectors(x); i++) {
		export_status(x, i, &s);
		e->down[i] = !s.state.up && s.state.error != 0;
	}
}

void
engine_report_verbose(void *arg, int verbose)
{
	struct engine *e = arg;

	e->meter.conf->verbose = verbose;
	log_verbosity(verbose);
	e->verbose_changed = 1;
	report_verbose(e);
}

void
engine_report_end(void *arg)
{
	struct engine *e = arg;

	e->end_asked = 1;
	report_end(e);
}

void
engine_report_down(void *arg, unsigned int collector)
{
	struct engine *e = arg;

	e->down[collector] = 1;
	report_down(e);
}
