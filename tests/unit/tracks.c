/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "tracks.h"

#include <netinet/in.h>
#include <unistd.h>

#include "pflowd/flow/record.h"
#include "pflowd/os/memory.h"

struct flow
tracks_make(uint64_t id)
{
	struct flow f = { .id = id,
		.packets = { 1, 1 },
		.bytes = { 100, 100 },
		.proto = IPPROTO_UDP,
		.direction = FLOW_IN,
		.timeout = FLOW_UDP_MULTIPLE,
		.expires = 60,
		.creator = 7 };

	f.ext.port = (uint16_t)id;
	flow_set_family(&f, 4);
	return f;
}

static struct flow_host
host(uint8_t a, uint16_t port)
{
	struct flow_host h = { .addr = { 10, 0, 0, a },
		.port = port,
		.family = 4 };

	return h;
}

struct flow
tracks_in(uint64_t id, uint16_t port)
{
	struct flow f = tracks_make(id);

	f.direction = FLOW_IN;
	f.ext = host(1, port);
	f.gwy = host(3, 80);
	f.lan = host(2, 8080);
	return f;
}

struct flow
tracks_out(uint64_t id, uint16_t port)
{
	struct flow f = tracks_make(id);

	f.direction = FLOW_OUT;
	f.lan = host(1, port);
	f.gwy = host(4, port);
	f.ext = host(2, 8080);
	return f;
}

void
tracks_carry(struct flow *f, unsigned int forward, unsigned int back)
{
	f->packets[0] += forward;
	f->bytes[0] += forward * 100;
	f->packets[1] += back;
	f->bytes[1] += back * 1000;
	if (forward + back > 0)
		f->expires = 60;
}

void
tracks_octets(const struct bed *b)
{
	const struct track_octets *o = &track_counts(b->track)->octets;

	assert_int_equal(o->shown,
	    o->before_start + o->not_followed + o->reported + o->twin + o->cut +
		track_open(b->track));
}

void
tracks_start(struct bed *b, unsigned int most)
{
	memset(b, 0, sizeof(*b));
	b->memory = b->before = -1;
	tracks_again(b, most);
}

void
tracks_again(struct bed *b, unsigned int most)
{
	struct record_policy policy;

	if (b->memory != -1) {
		if (b->before != -1)
			close(b->before);
		b->before = b->memory;
		b->memory = memory_open();
		assert_int_not_equal(b->memory, -1);
	}
	b->track = track_new(most, b->memory);
	assert_non_null(b->track);
	record_policy_default(&policy);
	track_timeouts(b->track, policy.timeout);
}

void
tracks_dump(struct bed *b, unsigned int s, int whole)
{
	unsigned int i;

	b->now += s * 1000;
	track_begin(b->track, TRACKS_NOW + b->now, b->now);
	for (i = 0; i < b->n; i++)
		track_state(b->track, &b->shown[i], 0);
	track_finish(b->track, whole, b->now);
}

void
tracks_age(struct bed *b, unsigned int s)
{
	unsigned int i;

	for (i = 0; i < b->n; i++) {
		b->shown[i].age += s;
		b->shown[i].expires -= s < b->shown[i].expires ?
		    s :
		    b->shown[i].expires;
	}
}

unsigned int
tracks_ends(struct bed *b, struct track_report *end, unsigned int n)
{
	unsigned int entries, found = 0;
	struct track_report next;
	int result;

	do {
		entries = 3;
		result = track_next(b->track, &entries, &next);
		if (result != 1)
			continue;
		assert_true(found < n);
		end[found++] = next;
	} while (result != -1);
	return found;
}

struct track_report
tracks_miss(struct bed *b, unsigned int interval)
{
	struct track_report end[2];

	b->n = 0;
	tracks_dump(b, interval, 1);
	assert_int_equal(tracks_ends(b, end, 1), 0);
	tracks_dump(b, interval, 1);
	assert_int_equal(tracks_ends(b, end, 1), 0);
	tracks_dump(b, interval, 1);
	assert_int_equal(tracks_ends(b, end, 1), 1);
	assert_int_equal(track_counts(b->track)->tracked, 0);
	return end[0];
}
