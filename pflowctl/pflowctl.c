/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The client of a running pflowd: sends the requests of one command, collects
 * the rows of the replies, and prints them.
 */

#include <sys/types.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "common/log.h"
#include "common/msg.h"
#include "escape.h"
#include "parser.h"

#define QUEUE (MSG_HEADER + MSG_DATA) /* one request */
#define TIMEOUT 5		      /* seconds, without -t */
#define TIMEOUT_MAX 3600

struct session {
	struct msg_conn conn;
	const char *path;
	int timeout; /* seconds of each wait for pflowd */
	uint32_t id; /* of the last request */
};

static volatile sig_atomic_t interrupted;

static void
on_signal(int signo)
{
	(void)signo;
	interrupted = 1;
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: " PFLOWCTL " [-jV] [-s socket] [-t seconds] command "
	    "[argument ...]\n");
	exit(1);
}

static void connect_failed(const struct session *) LOG_NORETURN;
static void timed_out(const struct session *) LOG_NORETURN;
static void connection_lost(const struct session *, int) LOG_NORETURN;
static void not_understood(void) LOG_NORETURN;

/*
 * A pflowd without an engine says so.  One that says nothing was stopped by a
 * signal, or has more clients than it can accept.
 */
static void
timed_out(const struct session *s)
{
	fatalx("%s: pflowd did not answer within %d s: it is stopped or busy; "
	       "try again, look at its processes and its log",
	    s->path, s->timeout);
}

/* Exit with an error that says how to reach pflowd. */
static void
connect_failed(const struct session *s)
{
	const char *path = s->path;

	switch (errno) {
	case ENOENT:
	case ECONNREFUSED:
		fatalx("pflowd is not running: nothing listens on %s", path);
	case EAGAIN:
		timed_out(s);
	case EACCES:
	case EPERM:
		fatalx(
		    "%s: permission denied: run as root, join the group of the "
		    "socket, or use the restricted socket (-s)",
		    path);
	default:
		fatal("%s", path);
	}
}

/*
 * Connect to pflowd.  Exits on error.  While the backlog is full, Linux waits
 * for as long as sending may take; other systems refuse the connection.
 */
static void
session_open(struct session *s, const char *path, int timeout)
{
	const struct timeval tv = { timeout, 0 };
	struct sockaddr_un sun;
	int fd;

	s->path = path;
	s->timeout = timeout;
	s->id = 0;
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sun.sun_path))
		fatalx("%s: path is too long for a socket", path);
	memcpy(sun.sun_path, path, strlen(path));
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) == -1)
		fatal("socket");
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		connect_failed(s);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		fatal("%s", path);
	msg_init(&s->conn, fd, QUEUE, 0);
	s->conn.wait_ms = timeout * 1000;
}

/* Exit with an error after a function of msg.h returned 0, or -1 and errno. */
static void
connection_lost(const struct session *s, int n)
{
	unsigned int theirs = s->conn.peer_version;

	if (n == 0 || errno == ECONNRESET || errno == EPIPE)
		fatalx("%s: pflowd closed the connection before its answer was "
		       "complete",
		    s->path);
	if (errno == ETIMEDOUT)
		timed_out(s);
	if (errno == EPROTONOSUPPORT)
		fatalx("pflowd speaks version %u of the control protocol, "
		       "%s version %d: upgrade %s",
		    theirs, PFLOWCTL, MSG_VERSION,
		    theirs > MSG_VERSION ? PFLOWCTL : "pflowd, and restart it");
	if (errno == EPROTO)
		not_understood();
	fatal("%s", s->path);
}

/* Exit because of a reply that breaks the protocol. */
static void
not_understood(void)
{
	fatalx(
	    "pflowd sent an answer that " PFLOWCTL
	    " does not understand: install both from one release and restart "
	    "pflowd");
}

/*
 * If pflowd refuses a client, it sends the reason and closes the connection.
 * So a broken pipe is ignored here: the reason can still be read.
 */
static void
session_send(struct session *s, uint32_t type, const void *data, size_t len)
{
	if (msg_send(&s->conn, type, ++s->id, data, len, -1) == -1 &&
	    errno != EPIPE && errno != ECONNRESET)
		connection_lost(s, -1);
}

