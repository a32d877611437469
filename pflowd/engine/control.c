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

#include "common/ctl.h"
#include "common/msg.h"
#include "config.h"
#include "control_local.h"
#include "meter.h"

/* Maximum bytes queued for a client that does not monitor.  Rows leave room for
 * the end. */
#define QUEUE (64 * 1024)
#define END (MSG_HEADER + sizeof(struct ctl_end))
#define MONITOR_END (MSG_HEADER + sizeof(struct ctl_lost) + END)

/* Seconds a client may take to send a request, or to read its reply. */
#define CLIENT_TIMEOUT 30

/* Microseconds before the result of a test is reported. */
#define TEST_US 500000

/*
 * A request.  It has rows, which returns the next row of the reply, or start,
 * which begins a reply that is completed later, or both.
 */
struct request {
	uint32_t type;
	size_t payload;	     /* bytes, exactly */
	const char *command; /* refused on restricted sockets; NULL: allowed */
	show_row *rows;
	void (*start)(struct client *, const struct msg *);
};

static void start_reload(struct client *, const struct msg *);
static void start_log(struct client *, const struct msg *);
static void start_test(struct client *, const struct msg *);
static void start_stop(struct client *, const struct msg *);

static const struct request requests[] = {
	{ MSG_CTL_SHOW_STATUS, 0, NULL, show_status, NULL },
	{ MSG_CTL_SHOW_COUNTERS, 0, NULL, show_counters, NULL },
	{ MSG_CTL_SHOW_COLLECTORS, 0, NULL, show_collector, NULL },
	{ MSG_CTL_SHOW_INTERFACES, 0, NULL, show_interface, NULL },
	{ MSG_CTL_SHOW_RULES, 0, NULL, show_rule, NULL },
	{ MSG_CTL_SHOW_CONFIG, 0, NULL, show_config, NULL },
	{ MSG_CTL_SHOW_SOURCES, 0, NULL, show_source, NULL },
	{ MSG_CTL_SHOW_STATES, sizeof(struct ctl_states), NULL, show_states,
	    control_start_states },
	{ MSG_CTL_MONITOR, 0, NULL, NULL, control_start_monitor },
	{ MSG_CTL_RELOAD, 0, "reload", NULL, start_reload },
	{ MSG_CTL_LOG, sizeof(struct ctl_log), "log", NULL, start_log },
	{ MSG_CTL_TEST, sizeof(struct ctl_test), "test", show_tested,
	    start_test },
	{ MSG_CTL_STOP, 0, "stop", NULL, start_stop },
};
#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

void
control_drop_client(struct client *k)
{
	LIST_REMOVE(k, entry);
	control_stop_monitor(k);
	k->control->meter->clients--;
	if (k->readable != NULL)
		event_free(k->readable);
	if (k->writable != NULL)
		event_free(k->writable);
	if (k->delay != NULL)
		event_free(k->delay);
	msg_close(&k->conn);
	show_free(&k->show);
	free(k);
}

