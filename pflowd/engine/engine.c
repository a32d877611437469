/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <event2/event.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/msg.h"
#include "config.h"
#include "control.h"
#include "flow/flowprint.h"
#include "process/ledger.h"
#include "process/conf_link.h"
#include "process/link.h"
#include "engine_local.h"
#include "summary.h"

/* States read per turn of the event loop. */
#define BUDGET 1024

/* Maximum delay of frames in the kernel: twice the capture's timeout. */
#define HAND_OVER_MS 120

/* Time limit for the last read before the engine stops. */
#define LAST_READ_US 1000000

/* Seconds to send the queued datagrams before the engine stops. */
#define DRAIN 2

/* Interval between checks for a silent or vanished interface. */
#define LOOK_MS 1000

/* Minimum interval between requests to look up unknown interfaces. */
#define ASK_MS 10000

/* Time limit for sending the last log lines to the parent. */
#define LAST_WORDS_MS 1000

static void
on_write(evutil_socket_t fd, short what, void *arg)
{
	struct engine *l = arg;

	(void)fd;
	(void)what;
	if (msg_write(&l->link) == 0)
		event_add(l->write, NULL);
}

static void
wait_for(struct event *ev, uint64_t ms)
{
	struct timeval tv;

	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	event_add(ev, &tv);
}

/* Close and send the datagrams that are due; set the timer for the others. */
static void
engine_send(struct engine *l, uint64_t now)
{
	struct meter *e = &l->meter;
	uint64_t due;

	export_clock(e->export, now);
	export_send(e->export);
	due = export_due(e->export);
	if (due == UINT64_MAX)
		event_del(l->hold);
	else
		wait_for(l->hold, due > now ? due - now : 0);
	if (e->print)
		flowprint_flush(&e->printer);
}

/* Log a change of state once; show the condition while it lasts. */
static void
log_silence(struct engine *l, enum silence_state state)
{
	struct meter *e = &l->meter;
	const char *name = e->conf->interface;

	silence_text(state, e->conf, e->condition);
	if (state == l->was_silent)
		return;
	if (state != SILENCE_NONE)
		log_warnx("%s", e->condition);
	else if (l->was_silent == SILENCE_NO_OWN)
		log_info("states of the creator arrive again on %s", name);
	else
		log_info("deletions arrive again on %s", name);
	l->was_silent = state;
}

/*
 * Continue without the interface: there are still queues to send and clients to
 * answer.  libpcap's message depends on what the sandbox allowed, so log it at
 * debug level only.
 */
static void
lose_capture(struct engine *l)
{
	struct meter *e = &l->meter;

	snprintf(e->absent, sizeof(e->absent),
	    "interface %s disappeared; waiting for it (ifconfig %s create)",
	    e->conf->interface, e->conf->interface);
	log_warnx("%s", e->absent);
	if (capture_error(e->source.capture)[0] != '\0')
		log_debug("%s", capture_error(e->source.capture));
	event_free(l->readable);
	l->readable = NULL;
	meter_capture(e, NULL);
	l->listening = LINK_MISSING;
	engine_report(l);
}

/*
 * Ask the parent, at most every ASK_MS, to look up interfaces without an index.
 */
static void
ask_interfaces(struct engine *l, uint64_t now)
{
	struct meter *e = &l->meter;

	if (!e->unknown_interface || now - l->asked_interfaces < ASK_MS ||
	    engine_send_parent(l, MSG_ENGINE_UNKNOWN, 0, NULL, 0) == -1)
		return;
	e->unknown_interface = 0;
	l->asked_interfaces = now;
}

/*
 * Frames from before the end are still in the kernel: wait until they are
 * delivered and read once more.
 */
static void
end_capture(struct engine *l)
{
	if (l->ending) {
		lose_capture(l);
		return;
	}
	l->ending = 1;
	event_del(l->readable);
	wait_for(l->again, HAND_OVER_MS);
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	struct engine *l = arg;
	struct meter *e = &l->meter;
	enum silence_state state = SILENCE_NONE;

	(void)fd;
	(void)what;
	meter_statistics(e);
	if (e->source.capture != NULL && !l->ending &&
	    !capture_attached(e->source.capture))
		end_capture(l);
	if (e->source.capture != NULL)
		state = silence_look(&l->silence, e->counters,
		    clock_us() / 1000, e->conf->quiet);
	log_silence(l, state);
	engine_report(l);
	wait_for(l->look, LOOK_MS);
}

