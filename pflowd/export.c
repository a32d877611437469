/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>

#include "conf.h"
#include "export.h"
#include "exporter.h"

#define IP4_UDP_HEADERS 28
#define IP6_UDP_HEADERS 48

/* More records than this for one direction of one state are a hostile's. */
#define SPLIT_MAX 65536

/* Records of a split that are built before the event loop has its turn. */
#define SPLIT_SLICE 256

/* A direction whose counters need more than one record. */
struct split {
	struct record whole;
	uint64_t parts;
	uint64_t done;
};

/* A stream of datagrams to one collector.  open records are not encoded yet. */
struct outlet {
	const struct exporter *exporter;
	struct stream stream;
	struct collector *to;
	struct collector_counters *counters;
	unsigned int most; /* records in a datagram, by protocol and MTU */
	unsigned int open;
	uint64_t opened; /* when the first of them came */
	uint64_t latest; /* the latest end among them */
	unsigned int splits;
	struct split split[2];
	struct record records[EXPORTER_RECORDS];
};

struct exports {
	uint64_t hold; /* ms */
	uint64_t now;  /* of the last call */
	uint64_t due;  /* no datagram has been held long enough before this */
	unsigned int busy; /* outlets with splits */
	unsigned int n;
	struct outlet outlets[];
};

static unsigned int
records_per_datagram(const struct exporter *e, const struct conf_collector *c)
{
	size_t headers = c->addr.ss_family == AF_INET6 ? IP6_UDP_HEADERS :
							 IP4_UDP_HEADERS;
	size_t room = c->mtu - headers;

	if (room > COLLECTOR_DATAGRAM)
		room = COLLECTOR_DATAGRAM;
	room = (room - e->header) / e->record;
	return room > e->records ? e->records : (unsigned int)room;
}

static int
outlet_init(struct outlet *o, struct event_base *base,
    const struct conf_collector *c, struct collector_counters *counters,
    collector_room_cb *room, void *arg)
{
	struct collector_setup setup = {
		.name = c->name,
		.fd = c->fd,
		.rate = c->rate,
		.counters = counters,
		.room = room,
		.room_arg = arg,
	};

	o->exporter = &netflow5;
	o->stream.engine_id = c->engine_id;
	o->counters = counters;
	o->most = records_per_datagram(o->exporter, c);
	o->to = collector_new(base, &setup);
	return o->to == NULL ? -1 : 0;
}

struct exports *
export_new(struct event_base *base, const struct conf *conf,
    struct collector_counters *counters, collector_room_cb *room, void *arg)
{
	struct exports *x;

	x = calloc(1, sizeof(*x) + conf->ncollectors * sizeof(x->outlets[0]));
	if (x == NULL)
		return NULL;
	x->hold = conf->hold * 1000;
	x->due = UINT64_MAX;
	for (x->n = 0; x->n < conf->ncollectors; x->n++)
		if (outlet_init(&x->outlets[x->n], base,
			&conf->collectors[x->n], &counters[x->n], room,
			arg) == -1) {
			export_free(x);
			errno = ENOMEM;
			return NULL;
		}
	return x;
}

void
export_free(struct exports *x)
{
	unsigned int i;

	if (x == NULL)
		return;
	for (i = 0; i < x->n; i++)
		collector_free(x->outlets[i].to);
	free(x);
}

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

/* Encode the open records.  The header's time is never before a record's. */
static void
outlet_close(struct outlet *o, uint64_t now)
{
	const struct exporter *e = o->exporter;
	uint64_t time = now > o->latest ? now : o->latest;
	uint8_t *datagram = collector_buffer(o->to);
	size_t len;
	unsigned int i;

	len = e->begin(datagram, &o->stream, time, o->open);
	for (i = 0; i < o->open; i++) {
		fit(o, &o->records[i], time);
		len += e->add(datagram + len, &o->records[i], time);
	}
	len += e->finish(datagram, len, &o->stream, o->open);
	collector_push(o->to, len, o->open);
	o->open = 0;
	o->latest = 0;
}

static void
outlet_add(struct exports *x, struct outlet *o, const struct record *r,
    uint64_t now)
{
	if (o->open == 0) {
		o->opened = now;
		if (now + x->hold < x->due)
			x->due = now + x->hold;
	}
	o->records[o->open++] = *r;
	if (r->end > o->latest)
		o->latest = r->end;
	o->counters->built++;
	if (o->open == o->most)
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

static int
outlet_flow(struct exports *x, struct outlet *o, const struct record *r,
    unsigned int n, uint64_t now)
{
	unsigned int i;

	o->counters->offered++;
	if (!expressible(o, r, n))
		return 0;
	o->counters->given++;
	for (i = 0; i < n; i++) {
		if (fits_at_once(&r[i], o->exporter->counter))
			outlet_add(x, o, &r[i], now);
		else
			outlet_split(x, o, &r[i]);
	}
	return 1;
}

enum export_result
export_flow(struct exports *x, const struct record *r, unsigned int n,
    uint64_t now)
{
	enum export_result result = EXPORT_INEXPRESSIBLE;
	unsigned int i;

	for (i = 0; i < x->n; i++)
		if (outlet_flow(x, &x->outlets[i], r, n, now))
			result = EXPORT_GIVEN;
	return result;
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
		outlet_add(x, o, &part, now);
		s->done++;
	}
	return s->done == s->parts;
}

void
export_more(struct exports *x, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < x->n; i++) {
		struct outlet *o = &x->outlets[i];

		if (o->splits == 0)
			continue;
		if (split_some(x, o, &o->split[o->splits - 1], now) &&
		    --o->splits == 0)
			x->busy--;
	}
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
		struct outlet *o = &x->outlets[i];
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
		if (x->outlets[i].open > 0)
			outlet_close(&x->outlets[i], now);
	x->due = UINT64_MAX;
}

void
export_send(struct exports *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++)
		collector_send(x->outlets[i].to);
}

int
export_full(const struct exports *x)
{
	unsigned int i;

	for (i = 0; i < x->n; i++) {
		const struct collector *c = x->outlets[i].to;

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
		const struct collector *c = x->outlets[i].to;

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
		collector_abandon(x->outlets[i].to);
}

unsigned int
export_collectors(const struct exports *x)
{
	return x->n;
}

const char *
export_name(const struct exports *x, unsigned int i)
{
	return collector_name(x->outlets[i].to);
}

const struct collector_counters *
export_counters(const struct exports *x, unsigned int i)
{
	return x->outlets[i].counters;
}

uint64_t
export_queued(const struct exports *x, unsigned int i)
{
	return x->outlets[i].open + collector_queued(x->outlets[i].to);
}
