/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What is tracked of states, their pairs and pieces, over engines that die and
 * leave anything.  The input: steps, each a byte and what it needs: a dump, a
 * look at some entries, the death of an engine, or other settings.
 */

#include <sys/mman.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "pflowd/flow/record.h"
#include "pflowd/os/memory.h"
#include "pflowd/track/track_local.h"

#define MOST 20
#define ENTRIES 32 /* that are written to */
#define NOW UINT64_C(1700000000000)
#define DEATHS 6 /* of an input: each takes time */
#define STATES 32

struct bed {
	struct track *track;
	int memory;
	uint64_t now; /* ms */
	struct flow flow[STATES];
	uint64_t made[STATES]; /* ms */
};

static void
begin(struct bed *b)
{
	struct record_policy policy;

	b->memory = memory_open();
	MUST(b->memory != -1);
	b->track = track_new(MOST, b->memory);
	MUST(b->track != NULL);
	record_policy_default(&policy);
	track_timeouts(b->track, policy.timeout);
}

static uint64_t
open_octets(const struct track *t)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < ENTRIES && i < table_size(&t->table); i++)
		if (table_entry(&t->table, i)->status != ENTRY_FREE)
			sum += report_open(t, table_entry(&t->table, i));
	return sum;
}

static void
check_counts(const struct bed *b)
{
	const struct track_counts *c = track_counts(b->track);
	const struct track_octets *o = &c->octets;
	uint64_t sum = c->tracked + c->lost;
	unsigned int i;

	for (i = 0; i < FLOW_ENDS; i++)
		sum += c->ended[i];
	MUST(c->first_seen == sum);
	MUST(c->tracked <= SEGMENT);
	MUST(o->shown ==
	    o->before_start + o->not_followed + o->reported + o->twin + o->cut +
		open_octets(b->track));
}

static void
check_neighbour(const struct entry *e, const struct entry *other)
{
	MUST(other != e && other->status == e->status);
	MUST(((other->flags ^ e->flags) & ENTRY_CHAINED) == 0);
}

/* A list has entries of one kind, each once. */
static void
check_links(const struct table *t, const struct entry *e)
{
	const struct fixed *x = table_fixed(t, e->number);

	if (x->next != ENTRY_NONE) {
		check_neighbour(e, table_entry(t, x->next));
		MUST(table_fixed(t, x->next)->previous == e->number);
	}
	if (x->previous != ENTRY_NONE) {
		check_neighbour(e, table_entry(t, x->previous));
		MUST(table_fixed(t, x->previous)->next == e->number);
	}
}

static int
waits(const struct table *t, const struct entry *e)
{
	return *table_shown(t, e->number) == SHOWN_NONE;
}

/* One of both, at most, waits for the other one. */
static void
check_twin(const struct track *t, const struct entry *e)
{
	const struct entry *twin = table_twin(&t->table, e);

	MUST(!waits(&t->table, e) ||
	    (e->status == ENTRY_ENDED && twin != NULL &&
		!waits(&t->table, twin)));
	if (twin == NULL)
		return;
	MUST(twin->status != ENTRY_FREE && twin->twin == e->number);
	MUST(table_fixed(&t->table, e->number)->direction !=
	    table_fixed(&t->table, twin->number)->direction);
}

/* The next engine would not lose it, either. */
static void
check_entry(const struct track *t, const struct entry *e)
{
	const struct table *table = &t->table;
	int found = index_find(table, e->id, e->creator) == e->number;

	MUST(entry_sound(e, table_fixed(table, e->number),
	    table_base(table, e->number)));
	MUST(found == (e->status != ENTRY_ENDED));
	if (e->flags & ENTRY_CHAINED)
		MUST(e->status == ENTRY_LIVE && pair_available(t, e));
	if (e->status == ENTRY_MISSING || (e->flags & ENTRY_CHAINED))
		check_links(table, e);
	check_twin(t, e);
}

/* Of all entries, the first ones are in use: those that are freed first. */
static void
check_entries(const struct bed *b)
{
	const struct table *t = &b->track->table;
	uint32_t i, n = 0;

	for (i = 0; i < ENTRIES && i < table_size(t); i++)
		if (table_entry(t, i)->status != ENTRY_FREE) {
			check_entry(b->track, table_entry(t, i));
			n++;
		}
	MUST(n == t->n && n == track_counts(b->track)->tracked);
	for (i = t->free; i < ENTRIES; i = table_fixed(t, i)->next) {
		MUST(table_entry(t, i)->status == ENTRY_FREE);
		MUST(*table_shown(t, i) == SHOWN_NONE);
		n++;
	}
	MUST(n == ENTRIES || table_size(t) == 0);
}

