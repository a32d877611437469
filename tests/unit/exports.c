/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "decode5.h"
#include "exports.h"

struct event_base *base;
struct export *x;
struct ledger *ledger;
struct conf *conf;
unsigned int downs;
unsigned int writable;
int sockets[6];

const struct collector_counters *
counters(unsigned int i)
{
	return export_counters(x, i);
}

uint64_t
queued(unsigned int i)
{
	struct export_status status;

	export_status(x, i, &status);
	return status.queued;
}

static void
on_down(void *arg, unsigned int i)
{
	(void)arg;
	(void)i;
	downs++;
}

static void
on_writable(void *arg)
{
	(void)arg;
	writable++;
}

struct conf *
conf_with(unsigned int n)
{
	struct conf *c = conf_new();
	char spec[32], why[128];
	unsigned int i;

	assert_non_null(c);
	for (i = 0; i < n; i++) {
		snprintf(spec, sizeof(spec), "127.0.0.1:%u", 1000 + i);
		assert_int_equal(conf_add_collector(c, spec, why, sizeof(why)),
		    0);
	}
	return c;
}

void
apply(struct conf *next)
{
	assert_int_equal(export_apply(x, next, NOW), 0);
	conf_free(conf);
	conf = next;
}

/* An engine begins: with a ledger that may have been another's before. */
void
begin_export(void)
{
	const struct export_hooks hooks = { .writable = on_writable,
		.down = on_down };

	base = event_base_new();
	ledger_begin(ledger, NOW);
	x = export_new(base, ledger, &hooks);
	assert_non_null(x);
}

void
start(unsigned int n)
{
	struct conf *c = conf_with(n);
	unsigned int i;

	ledger = ledger_new();
	assert_non_null(ledger);
	begin_export();
	for (i = 0; i < n; i++)
		sockets[i] = sink_for(&c->collectors[i]);
	apply(c);
}

/* The same with a collector of another kind. */
void
start_with(struct conf *c)
{
	ledger = ledger_new();
	assert_non_null(ledger);
	begin_export();
	sockets[0] = sink_for(&c->collectors[0]);
	apply(c);
}

void
check_sums(unsigned int i)
{
	const struct collector_counters *k = counters(i);
	struct export_status status;

	assert_int_equal(k->offered,
	    k->given + k->ignored + k->inexpressible_inet6 +
		k->inexpressible_wide);
	assert_int_equal(k->built,
	    k->sent + queued(i) + k->dropped + k->crashed + counters_failed(k));
	export_status(x, i, &status);
	assert_int_equal(k->octets_built,
	    k->octets_sent + status.octets + k->octets_dropped +
		k->octets_crashed + k->octets_failed);
}

void
end_export(void)
{
	export_free(x);
	event_base_free(base);
	conf_free(conf);
	conf = NULL;
}

void
stop(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		check_sums(i);
		close(sockets[i]);
	}
	end_export();
	free(ledger);
}

static void
sum_record(struct sums *s, const struct record5 *r, uint32_t uptime)
{
	s->records++;
	s->packets += r->packets;
	s->octets += r->octets;
	if (r->octets > s->largest)
		s->largest = r->octets;
	s->first = uptime - r->first;
	s->input = r->input;
}

void
receive(struct sums *s, unsigned int i)
{
	static struct datagram5 d;
	unsigned int n;

	export_send(x);
	while (receive5(&d, sockets[i])) {
		assert_int_equal(d.sequence, s->sequence);
		s->sequence += d.n;
		s->datagrams++;
		s->latest_records = d.n;
		if (d.n > s->most)
			s->most = d.n;
		s->time = d.time;
		for (n = 0; n < d.n; n++)
			sum_record(s, &d.record[n], d.uptime);
	}
}

struct sample
sample(uint64_t packets, uint64_t octets)
{
	struct sample s = { .flow = { .packets = { packets },
				.bytes = { octets },
				FAMILY(4),
				.proto = 6,
				.direction = FLOW_IN },
		.record = { .times = { NOW - 1000, NOW } } };

	return s;
}

/* Of both directions. */
struct sample
pair(uint64_t forward, uint64_t back)
{
	struct sample s = sample(forward, 100);

	s.flow.packets[1] = back;
	s.flow.bytes[1] = 200;
	return s;
}

/* A batch of one state. */
enum export_result
export_sample(const struct sample *sample, uint64_t now)
{
	static struct sample s;
	static struct batch b;
	struct record *r = &s.record;

	s = *sample;
	r->flow = &s.flow;
	r->host[0] = r->translated[0] = &s.flow.ext;
	r->host[1] = &s.flow.lan;
	r->translated[1] = &s.flow.gwy;
	memcpy(r->packets, s.flow.packets, sizeof(r->packets));
	memcpy(r->bytes, s.flow.bytes, sizeof(r->bytes));
	b.n = 1;
	b.record[0] = *r;
	export_batch(x, &b, now);
	return b.result[0];
}

enum export_result
give(uint64_t packets, uint64_t octets, uint64_t now)
{
	struct sample given = sample(packets, octets);
	enum export_result result = export_sample(&given, now);

	while (export_busy(x))
		export_more(x, now);
	return result;
}
