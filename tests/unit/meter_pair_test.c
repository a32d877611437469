/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What the meter makes of reports of pairs.  The source is a stand-in that
 * gives the reports of a test.
 */

#include <unistd.h>

#include "decode5.h"
#include "meters.h"

static int sink;

static struct flow in[BATCH], out[BATCH];
static struct report reports[BATCH];
static unsigned int n; /* reports to give */

void
source_init(struct source *s, struct counters *counters, uint64_t *frames,
    struct source_facts facts)
{
	memset(s, 0, sizeof(*s));
	s->counters = counters;
	s->frames = frames;
	s->facts = facts;
}

int
source_statistics(struct source *s, struct capture_stats *stats)
{
	(void)s;
	(void)stats;
	return -1;
}

void
source_capture(struct source *s, struct capture *capture)
{
	s->capture = capture;
}

void
source_free(struct source *s)
{
	(void)s;
}

unsigned int
source_pending(const struct source *s)
{
	(void)s;
	return 0;
}

unsigned int
source_held(const struct source *s)
{
	(void)s;
	return 0;
}

void
source_release(struct source *s)
{
	(void)s;
}

enum source_result
source_read(struct source *s, uint64_t now, unsigned int most)
{
	(void)now;
	(void)most;
	if (n == 0)
		return SOURCE_END;
	s->time = s->now = NOW;
	memcpy(s->report, reports, n * sizeof(reports[0]));
	s->n = n;
	s->counters->states += n;
	n = 0;
	return SOURCE_READ;
}

static void
set_host(struct flow_host *h, uint8_t last, unsigned int port)
{
	*h = (struct flow_host){ { 10, 0, 0, last }, (uint16_t)port, 4 };
}

static void
set_name(struct flow *f, unsigned int name)
{
	memset(f->ifname, 0, sizeof(f->ifname));
	memcpy(f->ifname, name_of(name), strlen(name_of(name)));
}

/* The state is on no interface: it floats. */
static void
set_floating(struct flow *f)
{
	memset(f->ifname, 0, sizeof(f->ifname));
	memcpy(f->ifname, "all", 3);
}

/* From one interface to another, their numbers the ports. */
static void
add_pair(unsigned int from, unsigned int to)
{
	struct flow *f = &in[n], *twin = &out[n];

	memset(f, 0, sizeof(*f));
	memset(twin, 0, sizeof(*twin));
	f->proto = twin->proto = IPPROTO_UDP;
	f->direction = FLOW_IN;
	twin->direction = FLOW_OUT;
	set_host(&f->ext, 1, from);
	set_host(&f->lan, 2, to);
	f->gwy = f->lan;
	twin->lan = twin->gwy = f->ext;
	twin->ext = f->lan;
	set_name(f, from);
	set_name(twin, to);
	reports[n++] = (struct report){ .flow = f,
		.twin = twin,
		.packets = { 1, 1 },
		.bytes = { 100, 200 },
		.times = { NOW, NOW } };
}

/* One collector of version 5, with these indexes of all names. */
static struct ledger *
begin(uint32_t first, const struct rule *rule)
{
	struct conf *conf = conf_indexed(first);

	if (rule != NULL)
		assert_int_equal(rule_add(&conf->filter, rule), 0);
	sink = sink_for(&conf->collectors[0]);
	return begin_meter(conf, NULL);
}

static void
end(struct ledger *ledger)
{
	const struct counters *c = e.counters;

	assert_int_equal(c->states,
	    c->exported + c->ignored + c->own + c->other_creator +
		c->no_packets + c->inexpressible);
	end_meter(ledger);
	close(sink);
}

static void
read_reports(void)
{
	while (meter_read(&e, 0, 1000) == METER_MORE)
		continue;
}

/* Each record has both interfaces, one of which its source's port names. */
static void
check_records(uint32_t first, unsigned int records)
{
	struct datagram5 d;
	struct record5 *r;

	meter_flush(&e, 0);
	while (receive5(&d, sink))
		for (r = d.record; r < d.record + d.n; r++, records--) {
			assert_int_equal(r->input, first + r->from_port);
			assert_int_equal(r->output, first + r->to_port);
		}
	assert_int_equal(records, 0);
}

/* All pairs of more names than it remembers: one may replace the other. */
static void
test_interfaces(void **state)
{
	struct ledger *ledger = begin(1, NULL);
	unsigned int i, j;

	(void)state;
	for (i = 0; i < NAMES; i++)
		for (j = 0; j < NAMES; j++) {
			add_pair(i, j);
			if (n < BATCH)
				continue;
			read_reports();
			check_records(1, 2 * BATCH);
		}
	for (i = 0; i < NAMES; i++) {
		assert_int_equal(ledger->interfaces[i].states, 2 * NAMES - 1);
		assert_int_equal(ledger->interfaces[i].records,
		    2 * (2 * NAMES - 1));
	}
	assert_int_equal(e.counters->exported, NAMES * NAMES);
	assert_int_equal(e.counters->no_interface, 0);
	end(ledger);
}

