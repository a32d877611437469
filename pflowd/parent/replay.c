/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <event2/event.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "config.h"
#include "engine/control.h"
#include "engine/meter.h"
#include "flow/flowprint.h"
#include "process/descriptors.h"
#include "process/ledger.h"
#include "process/watch.h"
#include "replay.h"
#include "replay_open.h"
#include "os/sandbox.h"
#include "source/hold.h"
#include "engine/summary.h"

/* States read per turn of the event loop. */
#define BUDGET 8192

/* Seconds to send the queued datagrams after a signal. */
#define DRAIN 2

#define TICK_MS 500

struct replay {
	struct meter meter;
	struct control *control; /* NULL: no control socket */
	const char *name;
	struct watch *readable; /* a pipe is readable; NULL: a file */
	struct watch *again;	/* continue reading */
	struct watch *silence;	/* a pipe was silent for `hold` */
	struct watch *held;	/* ... as long as a state waits for its twin */
	struct watch *tick;	/* check progress and stuck collectors */
	struct watch *give_up;	/* the drain has taken too long */
	struct watch *term;
	struct watch *intr;
	struct watch *usr1;
	struct watch *info;
	uint64_t heard; /* frames, when it last waited for input */
	int full;	/* collectors were behind at the last check */
	int draining;	/* reading has ended */
	int stopped;	/* by a signal; a second one exits at once */
	int failed;
	int known;    /* the source, by the first frame */
	int progress; /* show progress on the terminal */
};

static void
end_if_sent(struct replay *r)
{
	if (!export_unsent(r->meter.export))
		event_base_loopbreak(r->meter.base);
}

/* End of input: close and send everything, then exit. */
static void
drain(struct replay *r)
{
	if (r->draining)
		return;
	r->draining = 1;
	watch_off(r->again);
	watch_off(r->silence);
	watch_off(r->held);
	if (r->readable != NULL)
		watch_off(r->readable);
	meter_flush(&r->meter, 0);
	end_if_sent(r);
}

static void
read_error(struct replay *r)
{
	log_warnx("%s%s", source_error(&r->meter.source),
	    r->meter.counters->frames > 0 ?
		"; everything before that was exported" :
		"");
	r->failed = 1;
	drain(r);
}

/* Stop polling a pipe while collectors are behind. */
static void
wait_for_room(struct replay *r)
{
	r->full = 1;
	export_send(r->meter.export);
	if (r->readable != NULL)
		watch_off(r->readable);
}

static void
restart_silence(struct replay *r)
{
	watch_ms(r->silence, r->meter.conf->hold * UINT64_C(1000));
}

/* Only whole frames restart the timers of silence, not parts of one. */
static void
wait_for_input(struct replay *r)
{
	uint64_t frames = r->meter.counters->frames;

	export_send(r->meter.export);
	if (frames != r->heard) {
		restart_silence(r);
		watch_ms(r->held, HOLD_MS);
	}
	r->heard = frames;
	if (r->meter.print)
		flowprint_flush(&r->meter.printer);
}

/* The first frame shows which source the file is of. */
static void
learn_source(struct replay *r)
{
	int table = meter_reads_table(&r->meter);

	if (r->known || r->meter.counters->frames == 0)
		return;
	r->known = 1;
	r->meter.conf->source = table ? CONF_TABLE : CONF_PFSYNC;
	conf_warn(r->meter.conf, table);
}

static void
replay_read(struct replay *r)
{
	enum meter_result result = meter_read(&r->meter, 0, BUDGET);

	learn_source(r);
	switch (result) {
	case METER_MORE:
		watch_ms(r->again, 0);
		break;
	case METER_FULL:
		wait_for_room(r);
		break;
	case METER_NONE:
		wait_for_input(r);
		break;
	case METER_END:
		drain(r);
		break;
	case METER_ERROR:
		read_error(r);
		break;
	}
}

static void
on_again(void *arg)
{
	replay_read(arg);
}

static void
on_readable(void *arg)
{
	struct replay *r = arg;

	capture_fill(r->meter.source.capture);
	replay_read(r);
}

/* A queue has room again, or a tick passed. */
static void
on_writable(void *arg)
{
	struct replay *r = arg;

	if (r->draining) {
		end_if_sent(r);
	} else if (r->full && !export_full(r->meter.export)) {
		r->full = 0;
		if (r->readable != NULL)
			watch_on(r->readable);
		watch_ms(r->again, 0);
	}
}

static void
on_silence(void *arg)
{
	struct replay *r = arg;

	export_close(r->meter.export, meter_clock(&r->meter));
	export_send(r->meter.export);
}

static void
on_held(void *arg)
{
	struct replay *r = arg;

	source_release(&r->meter.source);
	restart_silence(r);
	replay_read(r);
}

static void
show_progress(const struct replay *r)
{
	const struct meter *e = &r->meter;
	int percent = capture_percent(e->source.capture);

	fprintf(stderr, "\r%s: ", r->name);
	if (percent >= 0)
		fprintf(stderr, "%d %%, ", percent);
	fprintf(stderr, "%" PRIu64 " states", e->counters->states);
	fflush(stderr);
	log_line_open(1);
}

static void
end_progress(const struct replay *r)
{
	show_progress(r);
	fprintf(stderr, "\n");
	log_line_open(0);
}

static void
on_tick(void *arg)
{
	struct replay *r = arg;

	watch_ms(r->tick, TICK_MS);
	if (r->progress)
		show_progress(r);
	on_writable(r);
}

static void
on_give_up(void *arg)
{
	struct replay *r = arg;

	event_base_loopbreak(r->meter.base);
}

