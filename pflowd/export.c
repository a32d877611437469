/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <string.h>

#include "common/bytes.h"
#include "export.h"
#include "exporter.h"
#include "ledger.h"
#include "outlet.h"
#include "rule.h"

/* More records than this for one direction of one state are a hostile's. */
#define SPLIT_MAX 65536

/* Records of a split that are built before the event loop has its turn. */
#define SPLIT_SLICE 256

/* So often at most an outlet asks its socket. */
#define PROBE_MS 100

/* The port of a record for a test (RFC 863). */
#define DISCARD 9

/*
 * What the protocol cannot say in full is told as near as it can, and counted.
 */
static void
fit(struct outlet *o, struct record *r, uint64_t time)
{
	uint64_t earliest;

	if (r->input > o->exporter->index || r->output > o->exporter->index) {
		r->input = r->output = 0;
		o->counters->wide_index++;
	}
	if (time - r->start <= o->exporter->span)
		return;
	o->counters->clamped++;
	earliest = time - o->exporter->span;
	r->start = earliest;
	if (r->end < earliest)
		r->end = earliest;
}

/* Records of a kind come in a row. */
static size_t
encode(struct outlet *o, uint8_t *datagram, uint64_t time)
{
	const struct exporter *e = o->exporter;
	unsigned int i, kind;
	size_t len;

	len = e->begin(datagram, &o->stream, time, o->open, o->templates);
	for (kind = 0; o->kinds >> kind != 0; kind++)
		for (i = 0; o->kinds >> kind & 1 && i < o->open; i++)
			if (o->kind[i] == kind)
				len += e->add(datagram, len, &o->stream, kind,
				    o->records[i], time);
	return len + e->finish(datagram, len, &o->stream, o->open);
}

void
outlet_close(struct outlet *o, uint64_t now)
{
	uint64_t time = now > o->latest ? now : o->latest;
	unsigned int i;

	for (i = 0; i < o->open; i++)
		fit(o, o->records[i], time);
	collector_push(o->to, encode(o, collector_buffer(o->to), time),
	    o->open);
	o->open = 0;
	o->kinds = o->templates = 0;
	o->latest = 0;
}

/*
 * Whether a template is to come with the first record of its kind in a
 * datagram: at first, and again and again, for a collector that was started
 * since; always while it does not answer, as it may have been started again
 * when it does.  A clock that was set back counts as long ago.
 */
static int
template_due(const struct outlet *o, unsigned int kind, uint64_t now)
{
	const struct conf_collector *c = o->conf;
	const struct announced *a = &o->announced[kind];
	struct collector_state state;

	if (o->exporter->template[kind] == 0)
		return 0;
	collector_state(o->to, &state);
	return !a->done || !state.up ||
	    o->counters->begun - a->begun >= c->templates_datagrams ||
	    now - a->time >= c->templates_seconds * UINT64_C(1000);
}

/*
 * That a datagram did not arrive is known soon after, but told by the next
 * send: too late for what that one has to say to a collector which was started
 * again meanwhile.  Where much is sent it makes no difference.
 */
static void
probe(struct outlet *o, uint64_t now)
{
	if (o->exporter->options == NULL ||
	    (now >= o->probed && now - o->probed < PROBE_MS))
		return;
	o->probed = now;
	collector_probe(o->to);
}

static void
outlet_open(struct exports *x, struct outlet *o, uint64_t now)
{
	probe(o, now);
	outlet_tell(x, o, now);
	o->counters->begun++;
	o->opened = now;
	o->used = o->exporter->header;
	if (now + x->hold < x->due)
		x->due = now + x->hold;
}

/* Bytes that a record takes, those of a kind that is new here included. */
static size_t
size_here(const struct outlet *o, unsigned int kind, uint64_t now)
{
	const struct exporter *e = o->exporter;

	if (o->kinds >> kind & 1)
		return e->record[kind];
	return e->record[kind] + e->set +
	    (template_due(o, kind, now) ? e->template[kind] : 0);
}

static void
enter_kind(struct outlet *o, unsigned int kind, uint64_t now)
{
	if (o->kinds >> kind & 1)
		return;
	if (template_due(o, kind, now)) {
		o->templates |= 1U << kind;
		o->announced[kind] = (struct announced){ 1, o->counters->begun,
			now };
	}
	o->kinds |= 1U << kind;
}

/*
 * One record, of both directions if there are two.  A datagram with no room
 * for the smallest one is full.
 */
