/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <event2/event.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/cold.h"
#include "meter.h"
#include "flow/flowprint.h"
#include "process/ledger.h"

#define HASH UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio */
#define HASH_SHIFT 60

#define STEPS 48 /* states and frames between looks at the queues */

/* A state has two records at most, each in a datagram behind one of options. */
_Static_assert((STEPS + BATCH) * 2 * 2 <= EXPORT_ROOM, "room");

_Static_assert(METER_INTERFACES == 1 << (64 - HASH_SHIFT), "a hash for each");

/* Event base with precise timers: pacing works in microseconds. */
static struct event_base *
precise_base(void)
{
	struct event_config *config;
	struct event_base *base;

	if ((config = event_config_new()) == NULL)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

int
meter_init(struct meter *m, struct ledger *ledger, struct source_facts facts,
    const struct export_hooks *hooks)
{
	memset(m, 0, sizeof(*m));
	m->ledger = ledger;
	m->counters = &ledger->counters;
	m->started = clock_wall_ms();
	m->drops = UINT64_MAX; /* those before are not noted */
	source_init(&m->source, m->counters, &ledger->capture_frames, facts);
	if ((m->base = precise_base()) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	m->export = export_new(m->base, ledger, hooks);
	return m->export == NULL ? -1 : 0;
}

uint64_t
meter_clock(const struct meter *m)
{
	return source_clock(&m->source, clock_wall_ms());
}

void
meter_statistics(struct meter *m)
{
	struct capture_stats stats;

	if (source_statistics(&m->source, &stats) == -1)
		return;
	m->ledger->capture_received = stats.received;
	m->ledger->capture_dropped = stats.dropped;
}

void
meter_capture(struct meter *m, struct capture *capture)
{
	source_capture(&m->source, capture);
	m->since = capture != NULL ? clock_wall_ms() : 0;
	m->ledger->capture_received = m->ledger->capture_dropped = 0;
}

void
meter_free(struct meter *m)
{
	export_free(m->export);
	source_free(&m->source);
	if (m->base != NULL)
		event_base_free(m->base);
	conf_free(m->conf);
}

static void
count_anomalies(struct counters *c, unsigned int anomalies)
{
	c->bad_direction += (anomalies & FLOW_BAD_DIRECTION) != 0;
	c->bad_family += (anomalies & FLOW_INEXPRESSIBLE) == FLOW_BAD_FAMILY;
	c->bad_counters += (anomalies & FLOW_BAD_COUNTERS) != 0;
	c->bad_age += (anomalies & FLOW_BAD_AGE) != 0;
	c->bad_timeout += (anomalies & FLOW_BAD_TIMEOUT) != 0;
	c->bad_tcp_state += (anomalies & FLOW_BAD_TCP_STATE) != 0;
}

/* The file that is replayed decides. */
int
meter_reads_table(const struct meter *m)
{
	return m->source.facts.own_clock ? m->source.table != NULL :
					   m->conf->source == CONF_TABLE;
}

/* Fill a cache entry with the interface's ledger row and index. */
static void
look_up(struct meter *m, struct meter_interface *i, const struct flow *f)
{
	static const char unnamed[FLOW_IFNAME] = "(none)";

	memcpy(i->name, f->ifname, sizeof(i->name));
	i->row = ledger_interface(m->ledger,
	    f->ifname[0] != '\0' ? f->ifname : unnamed);
	i->bound = flow_bound(f);
	i->index = i->bound ? ifindex_find(&m->conf->interfaces, f->ifname) : 0;
}

/* States name few interfaces: look up each once and cache it by name. */
ALWAYS_INLINE static const struct meter_interface *
interface_of(struct meter *m, const struct flow *f)
{
	struct meter_interface *i;
	uint64_t half[2];

	memcpy(&half[0], f->ifname, sizeof(half[0]));
	memcpy(&half[1], f->ifname + sizeof(half[0]), sizeof(half[1]));
	i = &m->interfaces[((half[0] ^ half[1]) * HASH) >> HASH_SHIFT];
	if (i->row == NULL || memcmp(i->name, f->ifname, FLOW_IFNAME) != 0)
		look_up(m, i, f);
	if (i->index == 0)
		m->unknown_interface |= i->bound;
	return i;
}

void
meter_forget_interfaces(struct meter *m)
{
	memset(m->interfaces, 0, sizeof(m->interfaces));
}

/* Why a state is not exported: the counters of such states, and octets. */
struct reason {
	uint64_t *states; /* NULL: it is exported */
	uint64_t *octets;
};

#define REASON(m, why) \
	((struct reason){ &(m)->counters->why, &(m)->counters->octets_##why })

/* Count a state that is not exported. */
static void
leave_out(struct meter *m, struct reason why, uint64_t octets)
{
	++*why.states;
	*why.octets += octets;
	m->octets -= octets;
}

/* Complete the record of a pair, which counts at both of its interfaces. */
NEVER_INLINE static void
batch_twin(struct meter *m, const struct flow *twin)
{
	const struct meter_interface *where = interface_of(m, twin);
	struct batch *b = &m->batch;
	struct record *r = &b->record[b->n];

	if (twin->anomalies != 0)
		count_anomalies(m->counters, twin->anomalies);
	m->counters->no_interface += r->in != 0 && where->index == 0;
	where->row->states += where->row != m->rows[b->n];
	m->twin_rows[b->n] = where->row;
	record_join(r, twin, m->conf->policy.view, where->index);
}

/* Make the record of a report, for export if it has packets. */
static void
batch_state(struct meter *m, const struct report *r)
{
	const struct meter_interface *where = interface_of(m, r->flow);
	struct batch *b = &m->batch;

	if (where->index == 0)
		m->counters->no_interface++;
	where->row->states++;
	record_make(&b->record[b->n], r, m->conf->policy.view, where->index);
	m->rows[b->n] = where->row;
	m->reports[b->n] = r;
	if (r->twin != NULL)
		batch_twin(m, r->twin);
	if (report_counted(r))
		b->n++;
	else
		m->counters->no_packets++;
}

/* A filter counts its hits, so each state is asked for once. */
static struct reason
decide(struct meter *m, const struct flow *f)
{
	const struct conf *conf = m->conf;

	if (f->anomalies & FLOW_INEXPRESSIBLE)
		return REASON(m, inexpressible);
	if (conf->creator_given && f->creator != conf->creator)
		return REASON(m, other_creator);
	if (!conf->account_self && m->source.facts.own_traffic &&
	    export_own(m->export, f))
		return REASON(m, own);
	if (conf->filter.n > 0 && export_ignored(m->export, f))
		return REASON(m, ignored);
	return (struct reason){ NULL, NULL };
}

/* An end with nothing left to report, as all was in interim reports, is not. */
static int
is_printed(const struct meter *m, const struct report *r, struct reason why)
{
	return m->print &&
	    (r->flow->label == FLOW_FINAL || report_counted(r)) &&
	    (why.states == NULL || why.states == &m->counters->inexpressible);
}

/*
 * Count each report exactly once, here or when its batch is exported.  Of a
 * pair, the in-state decides.
 */
static void
meter_state(struct meter *m, const struct report *r)
{
	const struct flow *f = r->flow;
	struct reason why = decide(m, f);

	if (f->anomalies != 0)
		count_anomalies(m->counters, f->anomalies);
	if (is_printed(m, r, why))
		flowprint(&m->printer, r, m->source.time);
	if (why.states == NULL)
		batch_state(m, r);
	else
		leave_out(m, why, record_octets(r->packets, r->bytes));
}

/*
 * Count a state that no collector received.  Without collectors, a printed
 * state counts as exported.
 */
COLD static void
account_unsent(struct meter *m, unsigned int i)
{
	const struct record *r = &m->batch.record[i];
	struct reason why = REASON(m, ignored);

	if (m->batch.result[i] != EXPORT_IGNORED) {
		log_once_inexpressible(&m->source.log, r->flow);
		why = REASON(m, inexpressible);
	}
	if (export_collectors(m->export) == 0 && m->print)
		m->counters->exported++;
	else
		leave_out(m, why, record_octets(r->packets, r->bytes));
}

static void
account_state(struct meter *m, unsigned int i)
{
	const struct record *r = &m->batch.record[i];

	if (m->batch.result[i] != EXPORT_GIVEN) {
		account_unsent(m, i);
		return;
	}
	m->counters->exported++;
	m->rows[i]->records += record_directions(r);
	if (r->twin != NULL && m->twin_rows[i] != m->rows[i])
		m->twin_rows[i]->records += record_directions(r);
	if (m->watch != NULL)
		m->watch(m->watch_arg, m->reports[i], m->source.time);
}

/* Count the batch's states by result, once the batch is completely exported. */
static void
account(struct meter *m)
{
	unsigned int i;

	if (export_busy(m->export))
		return;
	for (i = 0; i < m->batch.n; i++)
		account_state(m, i);
	m->batch.n = 0;
	m->counters->octets_exported += m->octets;
	m->octets = 0;
}

/* Which source a replay has is known when its first frame is read. */
static void
configure_source(struct source *s, const struct conf *conf, int table)
{
	s->policy = &conf->policy;
	s->states = conf->states;
	s->interim = conf_interim(conf, table || s->facts.own_clock);
	s->join = s->facts.own_clock && !conf->join_given ?
	    SOURCE_JOIN_FILE :
	    conf_join(conf, table);
}

/*
 * export_apply() completes the batch for removed collectors, so the batch may
 * be finished afterwards.
 */
int
meter_configure(struct meter *m, struct conf *conf, uint64_t now)
{
	struct conf *old = m->conf;

	if (export_apply(m->export, conf, now) == -1)
		return -1;
	m->conf = conf;
	configure_source(&m->source, conf, meter_reads_table(m));
	account(m);
	meter_forget_interfaces(m);
	m->print = conf->verbose >= 2 && conf->debug;
	conf_free(old);
	return 0;
}

/* Remember the version of pfsync, for display. */
static void
keep_version(struct ledger *ledger, unsigned int version)
{
	if (version >= 1 && version <= PFSYNC_LATEST)
		ledger->pfsync_version = version;
}

/* Export what the source has read. */
static void
export_states(struct meter *m)
{
	const struct source *s = &m->source;
	unsigned int i;

	if (s->opened)
		keep_version(m->ledger, s->frame.version);
	export_clock(m->export, s->now);
	m->octets = s->octets;
	for (i = 0; i < s->n; i++)
		meter_state(m, &s->report[i]);
	if (m->batch.n > 0) {
		export_batch(m->export, &m->batch, s->now);
		account(m);
	}
}

/*
 * One step of the data path: read some states, make their records, export them.
 * A batch that is not finished, because wide counters are split, is continued
 * first; it has the rest of the turn.
 */
static enum meter_result
step(struct meter *m, uint64_t now, unsigned int *budget)
{
	struct source *s = &m->source;
	unsigned int used;

	if (m->batch.n > 0) {
		export_more(m->export, source_clock(s, now));
		account(m);
		*budget = 0;
		return METER_MORE;
	}
	switch (source_read(s, now, *budget)) {
	case SOURCE_NONE:
		return METER_NONE;
	case SOURCE_END:
		return METER_END;
	case SOURCE_ERROR:
		return METER_ERROR;
	case SOURCE_READ:
		break;
	}
	export_states(m);
	used = s->n + s->opened;
	*budget -= used < *budget ? used : *budget;
	return METER_MORE;
}

/* Look at the queues before every STEPS states or frames. */
enum meter_result
meter_read(struct meter *m, uint64_t now, unsigned int budget)
{
	enum meter_result result = METER_MORE;
	unsigned int look = budget;

	while (budget > 0 && result == METER_MORE) {
		if (budget <= look) {
			if (m->source.facts.can_wait && export_full(m->export))
				return METER_FULL;
			look = budget > STEPS ? budget - STEPS : 0;
		}
		result = step(m, now, &budget);
	}
	return result;
}

/* Complete the batch without another turn of the event loop. */
static void
finish_batch(struct meter *m, uint64_t now)
{
	export_finish(m->export, source_clock(&m->source, now));
	account(m);
}

/* Export until the source has none left of what this counts. */
COLD static void
read_rest(struct meter *m, uint64_t now,
    unsigned int (*left)(const struct source *))
{
	enum meter_result result = METER_MORE;
	unsigned int budget;

	while (result == METER_MORE && left(&m->source) > 0) {
		budget = BATCH;
		result = step(m, now, &budget);
		finish_batch(m, now);
	}
}

void
meter_flush(struct meter *m, uint64_t now)
{
	finish_batch(m, now);
	read_rest(m, now, source_pending);
	source_release(&m->source);
	read_rest(m, now, source_held);
	export_close(m->export, source_clock(&m->source, now));
	export_send(m->export);
	if (m->print)
		flowprint_flush(&m->printer);
}

/*
 * Leave out states that wait, or are of the pending batch: no result is counted
 * for them yet.
 */
void
meter_counters(struct meter *m, struct counters *c)
{
	meter_statistics(m);
	*c = *m->counters;
	c->announced -= source_pending(&m->source) + source_held(&m->source) +
	    m->batch.n;
	c->states -= m->batch.n;
	c->octets_reported -= m->octets;
	c->octets_shown -= m->octets;
}

void
meter_note_drops(struct meter *m, uint64_t now)
{
	const struct collector_counters *c;
	uint64_t drops;
	unsigned int i;

	meter_statistics(m);
	drops = m->counters->kernel_dropped + m->counters->kernel_if_dropped;
	for (i = 0; i < export_collectors(m->export); i++) {
		c = export_counters(m->export, i);
		drops += c->dropped + counters_failed(c);
	}
	if (drops > m->drops)
		m->ledger->drop_time = now;
	m->drops = drops;
}
