/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <string.h>

#include "common/cold.h"
#include "session.h"
#include "flow/rule.h"

/* Interval between checks of a session's socket for errors. */
#define PROBE_MS 100

/*
 * Clamp times that the protocol cannot encode relative to `time`; count them.
 */
COLD static void
fit_times(struct session *o, struct run *run, uint64_t time)
{
	struct record_times *t;

	for (t = run->times; t < run->times + run->n; t++) {
		uint64_t earliest = time - o->protocol->span;

		if (time - t->start <= o->protocol->span)
			continue;
		o->counters->clamped++;
		t->start = earliest;
		if (t->end < earliest)
			t->end = earliest;
	}
}

/* Move a set out of the way of the templates, which precede the sets. */
static void
set_apart(struct session *o, unsigned int kind)
{
	struct run *run = &o->runs[kind];

	memcpy(o->apart[kind], run->data, run->len);
	run->data = o->apart[kind];
}

static size_t
encode_run(struct session *o, uint8_t *p, unsigned int kind, uint64_t time)
{
	struct run *run = &o->runs[kind];
	size_t len;

	if (time - o->span.start > o->protocol->span)
		fit_times(o, run, time);
	len = o->protocol->add(p, kind, run, time);
	run->len = run->n = 0;
	return len;
}

/* Write one set per template, o->first before the others. */
static size_t
encode(struct session *o, uint64_t time)
{
	const struct protocol *e = o->protocol;
	uint8_t *p = o->datagram;
	unsigned int kind;

	if (o->templates != 0)
		set_apart(o, o->first);
	p += e->begin(p, &o->domain, time, o->open, o->templates);
	p += encode_run(o, p, o->first, time);
	for (kind = 0; kind < PROTOCOL_KINDS; kind++)
		if (o->runs[kind].n > 0)
			p += encode_run(o, p, kind, time);
	e->finish(o->datagram, (size_t)(p - o->datagram), &o->domain, o->open);
	return (size_t)(p - o->datagram);
}

void
session_close(struct session *o, uint64_t now)
{
	uint64_t time = now > o->span.end ? now : o->span.end;

	sendqueue_push(o->to, encode(o, time), o->open);
	o->open = 0;
	o->templates = 0;
}

/*
 * True if a datagram must carry the template with its first record of this
 * kind: if it was never sent, if its interval has passed, or if the collector
 * is down (it may have restarted when it is back).  A clock set back counts as
 * an elapsed interval.
 */
static int
template_due(const struct session *o, unsigned int kind, uint64_t now)
{
	const struct conf_collector *c = o->conf;
	const struct announced *a = &o->announced[kind];
	struct sendqueue_state state;

	if (o->protocol->template[kind] == 0)
		return 0;
	sendqueue_state(o->to, &state);
	return !a->done || !state.up ||
	    o->counters->begun - a->begun >= c->templates_datagrams ||
	    now - a->time >= c->templates_seconds * UINT64_C(1000);
}

/*
 * Fetch a pending socket error before the options are written.  The ICMP error
 * for a lost datagram arrives soon, but the kernel reports it on the next send,
 * too late to resend options to a collector that restarted.  At high rates this
 * makes no difference.
 */
static void
probe(struct session *o, uint64_t now)
{
	if (o->protocol->options == NULL ||
	    (now >= o->probed && now - o->probed < PROBE_MS))
		return;
	o->probed = now;
	sendqueue_probe(o->to);
}

static void
session_open(struct export *x, struct session *o, uint64_t now)
{
	probe(o, now);
	session_tell(x, o, now);
	o->counters->begun++;
	o->opened = now;
	o->span = (struct record_times){ UINT64_MAX, 0 };
	o->used = o->protocol->header;
	o->datagram = sendqueue_buffer(o->to);
	if (now + x->hold < x->due)
		x->due = now + x->hold;
}

/*
 * Bytes that a new set adds besides its records; 0 if the set is already open.
 */
static size_t
kind_size(const struct session *o, unsigned int kind, uint64_t now)
{
	const struct protocol *e = o->protocol;

	if (o->runs[kind].n > 0)
		return 0;
	return e->set + (template_due(o, kind, now) ? e->template[kind] : 0);
}

/*
 * Open a set.  The first set of a datagram is written in place, the others
 * apart.
 */
static void
enter_kind(struct session *o, unsigned int kind, uint64_t now)
{
	const struct protocol *e = o->protocol;

	if (o->open == 0)
		o->first = kind;
	o->runs[kind].data = o->open == 0 ? o->datagram + e->header :
					    o->apart[kind];
	o->used += e->set;
	if (template_due(o, kind, now)) {
		o->used += e->template[kind];
		o->templates |= 1U << kind;
		o->announced[kind] = (struct announced){ 1, o->counters->begun,
			now };
	}
}

/* Make room for one record, in the open datagram or in a new one. */
static void
make_room(struct export *x, struct session *o, unsigned int kind, uint64_t now)
{
	size_t size = kind_size(o, kind, now) + o->protocol->record[kind];

	if (o->open > 0 && o->used + size > o->room)
		session_close(o, now);
	if (o->open == 0)
		session_open(x, o, now);
	if (o->runs[kind].n == 0)
		enter_kind(o, kind, now);
}

/* Widen the datagram's time span by the times of a record. */
ALWAYS_INLINE static void
extend(struct record_times *span, const struct record_times *times)
{
	if (times->start < span->start)
		span->start = times->start;
	if (times->end > span->end)
		span->end = times->end;
}

