/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <event2/event.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "config.h"
#include "dumper.h"
#include "os/sandbox.h"
#include "parent.h"
#include "parent_local.h"
#include "pidlock.h"
#include "process/descriptors.h"
#include "process/ledger.h"
#include "process/privsep.h"
#include "process/watch.h"
#include "reload.h"
#include "resolver.h"

/* Seconds between checks of the host's interfaces, addresses and routes. */
#define CHECK 10

void
parent_end(struct parent *p, int status)
{
	p->status = status;
	event_base_loopbreak(p->base);
}

static void
on_child(void *arg)
{
	struct parent *p = arg;

	child_reap(&p->children);
}

/* Replace the engine when its interface appears: opening it needs root. */
static void
on_poll(void *arg)
{
	struct parent *p = arg;

	if (p->stopping || p->replacing)
		return;
	if (!ifindex_there(p->conf->interface, p->listening == LINK_DOWN)) {
		watch_ms(p->poll, PARENT_POLL * 1000);
		return;
	}
	log_info("interface %s appeared", p->conf->interface);
	parent_replace_engine(p);
}

static void
on_check(void *arg)
{
	struct parent *p = arg;

	parent_check_host(p);
	parent_send_warning(p);
	parent_send_stats(p);
	watch_ms(p->check, CHECK * 1000);
}

static void
on_again(void *arg)
{
	struct parent *p = arg;

	if (parent_send_conf(p, 0) == -1)
		watch_ms(p->again, 1000);
}

void
parent_stop(struct parent *p)
{
	if (p->stopping)
		return;
	p->stopping = 1;
	resolver_begin(p->resolver, NULL);
	dumper_end(p->dumper);
	child_stop(&p->engine);
	if (p->engine.state == CHILD_NONE && p->was_ready)
		parent_end(p, p->outdated);
}

/*
 * Reap first: an engine that died a moment ago is not stopped, and its end was
 * not asked for.
 */
static void
on_stop(void *arg)
{
	struct parent *p = arg;

	child_reap(&p->children);
	parent_stop(p);
}

static void
on_stats(void *arg)
{
	struct parent *p = arg;

	p->stats = 1;
	parent_send_stats(p);
}

static void
on_hup(void *arg)
{
	struct parent *p = arg;

	if (!p->stopping)
		parent_reload(p, 0);
}

/* True if our last warning begins with this. */
static int
has_warned(const struct parent *p, const char *begin)
{
	return p->warning.time != 0 &&
	    strncmp(p->warning.text, begin, strlen(begin)) == 0;
}

/* The engine shows our last warning along with its own, until it is settled. */
static void
keep_warning(void *arg, int priority, const char *line)
{
	struct parent *p = arg;

	if (priority == LOG_NOTICE) {
		if (!has_warned(p, line))
			return;
		p->warning.settled = p->warned = 1;
		parent_send_warning(p);
		return;
	}
	memset(&p->warning, 0, sizeof(p->warning));
	p->warning.time = clock_wall_ms();
	strlcpy(p->warning.text, line, sizeof(p->warning.text));
	p->warned = 1;
	parent_send_warning(p);
}

static int
watch_signals(struct parent *p)
{
	static const struct {
		int signo;
		watch_cb *cb;
	} watched[SIGNALS] = {
		{ SIGTERM, on_stop }, { SIGINT, on_stop }, { SIGHUP, on_hup },
		{ SIGCHLD, on_child }, { SIGUSR1, on_stats },
		{ PFLOWD_SIGINFO, on_stats }, /* if not SIGUSR1 */
	};
	int i, n;

	n = PFLOWD_SIGINFO == SIGUSR1 ? SIGNALS - 1 : SIGNALS;
	for (i = 0; i < n; i++) {
		p->signals[i] = watch_signal(p->base, watched[i].signo,
		    watched[i].cb, p);
		if (p->signals[i] == NULL)
			return -1;
	}
	return 0;
}

static int
connect_dumper(void *arg, int fd)
{
	struct parent *p = arg;

	return child_send(&p->engine, MSG_ENGINE_DUMPER, 0, NULL, 0, fd);
}

static void
on_outdated(void *arg)
{
	struct parent *p = arg;

	p->outdated = 1;
	parent_stop(p);
}

