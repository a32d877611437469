/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * States that have ended and wait for their twins: each is given once, alone or
 * with its twin.  The input: steps, each a byte and what it needs.
 */

#include "pflowd/source/hold.h"

/* So few that some find no room. */
#undef HOLD_STATES
#define HOLD_STATES 8
#include "pflowd/source/hold.c"

#include "fuzz.h"

#define STATES 1024 /* of an input */

enum where {
	NOWHERE,
	WAITS,
	GIVEN
};

struct bed {
	struct hold *hold;
	struct counters counters;
	enum where where[STATES];
	uint64_t since[STATES];
	uint64_t packets[STATES][2]; /* of its report */
	uint64_t now;		     /* ms */
	unsigned int n;
	unsigned int waiting;
};

/* Takes one that waits. */
static void
take_waiting(struct bed *b, const struct flow *f)
{
	MUST(f->rule < b->n && b->where[f->rule] == WAITS);
	b->where[f->rule] = GIVEN;
	b->waiting--;
}

static void
check_pair(struct bed *b, const struct report *r, const struct flow *f,
    const struct flow *twin)
{
	MUST(r->flow->direction == FLOW_IN && r->twin->direction == FLOW_OUT);
	MUST((r->flow == f && r->twin == twin) ||
	    (r->flow == twin && r->twin == f));
	MUST(f->creator == twin->creator && f->proto == twin->proto);
	MUST(r->packets[0] == b->packets[r->flow->rule][0]);
	MUST(r->packets[1] == b->packets[r->twin->rule][1]);
	MUST(r->times.start <= r->times.end);
	take_waiting(b, twin);
}

static void
make_state(struct bed *b, struct bytes *in, struct flow *f)
{
	uint8_t bits = fuzz_u8(in), in_state;

	memset(f, 0, sizeof(*f));
	f->rule = b->n++; /* which it is */
	f->id = fuzz_u8(in);
	f->creator = bits & 1;
	f->proto = bits & 2 ? 17 : 1;
	f->direction = bits & 4 ? FLOW_IN : FLOW_OUT;
	in_state = f->direction == FLOW_IN;
	f->ext.addr[0] = in_state ? 1 : 2;
	f->lan.addr[0] = f->gwy.addr[0] = in_state ? 2 : 1;
	f->lan.port = f->gwy.port = f->ext.port = bits >> 3 & 3;
	flow_set_family(f, bits & 32 ? 6 : 4);
	f->age = fuzz_u8(in) & 3;
	f->packets[0] = fuzz_u8(in);
	f->packets[1] = bits;
	f->bytes[bits >> 7] = UINT64_MAX << (bits >> 1 & 63);
}

/* Some of it may have been reported before. */
static void
make_report(struct bed *b, struct bytes *in, const struct flow *f,
    struct report *r)
{
	memset(r, 0, sizeof(*r));
	r->flow = f;
	r->ending = REPORT_EXPIRED;
	r->packets[0] = f->packets[0] / 2;
	r->packets[1] = f->packets[1];
	memcpy(r->bytes, f->bytes, sizeof(r->bytes));
	memcpy(b->packets[f->rule], r->packets, sizeof(r->packets));
	r->times.start = fuzz_u8(in) * UINT64_C(250);
	r->times.end = r->times.start + fuzz_u8(in);
}

static void
state(struct bed *b, struct bytes *in)
{
	struct flow f, twin;
	struct report r;

	if (b->n == STATES)
		return;
	make_state(b, in, &f);
	make_report(b, in, &f, &r);
	switch (hold_state(b->hold, &r, b->now + fuzz_u8(in) * UINT64_C(100),
	    &twin)) {
	case HOLD_SINGLE:
		b->where[f.rule] = GIVEN;
		break;
	case HOLD_WAITS:
		b->where[f.rule] = WAITS;
		b->since[f.rule] = b->now;
		b->waiting++;
		break;
	case HOLD_PAIR:
		b->where[f.rule] = GIVEN;
		check_pair(b, &r, &f, &twin);
		break;
	}
}

/* The first that waits is given first, and none before it is due. */
static void
next(struct bed *b, int all)
{
	struct flow f;
	struct report r;
	unsigned int i;

	while (hold_next(b->hold, &f, &r)) {
		MUST(all || b->now - b->since[f.rule] >= HOLD_MS);
		take_waiting(b, &f);
		for (i = 0; i < f.rule; i++)
			MUST(b->where[i] != WAITS);
		MUST(r.flow == &f && r.twin == NULL);
		MUST(memcmp(r.packets, b->packets[f.rule], sizeof(r.packets)) ==
		    0);
	}
	MUST(!all || b->waiting == 0);
}

/* A small step back leaves the time as it is. */
static void
pass(struct bed *b, struct bytes *in)
{
	static const uint64_t steps[] = { 1, 1000, 11999, 12000, 100000,
		UINT64_C(0) - 1, UINT64_C(0) - 12001, UINT64_MAX / 2 };
	uint64_t now = b->now + steps[fuzz_u8(in) & 7];

	hold_clock(b->hold, now);
	if (now > b->now || b->now - now > HOLD_MS)
		b->now = now;
}

static void
step(struct bed *b, struct bytes *in)
{
	switch (fuzz_u8(in) & 7) {
	case 0:
		pass(b, in);
		break;
	case 1:
		next(b, 0);
		break;
	case 2:
		hold_release(b->hold);
		next(b, 1);
		break;
	default:
		state(b, in);
		break;
	}
	MUST(hold_count(b->hold) == b->waiting && b->waiting <= HOLD_STATES);
	MUST(b->waiting > 0 || hold_due(b->hold) == UINT64_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct bed b;
	struct bytes in = { data, len };
	unsigned int i;

	memset(&b, 0, sizeof(b));
	b.hold = hold_new(&b.counters);
	MUST(b.hold != NULL);
	while (in.left > 0)
		step(&b, &in);
	hold_release(b.hold);
	next(&b, 1);
	for (i = 0; i < b.n; i++)
		MUST(b.where[i] == GIVEN);
	MUST(b.counters.pairs == b.counters.joined);
	hold_free(b.hold);
	return 0;
}
