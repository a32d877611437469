/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "config.h"
#include "control.h"
#include "process/ledger.h"
#include "process/conf_link.h"
#include "process/link.h"
#include "engine.h"
#include "engine_local.h"
#include "process/watch.h"
#include "process/privsep.h"
#include "os/sandbox.h"

static void
log_to_parent(void *arg, int priority, const char *line)
{
	struct engine *e = arg;
	struct link_log log;

	memset(&log, 0, sizeof(log));
	log.priority = (uint32_t)priority;
	strlcpy(log.text, line, sizeof(log.text));
	if (priority <= LOG_CRIT) /* fatal: no later chance to send it */
		msg_send(&e->link, MSG_ENGINE_LOG, 0, &log, sizeof(log), -1);
	else if (engine_send_parent(e, MSG_ENGINE_LOG, 0, &log, sizeof(log)) ==
	    -1)
		e->unlogged++;
}

static void
remember_warning(void *arg, int priority, const char *line)
{
	struct engine *e = arg;

	if (e->meter.ledger == NULL)
		return;
	if (priority == LOG_NOTICE)
		ledger_settle(e->meter.ledger, line);
	else
		ledger_error(e->meter.ledger, line, clock_wall_ms());
}

static void
ask_reload(void *arg, uint32_t id)
{
	struct engine *e = arg;

	if (engine_send_parent(e, MSG_ENGINE_RELOAD, id, NULL, 0) == -1)
		control_reload_done(e->control, id, 1,
		    "pflowd is too busy: try again");
}

/* The parent handles signals. */
static void
ignore_signals(void)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(PFLOWD_SIGINFO, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* shared memory that may not grow */
}

/* Receive the descriptor of shared memory, which is the caller's. */
static int
receive_memory(struct engine *e, uint32_t type, const char *what)
{
	struct msg msg;

	if (msg_receive(&e->link, &msg) != 1)
		exit(1); /* the parent logs the reason */
	errno = msg.fd_lost ? EMFILE : EPROTO;
	if (msg.type != type || msg.fd == -1)
		fatal("engine: no %s from the parent", what);
	return msg.fd;
}

static struct ledger *
receive_ledger(struct engine *e)
{
	int fd = receive_memory(e, MSG_LEDGER, "ledger");
	struct ledger *ledger;

	if ((ledger = ledger_map(fd)) == NULL)
		fatal("engine: ledger");
	close(fd);
	return ledger;
}

static struct conf *
receive_conf(struct engine *e)
{
	struct conf *conf = NULL;
	struct msg msg;
	int done = 0;

	while (done == 0) {
		if (msg_receive(&e->link, &msg) != 1)
			exit(1);
		if (msg.type == MSG_TRACKED_BEFORE) {
			e->tracked_before = msg.fd != -1 ? msg.fd : 0;
			continue;
		}
		if (msg.type == MSG_OLD_CAPTURE) {
			e->old_capture = msg.fd != -1 ? msg.fd : 0;
			continue;
		}
		done = conf_link_receive(&conf, &msg);
		msg_discard(&msg);
	}
	if (done == -1)
		fatal("engine: no configuration from the parent");
	return conf;
}

/*
 * Check the capture's buffer before the sandbox: OpenBSD's pledge does not
 * allow it.
 */
static void
look_at_buffer(struct engine *e, const struct capture *capture)
{
	uint64_t bytes;

	if (!capture_short_buffer(capture, &bytes))
		return;
	e->meter.buffer = bytes;
	log_info("capture buffer is %" PRIu64
		 " bytes, not %d: states may be dropped when many end at once "
		 "(sysctl net.bpf.maxbufsize=%d)",
	    bytes, CAPTURE_BUFFER, CAPTURE_BUFFER);
}

/*
 * Returns NULL if there is none, as the source is pf's state table, or if the
 * interface is missing or down, with e->listening set.
 */
static struct capture *
open_capture(struct engine *e, const struct conf *conf)
{
	struct capture *capture;
	char why[512];
	enum capture_absence absence;

	if (conf->source == CONF_TABLE) {
		strlcpy(e->meter.absent, "the first dump has not come yet",
		    sizeof(e->meter.absent));
		return NULL;
	}

	capture = capture_open_live(conf->interface, conf->pfsync_link,
	    &absence, why, sizeof(why));
	if (capture != NULL) {
		look_at_buffer(e, capture);
		return capture;
	}
	if (absence == CAPTURE_WRONG)
		fatalx("%s", why);
	e->listening = absence == CAPTURE_DOWN ? LINK_DOWN : LINK_MISSING;
	strlcpy(e->meter.absent, why, sizeof(e->meter.absent));
	log_line(LOG_WARNING, why); /* shown while it lasts */
	return NULL;
}

/*
 * Count frames that the kernel queued for the dead engine and nobody read: all
 * that the kernel had for its capture, dropped ones included, minus those it
 * read, and minus those that our own capture also received or dropped.
 */
