/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The state table as a source: ask the dumper for dumps, and spread the records
 * of those states that have ended.
 */

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine_local.h"
#include "process/watch.h"

/*
 * After a dump, its entries are looked at in steps, so that the records do not
 * overflow queues: all within a part of the interval.
 */
#define STEP_MS 10
#define SPREAD 2

static uint64_t
monotonic_ms(void)
{
	return clock_us() / 1000;
}

/* s between dumps: as configured, or as the timeouts and the load allow. */
static unsigned int
interval(const struct engine *e)
{
	const struct meter *m = &e->meter;

	if (m->conf->interval != 0)
		return m->conf->interval;
	return poller_load(source_table_interval(&m->source),
	    m->source.dump.cpu_us);
}

/* Entries to look at in a step. */
static uint32_t
share(const struct engine *e)
{
	uint64_t steps = interval(e) * 1000 / SPREAD / STEP_MS;

	return (uint32_t)(source_looks(&e->meter.source) / steps + 1);
}

/* The dumper's chunks wait while entries are looked at. */
static void
wait_for_next(struct engine *e)
{
	uint64_t ms = poller_wait(&e->poller, monotonic_ms());

	if (source_looks(&e->meter.source) > 0) {
		watch_off(e->readable);
		watch_ms(e->table, STEP_MS);
		return;
	}
	watch_on(e->readable);
	if (ms == POLLER_NEVER)
		watch_off(e->table);
	else
		watch_ms(e->table, ms);
}

static void
ask(struct engine *e, uint64_t now)
{
	if (write(capture_fd(e->meter.source.capture), "", 1) == 1)
		poller_asked(&e->poller, now);
	/* else the dumper is gone, which reading will find */
}

static void
on_table(void *arg)
{
	struct engine *e = arg;
	uint64_t now = monotonic_ms();

	if (e->meter.source.capture == NULL)
		return;
	if (source_looks(&e->meter.source) > 0) {
		e->meter.source.entries = share(e);
		engine_read(e);
		return;
	}
	if (poller_due(&e->poller, now))
		ask(e, now);
	if (poller_overdue(&e->poller, now))
		engine_report(e);
	wait_for_next(e);
}

int
engine_table_events(struct engine *e)
{
	poller_init(&e->poller);
	e->meter.source.entries = 0; /* until on_table() */
	e->table = watch_timer(e->meter.base, on_table, e);
	return e->table == NULL ? -1 : 0;
}

/* A dump that is whole shows that what the parent has warned of is over. */
static void
settle(void)
{
	log_settled("dumper ");
	log_settled("cannot start the dumper");
	log_settled("pf is gone");
}

static void
end_dump(struct engine *e)
{
	struct meter *m = &e->meter;

	m->interval = interval(e) * UINT64_C(1000);
	poller_ended(&e->poller, monotonic_ms(), m->interval);
	e->dumps = m->counters->dumps;
	if (m->source.void_dumps == 0)
		settle();
	if (m->absent[0] != '\0')
		log_settled("%s", m->absent);
	m->absent[0] = '\0';
}

void
engine_table_conf(struct engine *e)
{
	struct meter *m = &e->meter;

	if (m->source.capture == NULL || !meter_reads_table(m))
		return;
	m->interval = interval(e) * UINT64_C(1000);
	poller_interval(&e->poller, m->interval);
	wait_for_next(e);
}

void
engine_table_read(struct engine *e)
{
	if (e->meter.source.capture == NULL)
		return;
	if (e->meter.counters->dumps != e->dumps)
		end_dump(e);
	if (!e->stopping)
		wait_for_next(e);
}

static void
close_dumper(struct engine *e)
{
	watch_free(e->readable);
	e->readable = NULL;
	meter_capture(&e->meter, NULL);
	poller_disconnect(&e->poller);
	e->meter.dumpers_replaced = e->poller.replaced;
}

void
engine_table_connect(struct engine *e, int fd)
{
	struct meter *m = &e->meter;
	struct capture *capture;

	close_dumper(e);
	if ((capture = capture_open_dumper(fd)) == NULL) {
		close(fd);
		return;
	}
	meter_capture(m, capture);
	e->dumps = m->counters->dumps;
	e->readable = watch_readable(m->base, fd, engine_read, e);
	if (e->readable == NULL) {
		close_dumper(e);
		return;
	}
	poller_connect(&e->poller, monotonic_ms());
	watch_ms(e->table, 0);
}

/*
 * The parent starts another one when the dumper has ended, which it does
 * without its socket.  Log a reason once, until a dump has been read.
 */
void
engine_table_lost(struct engine *e, const char *error)
{
	struct meter *m = &e->meter;

	if (error != NULL && strcmp(m->absent, error) != 0)
		log_line(LOG_WARNING, error);
	strlcpy(m->absent, error != NULL ? error : "the dumper has ended",
	    sizeof(m->absent));
	close_dumper(e);
}

/* The last reports wait until the queues have room. */
void
engine_table_stop(struct engine *e)
{
	watch_off(e->table);
	if (e->replaced || !meter_reads_table(&e->meter))
		return;
	e->meter.source.facts.can_wait = 1;
	source_leave(&e->meter.source);
}