static void
check(const struct bed *b)
{
	check_counts(b);
	check_entries(b);
}

static void
check_flow(const struct flow *f)
{
	MUST(f->label > FLOW_FINAL && f->label < FLOW_LABELS);
	MUST(f->ifname[FLOW_IFNAME - 1] == '\0');
	MUST(f->ext.family == 0 || f->ext.family == 4 || f->ext.family == 6);
	MUST(((f->anomalies & FLOW_BAD_FAMILY) != 0) == (f->ext.family == 0));
	MUST((f->anomalies & FLOW_BAD_TCP_STATE) ||
	    (f->tcp_state[0] <= FLOW_TCPS_PROXY_DST &&
		f->tcp_state[1] <= FLOW_TCPS_PROXY_DST));
}

static void
set(struct bed *b, struct bytes *in)
{
	uint8_t how = fuzz_u8(in);

	track_interim(b->track, how & 63);
	track_join(b->track, how >> 6 & 1);
	if (how & 128)
		track_limit(b->track, fuzz_u8(in) & 31);
}

/* Those of an even and the next odd number are twins; others are alike. */
static void
make(struct bed *b, unsigned int id, unsigned int tuple)
{
	struct flow *f = &b->flow[id];
	uint8_t out = id & 1;

	memset(f, 0, sizeof(*f));
	f->id = id;
	f->proto = 17;
	f->timeout = FLOW_UDP_MULTIPLE;
	f->direction = FLOW_IN + out;
	f->packets[0] = f->packets[1] = 1;
	f->bytes[0] = f->bytes[1] = 100;
	flow_set_family(f, 4);
	f->lan.addr[0] = f->gwy.addr[0] = f->ext.addr[0] = 10;
	f->lan.addr[3] = f->gwy.addr[3] = out;
	f->ext.addr[3] = !out;
	f->lan.port = f->gwy.port = f->ext.port = (uint16_t)tuple;
	b->made[id] = b->now;
}

/* Packets, or another state. */
static void
change(struct bed *b, unsigned int id, struct bytes *in)
{
	uint8_t how = fuzz_u8(in), end = how & 1;
	struct flow *f = &b->flow[id];

	if (f->proto == 0 || how >= 0xf0) {
		make(b, id, (id >> 1 & 7) + (how & 8));
		return;
	}
	f->expires = how & 2 ? 60 : 0;
	f->packets[end] += how >> 2 & 7;
	f->bytes[end] += (how >> 5) * 50U;
	if (how >= 0xe0) {
		f->packets[end] += UINT64_C(1) << (fuzz_u8(in) & 63);
		f->bytes[end] += UINT64_C(1) << (fuzz_u8(in) & 63);
	}
}

static void
dump(struct bed *b, struct bytes *in)
{
	unsigned int how = fuzz_u8(in), n = how & 31, id;

	b->now += 1000 * fuzz_u8(in);
	track_begin(b->track, NOW + b->now, b->now);
	for (; n > 0; n--) {
		id = fuzz_u8(in) & 63;
		if (id < STATES || b->flow[id % STATES].proto == 0)
			change(b, id % STATES, in);
		id %= STATES;
		b->flow[id].age = (uint32_t)((b->now - b->made[id]) / 1000);
		track_state(b->track, &b->flow[id], how >> 6 == 3);
	}
	track_finish(b->track, (how & 32) == 0, b->now);
	check(b);
}

static void
check_report(const struct bed *b, const struct track_report *r,
    uint64_t reported)
{
	check_flow(&r->flow);
	if (r->joined)
		check_flow(&r->twin);
	MUST(r->start <= r->last);
	MUST(track_counts(b->track)->octets.reported - reported ==
	    record_octets(r->packets, r->bytes));
}

/* Returns as track_next() does. */
static int
look_at(struct bed *b, unsigned int n)
{
	const uint64_t *reported = &track_counts(b->track)->octets.reported;
	uint64_t before = *reported;
	struct track_report r;
	int result;

	while ((result = track_next(b->track, &n, &r)) == 1) {
		check_report(b, &r, before);
		before = *reported;
	}
	check(b);
	return result;
}

static void
look_at_all(struct bed *b)
{
	while (look_at(b, SEGMENT) != -1)
		;
}

