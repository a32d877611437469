/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "session.h"

#define QUEUE (MSG_HEADER + MSG_DATA) /* one request */
#define TRIES 10		      /* to connect, if refused */
#define PAUSE_US 100000
#define GONE_US 20000 /* between looks at the socket */

static void connect_failed(const struct session *) LOG_NORETURN;
static void timed_out(const struct session *) LOG_NORETURN;

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

static void
set_address(struct sockaddr_un *sun, const char *path)
{
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sun->sun_path))
		fatalx("%s: path is too long for a socket", path);
	memcpy(sun->sun_path, path, strlen(path));
}

/* Returns a connected socket, or -1 and errno. */
static int
connect_once(const struct session *s, const struct sockaddr_un *sun)
{
	const struct timeval tv = { s->timeout, 0 };
	int fd, error;

	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) == -1)
		fatal("socket");
	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/*
 * A refused connection is tried again for a second: pflowd replaces its sockets
 * with its engine, and some systems refuse while the backlog is full.
 */
void
session_open(struct session *s, const char *path, int timeout)
{
	struct sockaddr_un sun;
	struct stat st;
	int fd, tries = TRIES;

	s->path = path;
	s->timeout = timeout;
	s->id = 0;
	set_address(&sun, path);
	s->inode = stat(path, &st) == 0 ? st.st_ino : 0;
	while ((fd = connect_once(s, &sun)) == -1 && errno == ECONNREFUSED &&
	    tries-- > 0)
		usleep(PAUSE_US);
	if (fd == -1)
		connect_failed(s);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		fatal("%s", path);
	msg_init(&s->conn, fd, QUEUE, 0);
	s->conn.wait_ms = timeout * 1000;
}

/* True if the socket of the session was removed, or nobody listens on it. */
static int
is_gone(const struct session *s)
{
	struct sockaddr_un sun;
	struct stat st;
	int fd;

	if (stat(s->path, &st) == -1 || st.st_ino != s->inode)
		return 1;
	set_address(&sun, s->path);
	if ((fd = connect_once(s, &sun)) == -1)
		return errno == ENOENT || errno == ECONNREFUSED;
	close(fd);
	return 0;
}

void
session_wait(struct session *s)
{
	struct msg msg;
	int n, looks = s->timeout * (1000000 / GONE_US);

	while ((n = msg_receive(&s->conn, &msg)) == 1)
		continue;
	if (n == -1 && errno != ECONNRESET)
		session_lost(s, n);
	for (; !is_gone(s); usleep(GONE_US))
		if (looks-- == 0)
			timed_out(s);
}

void
session_lost(const struct session *s, int n)
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
		session_garbled();
	fatal("%s", s->path);
}

void
session_garbled(void)
{
	fatalx(
	    "pflowd sent an answer that " PFLOWCTL
	    " does not understand: install both from one release and restart "
	    "pflowd");
}

void
session_send(struct session *s, uint32_t type, const void *data, size_t len)
{
	if (msg_send(&s->conn, type, ++s->id, data, len, -1) == -1 &&
	    errno != EPIPE && errno != ECONNRESET)
		session_lost(s, -1);
}

void
session_end(const struct msg *msg)
{
	struct ctl_end end;

	if (msg_payload(msg, &end, sizeof(end)) == -1)
		session_garbled();
	if (!end.failed)
		return;
	end.text[sizeof(end.text) - 1] = '\0';
	fatalx("%s", end.text[0] != '\0' ? end.text : "request failed");
}

int
session_row(struct session *s, struct msg *msg)
{
	int n;

	if ((n = msg_receive(&s->conn, msg)) != 1)
		session_lost(s, n);
	if (msg->type == MSG_CTL_END) {
		session_end(msg);
		if (msg->id == s->id)
			return 0;
	}
	if (msg->id != s->id)
		session_garbled();
	return 1;
}

/* Rows have the size of their type; lines may be shorter. */
static void
collect_row(struct rows *r, const struct msg *msg)
{
	void *row;

	if (msg->type != r->type->reply || msg->len > r->type->size ||
	    (msg->len != r->type->size && !r->type->strings))
		session_garbled();
	if ((row = rows_add(r)) == NULL)
		fatalx("pflowd sent an answer that is too long for " PFLOWCTL);
	memcpy(row, msg->data, msg->len);
}

void
session_collect(struct session *s, struct rows *r, const void *payload)
{
	struct msg msg;

	session_send(s, r->type->request, payload, r->type->payload);
	while (session_row(s, &msg) == 1)
		collect_row(r, &msg);
	if (r->type->single && r->n != 1)
		session_garbled();
}
