/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Stands in for pflowd at a control socket: answers each request with the same
 * rows every time, or, as -m says, with what a client must survive.  Serves one
 * client after the other until TERM.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctlserve.h"

#define LIMIT (64 * (MSG_HEADER + MSG_DATA))

static const char *const modes[] = { "plain", "empty", "hostile", "refuse",
	"full", "hangup", "cut", "newer", "older", "garbage", "size", "type",
	"id", "norow", "table", "well", "warn", "drops" };

static void
end(struct server *s, const char *why)
{
	struct ctl_end e;

	memset(&e, 0, sizeof(e));
	e.failed = why != NULL;
	if (why != NULL)
		text(s, e.text, sizeof(e.text), why);
	msg_send(&s->conn, MSG_CTL_END, s->id, &e, sizeof(e), -1);
}

static struct ctl_flow
plain_flow(const struct server *s)
{
	struct ctl_flow r;

	memset(&r, 0, sizeof(r));
	r.id = UINT64_C(0x5f3c2a1b00000007);
	r.time = T0;
	r.packets[0] = value(s, 12);
	r.packets[1] = value(s, 10);
	r.bytes[0] = value(s, 1300);
	r.bytes[1] = value(s, 9000);
	memcpy(r.lan, "\xc0\xa8\x01\x0a", 4);
	memcpy(r.gwy, "\xcb\x00\x71\x05", 4);
	memcpy(r.ext, "\xc6\x33\x64\x09", 4);
	text(s, r.ifname, sizeof(r.ifname), "em0");
	r.lan_port = 51000;
	r.gwy_port = 61000;
	r.ext_port = 443;
	r.family = 4;
	r.proto = 6;
	r.age = (uint32_t)value(s, 62);
	r.rule = 3;
	r.creator = 0x1a2b3c4d;
	r.direction = 2;
	r.tcp_state[0] = 10;
	r.tcp_state[1] = 10;
	r.version = 3;
	r.why = CTL_WHY_END;
	return r;
}

/* A piece of a pair, from the state table. */
static struct ctl_flow
joined_flow(const struct server *s)
{
	struct ctl_flow r = plain_flow(s);

	r.joined = 1;
	r.version = 0;
	r.label = 5;
	r.why = CTL_WHY_INTERIM;
	r.direction = 1;
	memcpy(r.nat, "\xcb\x00\x71\x06", 4);
	r.nat_port = 50001;
	text(s, r.out_ifname, sizeof(r.out_ifname), "em1");
	return r;
}

/* Then the client hangs up, or in most modes the server does. */
static void
flows(struct server *s)
{
	struct ctl_flow r = plain_flow(s), joined = joined_flow(s);
	struct ctl_lost lost = { 12 };
	struct msg msg;

	row(s, MSG_CTL_BEGUN, NULL, 0);
	row(s, MSG_CTL_FLOW, &r, sizeof(r));
	row(s, MSG_CTL_FLOW, &joined, sizeof(joined));
	r.family = 6;
	r.direction = 1;
	r.proto = 132;
	memset(r.lan, 0, sizeof(r.lan));
	memcpy(r.lan, "\x20\x01\x0d\xb8", 4);
	memcpy(r.gwy, r.lan, sizeof(r.gwy));
	r.gwy_port = r.lan_port;
	r.rule = UINT32_MAX;
	row(s, MSG_CTL_FLOW, &r, sizeof(r));
	row(s, MSG_CTL_LOST, &lost, sizeof(lost));
	r.family = 0;
	r.direction = 9;
	r.proto = 253;
	row(s, MSG_CTL_FLOW, &r, sizeof(r));
	if (s->mode == PLAIN || s->mode == HOSTILE)
		msg_receive(&s->conn, &msg);
}

static void
reload(struct server *s)
{
	static const char *const errors[] = {
		"/etc/pflowd.conf:3: \"colector\" does not begin a statement",
		"/etc/pflowd.conf:9: hold \"99\": must be a number from 0 to "
		"60"
	};
	size_t i;

	if (s->mode == HOSTILE)
		config(s);
	for (i = 0; s->mode == REFUSE && i < 2; i++)
		row(s, MSG_CTL_LINE, errors[i], strlen(errors[i]));
	end(s,
	    s->mode == REFUSE || s->mode == HOSTILE ?
		"keeping the old configuration" :
		NULL);
}

static void
living(struct server *s, struct ctl_flow r)
{
	r.version = 0;
	r.label = 4;
	r.why = CTL_WHY_ALIVE;
	r.rate = (uint32_t)value(s, 2060);
	row(s, MSG_CTL_FLOW, &r, sizeof(r));
}

/* And a pair, if it is what the script asks for first. */
static void
states(struct server *s, const struct msg *msg)
{
	struct ctl_states wanted;

	if (msg_payload(msg, &wanted, sizeof(wanted)) == -1)
		errx(1, "states of a bad size");
	living(s, plain_flow(s));
	if (wanted.rows > 1 && !wanted.proto_given)
		living(s, joined_flow(s));
	end(s, NULL);
}