static void
show(const struct bed *b)
{
	uint32_t n = SEGMENT, cursor = 0;
	struct track_living living;

	while (track_alive(b->track, &cursor, &n, &living) == 1) {
		check_flow(&living.flow);
		if (living.joined)
			check_flow(&living.twin);
	}
}

/* Write what the input has; the checks may be right all the same. */
static void
spoil(const struct bed *b, struct bytes *in)
{
	size_t len = TRACK_HEADER +
	    SEGMENT *
		(sizeof(struct entry) + sizeof(struct fixed) +
		    sizeof(struct base));
	struct entry *e;
	struct fixed *x;
	struct base *bases;
	struct stat st;
	unsigned int n, i;
	uint8_t *p, how;

	MUST(fstat(b->memory, &st) == 0);
	if (st.st_size < (off_t)len)
		return;
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, b->memory, 0);
	MUST(p != MAP_FAILED);
	e = (void *)(p + TRACK_HEADER);
	x = (void *)(e + SEGMENT);
	bases = (void *)(x + SEGMENT);
	for (n = fuzz_u8(in) & 15; n > 0; n--) {
		how = fuzz_u8(in);
		i = how % ENTRIES;
		if (how & 32)
			((uint8_t *)&e[i])[fuzz_u8(in) & 127] = fuzz_u8(in);
		else
			((uint8_t *)&x[i])[fuzz_u8(in) & 127] = fuzz_u8(in);
		if (how & 64) {
			e[i] = e[fuzz_u8(in) % ENTRIES];
			x[i] = x[fuzz_u8(in) % ENTRIES];
		}
		if (how & 128) {
			entry_seal(&e[i]);
			x[i].check = entry_check_fixed(&x[i], &bases[i],
			    e[i].twin);
		}
	}
	munmap(p, len);
}

static void
die(struct bed *b, struct bytes *in)
{
	struct track_counts counts = *track_counts(b->track);
	uint64_t interim = b->track->interim;
	int before = b->memory, join = b->track->join;

	track_free(b->track);
	spoil(b, in);
	if (fuzz_u8(in) == 1)
		MUST(ftruncate(before, fuzz_u32(in) & 0x3fffff) == 0);
	begin(b);
	track_resume(b->track, before, &counts);
	track_interim(b->track, (uint32_t)(interim / TRACK_MS));
	track_join(b->track, join);
	close(before);
	check(b);
}

/* pfsync goes on with what is tracked. */
static void delete (struct bed *b, struct bytes *in)
{
	const struct flow *f = &b->flow[fuzz_u8(in) % STATES];
	struct report r = { .flow = f };
	uint64_t open = open_octets(b->track);

	memcpy(r.packets, f->packets, sizeof(r.packets));
	memcpy(r.bytes, f->bytes, sizeof(r.bytes));
	open -= track_deleted(b->track, &r);
	MUST(open == open_octets(b->track));
	MUST(r.bytes[0] <= f->bytes[0] && r.bytes[1] <= f->bytes[1]);
	MUST(r.times.start <= r.times.end);
	check_entries(b);
}

static void
stop(struct bed *b, struct bytes *in)
{
	uint8_t how = fuzz_u8(in), n;

	track_stop(b->track, how & 1 ? TRACK_STOP_ENDED : TRACK_STOP_OPEN);
	look_at_all(b);
	for (n = how >> 4; n > 0; n--)
		delete (b, in);
}

/* What was open of states that were deleted is not reported. */
static void
stop_all(struct bed *b)
{
	struct track_report r;
	unsigned int n;
	int result;

	track_stop(b->track, TRACK_STOP_ALL);
	do {
		n = SEGMENT;
		result = track_next(b->track, &n, &r);
	} while (result != -1);
	check_entries(b);
	MUST(track_counts(b->track)->tracked == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes in = { data, len };
	struct bed b = { .now = 0 };
	unsigned int deaths = 0;
	int stopped = 0;

	begin(&b);
	while (in.left > 0 && !stopped) {
		switch (fuzz_u8(&in) & 7) {
		case 0:
		case 1:
		case 2:
			dump(&b, &in);
			break;
		case 3:
			look_at(&b, fuzz_u8(&in));
			break;
		case 4:
			if (++deaths <= DEATHS)
				die(&b, &in);
			break;
		case 5:
			set(&b, &in);
			break;
		case 6:
			show(&b);
			look_at_all(&b);
			break;
		case 7:
			stop(&b, &in);
			stopped = 1;
			break;
		}
	}
	stop_all(&b);
	track_free(b.track);
	close(b.memory);
	return 0;
}