/* Wait for an event, at most this long.  -1 and errno if out of memory. */
static int
add_event(struct event *ev, const struct timeval *tv)
{
	if (event_add(ev, tv) == 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

/* Wait for a client to send or to read, at most CLIENT_TIMEOUT seconds. */
static int
add_with_limit(struct event *ev)
{
	static const struct timeval tv = { CLIENT_TIMEOUT, 0 };

	return add_event(ev, &tv);
}

/* Write queued messages as soon as the event loop runs. */
static int
wait_writable(struct client *k)
{
	if (event_pending(k->writable, EV_WRITE, NULL))
		return 0;
	return add_with_limit(k->writable);
}

int
control_queue(struct client *k, uint32_t type, const void *data, size_t len)
{
	if (msg_put(&k->conn, type, k->id, data, len, -1) == -1)
		return -1;
	return wait_writable(k);
}

int
control_queue_row(struct client *k, uint32_t type, const void *data, size_t len)
{
	if (msg_room(&k->conn) < MSG_HEADER + len + MONITOR_END) {
		errno = ENOBUFS;
		return -1;
	}
	return control_queue(k, type, data, len);
}

void
control_hang_up(struct client *k)
{
	if (errno != ENOBUFS)
		shutdown(k->conn.fd, SHUT_RDWR);
}

void
control_end_reply(struct client *k, int failed, const char *text)
{
	struct ctl_end e;

	memset(&e, 0, sizeof(e));
	e.failed = (uint32_t)failed;
	strlcpy(e.text, text, sizeof(e.text));
	if (control_queue(k, MSG_CTL_END, &e, sizeof(e)) == -1)
		control_hang_up(k);
	k->request = NULL;
	show_free(&k->show);
	if (!k->ending)
		add_with_limit(k->readable);
}

void
control_send_rows(struct client *k)
{
	struct show_out out;

	while (k->request != NULL && k->request->rows != NULL && !k->waiting) {
		switch (k->request->rows(k->control->meter, &k->show, &out)) {
		case SHOW_ROW:
			if (control_queue_row(k, out.type, out.data, out.len) ==
			    -1) {
				control_hang_up(k);
				return;
			}
			k->show.row++;
			break;
		case SHOW_END:
			control_end_reply(k, 0, "");
			break;
		case SHOW_FAILED:
			control_end_reply(k, 1, "pflowd is out of memory");
			break;
		}
	}
}

/* The reply follows from control_reload_line() and _done(). */
static void
start_reload(struct client *k, const struct msg *msg)
{
	struct control *c = k->control;

	(void)msg;
	add_with_limit(k->readable); /* in case the parent cannot answer */
	k->serial = ++c->serial;
	c->hooks.reload(c->hooks.arg, k->serial);
}

static void
start_log(struct client *k, const struct msg *msg)
{
	struct control *c = k->control;
	struct ctl_log log;

	if (msg_payload(msg, &log, sizeof(log)) == -1)
		return;
	c->hooks.verbose(c->hooks.arg, log.verbose != 0);
	control_end_reply(k, 0, "");
}

static void
on_delay(evutil_socket_t fd, short what, void *arg)
{
	struct client *k = arg;

	(void)fd;
	(void)what;
	k->waiting = 0;
	control_send_rows(k);
}

/* Wait before the reply: errors of a UDP socket arrive with a delay. */
static void
start_test(struct client *k, const struct msg *msg)
{
	static const struct timeval moment = { 0, TEST_US };
	struct meter *m = k->control->meter;
	struct ctl_test test;

	if (msg_payload(msg, &test, sizeof(test)) == -1)
		return;
	test.collector[sizeof(test.collector) - 1] = '\0';
	if (show_test(m, &k->show, test.collector) == -1) {
		control_end_reply(k, 1,
		    test.collector[0] == '\0' ?
			"no collector is configured" :
			"no such collector; see " PFLOWCTL " show collectors");
		return;
	}
	if (add_event(k->delay, &moment) == -1) {
		control_end_reply(k, 1, "pflowd is out of memory");
		return;
	}
	k->waiting = 1;
}

/* Reply first: a replay ends at once. */
static void
start_stop(struct client *k, const struct msg *msg)
{
	struct control *c = k->control;

	(void)msg;
	control_end_reply(k, 0, "");
	msg_write(&k->conn);
	c->hooks.stop(c->hooks.arg);
}

/* NULL: not a request. */
static const struct request *
find_request(uint32_t type)
{
	size_t i;

	for (i = 0; i < REQUESTS; i++)
		if (requests[i].type == type)
			return &requests[i];
	return NULL;
}

/* Refuse a command, and name the socket that accepts it, which is no secret. */
static void
refuse_restricted(struct client *k, const char *command)
{
	const struct conf_socket *s = conf_control(k->control->meter->conf);
	char text[256];

	snprintf(text, sizeof(text),
	    "%s: not allowed on a restricted socket; use %s", command,
	    s != NULL ? s->path : "the unrestricted one");
	control_end_reply(k, 1, text);
}

/*
 * Check size and access in one place for all requests.  Returns -1 to close the
 * connection, also if a client sends requests without reading the replies and
 * its queue is full.
 */
static int
handle_request(struct client *k, const struct msg *msg)
{
	const struct request *r = find_request(msg->type);

	if (k->request != NULL || r == NULL || msg->len != r->payload ||
	    msg_room(&k->conn) < END)
		return -1;
	k->id = msg->id;
	if (k->restricted && r->command != NULL) {
		refuse_restricted(k, r->command);
		return 0;
	}
	k->request = r;
	memset(&k->show, 0, sizeof(k->show));
	event_del(k->readable);
	event_add(k->readable, NULL); /* no time limit from here on */
	if (r->start != NULL)
		r->start(k, msg);
	else
		control_send_rows(k);
	return 0;
}

/*
 * Report the mismatch to a client of another version; the header of the message
 * carries our version.
 */
static void
reply_version(struct client *k)
{
	control_end_reply(k, 1,
	    PFLOWCTL
	    " and pflowd have different versions: install both from one "
	    "release");
	msg_write(&k->conn);
}

/* Read requests.  A client that breaks the protocol is dropped. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct client *k = arg;
	struct msg msg;
	int n;

	(void)fd;
	n = what & EV_TIMEOUT ? -1 : msg_read(&k->conn);
	if (n == 0 && k->monitors) {
		event_del(k->readable);
		control_end_monitor(k);
		return;
	}
	if (what & EV_TIMEOUT || n == 0 || (n == -1 && errno != EAGAIN)) {
		control_drop_client(k);
		return;
	}
	while ((n = msg_get(&k->conn, &msg)) == 1)
		if (handle_request(k, &msg) == -1) {
			control_drop_client(k);
			return;
		}
	if (n == -1) {
		if (errno == EPROTONOSUPPORT)
			reply_version(k);
		control_drop_client(k);
	}
}

/* Write the queued rows, then queue more. */
static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct client *k = arg;
	int n;

	(void)fd;
	if (what & EV_TIMEOUT || (n = msg_write(&k->conn)) == -1 ||
	    (n == 1 && k->ending)) {
		control_drop_client(k);
		return;
	}
	if (n == 0 && wait_writable(k) == -1)
		control_hang_up(k);
	control_queue_lost(k);
	control_send_rows(k);
}

void
control_add_client(struct control *c, int fd, int restricted, uid_t user)
{
	struct client *k;

	if ((k = calloc(1, sizeof(*k))) == NULL) {
		close(fd);
		return;
	}
	k->control = c;
	k->restricted = restricted;
	k->user = user;
	msg_init(&k->conn, fd, QUEUE, 0);
	LIST_INSERT_HEAD(&c->clients, k, entry);
	c->meter->clients++;
	k->readable = event_new(c->meter->base, fd, EV_READ | EV_PERSIST,
	    on_readable, k);
	k->writable = event_new(c->meter->base, fd, EV_WRITE, on_writable, k);
	k->delay = event_new(c->meter->base, -1, 0, on_delay, k);
	if (k->readable == NULL || k->writable == NULL || k->delay == NULL ||
	    add_with_limit(k->readable) == -1)
		control_drop_client(k);
}

/* The client that waits for a reload; NULL: it has gone. */
static struct client *
reloading(const struct control *c, uint32_t id)
{
	struct client *k;

	LIST_FOREACH(k, &c->clients, entry)
		if (k->request != NULL && k->request->type == MSG_CTL_RELOAD &&
		    k->serial == id)
			return k;
	return NULL;
}

void
control_reload_line(struct control *c, uint32_t id, const char *text,
    size_t len)
{
	struct client *k = reloading(c, id);

	if (k != NULL &&
	    control_queue_row(k, MSG_CTL_LINE, text,
		len < CTL_LINE ? len : CTL_LINE) == -1)
		control_hang_up(k);
}

void
control_reload_done(struct control *c, uint32_t id, int failed,
    const char *text)
{
	struct client *k = reloading(c, id);

	if (k != NULL)
		control_end_reply(k, failed, text);
}
