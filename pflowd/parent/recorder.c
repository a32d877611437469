/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/stat.h>
#include <event2/event.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "conf/cmdline.h"
#include "dumper.h"
#include "os/sandbox.h"
#include "process/watch.h"
#include "recorder.h"

/* Seconds between dumps, with interval auto. */
#define INTERVAL 5

#define SIGNALS 4

struct recorder {
	struct event_base *base;
	struct child_list children;
	struct dumper *dumper;
	struct watch *signals[SIGNALS];
	const char *path;
	int fd;
	int stopping;
	int status;
};

static void
end(struct recorder *r, int status)
{
	r->status = status;
	event_base_loopbreak(r->base);
}

static void
on_recorded(void *arg, int error)
{
	struct recorder *r = arg;

	if (error != 0)
		log_warnx("%s: %s", r->path,
		    error > 0 ? strerror(error) : "the dumper failed");
	end(r, error != 0);
}

/* The dumper has logged it. */
static void
on_outdated(void *arg)
{
	end(arg, 1);
}

/* Let the dump be completed; at a second signal, do not. */
static void
on_stop(void *arg)
{
	struct recorder *r = arg;

	if (r->stopping++ > 0)
		end(r, 1);
	else
		dumper_stop(r->dumper);
}

static void
on_child(void *arg)
{
	struct recorder *r = arg;

	child_reap(&r->children);
}

static int
watch_signals(struct recorder *r)
{
	static const struct {
		int signo;
		watch_cb *cb;
	} watched[SIGNALS] = { { SIGTERM, on_stop }, { SIGINT, on_stop },
		{ SIGHUP, on_stop }, { SIGCHLD, on_child } };
	int i;

	for (i = 0; i < SIGNALS; i++) {
		r->signals[i] = watch_signal(r->base, watched[i].signo,
		    watched[i].cb, r);
		if (r->signals[i] == NULL)
			return -1;
	}
	return 0;
}

static int
recorder_events(struct recorder *r)
{
	const struct dumper_hooks hooks = { .recorded = on_recorded,
		.outdated = on_outdated,
		.arg = r };

	LIST_INIT(&r->children);
	if ((r->base = event_base_new()) == NULL || watch_signals(r) == -1)
		return -1;
	r->dumper = dumper_new(r->base, &r->children, &hooks);
	return r->dumper == NULL ? -1 : 0;
}

static void
recorder_free(struct recorder *r)
{
	int i;

	dumper_free(r->dumper);
	for (i = 0; i < SIGNALS; i++)
		watch_free(r->signals[i]);
	if (r->base != NULL)
		event_base_free(r->base);
}

/* A recording has addresses of connections: only root may read it. */
static int
open_file(const char *path)
{
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd == -1 && errno == EEXIST)
		log_warnx("-w %s: exists: remove it, or use another name",
		    path);
	else if (fd == -1)
		log_warn("-w %s", path);
	return fd;
}

/* Returns the seconds between dumps; 0 after logging why nothing can start. */
static unsigned int
prepare(const struct cmdline *cmdline)
{
	struct privsep_user user;
	struct conf *conf;
	unsigned int interval;
	char why[512];

	if (geteuid() != 0) {
		log_warnx("recording needs root: start as root");
		return 0;
	}
	if ((conf = cmdline_conf(cmdline, cmdline_error, NULL)) == NULL)
		return 0;
	interval = conf->interval > 0 ? conf->interval : INTERVAL;
	conf_free(conf);
	if (privsep_lookup(&user, why, sizeof(why)) == 0 &&
	    dumper_possible(why, sizeof(why)) == 0)
		return interval;
	log_warnx("%s", why);
	return 0;
}

/* Leave no empty file, which would be in the way of the next recording. */
static int
finish(struct recorder *r)
{
	struct stat st;

	if (fstat(r->fd, &st) == 0 && st.st_size == 0) {
		log_warnx("%s: nothing was recorded", r->path);
		unlink(r->path);
		r->status = 1;
	}
	close(r->fd);
	return r->status;
}

int
recorder_main(const struct cmdline *cmdline)
{
	static struct recorder r;
	unsigned int interval;

	signal(SIGPIPE, SIG_IGN);
	closefrom(STDERR_FILENO + 1); /* inherited from our caller */
	r.path = cmdline->record;
	r.status = 1;
	if ((interval = prepare(cmdline)) == 0 ||
	    (r.fd = open_file(r.path)) == -1)
		return 1;
	if (recorder_events(&r) == -1) {
		log_warnx("out of memory");
	} else if (sandbox_parent() == -1) {
		log_warn("sandbox");
	} else {
		log_info("recording pf's state table every %u s in %s",
		    interval, r.path);
		dumper_record(r.dumper, r.fd, interval, cmdline->count);
		event_base_dispatch(r.base);
	}
	recorder_free(&r);
	return finish(&r);
}
