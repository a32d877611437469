/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <event2/event.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/msg.h"
#include "config.h"
#include "process/ledger.h"
#include "resolver.h"
#include "parent.h"
#include "parent_local.h"
#include "pidlock.h"
#include "process/privsep.h"
#include "reload.h"
#include "os/sandbox.h"

/* Seconds an engine may take to stop; it needs two at most. */
#define PATIENCE 5

/*
 * Maximum delay before a dead engine is replaced, in seconds; the delay
 * doubles.
 */
#define DELAY_LAST 64

/* Seconds between checks of the host's interfaces, addresses and routes. */
#define LOOK 10

/*
 * An engine that ran this long was healthy: its successor starts without delay.
 */
#define HEALTHY_US (60 * 1000000ULL)

static void
end(struct parent *p, int status)
{
	p->status = status;
	event_base_loopbreak(p->base);
}

/* Start the kill timer once only, so that no engine action can postpone it. */
static void
begin_patience(struct parent *p)
{
	if (!event_pending(p->patience, EV_TIMEOUT, NULL))
		parent_wait(p->patience, PATIENCE);
}

/*
 * Ask the engine to stop.  If the message cannot be sent, close our side of the
 * link instead: the engine stops at its end, and shutdown() needs no memory.
 */
static void
stop_engine(struct parent *p)
{
	if (parent_tell(p, MSG_ENGINE_STOP, 0, NULL, 0, -1) == -1)
		shutdown(p->link.fd, SHUT_WR);
	begin_patience(p);
}

/*
 * After the end of the link, wait for the exit of the engine, which is
 * imminent.
 */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct parent *p = arg;

	(void)fd;
	(void)what;
	if (parent_dispatch(p) == -1) {
		event_del(p->readable);
		begin_patience(p);
	}
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct parent *p = arg;

	(void)fd;
	(void)what;
	if (msg_write(&p->link) == 0)
		event_add(p->writable, NULL);
}

/* Start and end of the engine. */

static void
close_link(struct parent *p)
{
	if (p->readable != NULL)
		event_free(p->readable);
	if (p->writable != NULL)
		event_free(p->writable);
	p->readable = p->writable = NULL;
	msg_close(&p->link);
}

static int
start_engine(struct parent *p)
{
	int fd, out = parent_flows_open(p);

	p->engine = privsep_start(PRIVSEP_ENGINE, &fd, out);
	if (out != -1)
		close(out);
	if (p->engine == -1) {
		log_warn("cannot start the engine");
		parent_flows_close(p);
		p->engine = 0;
		return -1;
	}
	p->state = STARTED;
	p->started_us = clock_us();
	msg_init(&p->link, fd, LINK_PARENT_QUEUE, 1);
	p->readable = event_new(p->base, fd, EV_READ | EV_PERSIST, on_readable,
	    p);
	p->writable = event_new(p->base, fd, EV_WRITE, on_writable, p);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1 || p->readable == NULL ||
	    p->writable == NULL || event_add(p->readable, NULL) == -1)
		fatalx("out of memory");
	return 0;
}

/*
 * A new engine inherits nothing from the old one except the ledger, which it
 * verifies.  Replace the sockets that the old engine had.
 */
static void
renew_sockets(struct parent *p)
{
	reload_renew(p->conf);
	lookup_begin(p->lookup, p->conf);
}

/*
 * Start the next engine at once, then after 1, 2, 4 ... s while engines die
 * young.
 */
static void
respawn_later(struct parent *p)
{
	if (clock_us() - p->started_us > HEALTHY_US)
		p->delay = 0;
	if (p->delay > 0)
		log_info("restarting the engine in %u s", p->delay);
	parent_wait(p->respawn, p->delay);
	p->delay = p->delay == 0  ? 1 :
	    p->delay < DELAY_LAST ? p->delay * 2 :
				    DELAY_LAST;
}

static void
on_respawn(evutil_socket_t fd, short what, void *arg)
{
	struct parent *p = arg;

	(void)fd;
	(void)what;
	if (start_engine(p) == -1)
		respawn_later(p);
}

static void
say_how_it_ended(const struct parent *p, int status)
{
	if (WIFSIGNALED(status))
		log_warnx("engine killed by signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (!p->stopping && !p->replacing && p->was_ready)
		log_warnx("engine exited unexpectedly");
}

static void
engine_ended(struct parent *p, int status)
{
	int well = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	while (parent_dispatch(p) == 1)
		continue;
	say_how_it_ended(p, status);
	parent_flows_close(p);
	close_link(p);
	event_del(p->patience);
	event_del(p->poll);
	p->engine = 0;
	p->state = NO_ENGINE;
	if (p->stopping || !p->was_ready) {
		end(p, !(p->stopping && well));
		return;
	}
	renew_sockets(p);
	if (p->replacing) {
		p->replacing = 0;
		parent_wait(p->respawn, 0);
	} else {
		respawn_later(p);
	}
}

/* Reap all children: the engine and the resolvers. */
static void
on_child(evutil_socket_t signo, short what, void *arg)
{
	struct parent *p = arg;
	pid_t pid;
	int status;

	(void)signo;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == p->engine)
			engine_ended(p, status);
		else
			lookup_reaped(p->lookup, pid);
}

static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	parent_kill(arg, "does not stop");
}

