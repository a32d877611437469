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

#include "common/ctl.h"
#include "common/msg.h"

#define LIMIT (64 * (MSG_HEADER + MSG_DATA))
#define T0 UINT64_C(1700000000007) /* 2023-11-14T22:13:20.007Z */

enum mode {
	PLAIN,
	EMPTY,	 /* of a pflowd that has just started */
	HOSTILE, /* texts without an end, numbers without sense */
	REFUSE,	 /* every request */
	FULL,	 /* every client, before it asks */
	HANGUP,	 /* after the first row */
	CUT,	 /* in the middle of a message */
	NEWER,	 /* a version of the protocol */
	OLDER,	 /* the same */
	GARBAGE, /* bytes of another protocol */
	SIZE,	 /* rows that are too short */
	TYPE,	 /* rows of another kind */
	ID,	 /* rows of another request */
	NOROW,	 /* ends without any row */
	TABLE,	 /* of a pflowd that reads the state table */
	WELL,	 /* of a pflowd that has no problem */
	WARN,	 /* it has logged a warning a minute ago */
	DROPS	 /* and dropped something */
};

static const char *const modes[] = { "plain", "empty", "hostile", "refuse",
	"full", "hangup", "cut", "newer", "older", "garbage", "size", "type",
	"id", "norow", "table", "well", "warn", "drops" };

struct server {
	struct msg_conn conn;
	enum mode mode;
	uint32_t id; /* of the request */
};

/* What a sender wants a terminal, a parser or a reader to stumble over. */
static const char nasty[] = "a\"\\\n\r\t\033[2J\x7f\xc3\xa9\xc2\x9b\xe2\x82"
			    "\xff\xed\xa0\x80{}=,#\x01";

static void
text(const struct server *s, char *to, size_t size, const char *plain)
{
	size_t i;

	if (s->mode != HOSTILE) {
		snprintf(to, size, "%s", s->mode == EMPTY ? "" : plain);
		return;
	}
	for (i = 0; i < size; i++)
		to[i] = nasty[i % (sizeof(nasty) - 1)];
}

static uint64_t
value(const struct server *s, uint64_t plain)
{
	if (s->mode == HOSTILE)
		return UINT64_MAX - 1;
	return s->mode == EMPTY ? 0 : plain;
}

static void
row(struct server *s, uint32_t type, const void *data, size_t len)
{
	uint32_t id = s->mode == ID ? s->id + 1 : s->id;

	if (s->mode == NOROW)
		return;
	if (s->mode == SIZE)
		len--;
	if (s->mode == TYPE)
		type = MSG_CTL_END + 1;
	msg_send(&s->conn, type, id, data, len, -1);
}

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

static void
read_table(struct ctl_status *r)
{
	r->interface[0] = '\0';
	r->pfsync_version = 0;
}

static void
status(struct server *s)
{
	struct ctl_status r;

	memset(&r, 0, sizeof(r));
	text(s, r.version, sizeof(r.version), "0.2");
	text(s, r.sandbox, sizeof(r.sandbox), "seccomp");
	text(s, r.interface, sizeof(r.interface), "pfsync0");
	text(s, r.absent, sizeof(r.absent), "");
	text(s, r.condition, sizeof(r.condition), "");
	text(s, r.error, sizeof(r.error),
	    "collector 192.0.2.20:9995: Connection refused; is it running and "
	    "reachable?");
	r.now = value(s, T0 + UINT64_C(93784000));
	r.started = value(s, T0);
	r.engine_started = value(s, T0 + UINT64_C(90000000));
	r.reloaded = value(s, T0 + UINT64_C(86400000));
	r.error_time = value(s, T0 + UINT64_C(90000500));
	if (s->mode >= WARN)
		r.error_time = r.now - 60000;
	if (s->mode == DROPS)
		r.drop_time = r.now - 60000;
	r.engines = value(s, 4);
	r.engines_replaced = value(s, 2);
	r.engines_died = value(s, 1);
	r.clients = value(s, 1);
	r.records = value(s, 4890);
	r.buffer = value(s, 0);
	r.listening = (uint32_t)value(s, 1);
	r.pfsync_version = (uint32_t)value(s, 3);
	r.verbose = (uint32_t)value(s, 1);
	r.source = (uint32_t)value(s, s->mode == TABLE);
	r.replay = (uint32_t)value(s, 0);
	if (s->mode == TABLE)
		read_table(&r);
	if (s->mode == EMPTY) {
		r.now = r.started = r.engine_started = T0;
		r.engines = 1;
		r.buffer = 1048576;
		memcpy(r.version, "0.2", 4);
		memcpy(r.sandbox, "none", 5);
		memcpy(r.interface, "pfsync0", 8);
		memcpy(r.absent,
		    "interface pfsync0 does not exist; waiting for it "
		    "(ifconfig pfsync0 create)",
		    75);
		memcpy(r.condition,
		    "no pfsync message on pfsync0 for 30 minutes", 44);
	}
	row(s, MSG_CTL_STATUS, &r, sizeof(r));
}

