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
clamp_times(struct session *s, struct set *set, uint64_t time)
{
	uint64_t earliest = time - s->protocol->span;
	struct record_times *t;

	for (t = set->times; t < set->times + set->n; t++) {
		if (time - t->start <= s->protocol->span)
			continue;
		s->counters->clamped++;
		t->start = earliest;
		if (t->end < earliest)
			t->end = earliest;
	}
}

static size_t
write_set(struct session *s, uint8_t *p, unsigned int template, uint64_t time)
{
	struct set *set = &s->set[template];
	size_t len;

	if (time - s->span.start > s->protocol->span)
		clamp_times(s, set, time);
	len = s->protocol->put_set(p, template, set, time);
	set->n = 0;
	return len;
}

/*
 * Write the open datagram: header, templates, one set for each template, that
 * of the first record first.
 */
static size_t
write_message(struct session *s, uint8_t *datagram, uint64_t time)
{
	const struct protocol *protocol = s->protocol;
	uint8_t *p = datagram;
	unsigned int t;

	p += protocol->begin_message(p, &s->domain, time, s->records,
	    s->templates);
	p += write_set(s, p, s->first, time);
	for (t = 0; t < PROTOCOL_TEMPLATES; t++)
		if (s->set[t].n > 0)
			p += write_set(s, p, t, time);
	protocol->end_message(datagram, (size_t)(p - datagram), &s->domain,
	    s->records);
	return (size_t)(p - datagram);
}

void
session_close(struct session *s, uint64_t now)
{
	uint64_t time = now > s->span.end ? now : s->span.end;
	size_t len = write_message(s, sendqueue_buffer(s->queue), time);

	sendqueue_push(s->queue, len, s->records, session_octets(s));
	s->records = 0;
	s->octets_before = s->counters->octets_built;
	s->templates = 0;
}

int
session_unsent(const struct session *s)
{
	return sendqueue_waiting(s->queue) > 0 && !sendqueue_stuck(s->queue);
}

/*
 * True if a datagram must carry the template with its first record: if it was
 * never sent, if its interval has passed, or if the collector is down (it may
 * have restarted when it is back).  A clock set back counts as an elapsed
 * interval.
 */
static int
template_due(const struct session *s, unsigned int template, uint64_t now)
{
	const struct conf_collector *c = s->conf;
	const struct template_sent *sent = &s->template_sent[template];
	struct sendqueue_state state;

	if (s->protocol->template[template] == 0)
		return 0;
	sendqueue_state(s->queue, &state);
	return !sent->done || !state.up ||
	    s->counters->begun - sent->begun >= c->templates_datagrams ||
	    now - sent->time >= c->templates_seconds * UINT64_C(1000);
}

/*
 * Fetch a pending socket error before the options are written.  The ICMP error
 * for a lost datagram arrives soon, but the kernel reports it on the next send,
 * too late to resend options to a collector that restarted.  At high rates this
 * makes no difference.
 */
static void
probe(struct session *s, uint64_t now)
{
	if (s->protocol->put_options == NULL ||
	    (now >= s->probed && now - s->probed < PROBE_MS))
		return;
	s->probed = now;
	sendqueue_probe(s->queue);
}

static void
open_datagram(struct export *x, struct session *s, uint64_t now)
{
	probe(s, now);
	session_options(x, s, now);
	s->counters->begun++;
	s->opened = now;
	s->span = (struct record_times){ UINT64_MAX, 0 };
	s->used = s->protocol->header;
	if (now + x->hold < x->due)
		x->due = now + x->hold;
}

/* Bytes that a set adds besides its records; 0 if it is open. */
static size_t
set_overhead(const struct session *s, unsigned int template, uint64_t now)
{
	if (s->set[template].n > 0)
		return 0;
	return s->protocol->set +
	    (template_due(s, template, now) ? s->protocol->template[template] :
					      0);
}

static void
open_set(struct session *s, unsigned int template, uint64_t now)
{
	s->used += s->protocol->set;
	if (!template_due(s, template, now))
		return;
	s->used += s->protocol->template[template];
	s->templates |= 1U << template;
	s->template_sent[template] = (struct template_sent){ 1,
		s->counters->begun, now };
}

