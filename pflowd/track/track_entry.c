/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <stddef.h>
#include <string.h>

#include "common/bytes.h"
#include "track_local.h"

_Static_assert(sizeof(struct entry) == 128, "two lines");
_Static_assert(offsetof(struct entry, last) == 64, "the first line");
_Static_assert(sizeof(struct fixed) == 128, "two lines");
_Static_assert(sizeof(struct base) == 40, "no padding");

static int
same_host(const struct flow_host *a, const struct flow_host *b)
{
	return a->port == b->port && a->family == b->family &&
	    memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

int
entry_same_tuple(const struct fixed *x, const struct flow *f)
{
	return x->proto == f->proto && x->direction == f->direction &&
	    same_host(&x->lan, &f->lan) && same_host(&x->gwy, &f->gwy) &&
	    same_host(&x->ext, &f->ext);
}

/* Sums of products need no order, and so less time than a chain of steps. */
uint64_t
entry_tuple(const uint64_t keys[TUPLE_WORDS], const struct flow *f)
{
	uint64_t ports = f->lan.port | (uint64_t)f->gwy.port << 16 |
	    (uint64_t)f->ext.port << 32 | (uint64_t)f->proto << 48 |
	    (uint64_t)f->direction << 56;
	uint64_t families = f->lan.family | (uint64_t)f->gwy.family << 8 |
	    (uint64_t)f->ext.family << 16;

	return mix_product(get_host64(f->lan.addr), keys[0]) +
	    mix_product(get_host64(f->lan.addr + 8), keys[1]) +
	    mix_product(get_host64(f->gwy.addr), keys[2]) +
	    mix_product(get_host64(f->gwy.addr + 8), keys[3]) +
	    mix_product(get_host64(f->ext.addr), keys[4]) +
	    mix_product(get_host64(f->ext.addr + 8), keys[5]) +
	    mix_product(ports, keys[6]) + mix_product(families, keys[7]);
}

void
entry_set(struct entry *e, struct fixed *x, const struct flow *f)
{
	e->id = f->id;
	e->creator = f->creator;
	memcpy(e->packets, f->packets, sizeof(e->packets));
	memcpy(e->bytes, f->bytes, sizeof(e->bytes));
	e->expires = f->expires;
	e->age = f->age;
	e->timeout = f->timeout;
	e->anomalies = f->anomalies;
	memcpy(e->tcp_state, f->tcp_state, sizeof(e->tcp_state));
	e->label = FLOW_ALIVE;
	e->flags = 0;
	e->rate = 0;
	e->twin = ENTRY_NONE;
	x->lan = f->lan;
	x->gwy = f->gwy;
	x->ext = f->ext;
	x->proto = f->proto;
	x->direction = f->direction;
	x->icmp = f->icmp;
	memcpy(x->rt_addr, f->rt_addr, sizeof(x->rt_addr));
	memcpy(x->ifname, f->ifname, sizeof(x->ifname));
	x->rule = f->rule;
}

void
entry_flow(const struct entry *e, const struct fixed *x, struct flow *f)
{
	memset(f, 0, sizeof(*f));
	f->id = e->id;
	f->creator = e->creator;
	memcpy(f->packets, e->packets, sizeof(f->packets));
	memcpy(f->bytes, e->bytes, sizeof(f->bytes));
	f->expires = e->expires;
	f->age = e->age;
	f->timeout = e->timeout;
	f->anomalies = e->anomalies;
	memcpy(f->tcp_state, e->tcp_state, sizeof(f->tcp_state));
	f->label = e->label;
	f->lan = x->lan;
	f->gwy = x->gwy;
	f->ext = x->ext;
	f->proto = x->proto;
	f->direction = x->direction;
	f->icmp = x->icmp;
	memcpy(f->rt_addr, x->rt_addr, sizeof(f->rt_addr));
	memcpy(f->ifname, x->ifname, sizeof(f->ifname));
	f->rule = x->rule;
}

/* Of what a dump that shows no packets does not change. */
static uint64_t
check_entry(const struct entry *e)
{
	uint64_t h = mix(mix(mix(1, e->id), e->creator), e->created);

	h = mix(mix(h, e->packets[0]), e->packets[1]);
	h = mix(mix(h, e->bytes[0]), e->bytes[1]);
	return mix(h, e->last);
}

uint64_t
entry_check_fixed(const struct fixed *x, const struct base *b, uint32_t twin)
{
	const uint8_t *p = (const uint8_t *)x;
	uint64_t h = mix(mix(mix(1, x->start), x->rule), twin);
	size_t i;

	h = mix(mix(h, b->packets[0]), b->packets[1]);
	h = mix(mix(h, b->bytes[0]), b->bytes[1]);
	for (i = 0; i < offsetof(struct fixed, start); i += 8)
		h = mix(h, get_be64(p + i));
	return h;
}

void
entry_seal(struct entry *e)
{
	e->check = check_entry(e);
}

static int
family_sound(const struct flow_host *h)
{
	return h->family == 0 || h->family == 4 || h->family == 6;
}

static int
base_sound(const struct entry *e, const struct base *b)
{
	return b->packets[0] <= e->packets[0] &&
	    b->packets[1] <= e->packets[1] && b->bytes[0] <= e->bytes[0] &&
	    b->bytes[1] <= e->bytes[1];
}

int
entry_sound(const struct entry *e, const struct fixed *x, const struct base *b)
{
	return e->status >= ENTRY_LIVE && e->status <= ENTRY_ENDED &&
	    e->check == check_entry(e) &&
	    x->check == entry_check_fixed(x, b, e->twin) && base_sound(e, b) &&
	    e->label > FLOW_FINAL && e->label < FLOW_ENDS &&
	    family_sound(&x->lan) && family_sound(&x->gwy) &&
	    family_sound(&x->ext) && x->ifname[FLOW_IFNAME - 1] == '\0';
}