static void
count_unread(struct engine *e, const struct capture *capture)
{
	const struct ledger *ledger = e->meter.ledger;
	struct capture_stats old = { .received = ledger->capture_received,
		.dropped = ledger->capture_dropped };
	struct capture_stats ours;
	uint64_t for_old, for_ours, known;

	if (capture_statistics(capture, &ours) == -1)
		memset(&ours, 0, sizeof(ours));
	ours.dropped = 0;
	if (capture_kernel_frames(capture_kernel_fd(capture), &ours,
		&for_ours) == -1 ||
	    capture_kernel_frames(e->old_capture, &old, &for_old) == -1)
		return;
	known = ledger->capture_frames + for_ours;
	if (for_old > known)
		e->meter.counters->kernel_unread += for_old - known;
}

/*
 * Count what the dead engine left unread, and close its capture: a confined
 * engine must have no capture but its own.
 */
static void
close_old_capture(struct engine *e, const struct capture *capture)
{
	if (e->old_capture == 0)
		return;
	if (capture != NULL)
		count_unread(e, capture);
	close(e->old_capture);
	e->old_capture = 0;
}

/*
 * Send our capture descriptor to the parent, which keeps it for the next
 * engine.  That engine only asks the kernel for its statistics and does not
 * read from it.  Where the kernel does not count frames per descriptor, none is
 * sent.  This precedes the privilege drop: a confined engine sends no
 * descriptors.
 */
static void
send_capture(struct engine *e, const struct capture *capture)
{
	if (capture != NULL && capture_counts_frames() &&
	    msg_send(&e->link, MSG_ENGINE_CAPTURE, 0, NULL, 0,
		capture_kernel_fd(capture)) == -1)
		fatal("engine: the parent");
}

static void
init_engine(struct engine *e, struct ledger *ledger)
{
	const struct source_facts facts = { .own_traffic = 1 };
	const struct export_hooks export_hooks = { .writable =
						       engine_end_if_sent,
		.down = engine_report_down,
		.arg = e };
	const struct control_hooks control_hooks = { .reload = ask_reload,
		.verbose = engine_report_verbose,
		.stop = engine_report_end,
		.arg = e };
	struct meter *m = &e->meter;

	e->meter.ledger = ledger; /* for the warning */
	if (ledger_check(ledger) == -1)
		log_warnx("counters of the previous engine are inconsistent: "
			  "counting from zero");
	ledger_begin(ledger, clock_wall_ms());
	if (meter_init(m, ledger, facts, &export_hooks) == -1 ||
	    (e->control = control_new(m, &control_hooks)) == NULL ||
	    engine_events(e) == -1)
		fatalx("engine: out of memory");
	m->printer.lossy = 1;
}

/* Go on with what the previous engine tracked, before we are ready. */
static void
resume(struct engine *e)
{
	struct source *s = &e->meter.source;
	int before = e->tracked_before != 0 ? e->tracked_before : -1;

	if ((meter_reads_table(&e->meter) ? source_resume(s, before) :
					    source_settle(s, before)) == -1)
		fatalx("engine: out of memory");
	if (!meter_reads_table(&e->meter) && source_busy(s))
		watch_ms(e->again, 0);
	if (before != -1)
		close(before);
}

/*
 * Do everything that needs root or the file system, then give up both: from the
 * first message to a confined engine with a configuration.
 */
static void
prologue(struct engine *e)
{
	struct privsep_user user;
	struct capture *capture;
	char why[512];

	ignore_signals();
	msg_init(&e->link, PRIVSEP_FD, LINK_ENGINE_QUEUE, 1);
	log_to(log_to_parent, e);
	log_watch(remember_warning, e);
	/* The parent sends the rest only to an engine of its own build. */
	if (link_send_hello(&e->link) == -1)
		fatal("engine: the parent");
	init_engine(e, receive_ledger(e));
	e->meter.source.memory = receive_memory(e, MSG_TRACKED,
	    "tracked states");
	e->coming = receive_conf(e);
	log_verbosity(e->coming->verbose);
	tzset();
	if (privsep_lookup(&user, why, sizeof(why)) == -1)
		fatalx("%s", why);
	capture = open_capture(e, e->coming);
	close_old_capture(e, capture);
	send_capture(e, capture);
	privsep_drop(&user, 1);
	if (sandbox_end_with_parent() == -1)
		fatal("engine: parent");
	if (e->coming->generation != e->meter.ledger->generation)
		e->meter.ledger->reloaded = clock_wall_ms();
	control_listen(e->control, e->coming->sockets, e->coming->nsockets);
	if (fcntl(e->link.fd, F_SETFL, O_NONBLOCK) == -1 ||
	    meter_configure(&e->meter, e->coming, clock_wall_ms()) == -1 ||
	    engine_listen(e, capture) == -1)
		fatalx("engine: out of memory");
	e->coming = NULL;
	resume(e);
	engine_report_conf(e);
	if (sandbox_engine(capture != NULL ? capture_kernel_fd(capture) : -1) ==
	    -1)
		fatal("engine: sandbox");
}

int
engine_main(void)
{
	static struct engine e;
	struct link_capture ready;

	prologue(&e);
	ready.listening = (uint32_t)e.listening;
	if (msg_send(&e.link, MSG_ENGINE_READY, 0, &ready, sizeof(ready), -1) ==
	    -1)
		fatal("engine: the parent");
	return engine_run(&e);
}