static void
outlet_add(struct exports *x, struct outlet *o, const struct record *r,
    unsigned int n, uint64_t now)
{
	const struct exporter *e = o->exporter;
	unsigned int kind = e->kind == NULL ? 0 : e->kind(r, n == 2);

	if (o->open > 0 && o->used + size_here(o, kind, now) > o->room)
		outlet_close(o, now);
	if (o->open == 0)
		outlet_open(x, o, now);
	o->used += size_here(o, kind, now);
	enter_kind(o, kind, now);
	o->kind[o->open] = (uint8_t)kind;
	memcpy(o->records[o->open++], r, n * sizeof(*r));
	if (r->end > o->latest)
		o->latest = r->end;
	o->counters->built++;
	if (o->open == e->records || o->used + e->record[0] > o->room)
		outlet_close(o, now);
}

/* Records needed to say a number of up to `most` each. */
static uint64_t
parts_for(uint64_t n, uint64_t most)
{
	return n / most + (n % most != 0);
}

static uint64_t
parts_of(const struct record *r, uint64_t most)
{
	uint64_t packets = parts_for(r->packets, most);
	uint64_t octets = parts_for(r->octets, most);

	return packets > octets ? packets : octets;
}

static int
fits_at_once(const struct record *r, uint64_t most)
{
	return r->packets <= most && r->octets <= most;
}

static int
expressible(struct outlet *o, const struct record *r, unsigned int n)
{
	unsigned int i;

	if (r[0].family == 6 && !o->exporter->inet6) {
		o->counters->inexpressible_inet6++;
		return 0;
	}
	for (i = 0; i < n; i++) {
		uint64_t parts;

		if (fits_at_once(&r[i], o->exporter->counter))
			continue;
		parts = parts_of(&r[i], o->exporter->counter);
		if (parts > SPLIT_MAX || parts > r[i].packets) {
			o->counters->inexpressible_wide++;
			return 0;
		}
	}
	return 1;
}

static int
rules_ignore(const struct exports *x, const struct rule_list *rules,
    uint64_t *hits, const struct flow *f)
{
	const struct rule *r;

	r = rule_decide(rules, f, x->conf->rules.view, &x->conf->self);
	if (r == NULL)
		return 0;
	hits[r - rules->rules]++;
	return r->ignore;
}

int
export_ignored(struct exports *x, const struct flow *f)
{
	const struct rule_list *rules = &x->conf->selection;

	return rules->n > 0 && rules_ignore(x, rules, x->ledger->rules, f);
}

static void
outlet_split(struct exports *x, struct outlet *o, const struct record *r)
{
	struct split *s = &o->split[o->splits];

	s->whole = *r;
	s->parts = parts_of(r, o->exporter->counter);
	s->done = 0;
	if (o->splits++ == 0)
		x->busy++;
	o->counters->split++;
}

static enum export_result
outlet_flow(struct exports *x, struct outlet *o, const struct flow *f,
    const struct record *r, unsigned int n, uint64_t now)
{
	unsigned int i;

	o->counters->offered++;
	if (o->rules->n > 0 && rules_ignore(x, o->rules, o->hits, f)) {
		o->counters->ignored++;
		return EXPORT_IGNORED;
	}
	if (!expressible(o, r, n))
		return EXPORT_INEXPRESSIBLE;
	o->counters->given++;
	if (n == 2 && o->conf->biflow) {
		outlet_add(x, o, r, 2, now);
		return EXPORT_GIVEN;
	}
	for (i = 0; i < n; i++) {
		if (fits_at_once(&r[i], o->exporter->counter))
			outlet_add(x, o, &r[i], 1, now);
		else
			outlet_split(x, o, &r[i]);
	}
	return EXPORT_GIVEN;
}

/* Of the collectors' results the first in the enum's order holds. */
enum export_result
export_flow(struct exports *x, const struct flow *f, const struct record *r,
    unsigned int n, uint64_t now)
{
	unsigned int i, results = 0;

	for (i = 0; i < x->n; i++)
		results |= 1U << outlet_flow(x, x->outlets[i], f, r, n, now);
	if (results & 1U << EXPORT_GIVEN)
		return EXPORT_GIVEN;
	if (results & 1U << EXPORT_INEXPRESSIBLE)
		return EXPORT_INEXPRESSIBLE;
	return EXPORT_IGNORED;
}

int
export_busy(const struct exports *x)
{
	return x->busy > 0;
}

/* What the i-th of so many parts has of a number. */
static uint64_t
share(uint64_t whole, uint64_t parts, uint64_t i)
{
	return whole / parts + (i < whole % parts);
}

