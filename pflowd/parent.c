/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <event2/event.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/msg.h"
#include "config.h"
#include "parent.h"
#include "privsep.h"
#include "resolve.h"
#include "sandbox.h"

/* Seconds for an engine that was told to stop; it needs two at most. */
#define PATIENCE 5

#define SIGNALS 6

struct parent {
	struct event_base *base;
	struct conf *conf;
	struct msg_link link;
	pid_t engine;
	int pidfile;
	int stopping;
	int status;
	struct event *signals[SIGNALS];
	struct event *patience;
};

static void
tell_engine(struct parent *p, enum msg_type type)
{
	if (msg_send(&p->link, type, NULL, 0, -1) == -1)
		log_debug("the engine does not listen any more");
}

/* The kill makes a child's end of it, which on_child() will see. */
static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct parent *p = arg;

	(void)fd;
	(void)what;
	log_warnx("the engine does not stop: killing it");
	kill(p->engine, SIGKILL);
}

static void
on_stop(evutil_socket_t signo, short what, void *arg)
{
	static const struct timeval patience = { PATIENCE, 0 };
	struct parent *p = arg;

	(void)signo;
	(void)what;
	if (p->stopping)
		return;
	p->stopping = 1;
	tell_engine(p, MSG_ENGINE_STOP);
	event_add(p->patience, &patience);
}

static void
on_stats(evutil_socket_t signo, short what, void *arg)
{
	(void)signo;
	(void)what;
	tell_engine(arg, MSG_ENGINE_STATS);
}

static void
on_hup(evutil_socket_t signo, short what, void *arg)
{
	(void)signo;
	(void)what;
	(void)arg;
	log_info("nothing to reload: everything was said on the command line");
}

static void
on_child(evutil_socket_t signo, short what, void *arg)
{
	struct parent *p = arg;
	int status;

	(void)signo;
	(void)what;
	if (waitpid(p->engine, &status, WNOHANG) != p->engine)
		return;
	if (WIFSIGNALED(status))
		log_warnx("the engine was ended by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (!p->stopping)
		log_warnx("the engine ended");
	p->status = !(p->stopping && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0);
	event_base_loopbreak(p->base);
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
		{ PFLOWD_SIGINFO, on_stats }, /* SIGUSR1 where it is missing */
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
	return p->patience == NULL ? -1 : 0;
}

static void
parent_free(struct parent *p)
{
	int i;

	for (i = 0; i < SIGNALS; i++)
		if (p->signals[i] != NULL)
			event_free(p->signals[i]);
	event_free(p->patience);
	event_base_free(p->base);
	conf_free(p->conf);
	close(p->link.fd);
}

/* Locked for as long as this process lives: a second daemon sees it. */
static int
open_pidfile(void)
{
	int fd;

	fd = open(PFLOWD_PIDFILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0644);
	if (fd == -1)
		fatal("%s", PFLOWD_PIDFILE);
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		fatalx("%s is locked: pflowd is already running",
		    PFLOWD_PIDFILE);
	return fd;
}

static void
write_pid(int fd)
{
	if (ftruncate(fd, 0) == -1 || dprintf(fd, "%ld\n", (long)getpid()) < 0)
		fatal("%s", PFLOWD_PIDFILE);
}

/* What can be found out before there is an engine, each with its remedy. */
static void
check(struct conf *conf)
{
	struct privsep_user user;
	char why[1024];

	if (geteuid() != 0)
		fatalx("capturing on %s needs root: start as root, or replay "
		       "a capture with -r",
		    conf->interface);
	if (privsep_lookup(&user, why, sizeof(why)) == -1 ||
	    resolve_collectors(conf, why, sizeof(why)) == -1 ||
	    conf_connect(conf, why, sizeof(why)) == -1)
		fatalx("%s", why);
	if (ifindex_load(&conf->interfaces) == -1)
		log_warn("interface indexes");
}

/*
 * The engine says itself, on stderr, why it cannot start.  SIGCHLD and the end
 * of the link tell the same, so the link is enough here.
 */
static void
start_engine(struct parent *p)
{
	struct msg msg;

	if ((p->engine = privsep_start(PRIVSEP_ENGINE, &p->link)) == -1)
		fatal("starting the engine");
	if (conf_send(&p->link, p->conf) == -1 ||
	    msg_receive(&p->link, &msg) != 1 || msg.type != MSG_ENGINE_READY) {
		close(p->link.fd);
		while (waitpid(p->engine, NULL, 0) == -1 && errno == EINTR)
			continue;
		exit(1);
	}
	msg_discard(&msg);
}

static void
settle(struct parent *p)
{
	int null;

	log_info("listening on %s for %u collector%s", p->conf->interface,
	    p->conf->ncollectors, p->conf->ncollectors == 1 ? "" : "s");
	if (p->conf->debug)
		return;
	null = privsep_open_null();
	write_pid(p->pidfile);
	log_open_syslog();
	log_to_syslog();
	privsep_ready();
	privsep_detach(null);
	if (chdir("/") == -1)
		log_warn("/");
}

int
parent_main(struct conf *conf)
{
	static struct parent p;

	p.conf = conf;
	check(conf);
	if (!conf->debug) {
		p.pidfile = open_pidfile();
		privsep_background();
	}
	start_engine(&p);
	if (parent_events(&p) == -1)
		fatalx("out of memory");
	settle(&p);
	if (sandbox_parent() == -1)
		fatal("sandbox");
	event_base_dispatch(p.base);
	if (!conf->debug)
		unlink(PFLOWD_PIDFILE);
	parent_free(&p);
	return p.status;
}
