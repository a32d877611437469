/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "common/cold.h"
#include "outlet.h"

/* So often at most an outlet asks its socket. */
#define PROBE_MS 100

/*
 * A time that the protocol cannot say is told as near as it can, and counted.
 */
COLD static void
fit_times(struct outlet *o, struct run *run, uint64_t time)
{
	struct record_times *t;

	for (t = run->times; t < run->times + run->n; t++) {
		uint64_t earliest = time - o->exporter->span;

		if (time - t->start <= o->exporter->span)
			continue;
		o->counters->clamped++;
		t->start = earliest;
		if (t->end < earliest)
			t->end = earliest;
	}
}

/* Records of a kind come in a row. */
static size_t
encode(struct outlet *o, uint8_t *datagram, uint64_t time)
{
	const struct exporter *e = o->exporter;
	unsigned int kind;
	size_t len;

	len = e->begin(datagram, &o->stream, time, o->open, o->templates);
	for (kind = 0; kind < EXPORTER_KINDS; kind++) {
		struct run *run = &o->runs[kind];

		if (run->n == 0)
			continue;
		if (time - o->earliest > e->span)
			fit_times(o, run, time);
		len += e->add(datagram + len, kind, run, time);
		run->len = run->n = 0;
	}
	e->finish(datagram, len, &o->stream, o->open);
	return len;
}

void
outlet_close(struct outlet *o, uint64_t now)
{
	uint64_t time = now > o->latest ? now : o->latest;

	collector_push(o->to, encode(o, collector_buffer(o->to), time),
	    o->open);
	o->open = 0;
	o->templates = 0;
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
	o->earliest = UINT64_MAX;
	o->latest = 0;
	o->used = o->exporter->header;
	if (now + x->hold < x->due)
		x->due = now + x->hold;
}

/* Bytes that a kind takes beside its records, unless it is there already. */
static size_t
kind_size(const struct outlet *o, unsigned int kind, uint64_t now)
{
	const struct exporter *e = o->exporter;

	if (o->runs[kind].n > 0)
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
	if (o->runs[kind].n == 0)
		enter_kind(o, kind, now);
}

ALWAYS_INLINE static void
append(struct outlet *o, struct run *run, const uint8_t *records, size_t size,
    unsigned int n, const struct record_times *times)
{
	memcpy(run->data + run->len, records, size);
	run->times[run->n] = run->times[run->n + 1] = *times;
	run->n += n;
	run->len += size;
	o->used += size;
	o->open += n;
	if (times->start < o->earliest)
		o->earliest = times->start;
	if (times->end > o->latest)
		o->latest = times->end;
}

/* A datagram with no room for the smallest record is full. */
static void
close_full(struct exports *x, struct outlet *o)
{
	if (o->used + o->exporter->record[0] > o->room)
		outlet_close(o, x->now);
}

/* When not all of them fit into what is open. */
COLD static void
add_one_by_one(struct exports *x, struct outlet *o, unsigned int kind,
    const uint8_t *records, unsigned int n, const struct record_times *times)
{
	size_t size = o->exporter->record[kind];

	for (; n > 0; n--, records += size) {
		make_room(x, o, kind, x->now);
		append(o, &o->runs[kind], records, size, 1, times);
		close_full(x, o);
	}
}

void
outlet_add(struct exports *x, struct outlet *o, unsigned int kind,
    const uint8_t *records, unsigned int n, const struct record_times *times)
{
	size_t size = n * o->exporter->record[kind];
	struct run *run = &o->runs[kind];

	o->counters->built += n;
	if (run->n == 0 || o->used + size > o->room) {
		add_one_by_one(x, o, kind, records, n, times);
		return;
	}
	append(o, run, records, size, n, times);
	close_full(x, o);
}
