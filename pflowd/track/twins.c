/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include <netinet/in.h>
#include <string.h>

#include "common/bytes.h"
#include "mix.h"
#include "twins.h"

/* Ports, protocol and family; the addresses of initiator and responder. */
#define KEY_WORDS 5
#define KEY_WORDS_4 2 /* IPv4 */

/*
 * Kernels store ICMP's id as either port, with 0 or the type as the other one,
 * so that the two have no order; or as both, and then both are translated.
 */
static uint32_t
icmp_ports(const struct flow *f)
{
	uint16_t a = f->lan.port;
	uint16_t b = f->ext.port == f->gwy.port ? a : f->ext.port;

	return a < b ? (uint32_t)a << 16 | b : (uint32_t)b << 16 | a;
}

static uint32_t
ports(const struct flow *f, uint16_t from, uint16_t to)
{
	if (f->proto == IPPROTO_ICMP || f->proto == IPPROTO_ICMPV6)
		return icmp_ports(f);
	return (uint32_t)from << 16 | to;
}

/* Returns the number of words.  IPv4 uses the first 4 bytes of addresses only.
 */
static unsigned int
set_key(uint64_t key[KEY_WORDS], const struct flow *f)
{
	const struct flow_host *from = flow_host(f, FLOW_INSIDE,
	    FLOW_INITIATOR);
	const struct flow_host *to = flow_host(f, FLOW_INSIDE, FLOW_RESPONDER);

	key[0] = ports(f, from->port, to->port) | (uint64_t)f->proto << 32 |
	    (uint64_t)from->family << 40;
	if (from->family == 4) {
		key[1] = (uint64_t)get_be32(from->addr) << 32 |
		    get_be32(to->addr);
		return KEY_WORDS_4;
	}
	memcpy(&key[1], from->addr, sizeof(from->addr));
	memcpy(&key[3], to->addr, sizeof(to->addr));
	return KEY_WORDS;
}

/* "lo", and a number or none. */
static int
on_loopback(const struct flow *f)
{
	const char *name = f->ifname;

	return name[0] == 'l' && name[1] == 'o' &&
	    (name[2] == '\0' || (name[2] >= '0' && name[2] <= '9'));
}

/* 127.0.0.0/8 or ::1 */
static int
is_loopback(const struct flow_host *h)
{
	if (h->family == 4)
		return h->addr[0] == 127;
	return get_be64(h->addr) == 0 && get_be64(h->addr + 8) == 1;
}

static int
same_address(const struct flow_host *a, const struct flow_host *b)
{
	return memcmp(a->addr, b->addr, a->family == 4 ? 4 : 16) == 0;
}

int
twins_possible(const struct flow *f)
{
	return (f->anomalies & FLOW_INEXPRESSIBLE) == 0 &&
	    f->lan.family == f->ext.family && f->gwy.family == f->ext.family &&
	    !on_loopback(f) && !is_loopback(&f->lan) && !is_loopback(&f->gwy) &&
	    !is_loopback(&f->ext) && !same_address(&f->lan, &f->ext);
}

uint64_t
twins_hash(uint64_t seed, const struct flow *f)
{
	uint64_t key[KEY_WORDS], h = 0;
	unsigned int i, n = set_key(key, f);

	for (i = 0; i < n; i++)
		h += mix_product(key[i], mix(seed, i));
	return mix(h ^ h >> 32, seed);
}

int
twins_match(const struct flow *a, const struct flow *b)
{
	uint64_t keys[2][KEY_WORDS];
	unsigned int n = set_key(keys[0], a);

	return a->direction != b->direction && set_key(keys[1], b) == n &&
	    memcmp(keys[0], keys[1], n * sizeof(keys[0][0])) == 0;
}

/* -1, 0 or 1: it is better than the best so far, as good, or worse. */
static int
compare(const struct twins_choice *c, uint64_t created, uint64_t id)
{
	if (c->n == 0)
		return -1;
	if (created != c->created)
		return created < c->created ? -1 : 1;
	return (id > c->id) - (id < c->id);
}

void
twins_consider(struct twins_choice *c, uint32_t number, uint64_t created,
    uint64_t id)
{
	int order = compare(c, created, id);

	c->n++;
	c->tie |= order == 0;
	if (order >= 0)
		return;
	c->best = number;
	c->created = created;
	c->id = id;
	c->tie = 0;
}

uint32_t
twins_chosen(const struct twins_choice *c)
{
	return c->n == 0 || c->tie ? TWINS_NONE : c->best;
}
