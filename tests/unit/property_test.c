/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Random states of every version go in as the bytes of a frame and come out of
 * a socket as NetFlow version 5: what must hold for each of them.  Nothing of
 * the decoder or the encoder is used to write the ones and read the others.
 * PROPERTY_SEED in the environment repeats a run, PROPERTY_STATES makes it
 * longer.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <event2/event.h>

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "decode5.h"
#include "property.h"
#include "sink.h"

#include "pflowd/conf/conf.h"
#include "pflowd/export/export.h"
#include "pflowd/process/ledger.h"
#include "pflowd/source/last_packet.h"
#include "pflowd/source/pfsync.h"
#include "pflowd/flow/record.h"

#define T0 UINT64_C(1700000000000) /* ms */
#define STATES 20000
#define TOGETHER 250
#define SPAN (UINT64_C(0xffffffff) - 86400000) /* ms that version 5 can say */
#define INDEX 7

static struct drawn states[TOGETHER];
static struct event_base *base;
static struct export *x;
static struct ledger *ledger;
static struct conf *conf;
static int at; /* where the datagrams arrive */
static uint32_t sequence;
static uint64_t clamped;
static uint64_t octets; /* received */
static enum flow_view view;

/* The state and the way of a record, by the host that has the number. */
static struct drawn *
owner(const struct record5 *r, int *way)
{
	struct drawn *s;

	for (s = states; s < states + TOGETHER; s++) {
		for (*way = 0; *way < 2; (*way)++) {
			const uint8_t *from = host_of(s, view, *way)->addr;
			const uint8_t *to = host_of(s, view, !*way)->addr;

			if (memcmp(r->from, from, 4) == 0 &&
			    memcmp(r->to, to, 4) == 0 &&
			    s->pf.lan.addr[0] == 10)
				return s;
		}
	}
	fail_msg("a record of no state");
	return NULL;
}

static void
check_times(const struct drawn *s, const struct record5 *r, uint64_t boot,
    uint64_t header)
{
	uint64_t start = start_of(s), earliest = header - SPAN;

	if (start >= earliest) {
		assert_int_equal(boot + r->first, start);
	} else {
		assert_int_equal(boot + r->first, earliest);
		clamped++;
	}
	assert_true(boot + r->last <= s->time || boot + r->last == earliest);
	if (s->pf.packets[0] + s->pf.packets[1] == 1)
		assert_int_equal(r->last, r->first);
}

static void
check_record(const struct record5 *r, uint64_t boot, uint64_t header)
{
	int way;
	struct drawn *s = owner(r, &way);
	int in = (s->pf.direction == 1) != way; /* at the state's interface */

	assert_false(s->inexpressible);
	assert_memory_equal(r->next_hop, s->pf.rt, 4);
	assert_int_equal(r->input, in ? INDEX : 0);
	assert_int_equal(r->output, in ? 0 : INDEX);
	s->got_packets[way] += r->packets;
	s->got_bytes[way] += r->octets;
	s->got[way]++;
	check_times(s, r, boot, header);
	assert_int_equal(r->from_port,
	    has_ports(s) ? host_of(s, view, way)->port : 0);
	assert_int_equal(r->to_port,
	    has_ports(s) ? host_of(s, view, !way)->port : 0);
	assert_int_equal(r->flags, flags_of(s, way));
	assert_int_equal(r->proto, s->pf.proto);
}

static void
check_datagram(const struct datagram5 *d)
{
	unsigned int i;

	assert_int_equal(d->sequence, sequence);
	sequence += d->n;
	for (i = 0; i < d->n; i++)
		check_record(&d->record[i], d->time - d->uptime, d->time);
}

static void
receive(void)
{
	struct datagram5 d;

	export_send(x);
	while (receive5(&d, at))
		check_datagram(&d);
}

/* The path of a state through pflowd. */