/* Of the state table, or of pfsync. */
static void
source_counters(const struct server *s, struct counters *r)
{
	if (s->mode == TABLE || s->mode == HOSTILE) {
		r->dumps = value(s, 720);
		r->dumps_void = value(s, 1);
		r->first_seen = value(s, 2600);
		r->tracked = value(s, 100);
		r->ended_exact = value(s, 2470);
		r->ended_perhaps_cut = value(s, 10);
		r->ended_cut = value(s, 20);
		r->never_seen_most = value(s, 3);
	}
	if (s->mode != TABLE) {
		r->kernel_received = value(s, 1023);
		r->kernel_dropped = value(s, 3);
	}
}

static void
counters(struct server *s)
{
	struct ctl_counters c;
	struct counters r;

	memset(&c, 0, sizeof(c));
	memset(&r, 0, sizeof(r));
	source_counters(s, &r);
	r.frames = value(s, 1020);
	r.verdict[PFSYNC_DECODED] = value(s, 1000);
	r.verdict[PFSYNC_FRAGMENT] = value(s, 5);
	r.verdict[PFSYNC_ACTION] = value(s, 7);
	r.verdict[PFSYNC_FOREIGN] = value(s, 8);
	r.announced = value(s, 2502);
	r.cut = value(s, 2);
	r.snapped = value(s, 1);
	r.states = value(s, 2500);
	r.exported = value(s, 2450);
	r.ignored = value(s, 40);
	r.own = value(s, 4);
	r.no_packets = value(s, 6);
	r.no_interface = value(s, UINT64_C(1) << 53 | 1);
	c.counters = r;
	c.source = (uint32_t)value(s, s->mode == TABLE);
	row(s, MSG_CTL_COUNTERS, &c, sizeof(c));
}

static void
collectors(struct server *s)
{
	struct ctl_collector r;

	memset(&r, 0, sizeof(r));
	text(s, r.name, sizeof(r.name), "flows.example.org:9995");
	text(s, r.protocol, sizeof(r.protocol), "netflow5");
	text(s, r.address, sizeof(r.address), "192.0.2.10:9995");
	r.since = value(s, T0);
	r.state = (uint32_t)value(s, CTL_UP);
	r.records_queued = value(s, 20);
	r.datagrams_queued = value(s, 1);
	r.counters.offered = value(s, 2460);
	r.counters.given = value(s, 2450);
	r.counters.ignored = value(s, 10);
	r.counters.built = value(s, 4890);
	r.counters.sent = value(s, 4870);
	r.counters.datagrams = value(s, 170);
	r.counters.bytes = value(s, 237840);
	row(s, MSG_CTL_COLLECTOR, &r, sizeof(r));
	text(s, r.name, sizeof(r.name), "192.0.2.20:9995");
	text(s, r.address, sizeof(r.address), "192.0.2.20:9995");
	text(s, r.error, sizeof(r.error), "Connection refused");
	r.error_time = value(s, T0 + UINT64_C(90000500));
	r.since = value(s, T0 + UINT64_C(90000500));
	r.state = s->mode >= WELL ? CTL_UP : CTL_DOWN;
	r.engine_id = (uint32_t)value(s, 3);
	r.rate = value(s, 5000);
	r.counters.sent = value(s, 4790);
	r.counters.dropped = value(s, 50);
	r.counters.failed[SEND_REFUSED] = value(s, 30);
	r.counters.errors[SEND_REFUSED] = value(s, 2);
	row(s, MSG_CTL_COLLECTOR, &r, sizeof(r));
	/* The same again, from another address. */
	r.state = CTL_UP;
	row(s, MSG_CTL_COLLECTOR, &r, sizeof(r));
}