/* Handle the end of a reply.  Exits if the request failed. */
static void
session_end(const struct msg *msg)
{
	struct ctl_end end;

	if (msg_payload(msg, &end, sizeof(end)) == -1)
		not_understood();
	if (!end.failed)
		return;
	fputs(PFLOWCTL ": ", stderr);
	escape_text(stderr, end.text[0] != '\0' ? end.text : "request failed",
	    sizeof(end.text));
	putc('\n', stderr);
	exit(1);
}

/* Read the next row of the reply to the last request.  0: end of the reply. */
static int
session_row(struct session *s, struct msg *msg)
{
	int n;

	if ((n = msg_receive(&s->conn, msg)) != 1)
		connection_lost(s, n);
	if (msg->type == MSG_CTL_END) {
		session_end(msg);
		if (msg->id == s->id)
			return 0;
	}
	if (msg->id != s->id)
		not_understood();
	return 1;
}

/* Rows have the size of their type; lines may be shorter. */
static void
collect_row(struct rows *r, const struct msg *msg)
{
	void *row;

	if (msg->type != r->type->reply || msg->len > r->type->size ||
	    (msg->len != r->type->size && !r->type->strings))
		not_understood();
	if ((row = rows_add(r)) == NULL)
		fatalx("pflowd sent an answer that is too long for " PFLOWCTL);
	memcpy(row, msg->data, msg->len);
}

/* Request the rows of a type and read them all.  Exits on error. */
static void
collect(struct session *s, struct rows *r, const char *name)
{
	char payload[CTL_NAME] = "";
	struct msg msg;

	if (name != NULL && strlen(name) >= sizeof(payload))
		fatalx("%s: collector name is too long", name);
	if (name != NULL)
		memcpy(payload, name, strlen(name));
	session_send(s, r->type->request, payload, r->type->name);
	while (session_row(s, &msg) == 1)
		collect_row(r, &msg);
	if (r->type->single && r->n != 1)
		not_understood();
}

/* A failed write must not look like success. */
static void
flush(void)
{
	if ((fflush(stdout) != 0 || ferror(stdout)) && !interrupted)
		fatal("standard output");
}

/* True if a row reports a failure. */
static int
has_failed(const struct rows *r)
{
	size_t i;

	if (!r->type->fails)
		return 0;
	for (i = 0; i < r->n; i++)
		if (rows_value(r, rows_at(r, i), "failed") != 0)
			return 1;
	return 0;
}

/* Returns true if a row reports a failure. */
static int
show(struct session *s, const struct command *c, const char *name,
    const struct output *o)
{
	struct answer a = { .view = c->view };
	int failed = 0;

	for (; a.n < ANSWER_TYPES && c->rows[a.n] != NULL; a.n++) {
		a.rows[a.n].type = c->rows[a.n];
		collect(s, &a.rows[a.n], name);
		failed |= has_failed(&a.rows[a.n]);
	}
	output_answer(o, stdout, &a);
	answer_free(&a);
	flush();
	return failed;
}

/* Print a row of monitor.  Exits if it is not one. */
static void
monitor_row(const struct msg *msg, const struct output *o)
{
	struct ctl_flow flow;
	struct ctl_lost lost;

	if (msg->type == MSG_CTL_FLOW &&
	    msg_payload(msg, &flow, sizeof(flow)) == 0)
		o->flow(stdout, &flow);
	else if (msg->type == MSG_CTL_LOST &&
	    msg_payload(msg, &lost, sizeof(lost)) == 0)
		o->lost(stdout, lost.flows);
	else
		not_understood();
}

/*
 * Flush the output, and wait for input or a signal.  Signals are blocked
 * between the check of the flag and the wait.  Returns 1, or -1 and errno.
 */
