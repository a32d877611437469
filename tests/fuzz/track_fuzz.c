/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * What engines that die leave of the states that they tracked.  The input:
 * steps, each a byte and what it needs: a dump, a look at some entries, or the
 * death of an engine, which has written anything before.
 */

#include <sys/mman.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "pflowd/flow/record.h"
#include "pflowd/os/memory.h"
#include "pflowd/source/track_local.h"

#define MOST 20
#define ENTRIES 32 /* that are written to */
#define NOW UINT64_C(1700000000000)
#define DEATHS 6 /* of an input: each takes time */

struct bed {
	struct track *track;
	int memory;
	uint64_t now; /* ms */
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

static void
check_counts(const struct bed *b)
{
	const struct track_counts *c = track_counts(b->track);
	uint64_t sum = c->tracked + c->lost;
	unsigned int i;

	for (i = 0; i < FLOW_ENDS; i++)
		sum += c->ended[i];
	MUST(c->first_seen == sum);
	MUST(c->tracked <= SEGMENT);
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
dump(struct bed *b, struct bytes *in)
{
	unsigned int how = fuzz_u8(in), n = how & 31;
	struct flow f = { .proto = 17,
		.timeout = FLOW_UDP_MULTIPLE,
		.packets = { 1, 1 },
		.bytes = { 100, 100 } };

	b->now += 1000 * fuzz_u8(in);
	track_begin(b->track, NOW + b->now, b->now);
	for (; n > 0; n--) {
		f.id = fuzz_u8(in) & 31;
		f.direction = FLOW_IN + (f.id & 1);
		f.age = (uint32_t)(b->now / 1000);
		f.expires = fuzz_u8(in) & 63;
		f.packets[0] = fuzz_u8(in);
		flow_set_family(&f, 4);
		track_state(b->track, &f, how >> 6 == 3);
	}
	track_finish(b->track, (how & 32) == 0, b->now);
	check_counts(b);
}

/* Each state that lives is shown; then, as many entries are looked at. */
static void
look(struct bed *b, struct bytes *in)
{
	unsigned int n = SEGMENT, left = fuzz_u8(in) * 32U;
	uint32_t cursor = 0;
	struct track_living living;
	struct track_report end;

	while (track_alive(b->track, &cursor, &n, &living) == 1)
		check_flow(&living.flow);
	while (track_next(b->track, &left, &end) == 1) {
		check_flow(&end.flow);
		MUST(end.start <= end.last);
	}
	check_counts(b);
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
	int before = b->memory;

	track_free(b->track);
	spoil(b, in);
	if (fuzz_u8(in) == 1)
		MUST(ftruncate(before, fuzz_u32(in) & 0x3fffff) == 0);
	begin(b);
	track_resume(b->track, before, &counts);
	close(before);
	check_counts(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes in = { data, len };
	unsigned int deaths = 0;
	struct bed b = { .now = 0 };

	begin(&b);
	while (in.left > 0) {
		switch (fuzz_u8(&in) % 3) {
		case 0:
			dump(&b, &in);
			break;
		case 1:
			look(&b, &in);
			break;
		case 2:
			if (++deaths <= DEATHS)
				die(&b, &in);
			break;
		}
	}
	track_stop(b.track, TRACK_STOP_ALL);
	look(&b, &(struct bytes){ (const uint8_t *)"\xff", 1 });
	track_free(b.track);
	close(b.memory);
	return 0;
}