static void
engine_read(struct engine *l)
{
	uint64_t now = clock_wall_ms();

	switch (meter_read(&l->meter, now, BUDGET)) {
	case METER_MORE:
		wait_for(l->again, 0);
		break;
	case METER_ERROR:
	case METER_END:
		end_capture(l);
		break;
	case METER_NONE:
	case METER_FULL:
		if (l->ending)
			lose_capture(l);
		break;
	}
	ask_interfaces(l, now);
	engine_send(l, now);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	engine_read(arg);
}

static void
on_hold(evutil_socket_t fd, short what, void *arg)
{
	struct engine *l = arg;

	(void)fd;
	(void)what;
	engine_send(l, clock_wall_ms());
}

void
engine_end_if_sent(void *arg)
{
	struct engine *l = arg;

	if (l->sending && !export_unsent(l->meter.export))
		event_base_loopbreak(l->meter.base);
}

static void
on_give_up(evutil_socket_t fd, short what, void *arg)
{
	struct engine *l = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(l->meter.base);
}

/*
 * Read the frames that the kernel has by now, with a time limit.  A state with
 * split counters needs many turns of meter_read().
 */
static void
last_read(struct engine *l)
{
	uint64_t until = clock_us() + LAST_READ_US;

	while (clock_us() < until &&
	    meter_read(&l->meter, clock_wall_ms(), BUDGET) == METER_MORE)
		continue;
}

/* All frames are delivered: read them, and send everything. */
static void
on_last(evutil_socket_t fd, short what, void *arg)
{
	struct engine *l = arg;

	(void)fd;
	(void)what;
	if (l->readable != NULL)
		event_del(l->readable);
	event_del(l->again);
	event_del(l->hold);
	last_read(l);
	meter_flush(&l->meter, clock_wall_ms());
	l->sending = 1;
	wait_for(l->give_up, DRAIN * 1000);
	engine_end_if_sent(l);
}

/* Stop reading after the time the kernel needs to deliver its frames. */
static void
engine_stop(struct engine *l)
{
	if (l->stopping)
		return;
	l->stopping = 1;
	event_del(l->message);
	wait_for(l->last, l->meter.source.capture != NULL ? HAND_OVER_MS : 0);
}

/* Keep the configuration in force until the parent sends the new one again. */
static void
refuse_conf(struct engine *l)
{
	conf_free(l->coming);
	l->coming = NULL;
	if (!l->refused)
		log_warnx("out of memory receiving the configuration; "
			  "keeping the old one and retrying");
	l->refused = 1;
	engine_report(l);
}

static void
take_host(struct engine *l)
{
	struct meter *e = &l->meter;

	conf_set_host(e->conf, l->coming);
	meter_forget_interfaces(e);
	export_host(e->export);
	conf_free(l->coming);
	l->coming = NULL;
}

/*
 * Apply the received configuration in one step, with no read in between.  The
 * verbosity is ours: the parent may not know of the last change yet.
 */
static void
swap_conf(struct engine *l)
{
	struct meter *e = &l->meter;
	uint64_t now = clock_wall_ms();

	l->coming->verbose = e->conf->verbose;
	if (meter_configure(e, l->coming, now) == -1) {
		refuse_conf(l);
		return;
	}
	l->coming = NULL;
	l->refused = 0;
	engine_report_conf(l);
	control_listen(l->control, e->conf->sockets, e->conf->nsockets);
	log_verbosity(e->conf->verbose);
	if (e->conf->generation > 0)
		e->ledger->reloaded = now;
	engine_send(l, now);
}

static void
take_conf(struct engine *l, struct msg *msg)
{
	if (l->skipping) {
		l->skipping = msg->type != MSG_CONF_COMMIT &&
		    msg->type != MSG_HOST_COMMIT;
		return;
	}
	switch (conf_link_receive(&l->coming, msg)) {
	case 1:
		swap_conf(l);
		break;
	case 2:
		take_host(l);
		break;
	case -1:
		if (errno != ENOMEM)
			fatalx("engine: no configuration from the parent");
		l->skipping = 1;
		refuse_conf(l);
	}
}

