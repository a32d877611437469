/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "outlet.h"

/* So often at most an outlet asks its socket. */
#define PROBE_MS 100

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

/* Bytes that a kind takes beside its records, unless it is there already. */
static size_t
kind_size(const struct outlet *o, unsigned int kind, uint64_t now)
{
	const struct exporter *e = o->exporter;

	if (o->kinds >> kind & 1)
		return 0;
	return e->set + (template_due(o, kind, now) ? e->template[kind] : 0);
}

static void
enter_kind(struct outlet *o, unsigned int kind, uint64_t now)
{
	const struct exporter *e = o->exporter;

	o->used += e->set;
	if (template_due(o, kind, now)) {
		o->used += e->template[kind];
		o->templates |= 1U << kind;
		o->announced[kind] = (struct announced){ 1, o->counters->begun,
			now };
	}
	o->kinds |= 1U << kind;
}

/* In the open datagram, or another one. */
static void
make_room(struct exports *x, struct outlet *o, unsigned int kind, uint64_t now)
{
	size_t size = kind_size(o, kind, now) + o->exporter->record[kind];

	if (o->open > 0 && o->used + size > o->room)
		outlet_close(o, now);
	if (o->open == 0)
		outlet_open(x, o, now);
	if (!(o->kinds >> kind & 1))
		enter_kind(o, kind, now);
}

/* A datagram with no room for the smallest record is full. */
void
outlet_add(struct exports *x, struct outlet *o, const struct record *r,
    unsigned int n, uint64_t now)
{
	const struct exporter *e = o->exporter;
	unsigned int kind = e->kind == NULL ? 0 : e->kind(r, n == 2);

	if (!(o->kinds >> kind & 1) || o->used + e->record[kind] > o->room)
		make_room(x, o, kind, now);
	o->used += e->record[kind];
	o->kind[o->open] = (uint8_t)kind;
	o->records[o->open][0] = r[0];
	if (n == 2)
		o->records[o->open][1] = r[1];
	o->open++;
	if (r->end > o->latest)
		o->latest = r->end;
	o->counters->built++;
	if (o->open == e->records || o->used + e->record[0] > o->room)
		outlet_close(o, now);
}