static int
new_dumper(struct parent *p)
{
	const struct dumper_hooks hooks = { .connect = connect_dumper,
		.outdated = on_outdated,
		.arg = p };

	p->dumper = dumper_new(p->base, &p->children, &hooks);
	return p->dumper == NULL ? -1 : 0;
}

static int
parent_events(struct parent *p)
{
	if ((p->base = event_base_new()) == NULL || watch_signals(p) == -1 ||
	    child_init(&p->engine, &p->children, p->base, &parent_engine_kind,
		p) == -1 ||
	    new_dumper(p) == -1)
		return -1;
	p->poll = watch_timer(p->base, on_poll, p);
	p->again = watch_timer(p->base, on_again, p);
	p->check = watch_timer(p->base, on_check, p);
	p->resolver = resolver_new(p->base, &p->children, parent_found_address,
	    p);
	if (p->poll == NULL || p->again == NULL || p->check == NULL ||
	    p->resolver == NULL)
		return -1;
	if (parent_refuse_init(p) == -1)
		return -1;
	return parent_flows_open(p);
}

static void
parent_free(struct parent *p)
{
	size_t i;

	for (i = 0; i < SIGNALS; i++)
		watch_free(p->signals[i]);
	watch_free(p->poll);
	watch_free(p->again);
	watch_free(p->check);
	watch_free(p->refuse);
	parent_flows_close(p);
	child_free(&p->engine);
	dumper_free(p->dumper);
	resolver_free(p->resolver);
	if (p->base != NULL)
		event_base_free(p->base);
}

/*
 * Hold signals back until parent_events() handles them: one that comes before
 * must not leave the pid file and the sockets behind.
 */
static void
hold_signals(int how)
{
	static const int held[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
		PFLOWD_SIGINFO };
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		sigaddset(&set, held[i]);
	sigprocmask(how, &set, NULL);
}

/* Clean up, after any step of the start. */
static int
leave(struct parent *p)
{
	pidlock_remove(p->pidfile);
	/* The sockets come last, as pflowctl stop waits for that. */
	reload_free(p->previous, NULL);
	reload_free(p->conf, NULL);
	return p->status;
}

/*
 * Check and create everything possible before the engine starts; log the remedy
 * for each failure.
 */
static int
prepare(struct parent *p)
{
	struct privsep_user user;
	char why[512];

	if (geteuid() != 0) {
		log_warnx("reading from pf needs root: start as root, or "
			  "replay a capture with -r");
		return -1;
	}
	if (privsep_lookup(&user, why, sizeof(why)) == -1) {
		log_warnx("%s", why);
		return -1;
	}
	if (!p->cmdline->debug && (p->pidfile = pidlock_open()) == -1)
		return -1;
	p->conf = reload_conf(p->cmdline, NULL, cmdline_error, NULL);
	if (p->conf == NULL)
		return -1;
	if ((p->ledger = ledger_create()) == -1) {
		log_warn("cannot create shared memory for the counters");
		return -1;
	}
	return 0;
}

int
parent_main(const struct cmdline *cmdline)
{
	static struct parent p;

	p.cmdline = cmdline;
	p.status = 1;
	p.lines = (struct allowance){ 4096, 20, 4096, clock_us() };
	p.reloads = (struct allowance){ 100, 10, 100, clock_us() };
	signal(SIGPIPE, SIG_IGN);
	closefrom(STDERR_FILENO + 1); /* inherited from our caller */
	descriptors_raise();
	LIST_INIT(&p.children);
	p.capture = p.flows_fd = p.pidfile = -1;
	p.tracked = p.tracked_before = -1;
	hold_signals(SIG_BLOCK);
	if (prepare(&p) == -1)
		return leave(&p);
	if (!cmdline->debug)
		privsep_background();
	if (parent_events(&p) == -1) {
		log_warnx("out of memory");
		return leave(&p);
	}
	hold_signals(SIG_UNBLOCK);
	if (child_start(&p.engine) == -1) {
		log_warn("cannot start the engine");
		return leave(&p);
	}
	watch_ms(p.check, CHECK * 1000);
	parent_refuse_begin(&p);
	log_watch(keep_warning, &p);
	if (sandbox_parent() == -1) {
		log_warn("sandbox");
		return leave(&p);
	}
	event_base_dispatch(p.base);
	hold_signals(SIG_BLOCK); /* until all is removed */
	log_watch(NULL, NULL);
	parent_free(&p);
	return leave(&p);
}