/* Some records of a split; returns whether that was all. */
static int
split_some(struct exports *x, struct outlet *o, struct split *s, uint64_t now)
{
	struct record part = s->whole;
	unsigned int slice;

	for (slice = SPLIT_SLICE; slice > 0 && s->done < s->parts; slice--) {
		part.packets = share(s->whole.packets, s->parts, s->done);
		part.octets = share(s->whole.octets, s->parts, s->done);
		outlet_add(x, o, &part, 1, now);
		s->done++;
	}
	return s->done == s->parts;
}

void
outlet_split_some(struct exports *x, struct outlet *o, uint64_t now)
{
	if (split_some(x, o, &o->split[o->splits - 1], now) && --o->splits == 0)
		x->busy--;
}

void
export_more(struct exports *x, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		if (x->outlets[i]->splits > 0)
			outlet_split_some(x, x->outlets[i], now);
}

/*
 * A datagram is closed as of the moment it was due, however late that is
 * noticed; at once when the clock was set back.
 */
static void
close_held(struct exports *x, uint64_t now)
{
	unsigned int i;

	x->due = UINT64_MAX;
	for (i = 0; i < x->n; i++) {
		struct outlet *o = x->outlets[i];
		uint64_t due = o->opened + x->hold;

		if (o->open == 0)
			continue;
		if (now >= due)
			outlet_close(o, due);
		else if (now < o->opened)
			outlet_close(o, now);
		else if (due < x->due)
			x->due = due;
	}
}

void
export_clock(struct exports *x, uint64_t now)
{
	if (now >= x->due || now < x->now)
		close_held(x, now);
	x->now = now;
}

uint64_t
export_due(const struct exports *x)
{
	return x->due;
}

void
export_close(struct exports *x, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		if (x->outlets[i]->open > 0)
			outlet_close(x->outlets[i], now);
	x->due = UINT64_MAX;
}

void
export_send(struct exports *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		collector_send(x->outlets[i]->to);
}

int
export_full(const struct exports *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++) {
		const struct collector *c = x->outlets[i]->to;

		if (collector_waiting(c) > COLLECTOR_QUEUE / 2 &&
		    !collector_stuck(c))
			return 1;
	}
	return 0;
}

int
export_unsent(const struct exports *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++) {
		const struct collector *c = x->outlets[i]->to;

		if (collector_waiting(c) > 0 && !collector_stuck(c))
			return 1;
	}
	return 0;
}

void
export_abandon(struct exports *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		collector_abandon(x->outlets[i]->to);
}

static int
same_address(const struct sockaddr_storage *ss, const struct flow_host *h)
{
	if (ss->ss_family == AF_INET)
		return memcmp(&((const struct sockaddr_in *)ss)->sin_addr,
			   h->addr, 4) == 0;
	return memcmp(&((const struct sockaddr_in6 *)ss)->sin6_addr, h->addr,
		   16) == 0;
}

static int
same_port(const struct sockaddr_storage *ss, const struct flow_host *h)
{
	const uint8_t *port = ss->ss_family == AF_INET ?
	    (const uint8_t *)&((const struct sockaddr_in *)ss)->sin_port :
	    (const uint8_t *)&((const struct sockaddr_in6 *)ss)->sin6_port;

	return get_be16(port) == h->port;
}

/* From us, by whatever port an engine before had, to the collector. */
int
export_own(const struct exports *x, const struct flow *f)
{
	int family = f->family == 6 ? AF_INET6 : AF_INET;
	unsigned int i;

	if (f->proto != IPPROTO_UDP || f->direction != FLOW_OUT)
		return 0;
	for (i = 0; i < x->n; i++) {
		const struct outlet *o = x->outlets[i];

		if (o->peer.ss_family == family &&
		    same_port(&o->peer, &f->ext) &&
		    same_address(&o->peer, &f->ext) &&
		    same_address(&o->local, &f->lan))
			return 1;
	}
	return 0;
}

void
export_test(struct exports *x, unsigned int i, uint64_t now)
{
	static const struct record test = {
		.packets = 1,
		.octets = 64,
		.sport = DISCARD,
		.dport = DISCARD,
		.src = { 192, 0, 2, 1 },
		.dst = { 198, 51, 100, 1 },
		.family = 4,
		.proto = IPPROTO_UDP,
		.reason = RECORD_FORCED,
	};
	struct outlet *o = x->outlets[i];
	struct record r = test;

	r.start = r.end = now;
	outlet_add(x, o, &r, 1, now);
	o->counters->tests++;
	if (o->open > 0)
		outlet_close(o, now);
	collector_send(o->to);
}

void
export_probe(struct exports *x, unsigned int i)
{
	collector_probe(x->outlets[i]->to);
}