static void
interfaces(struct server *s)
{
	struct ctl_interface r;

	memset(&r, 0, sizeof(r));
	text(s, r.name, sizeof(r.name), "em0");
	r.states = value(s, 2400);
	r.records = value(s, 4700);
	r.index = (uint32_t)value(s, 1);
	row(s, MSG_CTL_INTERFACE, &r, sizeof(r));
	text(s, r.name, sizeof(r.name), "vlan100");
	r.states = value(s, 90);
	r.records = value(s, 170);
	r.index = (uint32_t)value(s, 1100);
	r.set_by = (uint32_t)value(s, CTL_SET_CONF);
	row(s, MSG_CTL_INTERFACE, &r, sizeof(r));
	text(s, r.name, sizeof(r.name), "all");
	r.states = value(s, 10);
	r.records = value(s, 20);
	r.index = 0;
	r.set_by = CTL_SET_NONE;
	row(s, MSG_CTL_INTERFACE, &r, sizeof(r));
}

static void
rules(struct server *s)
{
	struct ctl_rule r;

	memset(&r, 0, sizeof(r));
	text(s, r.text, sizeof(r.text), "ignore all");
	r.states = value(s, 40);
	row(s, MSG_CTL_RULE, &r, sizeof(r));
	text(s, r.text, sizeof(r.text),
	    "export in on \"em0\" proto tcp from any to 203.0.113.0/24");
	r.states = value(s, 2460);
	r.number = value(s, 1);
	row(s, MSG_CTL_RULE, &r, sizeof(r));
	text(s, r.collector, sizeof(r.collector), "192.0.2.20:9995");
	text(s, r.text, sizeof(r.text), "ignore proto icmp");
	r.states = value(s, 10);
	r.number = 0;
	row(s, MSG_CTL_RULE, &r, sizeof(r));
}

static void
config(struct server *s)
{
	static const char *const lines[] = { "interface \"pfsync0\"", "hold 5",
		"collector \"192.0.2.20\" port 9995 {", "\tengine id 3", "}" };
	char line[CTL_LINE];
	size_t i;

	if (s->mode == HOSTILE) {
		text(s, line, sizeof(line), "");
		row(s, MSG_CTL_LINE, line, sizeof(line));
		return;
	}
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		row(s, MSG_CTL_LINE, lines[i], strlen(lines[i]));
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
	return r;
}

/* Then the client hangs up, or in most modes the server does. */
static void
flows(struct server *s)
{
	struct ctl_flow r = plain_flow(s);
	struct ctl_lost lost = { 12 };
	struct msg msg;

	row(s, MSG_CTL_BEGUN, NULL, 0);
	row(s, MSG_CTL_FLOW, &r, sizeof(r));
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

static void
answer(struct server *s, const struct msg *msg)
{
	static void (*const shows[])(struct server *) = { status, counters,
		collectors, interfaces, rules, config };
	uint32_t show = msg->type - MSG_CTL_SHOW_STATUS;

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
	} else if (msg->type == MSG_CTL_TEST) {
		tests(s, msg);
	} else if (show < sizeof(shows) / sizeof(shows[0])) {
		/* A new one has a status and counters, but no lists. */
		if (s->mode != EMPTY || show < 2)
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
