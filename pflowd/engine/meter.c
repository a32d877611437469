/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <event2/event.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/cold.h"
#include "meter.h"
#include "flow/flowprint.h"
#include "process/ledger.h"
#include "log_once.h"
#include "flow/record.h"

#define HASH UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio */
#define HASH_SHIFT 60

_Static_assert(METER_INTERFACES == 1 << (64 - HASH_SHIFT), "a hash for each");

/* Event base with precise timers: pacing works in microseconds. */
static struct event_base *
precise_base(void)
{
	struct event_config *config;
	struct event_base *base;

	if ((config = event_config_new()) == NULL)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

int
meter_init(struct meter *e, struct ledger *ledger,
    const struct export_hooks *hooks)
{
	memset(e, 0, sizeof(*e));
	e->ledger = ledger;
	e->counters = &ledger->counters;
	e->got = CAPTURE_NONE;
	e->started = clock_wall_ms();
	if ((e->base = precise_base()) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	e->export = export_new(e->base, ledger, hooks);
	return e->export == NULL ? -1 : 0;
}

void
meter_statistics(struct meter *e)
{
	struct capture_stats stats;

	if (e->capture == NULL || capture_statistics(e->capture, &stats) == -1)
		return;
	e->ledger->capture_received = stats.received;
	e->ledger->capture_dropped = stats.dropped;
	e->counters->kernel_received = e->kernel.received + stats.received;
	e->counters->kernel_dropped = e->kernel.dropped + stats.dropped;
	e->counters->kernel_if_dropped = e->kernel.if_dropped +
	    stats.if_dropped;
}

static void
close_capture(struct meter *e)
{
	if (e->capture == NULL)
		return;
	meter_statistics(e);
	e->kernel.received = e->counters->kernel_received;
	e->kernel.dropped = e->counters->kernel_dropped;
	e->kernel.if_dropped = e->counters->kernel_if_dropped;
	capture_close(e->capture);
	e->capture = NULL;
}

/* Drops unread frames, whose memory belongs to the closed capture. */
void
meter_capture(struct meter *e, struct capture *capture)
{
	close_capture(e);
	e->frame.left = 0;
	e->got = CAPTURE_NONE;
	e->capture = capture;
	e->ledger->capture_frames = 0;
	e->ledger->capture_received = e->ledger->capture_dropped = 0;
}

void
meter_free(struct meter *e)
{
	export_free(e->export);
	meter_capture(e, NULL);
	if (e->base != NULL)
		event_base_free(e->base);
	conf_free(e->conf);
}

static void
count_anomalies(struct counters *c, unsigned int anomalies)
{
	c->bad_direction += (anomalies & FLOW_BAD_DIRECTION) != 0;
	c->bad_family += (anomalies & FLOW_INEXPRESSIBLE) == FLOW_BAD_FAMILY;
	c->bad_counters += (anomalies & FLOW_BAD_COUNTERS) != 0;
	c->bad_age += (anomalies & FLOW_BAD_AGE) != 0;
	c->bad_timeout += (anomalies & FLOW_BAD_TIMEOUT) != 0;
	c->bad_tcp_state += (anomalies & FLOW_BAD_TCP_STATE) != 0;
}

/* Fill a cache entry with the interface's ledger row and index. */
static void
look_up(struct meter *e, struct meter_interface *i, const struct flow *f)
{
	static const char unnamed[FLOW_IFNAME] = "(none)";

	memcpy(i->name, f->ifname, sizeof(i->name));
	i->row = ledger_interface(e->ledger,
	    f->ifname[0] != '\0' ? f->ifname : unnamed);
	i->bound = flow_bound(f);
	i->index = i->bound ? ifindex_find(&e->conf->interfaces, f->ifname) : 0;
}

/* States name few interfaces: look up each once and cache it by name. */
static const struct meter_interface *
interface_of(struct meter *e, const struct flow *f)
{
	struct meter_interface *i;
	uint64_t half[2];

	memcpy(&half[0], f->ifname, sizeof(half[0]));
	memcpy(&half[1], f->ifname + sizeof(half[0]), sizeof(half[1]));
	i = &e->interfaces[((half[0] ^ half[1]) * HASH) >> HASH_SHIFT];
	if (i->row == NULL || memcmp(i->name, f->ifname, FLOW_IFNAME) != 0)
		look_up(e, i, f);
	if (i->index == 0) {
		e->counters->no_interface++;
		e->unknown_interface |= i->bound;
	}
	return i;
}

void
meter_forget_interfaces(struct meter *e)
{
	memset(e->interfaces, 0, sizeof(e->interfaces));
}

/*
 * Count a state that no collector received.  Without collectors, a printed
 * state counts as exported.
 */
static void
count_unsent(struct meter *e, uint64_t *why)
{
	if (export_collectors(e->export) == 0 && e->print)
		e->counters->exported++;
	else
		(*why)++;
}

/* Queue a state that has packets for export. */
static void
batch_state(struct meter *e, const struct flow *f)
{
	const struct meter_interface *where = interface_of(e, f);
	struct batch *b = &e->batch;

	where->row->states++;
	if (!flow_counted(f)) {
		e->counters->no_packets++;
		return;
	}
	b->report[b->n] = (struct report){ f, e->frame_time, where->index };
	b->now[b->n] = e->now;
	e->rows[b->n] = where->row;
	b->n++;
}

/*
 * Apply creator, own-traffic and global filter; count each state exactly once.
 */
static void
select_state(struct meter *e, const struct flow *f)
{
	const struct conf *conf = e->conf;

	if (conf->creator_given && f->creator != conf->creator) {
		e->counters->other_creator++;
		return;
	}
	if (!conf->account_self && !e->replay && export_own(e->export, f)) {
		e->counters->own++;
		return;
	}
	if (conf->filter.n > 0 && export_ignored(e->export, f)) {
		e->counters->ignored++;
		return;
	}
	if (e->print)
		flowprint(&e->printer, f, e->frame_time);
	batch_state(e, f);
}

static void
meter_state(struct meter *e, const struct flow *f)
{
	if (f->anomalies != 0)
		count_anomalies(e->counters, f->anomalies);
	if ((f->anomalies & FLOW_INEXPRESSIBLE) == 0) {
		select_state(e, f);
		return;
	}
	e->counters->inexpressible++;
	if (e->print)
		flowprint(&e->printer, f, e->frame_time);
}

COLD static void
settle_unsent(struct meter *e, unsigned int i)
{
	if (e->batch.result[i] == EXPORT_IGNORED) {
		count_unsent(e, &e->counters->ignored);
	} else {
		log_once_inexpressible(e, e->batch.report[i].flow);
		count_unsent(e, &e->counters->inexpressible);
	}
}

static void
settle_state(struct meter *e, unsigned int i)
{
	const struct batch *b = &e->batch;

	if (b->result[i] != EXPORT_GIVEN) {
		settle_unsent(e, i);
		return;
	}
	e->counters->exported++;
	e->rows[i]->records += record_directions(&b->record[i]);
	if (e->watch != NULL)
		e->watch(e->watch_arg, b->report[i].flow, b->report[i].time);
}

/* Count the batch's states by result, once the batch is completely exported. */
static void
settle(struct meter *e)
{
	unsigned int i;

	if (export_busy(e->export))
		return;
	for (i = 0; i < e->batch.n; i++)
		settle_state(e, i);
	e->batch.n = e->nflows = 0;
}

/*
 * export_apply() completes the batch for removed collectors, so the batch may
 * be finished afterwards.
 */
int
meter_configure(struct meter *e, struct conf *conf)
{
	struct conf *old = e->conf;

	if (export_apply(e->export, conf, e->now) == -1)
		return -1;
	e->conf = conf;
	settle(e);
	meter_forget_interfaces(e);
	e->print = conf->verbose >= 2 && conf->debug;
	conf_free(old);
	return 0;
}

/* Export the batch, unless the previous one is not finished. */
static void
export_states(struct meter *e)
{
	struct batch *b = &e->batch;

	if (export_busy(e->export))
		return;
	if (b->n > 0) {
		record_make(b->record, b->report, b->n, &e->conf->policy);
		export_batch(e->export, b);
	}
	settle(e);
}

/*
 * True if pending states must be exported first: there is no frame, or the
 * frame would advance the clock past a flush deadline.
 */
static int
export_first(const struct meter *e)
{
	uint64_t now = e->replay ? e->captured.time : e->now;

	return e->batch.n > 0 &&
	    (e->got != CAPTURE_FRAME ||
		export_closes(e->export, e->batch.now[0], now));
}

/* Decode the captured frame's headers; its states can be read then. */
static void
meter_frame(struct meter *e)
{
	const struct capture_frame *frame = &e->captured;
	enum pfsync_verdict verdict;

	e->got = CAPTURE_NONE;
	e->frame_time = frame->time;
	if (e->replay)
		e->now = frame->time;
	export_clock(e->export, e->now);
	verdict = pfsync_open(&e->frame, frame->data, frame->len);
	e->counters->frames++;
	e->ledger->capture_frames++;
	e->counters->verdict[verdict]++;
	e->counters->announced += e->frame.announced;
	e->counters->cut += e->frame.cut;
	e->counters->trailing += e->frame.trailing > 0;
	if (e->frame.version >= 1 && e->frame.version <= PFSYNC_LATEST)
		e->ledger->pfsync_version = e->frame.version;
	log_once_frame(e, verdict);
}

static enum meter_result
dry(struct meter *e)
{
	enum capture_result got = e->got;

	e->got = CAPTURE_NONE;
	switch (got) {
	case CAPTURE_END:
		return METER_END;
	case CAPTURE_ERROR:
		return METER_ERROR;
	default:
		return METER_NONE;
	}
}

/* Read at most n states of the frame.  Returns the number read. */
static unsigned int
meter_states(struct meter *e, unsigned int n)
{
	struct flow *f = &e->flows[e->nflows], *end;

	if (n > BATCH - e->nflows)
		n = BATCH - e->nflows;
	n = pfsync_read(&e->frame, f, n);
	for (end = f + n; f < end; f++)
		meter_state(e, f);
	e->counters->states += n;
	e->nflows += n;
	if (e->nflows == BATCH)
		export_states(e);
	return n;
}

/* Export some records of a split state, which has too many for one turn. */
static void
meter_more(struct meter *e)
{
	export_more(e->export);
	settle(e);
}

/* True if a replay must wait for its collectors. */
static int
meter_full(const struct meter *e)
{
	return e->replay && export_full(e->export);
}

static enum meter_result
read_states(struct meter *e, unsigned int budget)
{
	while (budget > 0) {
		if (export_busy(e->export)) {
			if (meter_full(e))
				return METER_FULL;
			meter_more(e);
			return METER_MORE;
		}
		if (e->frame.left > 0) {
			budget -= meter_states(e, budget);
			continue;
		}
		if (e->got == CAPTURE_NONE) {
			if (meter_full(e))
				return METER_FULL;
			e->got = capture_next(e->capture, &e->captured);
		}
		if (export_first(e)) {
			export_states(e);
			continue;
		}
		if (e->got != CAPTURE_FRAME)
			return dry(e);
		meter_frame(e);
		budget--;
	}
	return METER_MORE;
}

/*
 * The data path: capture, decode, make records, export.  States of several
 * frames share one batch, which is exported before returning.
 */
enum meter_result
meter_read(struct meter *e, unsigned int budget)
{
	enum meter_result result;

	if (e->capture == NULL)
		return METER_NONE;
	result = read_states(e, budget);
	export_states(e);
	return result;
}

static void
finish_splits(struct meter *e)
{
	while (export_busy(e->export))
		meter_more(e);
}

void
meter_flush(struct meter *e)
{
	for (;;) {
		finish_splits(e);
		if (e->frame.left > 0)
			meter_states(e, BATCH);
		else if (e->batch.n > 0)
			export_states(e);
		else if (e->got == CAPTURE_FRAME)
			meter_frame(e);
		else
			break;
	}
	export_close(e->export, e->now);
	export_send(e->export);
}

/* Leave out states of the pending batch: no result is counted for them yet. */
void
meter_counters(struct meter *e, struct counters *c)
{
	meter_statistics(e);
	*c = *e->counters;
	c->announced -= e->frame.left + e->batch.n;
	c->states -= e->batch.n;
}
