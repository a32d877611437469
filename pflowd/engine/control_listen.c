/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <event2/event.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/accept.h"
#include "common/log.h"
#include "control_local.h"
#include "meter.h"
#include "process/descriptors.h"
#include "process/refuse.h"

/*
 * Maximum clients per kind of socket, so that clients of the restricted one
 * cannot lock out the others.
 */
#define CLIENTS 16

/*
 * Maximum clients per user, but root, of the restricted sockets, so that one
 * user cannot lock out the others.
 */
#define USER_CLIENTS 4

/* Maximum connections accepted in a row. */
#define ACCEPTS 8

/* Descriptors that clients leave, for the sockets that the parent sends. */
#define SPARE 8

/* Seconds to wait when no descriptors are left. */
#define ACCEPT_PAUSE 1

/* True if a user has no more room on the restricted sockets. */
static int
user_is_full(const struct control *c, uid_t user)
{
	const struct client *k;
	unsigned int n = 0;

	LIST_FOREACH(k, &c->clients, entry)
		n += k->restricted && k->user == user;
	return user != 0 && n >= USER_CLIENTS;
}

/* True if there is no more room on this kind of socket. */
static int
is_full(const struct listener *l)
{
	const struct client *k;
	unsigned int n = 0;

	LIST_FOREACH(k, &l->control->clients, entry)
		n += k->restricted == l->restricted;
	return n >= CLIENTS;
}

/* Close a connection over the limit. */
static void
refuse(struct control *c, int fd)
{
	char why[64];

	if (!c->limit_logged)
		log_warnx(
		    "control socket: more than %d clients; refusing further "
		    "ones",
		    CLIENTS);
	c->limit_logged = 1;
	snprintf(why, sizeof(why), "there are %d clients already: try again",
	    CLIENTS);
	refuse_client(fd, why);
}

static void
log_short(struct control *c)
{
	if (!c->short_logged)
		log_warnx("control socket: %s; refusing clients",
		    strerror(EMFILE));
	c->short_logged = 1;
}

/* Close a connection that takes one of the last descriptors. */
static void
refuse_short(struct control *c, int fd)
{
	log_short(c);
	refuse_client(fd, "pflowd has too many open files: try again");
}

/* Serve a client, unless it is over a limit. */
static void
admit(struct listener *l, int fd)
{
	char why[80];
	uid_t user;
	gid_t group;

	if (getpeereid(fd, &user, &group) == -1)
		close(fd); /* it has gone */
	else if (fd >= l->control->descriptors - SPARE)
		refuse_short(l->control, fd);
	else if (is_full(l))
		refuse(l->control, fd);
	else if (l->restricted && user_is_full(l->control, user)) {
		snprintf(why, sizeof(why),
		    "you have %d clients on restricted sockets already",
		    USER_CLIENTS);
		refuse_client(fd, why);
	} else
		control_add_client(l->control, fd, l->restricted, user);
}

/*
 * The connection stays in the backlog and would wake us again at once, so stop
 * polling for a while.
 */
static void
pause_listening(struct listener *l)
{
	static const struct timeval tv = { ACCEPT_PAUSE, 0 };

	event_del(l->event);
	event_add(l->resume, &tv);
}

/* Poll again; after another pause if out of memory. */
static void
listen_again(struct listener *l)
{
	if (event_add(l->event, NULL) == -1)
		pause_listening(l);
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	listen_again(arg);
}

/* Accept clients, up to the limit of their kind of socket. */
static void
on_client(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;
	int i, client;

	(void)what;
	for (i = 0; i < ACCEPTS; i++) {
		if ((client = accept_client(fd)) == -1) {
			if (errno == EMFILE || errno == ENFILE) {
				log_short(l->control);
				pause_listening(l);
			}
			return;
		}
		admit(l, client);
	}
}

/* Make the events of a listener.  -1: out of memory. */
static int
listener_init(struct listener *l, struct control *c)
{
	struct event_base *base = c->meter->base;

	l->control = c;
	l->event = event_new(base, -1, 0, on_client, l);
	l->resume = event_new(base, -1, 0, on_resume, l);
	return l->event == NULL || l->resume == NULL ? -1 : 0;
}

struct control *
control_new(struct meter *meter, const struct control_hooks *hooks)
{
	struct control *c;
	int i;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	c->meter = meter;
	c->hooks = *hooks;
	c->descriptors = (int)descriptors_limit();
	for (i = 0; i < CONF_SOCKETS; i++)
		c->listeners[i].fd = -1;
	for (i = 0; i < CONF_SOCKETS; i++)
		if (listener_init(&c->listeners[i], c) == -1) {
			control_free(c);
			errno = ENOMEM;
			return NULL;
		}
	if (control_search_init(c) == -1) {
		control_free(c);
		errno = ENOMEM;
		return NULL;
	}
	return c;
}

/* Stop listening.  The events can be used again. */
static void
listener_close(struct listener *l)
{
	if (l->fd == -1)
		return;
	event_del(l->event);
	event_del(l->resume);
	close(l->fd);
	l->fd = -1;
}

static void
listener_free(struct listener *l)
{
	listener_close(l);
	if (l->event != NULL)
		event_free(l->event);
	if (l->resume != NULL)
		event_free(l->resume);
}

void
control_free(struct control *c)
{
	struct client *k;
	int i;

	if (c == NULL)
		return;
	while ((k = LIST_FIRST(&c->clients)) != NULL)
		control_drop_client(k);
	for (i = 0; i < CONF_SOCKETS; i++)
		listener_free(&c->listeners[i]);
	control_search_free(c);
	free(c);
}

void
control_listen(struct control *c, struct conf_socket *sockets, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < CONF_SOCKETS; i++)
		listener_close(&c->listeners[i]);
	for (i = 0; i < n; i++) {
		struct listener *l = &c->listeners[i];

		l->fd = sockets[i].fd;
		l->restricted = sockets[i].restricted;
		sockets[i].fd = -1;
		if (l->fd == -1) /* the parent failed to reopen it */
			continue;
		event_assign(l->event, c->meter->base, l->fd,
		    EV_READ | EV_PERSIST, on_client, l);
		listen_again(l);
	}
}
