/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <event2/event.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/msg.h"
#include "config.h"
#include "control.h"
#include "flow/flowprint.h"
#include "process/ledger.h"
#include "process/link.h"
#include "process/watch.h"
#include "engine_local.h"
#include "summary.h"

/* States read per turn of the event loop. */
#define BUDGET 1024

/* Maximum delay of frames in the kernel: twice the capture's timeout. */
#define HAND_OVER_MS 120

/*
 * Time limits for the last reads before the engine stops: of a capture, and of
 * a state table, whose reports wait for room in the queues.
 */
#define LAST_READ_US 500000
#define LAST_TABLE_US 1500000
#define ROOM_MS 10

/* Seconds to send the queued datagrams before the engine stops. */
#define DRAIN 2

/* Interval between checks for a silent or vanished interface. */
#define LOOK_MS 1000

/* Minimum interval between requests to look up unknown interfaces. */
#define ASK_MS 10000

/* Time limit for sending the last log lines to the parent. */
#define LAST_WORDS_MS 1000

static void
on_write(void *arg)
{
	struct engine *e = arg;

	if (msg_write(&e->link) == 0)
		watch_on(e->write);
}

/* At this time; UINT64_MAX: never. */
static void
watch_at(struct watch *w, uint64_t due, uint64_t now)
{
	if (due == UINT64_MAX)
		watch_off(w);
	else
		watch_ms(w, due > now ? due - now : 0);
}

void
engine_send(struct engine *e, uint64_t now)
{
	struct meter *m = &e->meter;

	export_clock(m->export, now);
	export_send(m->export);
	watch_at(e->hold, export_due(m->export), now);
	watch_at(e->held, source_due(&m->source, now), now);
	if (m->print)
		flowprint_flush(&m->printer);
}

/*
 * Log a change of state once; show the condition while it lasts, and not as the
 * last error.
 */
static void
log_silence(struct engine *e, enum silence_state state)
{
	struct meter *m = &e->meter;
	char over[CTL_CONDITION];

	silence_text(state, m->conf, m->ledger->pfsync_version, m->condition);
	if (state == e->was_silent)
		return;
	if (state == SILENCE_NONE && m->source.capture != NULL) {
		silence_over(e->was_silent, m->conf, over);
		log_info("%s", over);
	}
	/* The frame of a kernel without counters was logged. */
	if (state != SILENCE_NONE && state != SILENCE_UNDECODABLE)
		log_line(LOG_WARNING, m->condition);
	e->was_silent = state;
}

/*
 * Continue without the interface: there are still queues to send and clients to
 * answer.  libpcap's message depends on what the sandbox allowed, so log it at
 * debug level only.
 */
static void
lose_capture(struct engine *e)
{
	struct meter *m = &e->meter;

	snprintf(m->absent, sizeof(m->absent),
	    "interface %s disappeared; waiting for it (ifconfig %s create)",
	    m->conf->interface, m->conf->interface);
	log_line(LOG_WARNING, m->absent);
	if (capture_error(m->source.capture)[0] != '\0')
		log_debug("%s", capture_error(m->source.capture));
	watch_free(e->readable);
	e->readable = NULL;
	meter_capture(m, NULL);
	e->ending = 0;
	e->listening = LINK_MISSING;
	engine_report(e);
}

/*
 * Ask the parent, at most every ASK_MS, to look up interfaces without an index.
 */
static void
ask_interfaces(struct engine *e, uint64_t now)
{
	struct meter *m = &e->meter;

	if (!m->unknown_interface || now - e->asked_interfaces < ASK_MS ||
	    engine_send_parent(e, MSG_ENGINE_UNKNOWN, 0, NULL, 0) == -1)
		return;
	m->unknown_interface = 0;
	e->asked_interfaces = now;
}

/*
 * Frames from before the end are still in the kernel: wait until they are
 * delivered and read once more.
 */
static void
end_capture(struct engine *e)
{
	if (e->ending) {
		lose_capture(e);
		return;
	}
	e->ending = 1;
	watch_off(e->readable);
	watch_ms(e->again, HAND_OVER_MS);
}

/* Nothing can be read any more. */
static void
end_source(struct engine *e, enum meter_result result)
{
	if (meter_reads_table(&e->meter))
		engine_table_lost(e,
		    result == METER_END ? NULL :
					  source_error(&e->meter.source));
	else
		end_capture(e);
}

static void
on_look(void *arg)
{
	struct engine *e = arg;
	struct meter *m = &e->meter;
	enum silence_state state = SILENCE_NONE;

	meter_note_drops(m, clock_wall_ms());
	if (m->source.capture != NULL && !e->ending &&
	    !capture_attached(m->source.capture))
		end_capture(e);
	if (m->source.capture != NULL)
		state = silence_look(&e->silence, m->counters,
		    clock_us() / 1000, silence_minutes(m->conf),
		    m->ledger->pfsync_version);
	log_silence(e, state);
	m->mild = 0;
	if (meter_reads_table(m))
		conditions_look(&e->conditions, m);
	engine_report(e);
	watch_ms(e->look, LOOK_MS);
}

