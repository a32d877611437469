/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stdio.h>
#include <string.h>

#include "ctlserve.h"

/* What a sender wants a terminal, a parser or a reader to stumble over. */
static const char nasty[] = "a\"\\\n\r\t\033[2J\x7f\xc3\xa9\xc2\x9b\xe2\x82"
			    "\xff\xed\xa0\x80{}=,#\x01";

void
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

uint64_t
value(const struct server *s, uint64_t plain)
{
	if (s->mode == HOSTILE)
		return UINT64_MAX - 1;
	return s->mode == EMPTY ? 0 : plain;
}

void
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

#define SLOW_DUMP                                       \
	"a dump takes 40 % of the time between dumps: " \
	"raise \"interval\" in pflowd.conf"

static void
read_table(struct ctl_status *r)
{
	r->interface[0] = '\0';
	r->mild = 1;
	memcpy(r->condition, SLOW_DUMP, sizeof(SLOW_DUMP));
	r->pfsync_version = 0;
}

void
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
		r->first_seen = value(s, 2603);
		r->tracked = value(s, 100);
		r->ended_exact = value(s, 2470);
		r->ended_perhaps_cut = value(s, 10);
		r->ended_cut = value(s, 20);
		r->lost = value(s, 3);
		r->never_seen_most = value(s, 3);
		r->interim = value(s, 120);
		r->pairs = value(s, 950);
		r->pairs_ambiguous = value(s, 2);
		r->octets_before_start = value(s, 1000000);
		r->octets_twin = value(s, 2000000);
		r->octets_cut = value(s, 45678);
	}
	if (s->mode != TABLE) {
		r->kernel_received = value(s, 1023);
		r->kernel_dropped = value(s, 3);
	}
}

void
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
	r.announced = value(s, 3402);
	r.cut = value(s, 2);
	r.twins = value(s, 900);
	r.snapped = value(s, 1);
	r.states = value(s, 2500);
	r.exported = value(s, 2450);
	r.ignored = value(s, 40);
	r.own = value(s, 4);
	r.no_packets = value(s, 6);
	r.no_interface = value(s, UINT64_C(1) << 53 | 1);
	r.joined = value(s, 900);
	r.octets_reported = value(s, 9000000);
	r.octets_shown = value(s, s->mode == TABLE ? 12345678 : 9000000);
	r.octets_exported = value(s, 8700000);
	r.octets_ignored = value(s, 250000);
	r.octets_own = value(s, 50000);
	r.dropped_between = value(s, 1234);
	c.counters = r;
	c.source = (uint32_t)value(s, s->mode == TABLE);
	row(s, MSG_CTL_COUNTERS, &c, sizeof(c));
}

void
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
	r.octets_queued = value(s, 35000);
	r.counters.octets_built = value(s, 8700000);
	r.counters.octets_sent = value(s, 8665000);
	r.counters.datagrams = value(s, 170);
	r.counters.bytes = value(s, 237840);
	row(s, MSG_CTL_COLLECTOR, &r, sizeof(r));
	text(s, r.name, sizeof(r.name), "192.0.2.20:9995");
	text(s, r.address, sizeof(r.address), "192.0.2.20:9995");
	text(s, r.error, sizeof(r.error), "Connection refused");
	r.error_time = value(s, T0 + UINT64_C(90000500));
	r.since = value(s, T0 + UINT64_C(90000500));
	r.state = s->mode >= TABLE ? CTL_UP : CTL_DOWN;
	r.engine_id = (uint32_t)value(s, 3);
	r.rate = value(s, 5000);
	r.counters.sent = value(s, 4790);
	r.counters.dropped = value(s, 50);
	r.counters.octets_sent = value(s, 8500000);
	r.counters.octets_dropped = value(s, 100000);
	r.counters.octets_failed = value(s, 65000);
	r.counters.failed[SEND_REFUSED] = value(s, 30);
	r.counters.errors[SEND_REFUSED] = value(s, 2);
	row(s, MSG_CTL_COLLECTOR, &r, sizeof(r));
	/* The same again, from another address. */
	r.state = CTL_UP;
	row(s, MSG_CTL_COLLECTOR, &r, sizeof(r));
}

/* Of a dump, and of those before. */
static void
table_source(const struct server *s, struct ctl_source *r)
{
	text(s, r->name, sizeof(r->name), "table");
	text(s, r->reads, sizeof(r->reads), "pf's state table (OpenBSD)");
	text(s, r->condition, sizeof(r->condition), SLOW_DUMP);
	r->tracked = value(s, 100123);
	r->without_room = value(s, 0);
	r->dumps = value(s, 720);
	r->dumps_void = value(s, 1);
	r->dumpers_replaced = value(s, 0);
	r->interval = value(s, 5000);
	r->interim = value(s, 300000);
	r->join = (uint32_t)value(s, 1);
	r->took = value(s, 2012);
	r->longest = value(s, 12345);
	r->cpu = value(s, 90);
	r->bytes = value(s, 26432472);
	r->states = value(s, 100123);
	r->limit = value(s, 1000000);
	r->pf = (uint32_t)value(s, CTL_PF_ENABLED);
}

void
sources(struct server *s)
{
	struct ctl_source r;

	memset(&r, 0, sizeof(r));
	text(s, r.name, sizeof(r.name), "pfsync");
	text(s, r.reads, sizeof(r.reads), "pfsync0");
	if (s->mode == EMPTY)
		memcpy(r.name, "pfsync", 7);
	r.pf = CTL_PF_UNKNOWN;
	r.pfsync_version = (uint32_t)value(s, 3);
	r.since = value(s, T0 + UINT64_C(90000000));
	r.useful = value(s, T0 + UINT64_C(93783000));
	if (s->mode == TABLE || s->mode == HOSTILE) {
		table_source(s, &r);
		r.pfsync_version = (uint32_t)value(s, 0);
	}
	row(s, MSG_CTL_SOURCE, &r, sizeof(r));
}

void
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

void
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

void
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
