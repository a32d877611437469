/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <event2/event.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "engine.h"
#include "flowprint.h"
#include "ledger.h"
#include "notice.h"
#include "record.h"

#define HASH UINT64_C(0x9e3779b97f4a7c15) /* 2^64 by the golden ratio */
#define HASH_SHIFT 60

_Static_assert(ENGINE_INTERFACES == 1 << (64 - HASH_SHIFT), "a hash for each");
_Static_assert(UINT8_MAX < COLLECTOR_QUEUE / 2,
    "a datagram for each state of a frame");

/* Timers as fine as the system has them: bursts are paced in microseconds. */
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
engine_init(struct engine *e, struct ledger *ledger,
    const struct export_hooks *hooks)
{
	memset(e, 0, sizeof(*e));
	e->ledger = ledger;
	e->counters = &ledger->counters;
	e->started = clock_wall_ms();
	if ((e->base = precise_base()) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	e->export = export_new(e->base, ledger, hooks);
	return e->export == NULL ? -1 : 0;
}

int
engine_configure(struct engine *e, struct conf *conf)
{
	struct conf *old = e->conf;

	if (export_apply(e->export, conf, e->now) == -1)
		return -1;
	e->conf = conf;
	engine_forget_interfaces(e);
	e->print = conf->verbose >= 2 && conf->debug;
	conf_free(old);
	return 0;
}

void
engine_statistics(struct engine *e)
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
close_capture(struct engine *e)
{
	if (e->capture == NULL)
		return;
	engine_statistics(e);
	e->kernel.received = e->counters->kernel_received;
	e->kernel.dropped = e->counters->kernel_dropped;
	e->kernel.if_dropped = e->counters->kernel_if_dropped;
	capture_close(e->capture);
	e->capture = NULL;
}

/* Frames lie in their capture's memory. */
void
engine_capture(struct engine *e, struct capture *capture)
{
	close_capture(e);
	e->frame.states.left = 0;
	e->capture = capture;
	e->ledger->capture_frames = 0;
	e->ledger->capture_received = e->ledger->capture_dropped = 0;
}

void
engine_free(struct engine *e)
{
	export_free(e->export);
	engine_capture(e, NULL);
	if (e->base != NULL)
		event_base_free(e->base);
	conf_free(e->conf);
}

static void
count_odd(struct counters *c, unsigned int odd)
{
	c->odd_direction += (odd & FLOW_ODD_DIRECTION) != 0;
	c->odd_family += (odd & FLOW_INEXPRESSIBLE) == FLOW_ODD_FAMILY;
	c->odd_counters += (odd & FLOW_ODD_COUNTERS) != 0;
	c->odd_age += (odd & FLOW_ODD_AGE) != 0;
	c->odd_timeout += (odd & FLOW_ODD_TIMEOUT) != 0;
	c->odd_levels += (odd & FLOW_ODD_LEVELS) != 0;
}

/* What the ledger and the configuration have of a name. */
static void
look_up(struct engine *e, struct engine_interface *i, const struct flow *f)
{
	static const char unnamed[FLOW_IFNAME] = "(none)";

	memcpy(i->name, f->ifname, sizeof(i->name));
	i->row = ledger_interface(e->ledger,
	    f->ifname[0] != '\0' ? f->ifname : unnamed);
	i->bound = flow_bound(f);
	i->index = i->bound ? ifindex_find(&e->conf->interfaces, f->ifname) : 0;
}

/* States come from few interfaces: what was looked up is kept by its name. */
static const struct engine_interface *
interface_of(struct engine *e, const struct flow *f)
{
	struct engine_interface *i;
	uint64_t half[2];

	/* Not the last byte, a NUL stored by itself: a load would wait. */
	memcpy(&half[0], f->ifname, sizeof(half[0]));
	memcpy(&half[1], f->ifname + FLOW_IFNAME - 1 - 8, sizeof(half[1]));
	i = &e->interfaces[((half[0] ^ half[1]) * HASH) >> HASH_SHIFT];
	if (i->row == NULL || memcmp(i->name, f->ifname, FLOW_IFNAME - 1) != 0)
		look_up(e, i, f);
	if (i->index == 0) {
		e->counters->no_interface++;
		e->unknown_interface |= i->bound;
	}
	return i;
}

void
engine_forget_interfaces(struct engine *e)
{
	memset(e->interfaces, 0, sizeof(e->interfaces));
}

/* No collector got it.  Without any, what is printed is exported. */
static void
count_unsent(struct engine *e, uint64_t *why)
{
	if (export_collectors(e->export) == 0 && e->print)
		e->counters->exported++;
	else
		(*why)++;
}

static void
export_state(struct engine *e, const struct flow *f)
{
	const struct engine_interface *where = interface_of(e, f);
	struct record r;
	unsigned int n;

	where->row->states++;
	n = record_make(&r, f, &e->conf->rules, where->index, e->frame_time);
	if (n == 0) {
		e->counters->no_packets++;
		return;
	}
	switch (export_flow(e->export, f, &r, e->now)) {
	case EXPORT_GIVEN:
		e->counters->exported++;
		where->row->records += n;
		if (e->watch != NULL)
			e->watch(e->watch_arg, f, e->frame_time);
		break;
	case EXPORT_IGNORED:
		count_unsent(e, &e->counters->ignored);
		break;
	case EXPORT_INEXPRESSIBLE:
		notice_inexpressible(e, f);
		count_unsent(e, &e->counters->inexpressible);
		break;
	}
}

/*
 * What becomes of a state that its kernel, its direction and its addresses let
 * be told; each is counted once.
 */
static void
select_state(struct engine *e, const struct flow *f)
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
	if (conf->selection.n > 0 && export_ignored(e->export, f)) {
		e->counters->ignored++;
		return;
	}
	if (e->print)
		flowprint(&e->printer, f, e->frame_time);
	export_state(e, f);
}