static void
stop(struct replay *r, const char *how)
{
	if (r->stopped) {
		event_base_loopbreak(r->meter.base);
		return;
	}
	r->stopped = 1;
	log_warnx("%s before the end of %s", how, r->name);
	r->failed = 1;
	watch_ms(r->give_up, DRAIN * 1000);
	drain(r);
}

static void
on_term(void *arg)
{
	stop(arg, "terminated");
}

static void
on_interrupt(void *arg)
{
	stop(arg, "interrupted");
}

static void
on_stats(void *arg)
{
	struct replay *r = arg;

	summary(&r->meter, summary_to_log);
}

/* Let a signal interrupt a write to stdout that blocks. */
static void
interrupt_writes(int signo)
{
	struct sigaction sa;

	if (sigaction(signo, NULL, &sa) == -1)
		return;
	sa.sa_flags &= ~SA_RESTART;
	sigaction(signo, &sa, NULL);
}

static int
replay_events(struct replay *r)
{
	struct event_base *base = r->meter.base;
	int fd = capture_fd(r->meter.source.capture);

	r->again = watch_timer(base, on_again, r);
	r->silence = watch_timer(base, on_silence, r);
	r->held = watch_timer(base, on_held, r);
	r->tick = watch_timer(base, on_tick, r);
	r->give_up = watch_timer(base, on_give_up, r);
	r->term = watch_signal(base, SIGTERM, on_term, r);
	r->intr = watch_signal(base, SIGINT, on_interrupt, r);
	r->usr1 = watch_signal(base, SIGUSR1, on_stats, r);
	if (PFLOWD_SIGINFO != SIGUSR1)
		r->info = watch_signal(base, PFLOWD_SIGINFO, on_stats, r);
	if (r->again == NULL || r->silence == NULL || r->held == NULL ||
	    r->tick == NULL || r->give_up == NULL || r->term == NULL ||
	    r->intr == NULL || r->usr1 == NULL)
		return -1;
	interrupt_writes(SIGTERM);
	interrupt_writes(SIGINT);
	watch_ms(r->tick, TICK_MS);
	if (fd == -1) {
		watch_ms(r->again, 0);
		return 0;
	}
	r->readable = watch_readable(base, fd, on_readable, r);
	return r->readable == NULL ? -1 : 0;
}

static void
replay_free(struct replay *r)
{
	struct watch *watches[] = { r->readable, r->again, r->silence, r->held,
		r->tick, r->give_up, r->term, r->intr, r->usr1, r->info };
	struct ledger *ledger = r->meter.ledger;
	size_t i;

	for (i = 0; i < sizeof(watches) / sizeof(watches[0]); i++)
		watch_free(watches[i]);
	control_free(r->control);
	meter_free(&r->meter);
	free(ledger);
}

/* A replay cannot reload: its command line defines it. */
static void
refuse_reload(void *arg, uint32_t id)
{
	struct replay *r = arg;

	control_reload_done(r->control, id, 1, "a replay cannot be reloaded");
}

static void
set_verbose(void *arg, int verbose)
{
	struct replay *r = arg;

	r->meter.conf->verbose = verbose;
	log_verbosity(verbose);
}

static int
replay_engine(struct replay *r, struct conf *conf, struct capture *capture)
{
	const struct source_facts facts = { .own_clock = 1, .can_wait = 1 };
	const struct export_hooks export_hooks = { .writable = on_writable,
		.arg = r };
	const struct control_hooks control_hooks = { .reload = refuse_reload,
		.verbose = set_verbose,
		.stop = on_term,
		.arg = r };
	struct meter *e = &r->meter;
	struct ledger *ledger;

	if ((ledger = ledger_new()) == NULL)
		return -1;
	ledger_begin(ledger, clock_wall_ms());
	if (meter_init(e, ledger, facts, &export_hooks) == -1)
		return -1;
	if (conf->nsockets > 0) {
		r->control = control_new(e, &control_hooks);
		if (r->control == NULL)
			return -1;
		control_listen(r->control, conf->sockets, conf->nsockets);
	}
	if (meter_configure(e, conf, 0) == -1)
		return -1;
	meter_capture(e, capture);
	return 0;
}

static void
start(struct replay *r, struct conf *conf, const char *path)
{
	struct capture *capture = replay_open(conf, path);

	r->name = capture_name(capture);
	if (replay_engine(r, conf, capture) == -1 || replay_events(r) == -1)
		fatalx("out of memory");
	if (sandbox_engine(-1) == -1)
		fatal("sandbox");
}

/* True if the kernel accepted every record, or every flow was printed. */
static int
all_delivered(struct replay *r)
{
	const struct export *x = r->meter.export;
	unsigned int i;

	for (i = 0; i < export_collectors(x); i++)
		if (export_counters(x, i)->sent != export_counters(x, i)->built)
			return 0;
	if (r->meter.print && flowprint_flush(&r->meter.printer) == -1) {
		log_warn("standard output");
		return 0;
	}
	return 1;
}

int
replay_main(struct conf *conf, const char *path)
{
	static struct replay r;
	const struct counters *c;
	int status;

	descriptors_raise();
	conf_warn_self(conf);
	start(&r, conf, path);
	r.meter.print |= conf->ncollectors == 0 || conf->json;
	r.meter.printer.json = conf->json;
	r.progress = isatty(STDERR_FILENO) &&
	    !(r.meter.print && isatty(STDOUT_FILENO));
	event_base_dispatch(r.meter.base);
	export_abandon(r.meter.export);
	if (r.progress)
		end_progress(&r);
	c = r.meter.counters;
	if (c->frames > 0 && c->verdict[PFSYNC_FOREIGN] == c->frames)
		log_warnx("%s: no pfsync (IP protocol 240) in it", r.name);
	status = !all_delivered(&r) || r.failed || c->snapped > 0;
	summary(&r.meter, summary_to_stderr);
	replay_free(&r);
	return status;
}