/* Replace the engine when its interface appears: opening it needs root. */
static void
on_poll(evutil_socket_t fd, short what, void *arg)
{
	struct parent *p = arg;

	(void)fd;
	(void)what;
	if (p->stopping || p->replacing)
		return;
	if (!ifindex_there(p->conf->interface, p->listening == LINK_DOWN)) {
		parent_wait(p->poll, PARENT_POLL);
		return;
	}
	log_info("interface %s appeared", p->conf->interface);
	p->replacing = 1;
	stop_engine(p);
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	struct parent *p = arg;

	(void)fd;
	(void)what;
	parent_look(p);
	parent_wait(p->look, LOOK);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	struct parent *p = arg;

	(void)fd;
	(void)what;
	if (parent_send_conf(p, 0) == -1)
		parent_wait(p->again, 1);
}

static void
on_stop(evutil_socket_t signo, short what, void *arg)
{
	struct parent *p = arg;

	(void)signo;
	(void)what;
	if (p->stopping)
		return;
	p->stopping = 1;
	lookup_begin(p->lookup, NULL);
	if (p->state == NO_ENGINE)
		end(p, 0);
	else
		stop_engine(p);
}

static void
on_stats(evutil_socket_t signo, short what, void *arg)
{
	struct parent *p = arg;

	(void)signo;
	(void)what;
	if (p->state == RUNNING)
		parent_tell(p, MSG_ENGINE_STATS, 0, NULL, 0, -1);
}

static void
on_hup(evutil_socket_t signo, short what, void *arg)
{
	(void)signo;
	(void)what;
	parent_reload(arg, 0);
}

/* Send our own warnings to the engine, which shows them along with its own. */
static void
forward_warning(void *arg, int priority, const char *line)
{
	struct parent *p = arg;
	char text[LINK_TEXT];

	(void)priority;
	if (p->state != RUNNING)
		return;
	memset(text, 0, sizeof(text));
	strlcpy(text, line, sizeof(text));
	if (msg_put(&p->link, MSG_PARENT_WARNING, 0, text, sizeof(text), -1) ==
	    0)
		event_add(p->writable, NULL);
}

static int
parent_events(struct parent *p)
{
	static const struct {
		int signo;
		event_callback_fn cb;
	} watched[SIGNALS] = {
		{ SIGTERM, on_stop }, { SIGINT, on_stop }, { SIGHUP, on_hup },
		{ SIGCHLD, on_child }, { SIGUSR1, on_stats },
		{ PFLOWD_SIGINFO, on_stats }, /* if not SIGUSR1 */
	};
	int i, n;

	n = PFLOWD_SIGINFO == SIGUSR1 ? SIGNALS - 1 : SIGNALS;
	if ((p->base = event_base_new()) == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		p->signals[i] = evsignal_new(p->base, watched[i].signo,
		    watched[i].cb, p);
		if (p->signals[i] == NULL ||
		    event_add(p->signals[i], NULL) == -1)
			return -1;
	}
	p->patience = event_new(p->base, -1, 0, on_patience, p);
	p->respawn = event_new(p->base, -1, 0, on_respawn, p);
	p->poll = event_new(p->base, -1, 0, on_poll, p);
	p->look = event_new(p->base, -1, 0, on_look, p);
	p->again = event_new(p->base, -1, 0, on_again, p);
	p->flows = event_new(p->base, -1, 0, parent_flows_ready, p);
	p->flows_later = event_new(p->base, -1, 0, parent_flows_ready, p);
	p->lookup = lookup_new(p->base, parent_found_address, p);
	return p->patience == NULL || p->respawn == NULL || p->poll == NULL ||
		p->look == NULL || p->again == NULL || p->flows == NULL ||
		p->flows_later == NULL || p->lookup == NULL ?
	    -1 :
	    0;
}

static void
parent_free(struct parent *p)
{
	struct event *events[] = { p->patience, p->respawn, p->poll, p->look,
		p->again, p->flows, p->flows_later };
	size_t i;

	for (i = 0; i < SIGNALS; i++)
		if (p->signals[i] != NULL)
			event_free(p->signals[i]);
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	close_link(p);
	lookup_free(p->lookup);
	if (p->base != NULL)
		event_base_free(p->base);
}

/* Clean up, after any step of the start. */
static int
leave(struct parent *p)
{
	reload_free(p->conf, NULL);
	pidlock_remove(p->pidfile);
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
		log_warnx("capturing needs root: start as root, or replay a "
			  "capture with -r");
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
	p.reloads = (struct allowance){ 500, 50, 500, clock_us() };
	signal(SIGPIPE, SIG_IGN);
	closefrom(STDERR_FILENO + 1); /* inherited from our caller */
	msg_init(&p.link, -1, 0, 0);
	p.capture = p.flows_fd = p.pidfile = -1;
	if (prepare(&p) == -1)
		return leave(&p);
	if (!cmdline->debug)
		privsep_background();
	if (parent_events(&p) == -1 || start_engine(&p) == -1) {
		log_warnx("out of memory");
		return leave(&p);
	}
	parent_wait(p.look, LOOK);
	log_watch(forward_warning, &p);
	if (sandbox_parent() == -1) {
		log_warn("sandbox");
		return leave(&p);
	}
	event_base_dispatch(p.base);
	log_watch(NULL, NULL);
	parent_free(&p);
	return leave(&p);
}
