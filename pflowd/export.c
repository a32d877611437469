/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <string.h>

#include "common/bytes.h"
#include "common/cold.h"
#include "export.h"
#include "exporter.h"
#include "ledger.h"
#include "outlet.h"
#include "rule.h"

/* More records than this for one direction of one state are a hostile's. */
#define SPLIT_MAX 65536

/* Records of a split that are built before the event loop has its turn. */
#define SPLIT_SLICE 256

/* The port of a record for a test (RFC 863). */
#define DISCARD 9

/* Records needed to say a number of up to `most` each. */
static uint64_t
parts_for(uint64_t n, uint64_t most)
{
	return n / most + (n % most != 0);
}

static uint64_t
parts_of(const struct record *r, enum flow_end from, uint64_t most)
{
	uint64_t packets = parts_for(r->packets[from], most);
	uint64_t octets = parts_for(r->octets[from], most);

	return packets > octets ? packets : octets;
}

/* `most` is one less than a power of two. */
static int
fits_at_once(const struct record *r, enum flow_end from, uint64_t most)
{
	return (r->packets[from] | r->octets[from]) <= most;
}

static int
can_split(const struct record *r, enum flow_end from, uint64_t most)
{
	uint64_t parts = parts_of(r, from, most);

	return parts <= SPLIT_MAX && parts <= r->packets[from];
}

/* A direction without packets has no record. */
static int
expressible(struct outlet *o, const struct record *r)
{
	uint64_t most = o->exporter->counter;
	int from;

	if (r->family == 6 && !o->exporter->inet6) {
		o->counters->inexpressible_inet6++;
		return 0;
	}
	for (from = 0; from < 2; from++)
		if (r->packets[from] > 0 && !fits_at_once(r, from, most) &&
		    !can_split(r, from, most)) {
			o->counters->inexpressible_wide++;
			return 0;
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
	return rules_ignore(x, &x->conf->selection, x->ledger->rules, f);
}

static void
outlet_split(struct exports *x, struct outlet *o, const struct record *r,
    enum flow_end from)
{
	struct split *s = &o->split[o->splits];

	s->whole = *r;
	s->from = from;
	s->parts = parts_of(r, from, o->exporter->counter);
	s->done = 0;
	if (o->splits++ == 0)
		x->busy++;
	o->counters->split++;
}

static unsigned int
kind_of(const struct outlet *o, const struct record *r, int both)
{
	return o->exporter->kind == NULL ? 0 : o->exporter->kind(r, both);
}

/* An index for which there is no room is told as unknown, and counted. */
static void
count_wide_index(struct outlet *o, const struct record *r, unsigned int n)
{
	if (r->index > o->exporter->index)
		o->counters->wide_index += n;
}

/* One record, of the direction from this end. */
static void
outlet_direction(struct exports *x, struct outlet *o, const struct record *r,
    enum flow_end from)
{
	unsigned int kind = kind_of(o, r, 0);
	uint8_t data[EXPORTER_PAIR];

	o->exporter->put(data, kind, r, from, 1);
	outlet_add(x, o, kind, data, 1, &r->times);
	count_wide_index(o, r, 1);
}

/* Each direction in as many records as it takes. */
static void
outlet_wide(struct exports *x, struct outlet *o, const struct record *r)
{
	int from;

	for (from = 0; from < 2; from++) {
		if (r->packets[from] == 0)
			continue;
		if (fits_at_once(r, from, o->exporter->counter))
			outlet_direction(x, o, r, from);
		else
			outlet_split(x, o, r, from);
	}
}

/* All that there is of it; collectors in a row may have the same. */
static void
outlet_record(struct exports *x, struct outlet *o, const struct record *r)
{
	struct written *w = &x->written;
	enum flow_end from = r->packets[0] > 0 ? FLOW_INITIATOR :
						 FLOW_RESPONDER;
	int both = r->directions == 2 && o->conf->biflow;
	unsigned int kind = kind_of(o, r, both);
	unsigned int n = both ? 1 : r->directions;

	if (w->exporter != o->exporter || w->kind != kind) {
		o->exporter->put(w->data, kind, r, from, n);
		w->exporter = o->exporter;
		w->kind = kind;
	}
	outlet_add(x, o, kind, w->data, n, &r->times);
	count_wide_index(o, r, n);
}

/* What does not simply fit: more than one record says, or no record. */
COLD static enum export_result
outlet_unfit(struct exports *x, struct outlet *o, const struct record *r)
{
	if (!expressible(o, r))
		return EXPORT_INEXPRESSIBLE;
	o->counters->given++;
	outlet_wide(x, o, r);
	return EXPORT_GIVEN;
}

static int
fits(const struct outlet *o, const struct record *r)
{
	uint64_t widest = r->packets[0] | r->packets[1] | r->octets[0] |
	    r->octets[1];

	return widest <= o->exporter->counter &&
	    (r->family == 4 || o->exporter->inet6);
}

static enum export_result
outlet_flow(struct exports *x, struct outlet *o, const struct flow *f,
    const struct record *r)
{
	o->counters->offered++;
	if (o->rules->n > 0 && rules_ignore(x, o->rules, o->hits, f)) {
		o->counters->ignored++;
		return EXPORT_IGNORED;
	}
	if (!fits(o, r))
		return outlet_unfit(x, o, r);
	o->counters->given++;
	outlet_record(x, o, r);
	return EXPORT_GIVEN;
}

/* Of the collectors' results the first in the enum's order holds. */
enum export_result
export_flow(struct exports *x, const struct flow *f, const struct record *r,
    uint64_t now)
{
	enum export_result result, best = EXPORT_IGNORED;
	unsigned int i;

	x->now = now;
	x->written.exporter = NULL;
	for (i = 0; i < x->n; i++) {
		result = outlet_flow(x, x->outlets[i], f, r);
		if (result < best)
			best = result;
	}
	return best;
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
split_some(struct exports *x, struct outlet *o, struct split *s)
{
	struct record part = s->whole;
	unsigned int slice;

	for (slice = SPLIT_SLICE; slice > 0 && s->done < s->parts; slice--) {
		part.packets[s->from] = share(s->whole.packets[s->from],
		    s->parts, s->done);
		part.octets[s->from] = share(s->whole.octets[s->from], s->parts,
		    s->done);
		outlet_direction(x, o, &part, s->from);
		s->done++;
	}
	return s->done == s->parts;
}

void
outlet_split_some(struct exports *x, struct outlet *o)
{
	if (split_some(x, o, &o->split[o->splits - 1]) && --o->splits == 0)
		x->busy--;
}

void
export_more(struct exports *x, uint64_t now)
{
	unsigned int i;

	x->now = now;
	for (i = 0; i < x->n; i++)
		if (x->outlets[i]->splits > 0)
			outlet_split_some(x, x->outlets[i]);
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
	if (now >= x->due || now < x->clock)
		close_held(x, now);
	x->now = x->clock = now;
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
		.packets = { 1 },
		.octets = { 64 },
		.host = { { { 192, 0, 2, 1 }, DISCARD },
		    { { 198, 51, 100, 1 }, DISCARD } },
		.family = 4,
		.proto = IPPROTO_UDP,
		.directions = 1,
		.reason = RECORD_FORCED,
	};
	struct outlet *o = x->outlets[i];
	struct record r = test;

	r.times.start = r.times.end = now;
	x->now = now;
	outlet_direction(x, o, &r, FLOW_INITIATOR);
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