/* Whether the word of the client is one of the two there are. */
static void
set_log(struct server *s, const struct msg *msg)
{
	struct ctl_log log;

	if (msg_payload(msg, &log, sizeof(log)) == -1 || log.verbose > 1)
		end(s, "a bad log level");
	else
		end(s, log.verbose ? NULL : "brief it was");
}

/* Each collector, or the one that is named; the second does not listen. */
static void
tests(struct server *s, const struct msg *msg)
{
	static const char *const names[] = { "192.0.2.10:2055",
		"[2001:db8::10]:9995" };
	struct ctl_test which;
	struct ctl_tested r;
	unsigned int i;

	if (msg_payload(msg, &which, sizeof(which)) == -1)
		errx(1, "a test of a bad size");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (which.collector[0] != '\0' &&
		    strcmp(which.collector, names[i]) != 0)
			continue;
		memset(&r, 0, sizeof(r));
		text(s, r.collector, sizeof(r.collector), names[i]);
		text(s, r.result, sizeof(r.result),
		    i == 0 ? "sent, nothing came back" :
			     "refused: Connection refused");
		r.failed = i;
		row(s, MSG_CTL_TESTED, &r, sizeof(r));
	}
	end(s, NULL);
}

/* Those that a new pflowd has rows of come first. */
static uint32_t
show_of(uint32_t type)
{
	uint32_t show = type - MSG_CTL_SHOW_STATUS;

	if (type == MSG_CTL_SHOW_SOURCES)
		return 2;
	return show < 2 ? show : show + 1;
}

static void
answer(struct server *s, const struct msg *msg)
{
	static void (*const shows[])(struct server *) = { status, counters,
		sources, collectors, interfaces, rules, config };
	uint32_t show = show_of(msg->type);

	if (msg->type == MSG_CTL_RELOAD) {
		reload(s);
	} else if (s->mode == REFUSE) {
		end(s, "the restricted socket is for show and monitor only");
	} else if (msg->type == MSG_CTL_LOG) {
		set_log(s, msg);
	} else if (msg->type == MSG_CTL_MONITOR) {
		flows(s);
	} else if (msg->type == MSG_CTL_STOP) {
		end(s, NULL);
	} else if (msg->type == MSG_CTL_SHOW_STATES) {
		states(s, msg);
	} else if (msg->type == MSG_CTL_TEST) {
		tests(s, msg);
	} else if (show < sizeof(shows) / sizeof(shows[0])) {
		/* A new one has no lists. */
		if (s->mode != EMPTY || show < 3)
			shows[show](s);
		if (s->mode != HANGUP)
			end(s, NULL);
	} else {
		errx(1, "request of type %u", msg->type);
	}
}

/* What needs no rows; 0: the mode is another. */
static int
misbehave(const struct server *s)
{
	uint8_t header[MSG_HEADER] = { 0 };
	uint16_t version = MSG_VERSION;
	static const char garbage[] = "SSH-2.0-OpenSSH_9.2 and more of it\r\n";

	if (s->mode == GARBAGE)
		return (int)write(s->conn.fd, garbage, sizeof(garbage));
	if (s->mode == NEWER)
		version = MSG_VERSION + 1;
	else if (s->mode == OLDER)
		version = MSG_VERSION - 1;
	else if (s->mode != CUT)
		return 0;
	memcpy(header, &version, sizeof(version));
	header[8] = header[12] = 1;
	return (int)write(s->conn.fd, header, sizeof(header));
}

static void
serve(struct server *s, int fd)
{
	struct msg msg;

	msg_init(&s->conn, fd, LIMIT, 0);
	s->id = 0;
	if (s->mode == FULL)
		end(s, "there are 16 clients already");
	while (s->mode != FULL && msg_receive(&s->conn, &msg) == 1) {
		s->id = msg.id;
		if (misbehave(s) != 0)
			break;
		answer(s, &msg);
		if (s->mode == HANGUP || msg.type == MSG_CTL_MONITOR)
			break;
		if (msg.type == MSG_CTL_STOP)
			exit(0);
	}
	msg_close(&s->conn);
}

int
main(int argc, char *argv[])
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct server s = { .mode = PLAIN };
	int ch, fd, client;

	while ((ch = getopt(argc, argv, "m:")) != -1) {
		if (ch != 'm')
			return 1;
		while (strcmp(modes[s.mode], optarg) != 0)
			if (++s.mode == sizeof(modes) / sizeof(modes[0]))
				errx(1, "no mode %s", optarg);
	}
	if (argc - optind != 1)
		errx(1, "usage: ctlserve [-m mode] socket");
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s.new", argv[optind]);
	unlink(sun.sun_path);
	/* It has its name when it listens. */
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    listen(fd, 5) == -1 || rename(sun.sun_path, argv[optind]) == -1)
		err(1, "%s", argv[optind]);
	while ((client = accept(fd, NULL, NULL)) != -1)
		serve(&s, client);
	err(1, "accept");
}