void
engine_read(void *arg)
{
	struct engine *e = arg;
	uint64_t now = clock_wall_ms();
	enum meter_result result = meter_read(&e->meter, now, BUDGET);

	switch (result) {
	case METER_MORE:
		watch_ms(e->again, 0);
		break;
	case METER_ERROR:
	case METER_END:
		end_source(e, result);
		break;
	case METER_NONE:
	case METER_FULL:
		if (e->ending)
			lose_capture(e);
		break;
	}
	if (meter_reads_table(&e->meter))
		engine_table_read(e);
	ask_interfaces(e, now);
	engine_send(e, now);
}

static void
on_hold(void *arg)
{
	struct engine *e = arg;

	engine_send(e, clock_wall_ms());
}

void
engine_end_if_sent(void *arg)
{
	struct engine *e = arg;

	if (e->sending && !export_unsent(e->meter.export))
		event_base_loopbreak(e->meter.base);
}

static void
on_give_up(void *arg)
{
	struct engine *e = arg;

	event_base_loopbreak(e->meter.base);
}

/*
 * All frames are delivered: read them, in turns and with a time limit, and then
 * send everything.
 */
static void
on_last(void *arg)
{
	struct engine *e = arg;
	enum meter_result result = METER_NONE;

	if (e->readable != NULL)
		watch_off(e->readable);
	watch_off(e->again);
	watch_off(e->hold);
	watch_off(e->held);
	if (clock_us() < e->read_until)
		result = meter_read(&e->meter, clock_wall_ms(), BUDGET);
	if (result == METER_MORE || result == METER_FULL) {
		watch_ms(e->last, result == METER_MORE ? 0 : ROOM_MS);
		return;
	}
	meter_flush(&e->meter, clock_wall_ms());
	e->sending = 1;
	watch_ms(e->give_up, DRAIN * 1000);
	engine_end_if_sent(e);
}

void
engine_stop(struct engine *e)
{
	unsigned int ms = e->meter.source.capture != NULL ? HAND_OVER_MS : 0;

	if (e->stopping)
		return;
	e->stopping = 1;
	engine_table_stop(e);
	e->read_until = clock_us() + ms * UINT64_C(1000) +
	    (meter_reads_table(&e->meter) ? LAST_TABLE_US : LAST_READ_US);
	watch_off(e->message);
	watch_ms(e->last, ms);
}

static void
dispatch_all(struct engine *e)
{
	struct msg msg;
	int n = 0;

	while (!e->stopping && (n = msg_get(&e->link, &msg)) == 1)
		engine_dispatch(e, &msg);
	if (n == -1)
		engine_stop(e);
}

static void
on_message(void *arg)
{
	struct engine *e = arg;
	int n;

	if ((n = msg_read(&e->link)) == -1 && errno == EAGAIN)
		return;
	if (n == 1)
		dispatch_all(e);
	else
		engine_stop(e);
}

int
engine_events(struct engine *e)
{
	struct event_base *base = e->meter.base;

	if (engine_table_events(e) == -1)
		return -1;
	e->again = watch_timer(base, engine_read, e);
	e->hold = watch_timer(base, on_hold, e);
	e->held = watch_timer(base, engine_read, e);
	e->message = watch_readable(base, e->link.fd, on_message, e);
	e->write = watch_writable(base, e->link.fd, on_write, e);
	e->last = watch_timer(base, on_last, e);
	e->look = watch_timer(base, on_look, e);
	e->give_up = watch_timer(base, on_give_up, e);
	return e->again == NULL || e->hold == NULL || e->held == NULL ||
		e->message == NULL || e->write == NULL || e->last == NULL ||
		e->look == NULL || e->give_up == NULL ?
	    -1 :
	    0;
}

int
engine_listen(struct engine *e, struct capture *capture)
{
	meter_capture(&e->meter, capture);
	silence_begin(&e->silence, e->meter.counters, clock_us() / 1000);
	watch_ms(e->look, LOOK_MS);
	if (capture == NULL)
		return 0;
	e->readable = watch_readable(e->meter.base, capture_fd(capture),
	    engine_read, e);
	return e->readable == NULL ? -1 : 0;
}

static void
engine_free(struct engine *e)
{
	struct watch *watches[] = { e->readable, e->again, e->hold, e->held,
		e->message, e->write, e->last, e->look, e->table, e->give_up };
	size_t i;

	control_free(e->control);
	for (i = 0; i < sizeof(watches) / sizeof(watches[0]); i++)
		watch_free(watches[i]);
	meter_free(&e->meter);
	conf_free(e->coming);
	msg_close(&e->link);
}

/* A successor goes on with the counters, so they are logged at the end only. */
static void
log_end(struct engine *e)
{
	const struct counters *c = e->meter.counters;

	if (e->replaced)
		log_info("engine ends for its successor, after %" PRIu64
			 " states in %" PRIu64 " frames",
		    c->states, c->frames);
	else
		summary(&e->meter, summary_to_log);
}

int
engine_run(struct engine *e)
{
	dispatch_all(e); /* that were read along with the configuration */
	event_base_dispatch(e->meter.base);
	export_abandon(e->meter.export);
	if (!e->replaced)
		source_left(&e->meter.source);
	log_end(e);
	ledger_end(e->meter.ledger);
	msg_flush(&e->link, LAST_WORDS_MS);
	engine_free(e);
	return e->status;
}
