/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <event2/event.h>

#include <stdlib.h>

#include "watch.h"

struct watch {
	struct event *event;
	watch_cb *cb;
	void *arg;
};

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	const struct watch *w = arg;

	(void)fd;
	(void)what;
	w->cb(w->arg);
}

static struct watch *
watch_new(struct event_base *base, int fd, short what, watch_cb *cb, void *arg)
{
	struct watch *w;

	if ((w = malloc(sizeof(*w))) == NULL)
		return NULL;
	w->cb = cb;
	w->arg = arg;
	w->event = event_new(base, fd, what, on_event, w);
	if (w->event == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

/* Watch at once, or not at all. */
static struct watch *
watch_now(struct watch *w)
{
	if (w == NULL || event_add(w->event, NULL) == 0)
		return w;
	watch_free(w);
	return NULL;
}

struct watch *
watch_timer(struct event_base *base, watch_cb *cb, void *arg)
{
	return watch_new(base, -1, 0, cb, arg);
}

struct watch *
watch_readable(struct event_base *base, int fd, watch_cb *cb, void *arg)
{
	return watch_now(watch_new(base, fd, EV_READ | EV_PERSIST, cb, arg));
}

struct watch *
watch_writable(struct event_base *base, int fd, watch_cb *cb, void *arg)
{
	return watch_new(base, fd, EV_WRITE, cb, arg);
}

struct watch *
watch_signal(struct event_base *base, int signo, watch_cb *cb, void *arg)
{
	return watch_now(watch_new(base, signo, EV_SIGNAL | EV_PERSIST, cb,
	    arg));
}

void
watch_ms(struct watch *w, uint64_t ms)
{
	struct timeval tv;

	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	event_add(w->event, &tv);
}

int
watch_is_set(const struct watch *w)
{
	return event_pending(w->event, EV_TIMEOUT, NULL) != 0;
}

void
watch_on(struct watch *w)
{
	event_add(w->event, NULL);
}

void
watch_off(struct watch *w)
{
	event_del(w->event);
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	event_free(w->event);
	free(w);
}
