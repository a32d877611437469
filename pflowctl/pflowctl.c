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

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config.h"
#include "check.h"
#include "escape.h"
#include "parser.h"
#include "session.h"
#include "states.h"

#define TIMEOUT 5 /* seconds, without -t */
#define TIMEOUT_MAX 3600
#define END_MS 1000 /* of each wait when monitor was interrupted */

#define USAGE                                                             \
	"usage: " PFLOWCTL " [-hjV] [-n rows] [-s socket] [-t seconds]\n" \
	"                command [argument ...]\n"

static volatile sig_atomic_t interrupted;

static void
on_signal(int signo)
{
	(void)signo;
	interrupted = 1;
}

/* The log, which has nothing but the reason to exit. */
static void
on_error(void *arg, int priority, const char *text)
{
	const struct session *s = arg;

	(void)priority;
	s->errors->error(&s->answer, text);
}

/* A failed write must not look like success.  Its error goes to stderr. */
static void
flush(void)
{
	if ((fflush(stdout) == 0 && !ferror(stdout)) || interrupted)
		return;
	log_to(NULL, NULL);
	fatal("standard output");
}

static int
help(void)
{
	printf(USAGE "\n"
		     "  -h          print this text\n"
		     "  -j          print JSON\n"
		     "  -n rows     of show states, instead of %d\n"
		     "  -s socket   instead of " PFLOWD_SOCKET "\n"
		     "  -t seconds  wait for an answer, instead of %d\n"
		     "  -V          print the version\n\n",
	    STATES_ROWS, TIMEOUT);
	parser_help(stdout);
	flush();
	return 0;
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

/* Request all rows of a command.  payload: of those that have one. */
static struct answer *
ask(struct session *s, const struct command *c, const void *payload)
{
	struct answer *a = &s->answer;

	a->view = c->view;
	while (a->n < ANSWER_TYPES && c->rows[a->n] != NULL) {
		a->rows[a->n].type = c->rows[a->n];
		session_collect(s, &a->rows[a->n++], payload);
	}
	return a;
}

/* True if a collector is known by this name, with or without its port. */
static int
is_named(const char *shown, const char *name)
{
	int bare = shown[0] == '[' && name[0] != '['; /* an IPv6 address */
	size_t len = strlen(name);

	shown += bare;
	if (strncasecmp(shown, name, len) != 0)
		return 0;
	return bare ? shown[len] == ']' :
		      shown[len] == '\0' || shown[len] == ':';
}

/* Keep the collectors of this name or address. */
static void
select_collectors(struct rows *r, const char *name)
{
	struct ctl_collector c;
	size_t i, n = 0;

	for (i = 0; i < r->n; i++) {
		memcpy(&c, rows_at(r, i), sizeof(c));
		c.name[sizeof(c.name) - 1] = '\0';
		c.address[sizeof(c.address) - 1] = '\0';
		if (is_named(c.name, name) || is_named(c.address, name))
			memcpy(r->data + n++ * sizeof(c), &c, sizeof(c));
	}
	r->n = n;
	if (n == 0)
		fatalx("no such collector; see " PFLOWCTL " show collectors");
}

/* What a request has beside its type. */
union payload {
	struct ctl_test test;
	struct ctl_states states;
};

static void
set_payload(union payload *p, const struct command *c, char *const words[],
    uint32_t rows)
{
	memset(p, 0, sizeof(*p));
	if (c->view == VIEW_STATES) {
		p->states.rows = rows;
		states_parse(words, &p->states);
	} else if (words[0] != NULL &&
	    strlcpy(p->test.collector, words[0], sizeof(p->test.collector)) >=
		sizeof(p->test.collector)) {
		fatalx("%s: collector name is too long", words[0]);
	}
}

/* Returns true if a row reports a failure. */
static int
show(struct session *s, const struct command *c, char *const words[],
    uint32_t rows, const struct output *o)
{
	const char *name = words[0];
	union payload payload;
	struct answer *a;
	int failed = 0;
	size_t i;

	set_payload(&payload, c, words, rows);
	a = ask(s, c, &payload);

	if (c->view == VIEW_COLLECTORS && name != NULL)
		select_collectors(&a->rows[0], name);
	for (i = 0; i < a->n; i++)
		failed |= has_failed(&a->rows[i]);
	output_answer(o, stdout, a);
	answer_free(a);
	flush();
	return failed;
}

/* Returns an exit status. */
static int
check(struct session *s, const struct command *c, int json)
{
	struct answer *a = ask(s, c, NULL);
	int status = check_answer(a, json);

	answer_free(a);
	flush();
	return status;
}

/* Print the log level. */
static void
show_level(struct session *s, const struct command *c, int json)
{
	struct answer *a = ask(s, c, NULL);
	const struct rows *r = &a->rows[0];
	const struct field *level;
	const char *base, *word;

	level = rows_field(r, rows_at(r, 0), "log_level", &base);
	if ((word = field_word(level, base)) == NULL)
		session_garbled();
	printf(json ? "{\"log_level\": \"%s\"}\n" : "%s\n", word);
	answer_free(a);
	flush();
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
	int n = 0;

	while (!interrupted && (n = msg_get(&s->conn, &msg)) == 1) {
		if (msg.type == MSG_CTL_END) {
			session_end(&msg);
			return 0;
		}
		monitor_row(&msg, o);
	}
	return n == -1 ? -1 : 1;
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

/*
 * Print how many flows were lost before the interrupt.  What a blocked reader
 * was to get is discarded, as it may not read any more.
 */
static void
monitor_end(struct session *s, const struct output *o)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };
	struct ctl_lost lost;
	struct msg msg;

	s->conn.wait_ms = END_MS;
	if (shutdown(s->conn.fd, SHUT_WR) == -1)
		return;
	while (msg_receive(&s->conn, &msg) == 1 && msg.type != MSG_CTL_END)
		if (msg.type == MSG_CTL_LOST &&
		    msg_payload(&msg, &lost, sizeof(lost)) == 0)
			o->lost(stdout, lost.flows);
	if (poll(&pfd, 1, 0) != 1)
		_exit(0);
	flush();
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
	monitor_end(s, o);
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

/* Returns once pflowd has sent its queues and its engine ends. */
static void
stop(struct session *s)
{
	struct msg msg;

	session_send(s, MSG_CTL_STOP, NULL, 0);
	if (session_row(s, &msg) != 0)
		session_garbled();
	session_wait(s);
}

/* The end of a command that prints nothing. */
static void
done(int json)
{
	if (json)
		puts("{}");
	flush();
}

/* Returns an exit status. */
static int
run(struct session *s, const struct command *c, char *const words[],
    uint32_t rows, int json)
{
	const struct output *o = output_find(json ? "json" :
		c->output != NULL		  ? c->output :
						    "text");

	switch (c->verb) {
	case VERB_SHOW:
		return show(s, c, words, rows, o);
	case VERB_MONITOR:
		monitor(s, o);
		break;
	case VERB_LOG:
		set_log(s, c->verbose);
		done(json);
		break;
	case VERB_LEVEL:
		show_level(s, c, json);
		break;
	case VERB_CHECK:
		return check(s, c, json);
	case VERB_STOP:
		stop(s);
		done(json);
		break;
	case VERB_HELP: /* needs no session */
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

/* The value of -n. */
static uint32_t
row_count(const char *text)
{
	const char *error;
	uint32_t n = (uint32_t)strtonum(text, 1, CTL_STATES, &error);

	if (error != NULL)
		fatalx("-n %s: must be from 1 to %d rows", text, CTL_STATES);
	return n;
}

int
main(int argc, char *argv[])
{
	const char *path = PFLOWD_SOCKET;
	int timeout = TIMEOUT;
	const struct command *command;
	static struct session session;
	char error[PARSER_ERROR];
	uint32_t rows = STATES_ROWS;
	int ch, n, status, json = 0;

	log_init(PFLOWCTL, 0);
	session.errors = output_find("text");
	log_to(on_error, &session);
	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return help();
	while ((ch = getopt(argc, argv, "hjn:s:t:V")) != -1) {
		switch (ch) {
		case 'h':
			return help();
		case 'j':
			json = 1;
			session.errors = output_find("json");
			break;
		case 'n':
			rows = row_count(optarg);
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
			fputs(USAGE, stderr);
			return 1;
		}
	}
	command = parser_parse(argc - optind, argv + optind, &n, error);
	if (command == NULL)
		fatalx("%s", error);
	if (command->verb == VERB_HELP)
		return help();
	if (command->verb == VERB_CHECK)
		check_errors(json);
	session_open(&session, path, timeout);
	status = run(&session, command, argv + optind + n, rows, json);
	msg_close(&session.conn);
	return status;
}
