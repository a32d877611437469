/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <event2/event.h>

#include <signal.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "common/msg.h"
#include "config.h"
#include "engine.h"
#include "flowprint.h"
#include "live.h"
#include "privsep.h"
#include "sandbox.h"
#include "summary.h"

/* States that are read before other events have their turn. */
#define BUDGET 4096

/* Turns for what the kernel still holds when the engine is to stop. */
#define LAST_TURNS 256

/* Seconds for sending what is queued then. */
#define DRAIN 2

struct live {
	struct engine engine;
	struct msg_link link;
	struct event *readable; /* the capture */
	struct event *again;	/* the budget was used up */
	struct event *hold;	/* a datagram has waited long enough */
	struct event *message;	/* from the parent */
	struct event *give_up;	/* the drain has taken too long */
	int stopping;
	int status;
};

static uint64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
wait_for(struct event *ev, uint64_t ms)
{
	struct timeval tv;

	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	event_add(ev, &tv);
}

/* Close what has waited long enough, send, and come back for the rest. */
static void
live_send(struct live *l)
{
	struct engine *e = &l->engine;
	uint64_t due;

	export_clock(e->export, e->now);
	export_send(e->export);
	due = export_due(e->export);
	if (due == UINT64_MAX)
		event_del(l->hold);
	else
		wait_for(l->hold, due > e->now ? due - e->now : 0);
	if (e->print)
		flowprint_flush();
}

static void
live_fail(struct live *l)
{
	log_warnx("%s", capture_error(l->engine.capture));
	l->status = 1;
	event_base_loopbreak(l->engine.base);
}

static void
live_read(struct live *l)
{
	l->engine.now = clock_ms();
	switch (engine_read(&l->engine, BUDGET)) {
	case ENGINE_MORE:
		wait_for(l->again, 0);
		break;
	case ENGINE_ERROR:
	case ENGINE_END:
		live_fail(l);
		break;
	case ENGINE_NONE:
	case ENGINE_FULL:
		break;
	}
	live_send(l);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	live_read(arg);
}

static void
on_hold(evutil_socket_t fd, short what, void *arg)
{
	struct live *l = arg;

	(void)fd;
	(void)what;
	l->engine.now = clock_ms();
	live_send(l);
}

static void
end_if_sent(void *arg)
{
	struct live *l = arg;

	if (l->stopping && !export_unsent(l->engine.export))
		event_base_loopbreak(l->engine.base);
}

static void
on_give_up(evutil_socket_t fd, short what, void *arg)
{
	struct live *l = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(l->engine.base);
}

/* Read what has already arrived, and send all there is. */
static void
live_stop(struct live *l)
{
	int turns = LAST_TURNS;

	if (l->stopping)
		return;
	l->stopping = 1;
	event_del(l->readable);
	event_del(l->again);
	event_del(l->hold);
	event_del(l->message);
	l->engine.now = clock_ms();
	while (turns-- > 0 && engine_read(&l->engine, BUDGET) == ENGINE_MORE)
		continue;
	engine_flush(&l->engine);
	wait_for(l->give_up, DRAIN * 1000);
	end_if_sent(l);
}

static void
on_message(evutil_socket_t fd, short what, void *arg)
{
	struct live *l = arg;
	struct msg msg;

	(void)fd;
	(void)what;
	if (msg_receive(&l->link, &msg) != 1) {
		live_stop(l);
		return;
	}
	if (msg.type == MSG_ENGINE_STOP) {
		live_stop(l);
	} else if (msg.type == MSG_ENGINE_STATS) {
		engine_statistics(&l->engine);
		summary(&l->engine, summary_to_log);
	}
	msg_discard(&msg);
}

static int
live_events(struct live *l)
{
	struct event_base *base = l->engine.base;

	l->readable = event_new(base, capture_fd(l->engine.capture),
	    EV_READ | EV_PERSIST, on_readable, l);
	l->again = event_new(base, -1, 0, on_readable, l);
	l->hold = event_new(base, -1, 0, on_hold, l);
	l->message = event_new(base, l->link.fd, EV_READ | EV_PERSIST,
	    on_message, l);
	l->give_up = event_new(base, -1, 0, on_give_up, l);
	if (l->readable == NULL || l->again == NULL || l->hold == NULL ||
	    l->message == NULL || l->give_up == NULL)
		return -1;
	if (event_add(l->readable, NULL) == -1)
		return -1;
	return event_add(l->message, NULL);
}

static void
live_free(struct live *l)
{
	event_free(l->readable);
	event_free(l->again);
	event_free(l->hold);
	event_free(l->message);
	event_free(l->give_up);
	engine_free(&l->engine);
}

/* The parent decides; a terminal's signals reach the engine too. */
static void
ignore_signals(void)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(PFLOWD_SIGINFO, SIG_IGN);
}

/*
 * Everything that needs root or the file system, and the end of both.  Returns
 * a descriptor of /dev/null.
 */
static int
live_prologue(struct live *l)
{
	struct privsep_user user;
	struct conf *conf;
	struct capture *capture;
	char why[512];
	int null;

	if ((conf = conf_receive(&l->link)) == NULL)
		fatalx("engine: no configuration from the parent");
	log_init("pflowd", conf->verbose);
	null = privsep_open_null();
	if (!conf->debug)
		log_open_syslog();
	tzset();
	if (privsep_lookup(&user, why, sizeof(why)) == -1)
		fatalx("%s", why);
	capture = capture_open_live(conf->interface, conf->pfsync_link, why,
	    sizeof(why));
	if (capture == NULL)
		fatalx("%s", why);
	privsep_drop(&user, 1);
	if (engine_init(&l->engine, conf, capture, end_if_sent, l) == -1 ||
	    live_events(l) == -1)
		fatalx("engine: out of memory");
	if (sandbox_engine() == -1)
		fatal("sandbox");
	return null;
}

int
live_main(void)
{
	static struct live l;
	int null;

	ignore_signals();
	l.link.fd = PRIVSEP_FD;
	null = live_prologue(&l);
	if (msg_send(&l.link, MSG_ENGINE_READY, NULL, 0, -1) == -1)
		fatal("engine: parent");
	if (!l.engine.conf->debug) {
		log_to_syslog();
		privsep_detach(null);
	}
	event_base_dispatch(l.engine.base);
	export_abandon(l.engine.export);
	engine_statistics(&l.engine);
	summary(&l.engine, summary_to_log);
	live_free(&l);
	return l.status;
}