static void
engine_state(struct engine *e, const struct flow *f)
{
	e->counters->states++;
	if (f->odd != 0)
		count_odd(e->counters, f->odd);
	if ((f->odd & FLOW_INEXPRESSIBLE) == 0) {
		select_state(e, f);
		return;
	}
	e->counters->inexpressible++;
	if (e->print)
		flowprint(&e->printer, f, e->frame_time);
}

/* The next frame: what it is, and its states ready to be read. */
static enum capture_result
engine_frame(struct engine *e)
{
	struct capture_frame frame;
	enum capture_result result;
	enum pfsync_verdict verdict;

	result = capture_next(e->capture, &frame);
	if (result != CAPTURE_FRAME)
		return result;
	e->frame_time = frame.time;
	if (e->replay)
		e->now = frame.time;
	export_clock(e->export, e->now);
	verdict = pfsync_open(&e->frame, frame.data, frame.len);
	e->counters->frames++;
	e->ledger->capture_frames++;
	e->counters->verdict[verdict]++;
	e->counters->announced += e->frame.announced;
	e->counters->cut += e->frame.cut;
	e->counters->trailing += e->frame.trailing > 0;
	if (e->frame.version >= 1 && e->frame.version <= PFSYNC_LATEST)
		e->ledger->pfsync_version = e->frame.version;
	notice_frame(e, verdict);
	return result;
}

static enum engine_result
dry(enum capture_result result)
{
	switch (result) {
	case CAPTURE_END:
		return ENGINE_END;
	case CAPTURE_ERROR:
		return ENGINE_ERROR;
	default:
		return ENGINE_NONE;
	}
}

/* Some of the records of one state, which are too many for one turn. */
static enum engine_result
engine_more(struct engine *e)
{
	if (e->replay && export_full(e->export))
		return ENGINE_FULL;
	export_more(e->export, e->now);
	return ENGINE_MORE;
}

/*
 * The straight line: capture, decode, make records, export.  Each turn does
 * one thing of bounded size.  A frame's states, whatever the MTU, fit into the
 * half of a queue that is empty when collectors are not behind.
 */
enum engine_result
engine_read(struct engine *e, unsigned int budget)
{
	struct flow flow;
	enum capture_result result;

	if (e->capture == NULL)
		return ENGINE_NONE;
	while (budget-- > 0) {
		if (export_busy(e->export))
			return engine_more(e);
		if (pfsync_next(&e->frame, &flow)) {
			engine_state(e, &flow);
			continue;
		}
		if (e->replay && export_full(e->export))
			return ENGINE_FULL;
		if ((result = engine_frame(e)) != CAPTURE_FRAME)
			return dry(result);
	}
	return ENGINE_MORE;
}

static void
finish_splits(struct engine *e)
{
	while (export_busy(e->export))
		export_more(e->export, e->now);
}

void
engine_flush(struct engine *e)
{
	struct flow flow;

	finish_splits(e);
	while (pfsync_next(&e->frame, &flow)) {
		engine_state(e, &flow);
		finish_splits(e);
	}
	export_close(e->export, e->now);
	export_send(e->export);
}

void
engine_counters(struct engine *e, struct counters *c)
{
	engine_statistics(e);
	*c = *e->counters;
	c->announced -= pfsync_left(&e->frame);
}