/* States that float have no interface; a pair of them counts once. */
static void
test_floating(void **state)
{
	struct ledger *ledger = begin(1, NULL);

	(void)state;
	add_pair(0, 1);
	set_floating(&in[0]);
	add_pair(0, 1);
	set_floating(&out[1]);
	add_pair(0, 1);
	set_floating(&in[2]);
	set_floating(&out[2]);
	read_reports();
	assert_int_equal(e.counters->no_interface, 3);
	assert_string_equal(ledger->interfaces[0].name, "all");
	assert_int_equal(ledger->interfaces[0].states, 3);
	assert_int_equal(ledger->interfaces[0].records, 6);
	end(ledger);
}

/* A rule is asked for the in-state alone. */
static void
test_rules(void **state)
{
	static const struct rule all_out = { .ignore = 1,
		.direction = FLOW_OUT };
	static const struct rule all_in = { .ignore = 1, .direction = FLOW_IN };
	struct ledger *ledger = begin(1, &all_out);

	(void)state;
	add_pair(0, 1);
	read_reports();
	assert_int_equal(e.counters->exported, 1);
	end(ledger);
	ledger = begin(1, &all_in);
	add_pair(0, 1);
	read_reports();
	assert_int_equal(e.counters->ignored, 1);
	assert_int_equal(e.counters->exported, 0);
	end(ledger);
}

/* What is left of a pair may be nothing. */
static void
test_no_packets(void **state)
{
	struct ledger *ledger = begin(1, NULL);

	(void)state;
	add_pair(0, 1);
	memset(reports[0].packets, 0, sizeof(reports[0].packets));
	read_reports();
	assert_int_equal(e.counters->no_packets, 1);
	assert_int_equal(ledger->interfaces[0].states, 1);
	assert_int_equal(ledger->interfaces[1].states, 1);
	assert_int_equal(ledger->interfaces[1].records, 0);
	check_records(1, 0);
	end(ledger);
}

/* Wide counters of each direction are split, and add up. */
static void
test_split(void **state)
{
	struct ledger *ledger = begin(1, NULL);
	uint64_t octets[2] = { 0, 0 };
	struct datagram5 d;
	struct record5 *r;

	(void)state;
	add_pair(0, 1);
	reports[0].packets[0] = reports[0].packets[1] = 10;
	reports[0].bytes[0] = 5 * (uint64_t)UINT32_MAX;
	reports[0].bytes[1] = 3 * (uint64_t)UINT32_MAX + 1;
	read_reports();
	meter_flush(&e, 0);
	while (receive5(&d, sink))
		for (r = d.record; r < d.record + d.n; r++) {
			assert_int_equal(r->input, 1U + r->from_port);
			assert_int_equal(r->output, 1U + r->to_port);
			octets[r->from_port] += r->octets;
		}
	assert_int_equal(octets[0], reports[0].bytes[0]);
	assert_int_equal(octets[1], reports[0].bytes[1]);
	end(ledger);
}

static const struct report *watched;
static unsigned int shown;

static void
on_report(void *arg, const struct report *r, uint64_t time)
{
	(void)arg;
	assert_int_equal(time, NOW);
	watched = r;
	shown++;
}

/* Who watches sees what is exported, as it was reported. */
static void
test_watch(void **state)
{
	static const struct rule on_first = { .ignore = 1,
		.ifname = "interface.00000" };
	struct ledger *ledger = begin(1, &on_first);

	(void)state;
	e.watch = on_report;
	add_pair(0, 1);
	add_pair(1, 0);
	memset(reports[1].packets, 0, sizeof(reports[1].packets));
	add_pair(1, 0);
	reports[2].ending = REPORT_INTERIM;
	reports[2].packets[0] = 77;
	read_reports();
	assert_int_equal(e.counters->ignored, 1);
	assert_int_equal(e.counters->no_packets, 1);
	assert_int_equal(shown, 1);
	assert_int_equal(watched->packets[0], 77);
	assert_int_equal(watched->ending, REPORT_INTERIM);
	assert_ptr_equal(watched->flow, &in[2]);
	assert_ptr_equal(watched->twin, &out[2]);
	end(ledger);
}

/* Errors in either state are counted. */
static void
test_anomalies(void **state)
{
	struct ledger *ledger = begin(1, NULL);

	(void)state;
	add_pair(0, 1);
	out[0].anomalies = FLOW_BAD_COUNTERS | FLOW_BAD_AGE;
	add_pair(0, 1);
	in[1].anomalies = FLOW_BAD_COUNTERS;
	read_reports();
	assert_int_equal(e.counters->bad_counters, 2);
	assert_int_equal(e.counters->bad_age, 1);
	assert_int_equal(e.counters->exported, 2);
	end(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_floating),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_no_packets),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_anomalies),
	};

	return RUN(tests);
}