/* Make room for one record, in the open datagram or in a new one. */
static void
make_room(struct export *x, struct session *s, unsigned int template,
    uint64_t now)
{
	size_t size = set_overhead(s, template, now) +
	    s->protocol->record[template];

	if (s->records > 0 && s->used + size > s->max_len)
		session_close(s, now);
	if (s->records == 0) {
		open_datagram(x, s, now);
		s->first = template;
	}
	if (s->set[template].n == 0)
		open_set(s, template, now);
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

/* Append one record to the open datagram, or to the next if it is full. */
static void
append(struct export *x, struct session *s, unsigned int template,
    const uint8_t *data, const struct record_times *times, uint64_t octets,
    uint64_t now)
{
	size_t size = s->protocol->record[template];
	struct set *set = &s->set[template];

	make_room(x, s, template, now);
	memcpy(set->data + set->n * size, data, size);
	set->times[set->n++] = *times;
	extend(&s->span, times);
	s->used += size;
	s->records++;
	s->counters->octets_built += octets;
}

/* Close a datagram that has no room for the smallest record. */
static void
close_full(struct session *s, uint64_t now)
{
	if (s->records > 0 && s->used + s->protocol->record[0] > s->max_len)
		session_close(s, now);
}

/*
 * An interface index too large for the protocol is sent as unknown, and
 * counted.
 */
void
session_record(struct export *x, struct session *s, const struct record *r,
    enum flow_end from, uint64_t now)
{
	unsigned int template = s->protocol->template_of(r, 0);
	uint8_t data[PROTOCOL_STATE];

	s->protocol->put_record(data, template, r, from);
	s->counters->built++;
	s->counters->wide_index += (unsigned int)record_index_exceeds(r,
	    s->protocol->index);
	append(x, s, template, data, &r->times, r->bytes[from], now);
	close_full(s, now);
}

/* Consecutive sessions with the same protocol share the encoded records. */
static const struct encoded *
encode_for(struct export *x, const struct session *s)
{
	struct encoded *e = &x->encoded;

	if (e->protocol != s->protocol || e->biflow != s->conf->biflow)
		s->protocol->encode(e, x->batch, s->conf->biflow);
	return e;
}

int
session_ignores(const struct export *x, const struct rule_list *filter,
    uint64_t *hits, const struct flow *f)
{
	const struct rule *r;

	r = rule_decide(filter, f, x->conf->policy.view, &x->conf->self);
	if (r == NULL)
		return 0;
	hits[r - filter->rules]++;
	return r->ignore;
}

/* Add the encoded records of the next state one by one. */
static void
add_state(struct export *x, struct session *s, const struct encoded *e,
    uint64_t now)
{
	const struct encoded_state *of = &e->state[s->next];
	const struct record *r = &x->batch->record[s->next];
	const uint8_t *data = e->data + of->at;
	uint64_t octets = e->octets[s->next + 1] - e->octets[s->next];
	unsigned int i, n = of[1].record - of->record;

	x->batch->result[s->next] = EXPORT_GIVEN;
	for (i = 0; i < n; i++, data += s->protocol->record[of->template])
		append(x, s, of->template, data, &r->times,
		    n == 1 ? octets : r->bytes[i], now);
}

/*
 * The end of the states, from the next to n, whose records fit the open
 * datagram in an open set: they can be added at once.
 */
static unsigned int
end_of_fitting(const struct session *s, const struct encoded *e, unsigned int n)
{
	unsigned int i = s->next, template = e->state[i].template;
	size_t limit = e->state[i].at + s->max_len - s->used;

	if (s->set[template].n == 0)
		return i;
	while (i < n && e->state[i].template == template &&
	    e->state[i + 1].at <= limit)
		i++;
	return i;
}

/* Add the encoded records of the states from the next to end. */
static void
add_fitting(struct session *s, struct batch *b, const struct encoded *e,
    unsigned int end)
{
	const struct encoded_state *of = &e->state[s->next];
	struct set *set = &s->set[of->template];
	struct record_times *t = &set->times[set->n], span = s->span;
	size_t size = s->protocol->record[of->template];
	size_t len = (size_t)e->state[end].at - of->at;
	unsigned int i;

	memcpy(set->data + set->n * size, e->data + of->at, len);
	s->counters->octets_built += e->octets[end] - e->octets[s->next];
	for (i = s->next; i < end; i++, of++) {
		t[0] = t[1] = b->record[i].times; /* of one record, or two */
		t += of[1].record - of->record;
		extend(&span, &b->record[i].times);
		b->result[i] = EXPORT_GIVEN;
	}
	s->span = span;
	s->records += (unsigned int)(t - &set->times[set->n]);
	set->n = (unsigned int)(t - set->times);
	s->used += len;
}

COLD static void
count_wide_indexes(struct session *s, const struct batch *b,
    const struct encoded *e, unsigned int end)
{
	const struct encoded_state *of = &e->state[s->next];
	unsigned int i;

	for (i = s->next; i < end; i++, of++)
		if (record_index_exceeds(&b->record[i], s->protocol->index))
			s->counters->wide_index += of[1].record - of->record;
}

/* Count the states from the next to end, before a datagram may be sent. */
static void
count_given(struct session *s, const struct batch *b, const struct encoded *e,
    unsigned int end)
{
	s->counters->given += end - s->next;
	s->counters->built += e->state[end].record - e->state[s->next].record;
	if (e->wide_index)
		count_wide_indexes(s, b, e, end);
}

/*
 * Export the next states that fit the open datagram, at most up to n; or else
 * one state, which opens a set or a datagram.  Returns the end of the states.
 */
static unsigned int
export_next(struct export *x, struct session *s, const struct encoded *e,
    unsigned int n, uint64_t now)
{
	unsigned int end = end_of_fitting(s, e, n);
	int fits = end > s->next;

	if (!fits)
		end = s->next + 1;
	count_given(s, x->batch, e, end);
	if (fits)
		add_fitting(s, x->batch, e, end);
	else
		add_state(x, s, e, now);
	close_full(s, now);
	return end;
}

/* Each state is offered once; the batch keeps the best result of any session.
 */
void
session_batch(struct export *x, struct session *s, uint64_t now)
{
	const struct encoded *e = encode_for(x, s);
	struct batch *b = x->batch;
	int filters = s->filter->n > 0;
	unsigned int i, end;

	for (; s->next < b->n && s->nsplits == 0; s->next = end) {
		i = s->next;
		end = i + 1;
		if (filters &&
		    session_ignores(x, s->filter, s->hits, b->record[i].flow))
			s->counters->ignored++;
		else if (e->state[i].template == ENCODED_NONE)
			session_split(x, s, &b->record[i], &b->result[i], now);
		else
			end = export_next(x, s, e, filters ? end : b->n, now);
		s->counters->offered += end - i;
	}
}