/* Append n records; their times are already in run->times. */
static void
add_records(struct session *o, struct run *run, unsigned int n,
    const uint8_t *data, size_t size)
{
	memcpy(run->data + run->len, data, size);
	run->len += size;
	run->n += n;
	o->used += size;
	o->open += n;
}

/* Close a datagram that has no room for the smallest record. */
static void
close_full(struct export *x, struct session *o)
{
	if (o->used + o->protocol->record[0] > o->room)
		session_close(o, x->now);
}

/* Add one record to the open datagram, or to the next if it does not fit. */
static void
add_one(struct export *x, struct session *o, unsigned int kind,
    const uint8_t *data, const struct record_times *times)
{
	struct run *run = &o->runs[kind];

	make_room(x, o, kind, x->now);
	run->times[run->n] = *times;
	extend(&o->span, times);
	add_records(o, run, 1, data, o->protocol->record[kind]);
	close_full(x, o);
}

/*
 * An interface index too large for the protocol is sent as unknown, and
 * counted.
 */
void
session_direction(struct export *x, struct session *o, const struct record *r,
    enum flow_end from)
{
	unsigned int kind = protocol_kind(o->protocol, r, 0);
	size_t size = o->protocol->record[kind];
	uint8_t data[PROTOCOL_PAIR];

	o->protocol->put(data, kind, r);
	o->counters->built++;
	o->counters->wide_index += record_index(r) > o->protocol->index;
	add_one(x, o, kind, data + from * size, &r->times);
}

/* Consecutive collectors with the same protocol share the encoded records. */
static const struct encoded *
encode_for(struct export *x, const struct session *o)
{
	struct encoded *w = &x->encoded;

	if (w->protocol != o->protocol || w->biflow != o->conf->biflow)
		o->protocol->write(w, x->batch, o->conf->biflow);
	return w;
}

COLD static void
count_wide_indexes(struct session *o, const struct batch *b,
    const struct encoded *w, unsigned int i, unsigned int end)
{
	for (; i < end; i++)
		if (record_index(&b->record[i]) > o->protocol->index)
			o->counters->wide_index += w->state[i].records;
}

/*
 * Add up to `most` consecutive states that use the same template and fit into
 * the open datagram.  Returns the number added, 0 if the first does not fit.
 */
static unsigned int
add_run(struct session *o, struct batch *b, const struct encoded *w,
    unsigned int most)
{
	const struct encoded_state *s = &w->state[o->next], *begin = s;
	struct run *run = &o->runs[s->kind];
	struct record_times *t = &run->times[run->n], span = o->span;
	size_t end = s->at + o->room - o->used; /* limit of data that fits */
	unsigned int i, n = 0;

	for (i = o->next; most > 0; most--, i++, s++) {
		if (s->kind != begin->kind || s[1].at > end)
			break;
		t[n] = t[n + 1] = b->record[i].times;
		n += s->records;
		extend(&span, &b->record[i].times);
		b->result[i] = EXPORT_GIVEN;
	}
	o->span = span;
	o->counters->given += i - o->next;
	o->counters->built += n;
	add_records(o, run, n, w->data + begin->at, s->at - begin->at);
	return i - o->next;
}

/*
 * Add a state that opens a set, or whose records do not all fit the open
 * datagram.
 */
static void
add_singly(struct export *x, struct session *o, const struct encoded *w)
{
	const struct encoded_state *s = &w->state[o->next];
	const struct record *r = &x->batch->record[o->next];
	const uint8_t *data = w->data + s->at;
	unsigned int n;

	o->counters->given++;
	o->counters->built += s->records;
	x->batch->result[o->next] = EXPORT_GIVEN;
	for (n = s->records; n > 0; n--, data += o->protocol->record[s->kind])
		add_one(x, o, s->kind, data, &r->times);
}

int
session_ignores(const struct export *x, const struct rule_list *rules,
    uint64_t *hits, const struct flow *f)
{
	const struct rule *r;

	r = rule_decide(rules, f, x->conf->policy.view, &x->conf->self);
	if (r == NULL)
		return 0;
	hits[r - rules->rules]++;
	return r->ignore;
}

/*
 * Add as many states as one copy can, or else one.  Returns the number added.
 */
static unsigned int
add_some(struct export *x, struct session *o, const struct encoded *w,
    unsigned int most)
{
	const uint64_t *now = &x->batch->now[o->next];
	unsigned int n = 0;

	if (o->runs[w->state[o->next].kind].n > 0)
		n = add_run(o, x->batch, w, most);
	if (n > 0) {
		x->now = now[n - 1];
		close_full(x, o);
		return n;
	}
	x->now = now[0];
	add_singly(x, o, w);
	return 1;
}

unsigned int
session_take(struct export *x, struct session *o)
{
	const struct encoded *w = encode_for(x, o);
	const struct batch *b = x->batch;
	unsigned int i = o->next, n, most = b->n - i;

	if (o->rules->n > 0) {
		most = 1;
		if (session_ignores(x, o->rules, o->hits, b->report[i].flow)) {
			o->counters->ignored++;
			return 1;
		}
	}
	if (w->state[i].kind == ENCODED_NONE)
		return 0;
	n = add_some(x, o, w, most);
	if (w->wide_index)
		count_wide_indexes(o, b, w, i, i + n);
	return n;
}
