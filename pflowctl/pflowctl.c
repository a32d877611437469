/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * The client of a running pflowd: sends the requests of one command, collects
 * the rows of the replies, and prints them.
 */

#include <sys/types.h>
#include <sys/select.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "escape.h"
#include "parser.h"
#include "session.h"

#define TIMEOUT 5 /* seconds, without -t */
#define TIMEOUT_MAX 3600

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
		session_collect(s, &a.rows[a.n], name);
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
		session_garbled();
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

/* Print the rows that were read.  1; or 0 or -1, for session_lost(). */
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
		session_garbled();
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
		session_lost(s, n);
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
			session_garbled();
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
		session_garbled();
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