static int
monitor_wait(int fd)
{
	sigset_t stop, before;
	fd_set fds;
	int n = 0;

	flush();
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	FD_ZERO(&fds);
	FD_SET(fd, &fds);
	sigprocmask(SIG_BLOCK, &stop, &before);
	if (!interrupted)
		n = pselect(fd + 1, &fds, NULL, NULL, NULL, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return n == -1 && errno != EINTR ? -1 : 1;
}

/* Let SIGINT and SIGTERM end monitor with success. */
static void
catch_signals(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

/* Print the rows that were read.  1; or 0 or -1, for connection_lost(). */
static int
monitor_rows(struct session *s, const struct output *o)
{
	struct msg msg;
	int n;

	while ((n = msg_get(&s->conn, &msg)) == 1) {
		if (msg.type == MSG_CTL_END) {
			session_end(&msg);
			return 0;
		}
		monitor_row(&msg, o);
	}
	return n == 0 ? 1 : -1;
}

/* Only the first answer has a time limit, as flows may be rare. */
static void
monitor_begin(struct session *s)
{
	struct msg msg;

	session_send(s, MSG_CTL_MONITOR, NULL, 0);
	if (session_row(s, &msg) != 1 || msg.type != MSG_CTL_BEGUN)
		not_understood();
}

/* Print rows until interrupted.  Exits with an error if pflowd exits. */
static void
monitor(struct session *s, const struct output *o)
{
	int n;

	catch_signals();
	monitor_begin(s);
	while (!interrupted) {
		if ((n = monitor_rows(s, o)) == 1)
			n = msg_read(&s->conn);
		if (n == -1 && errno == EAGAIN)
			n = monitor_wait(s->conn.fd);
		if (n == 1)
			continue;
		fflush(stdout);
		if (n == 0)
			fatalx("%s: pflowd closed the connection", s->path);
		connection_lost(s, n);
	}
	flush();
}

/* Print the errors of the configuration, one per line. */
static void
reload(struct session *s)
{
	struct msg msg;

	session_send(s, MSG_CTL_RELOAD, NULL, 0);
	while (session_row(s, &msg) == 1) {
		if (msg.type != MSG_CTL_LINE)
			not_understood();
		escape_line(stderr, (const char *)msg.data, msg.len);
		putc('\n', stderr);
	}
}

/* Set how much pflowd logs. */
static void
set_log(struct session *s, uint32_t verbose)
{
	struct ctl_log log = { verbose };
	struct msg msg;

	session_send(s, MSG_CTL_LOG, &log, sizeof(log));
	if (session_row(s, &msg) != 0)
		not_understood();
}

/* Returns an exit status. */
static int
run(struct session *s, const struct command *c, const char *argument, int json)
{
	const struct output *o = output_find(json ? "json" : c->output);

	switch (c->verb) {
	case VERB_SHOW:
		return show(s, c, argument, o);
	case VERB_MONITOR:
		monitor(s, o);
		break;
	case VERB_RELOAD:
		reload(s);
		break;
	case VERB_LOG:
		set_log(s, c->verbose);
		break;
	}
	return 0;
}

/* The value of -t. */
static int
seconds(const char *text)
{
	const char *error;
	int n = (int)strtonum(text, 1, TIMEOUT_MAX, &error);

	if (error != NULL)
		fatalx("-t %s: must be from 1 to %d seconds", text,
		    TIMEOUT_MAX);
	return n;
}

int
main(int argc, char *argv[])
{
	const char *path = PFLOWD_SOCKET;
	int timeout = TIMEOUT;
	const struct command *command;
	struct session session;
	char error[PARSER_ERROR];
	const char *argument;
	int ch, status, json = 0;

	log_init(PFLOWCTL, 0);
	while ((ch = getopt(argc, argv, "js:t:V")) != -1) {
		switch (ch) {
		case 'j':
			json = 1;
			break;
		case 's':
			path = optarg;
			break;
		case 't':
			timeout = seconds(optarg);
			break;
		case 'V':
			printf(PFLOWCTL " %s\n", PFLOWD_VERSION);
			return 0;
		default:
			usage();
		}
	}
	command = parser_parse(argc - optind, argv + optind, &argument, error);
	if (command == NULL)
		fatalx("%s", error);
	session_open(&session, path, timeout);
	status = run(&session, command, argument, json);
	msg_close(&session.conn);
	return status;
}