static void
take_socket(struct engine *l, struct msg *msg)
{
	struct link_socket s;

	if (msg_payload(msg, &s, sizeof(s)) == -1 ||
	    l->refused) /* it belongs to the refused configuration */
		return;
	export_path(l->meter.export, s.collector, s.path_mtu);
	if (s.addrlen == 0)
		export_withdraw(l->meter.export, s.collector);
	if (msg->fd == -1)
		return;
	export_socket(l->meter.export, s.collector, msg->fd, &s.addr,
	    s.addrlen);
	msg->fd = -1;
}

static void
take_done(struct engine *l, const struct msg *msg)
{
	struct link_done d;

	if (msg_payload(msg, &d, sizeof(d)) == -1)
		return;
	if (l->refused && !d.failed)
		control_reload_done(l->control, msg->id, 1,
		    "pflowd is out of memory; keeping the old configuration "
		    "and retrying");
	else
		control_reload_done(l->control, msg->id, (int)d.failed, d.text);
}

static void
take_warning(struct engine *l, const struct msg *msg)
{
	struct ledger *ledger = l->meter.ledger;
	struct link_warning w;

	if (msg_payload(msg, &w, sizeof(w)) == 0 &&
	    w.time >= ledger->error_time)
		ledger_error(ledger, w.text, w.time);
}

static void
take_message(struct engine *l, struct msg *msg)
{
	switch (msg->type) {
	case MSG_COLLECTOR_SOCKET:
		take_socket(l, msg);
		break;
	case MSG_RELOAD_LINE:
		control_reload_line(l->control, msg->id,
		    (const char *)msg->data, msg->len);
		break;
	case MSG_RELOAD_DONE:
		take_done(l, msg);
		break;
	case MSG_PARENT_WARNING:
		take_warning(l, msg);
		break;
	case MSG_ENGINE_STATS:
		summary(&l->meter, summary_to_log);
		break;
	case MSG_ENGINE_STOP:
		engine_stop(l);
		break;
	default:
		take_conf(l, msg);
	}
	msg_discard(msg);
}

static void
take_messages(struct engine *l)
{
	struct msg msg;
	int n = 0;

	while (!l->stopping && (n = msg_get(&l->link, &msg)) == 1)
		take_message(l, &msg);
	if (n == -1)
		engine_stop(l);
}

static void
on_message(evutil_socket_t fd, short what, void *arg)
{
	struct engine *l = arg;
	int n;

	(void)fd;
	(void)what;
	if ((n = msg_read(&l->link)) == -1 && errno == EAGAIN)
		return;
	if (n == 1)
		take_messages(l);
	else
		engine_stop(l);
}

int
engine_events(struct engine *l)
{
	struct event_base *base = l->meter.base;

	l->again = event_new(base, -1, 0, on_again, l);
	l->hold = event_new(base, -1, 0, on_hold, l);
	l->message = event_new(base, l->link.fd, EV_READ | EV_PERSIST,
	    on_message, l);
	l->write = event_new(base, l->link.fd, EV_WRITE, on_write, l);
	l->last = event_new(base, -1, 0, on_last, l);
	l->look = event_new(base, -1, 0, on_look, l);
	l->give_up = event_new(base, -1, 0, on_give_up, l);
	if (l->again == NULL || l->hold == NULL || l->message == NULL ||
	    l->write == NULL || l->last == NULL || l->look == NULL ||
	    l->give_up == NULL)
		return -1;
	return event_add(l->message, NULL);
}

int
engine_listen(struct engine *l, struct capture *capture)
{
	meter_capture(&l->meter, capture);
	silence_begin(&l->silence, l->meter.counters, clock_us() / 1000);
	wait_for(l->look, LOOK_MS);
	if (capture == NULL)
		return 0;
	l->readable = event_new(l->meter.base, capture_fd(capture),
	    EV_READ | EV_PERSIST, on_again, l);
	return l->readable == NULL ? -1 : event_add(l->readable, NULL);
}

static void
engine_free(struct engine *l)
{
	struct event *events[] = { l->readable, l->again, l->hold, l->message,
		l->write, l->last, l->look, l->give_up };
	size_t i;

	control_free(l->control);
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	meter_free(&l->meter);
	conf_free(l->coming);
	msg_close(&l->link);
}

int
engine_run(struct engine *l)
{
	take_messages(l); /* that were read along with the configuration */
	event_base_dispatch(l->meter.base);
	export_abandon(l->meter.export);
	summary(&l->meter, summary_to_log);
	msg_flush(&l->link, LAST_WORDS_MS);
	engine_free(l);
	return l->status;
}
