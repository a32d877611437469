/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <event2/event.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "engine.h"
#include "flowprint.h"
#include "notice.h"
#include "record.h"

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
engine_init(struct engine *e, struct conf *conf, struct capture *capture,
    collector_room_cb *room, void *arg)
{
	memset(e, 0, sizeof(*e));
	e->conf = conf;
	e->capture = capture;
	e->print = conf->verbose >= 2 && conf->debug;
	if ((e->base = precise_base()) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	e->export = export_new(e->base, conf, e->collectors, room, arg);
	return e->export == NULL ? -1 : 0;
}

void
engine_free(struct engine *e)
{
	export_free(e->export);
	capture_close(e->capture);
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

static uint32_t
interface_index(struct engine *e, const struct flow *f)
{
	uint32_t index = 0;

	if (flow_bound(f))
		index = ifindex_find(&e->conf->interfaces, f->ifname);
	if (index == 0)
		e->counters.no_interface++;
	return index;
}

static void
export_state(struct engine *e, const struct flow *f)
{
	struct record r[2];
	unsigned int n;

	n = record_make(r, f, &e->conf->rules, interface_index(e, f),
	    e->frame_time);
	if (n == 0) {
		e->counters.no_packets++;
		return;
	}
	if (export_flow(e->export, r, n, e->now) == EXPORT_GIVEN || e->print) {
		e->counters.exported++;
	} else {
		e->counters.inexpressible++;
		notice_inexpressible(e, f);
	}
}

static void
engine_state(struct engine *e, const struct flow *f)
{
	e->counters.states++;
	if (f->odd != 0)
		count_odd(&e->counters, f->odd);
	if (e->print)
		flowprint(f, e->frame_time);
	if (f->odd & FLOW_INEXPRESSIBLE)
		e->counters.inexpressible++;
	else
		export_state(e, f);
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
	e->counters.frames++;
	e->counters.verdict[verdict]++;
	e->counters.announced += e->frame.announced;
	e->counters.cut += e->frame.cut;
	e->counters.trailing += e->frame.trailing > 0;
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

/*
 * The straight line: capture, decode, make records, export.  Each turn does
 * one thing of bounded size.
 */
enum engine_result
engine_read(struct engine *e, unsigned int budget)
{
	struct flow flow;
	enum capture_result result;

	while (budget-- > 0) {
		if (e->replay && export_full(e->export))
			return ENGINE_FULL;
		if (export_busy(e->export)) {
			export_more(e->export, e->now);
			return ENGINE_MORE;
		}
		if (pfsync_next(&e->frame, &flow)) {
			engine_state(e, &flow);
			continue;
		}
		if ((result = engine_frame(e)) != CAPTURE_FRAME)
			return dry(result);
	}
	return ENGINE_MORE;
}

void
engine_flush(struct engine *e)
{
	while (export_busy(e->export))
		export_more(e->export, e->now);
	export_close(e->export, e->now);
	export_send(e->export);
}

void
engine_statistics(struct engine *e)
{
	struct capture_stats stats;

	if (capture_statistics(e->capture, &stats) == -1)
		return;
	e->counters.kernel_received = stats.received;
	e->counters.kernel_dropped = stats.dropped;
	e->counters.kernel_if_dropped = stats.if_dropped;
}