static void
open_collector(struct conf *c)
{
	char why[128];
	int size = 8 << 20;

	assert_int_equal(conf_add_collector(c, "127.0.0.1", why, sizeof(why)),
	    0);
	if (at == 0) {
		at = sink_open();
		setsockopt(at, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	}
	sink_collector(at, &c->collectors[0]);
}

/* As by a reload: the stream goes on. */
static void
reload(void)
{
	struct conf *next = conf_new();

	assert_non_null(next);
	open_collector(next);
	next->hold = (unsigned int)below(61);
	next->policy.view = view;
	assert_int_equal(export_apply(x, next, T0), 0);
	conf_free(conf);
	conf = next;
}

/* As by a new engine, after the last one ended well: likewise. */
static void
respawn(void)
{
	const struct export_hooks hooks = { .writable = NULL };

	if (x != NULL) {
		export_free(x);
		event_base_free(base);
	}
	base = event_base_new();
	ledger_begin(ledger, T0);
	x = export_new(base, ledger, &hooks);
	assert_non_null(x);
	reload();
}

static void
export_state(struct drawn *s, uint64_t now)
{
	static uint8_t frame[300];
	static struct flow flow;
	static struct batch b;
	struct report report;
	struct pfsync_frame f;
	size_t len = make_frame(frame, s->version, &s->pf, 1);

	assert_int_equal(pfsync_open(&f, LINK_PFSYNC, frame, len),
	    PFSYNC_DECODED);
	assert_int_equal(pfsync_read(&f, &flow, 1), 1);
	export_clock(x, now);
	last_packet_report(&report, &flow, 1, s->time, &conf->policy);
	assert_int_equal(report_counted(&report),
	    s->pf.packets[0] + s->pf.packets[1] > 0);
	s->inexpressible = is_inexpressible(s);
	if (report_counted(&report)) {
		b.n = 1;
		record_make(b.record, &report, conf->policy.view, INDEX);
		export_batch(x, &b, now);
		assert_int_equal(b.result[0],
		    s->inexpressible ? EXPORT_INEXPRESSIBLE : EXPORT_GIVEN);
	}
	while (export_busy(x)) {
		export_more(x, now);
		receive();
	}
}

static void
check_state(const struct drawn *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		int said = s->pf.packets[i] > 0 && !s->inexpressible;

		assert_int_equal(s->got_packets[i],
		    said ? s->pf.packets[i] : 0);
		assert_int_equal(s->got_bytes[i], said ? s->pf.bytes[i] : 0);
		octets += s->got_bytes[i];
		assert_int_equal(s->got[i], said ? parts(s, i) : 0);
	}
}

/* Frames' times and the clock jump about by an hour each way. */
static void
run_batch(uint32_t number)
{
	uint64_t now = T0;
	unsigned int i;

	view = (enum flow_view)below(3);
	if (x != NULL && below(4))
		reload();
	else
		respawn();
	for (i = 0; i < TOGETHER; i++) {
		if (!below(40))
			now = T0 - 3600000 + below(7200000);
		now += below(200);
		draw(&states[i], number + i,
		    below(10) ? now : T0 - 3600000 + below(7200000));
	}
	now = T0;
	for (i = 0; i < TOGETHER; i++) {
		now = below(40) ? states[i].time : T0 + below(7200000);
		export_state(&states[i], now);
		if (!below(10))
			receive();
	}
	export_close(x, now);
	receive();
	for (i = 0; i < TOGETHER; i++)
		check_state(&states[i]);
}

static void
test_properties(void **state)
{
	const char *given = getenv("PROPERTY_SEED");
	const char *more = getenv("PROPERTY_STATES");
	unsigned long n = more != NULL ? strtoul(more, NULL, 10) : STATES;
	uint64_t seed;
	uint32_t number;

	(void)state;
	seed = given != NULL ? strtoull(given, NULL, 10) :
			       (uint64_t)time(NULL) << 20 | (uint32_t)getpid();
	random_begin(seed);
	print_message("PROPERTY_SEED=%" PRIu64 "\n", seed);
	ledger = ledger_new();
	assert_non_null(ledger);
	for (number = 1; number <= n; number += TOGETHER)
		run_batch(number);
	assert_int_equal(export_counters(x, 0)->clamped, clamped);
	assert_int_equal(export_counters(x, 0)->built, sequence);
	assert_int_equal(export_counters(x, 0)->octets_built, octets);
	assert_int_equal(export_counters(x, 0)->octets_sent, octets);
	export_free(x);
	event_base_free(base);
	conf_free(conf);
	free(ledger);
	close(at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties),
	};

	return RUN(tests);
}
