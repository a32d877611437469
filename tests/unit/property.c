/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 */

#include "property.h"

#define MOST (UINT64_C(0xffffffff))

static uint64_t seed;

void
random_begin(uint64_t from)
{
	seed = from;
}

/* xorshift64*: the same on every system. */
static uint64_t
random64(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * UINT64_C(2685821657736338717);
}

uint64_t
below(uint64_t n)
{
	return random64() % n;
}

/* Numbers of every width, and the edges of 32 bits more often. */
static uint64_t
wide(void)
{
	switch (below(8)) {
	case 0:
		return MOST + below(3) - 1;
	case 1:
		return MOST * (1 + below(40)) + below(3);
	case 2:
		return random64() >> (22 + below(20));
	default:
		return random64() >> (40 + below(24));
	}
}

/* What so many packets may have. */
static uint64_t
bytes_for(uint64_t packets)
{
	return packets * (20 + below(1481)) + below(5);
}

static void
make_counters(struct drawn *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		s->pf.packets[i] = below(3) ? 1 + wide() % 50000000 : below(3);
		if (!below(20))
			s->pf.packets[i] = wide();
		s->pf.bytes[i] = bytes_for(s->pf.packets[i]);
		if (!below(50))
			s->pf.bytes[i] = wide(); /* more than they can have */
		if (s->version == 2) {
			s->pf.packets[i] &= MOST;
			s->pf.bytes[i] &= MOST;
		}
		if (s->pf.packets[i] > 0 && s->pf.bytes[i] == 0)
			s->pf.bytes[i] = 1;
	}
}

static void
make_hosts(struct state *s, uint32_t number)
{
	static const uint8_t outer[4] = { 192, 0, 2, 1 };

	s->lan.addr[0] = 10;
	s->lan.addr[1] = (uint8_t)(number >> 16);
	s->lan.addr[2] = (uint8_t)(number >> 8);
	s->lan.addr[3] = (uint8_t)number;
	memcpy(s->gwy.addr, s->lan.addr, 4);
	if (below(2)) {
		memcpy(s->gwy.addr, outer, 4);
		s->gwy.addr[2] = (uint8_t)(number >> 8);
		s->gwy.addr[3] = (uint8_t)number;
	}
	s->ext.addr[0] = 203;
	s->ext.addr[3] = (uint8_t)(1 + below(254));
	s->lan.port = (uint16_t)random64();
	s->gwy.port = (uint16_t)random64();
	s->ext.port = (uint16_t)random64();
	if (!below(4))
		s->rt[0] = 172;
}

static uint32_t
make_age(void)
{
	switch (below(6)) {
	case 0:
		return (uint32_t)below(3);
	case 1:
		return (uint32_t)(48 * 86400 - 2 + below(4)); /* the edge */
	case 2:
		return (uint32_t)random64();
	default:
		return (uint32_t)below(100000);
	}
}

void
draw(struct drawn *s, uint32_t number, uint64_t time)
{
	static const uint8_t protos[] = { 6, 6, 6, 17, 17, 1, 47, 50, 132 };

	memset(s, 0, sizeof(*s));
	strcpy(s->pf.ifname, "em0");
	s->pf.af = 2; /* AF_INET */
	s->version = (uint8_t)(2 + below(3));
	s->pf.direction = (uint8_t)(1 + below(2));
	s->pf.proto = protos[below(sizeof(protos))];
	s->pf.timeout = (uint8_t)(below(30) ? below(14) : below(256));
	s->pf.level[0] = (uint8_t)(below(30) ? below(13) : below(256));
	s->pf.level[1] = (uint8_t)(below(30) ? below(13) : below(256));
	s->pf.age = make_age();
	s->pf.expire = below(3) ? 0 : (uint32_t)below(200);
	s->time = time;
	make_hosts(&s->pf, number);
	make_counters(s);
}

/* What is expected, from the tables of the protocols' descriptions. */

const struct host *
host_of(const struct drawn *s, enum flow_view view, int end)
{
	const struct host *lan = &s->pf.lan, *gwy = &s->pf.gwy;
	const struct host *ext = &s->pf.ext;
	const struct host *const table[3][2][2] = {
		/* in: from, to; out: from, to */
		[FLOW_INSIDE] = { { ext, lan }, { lan, ext } },
		[FLOW_OUTSIDE] = { { ext, gwy }, { gwy, ext } },
		[FLOW_ORIGINAL] = { { ext, gwy }, { lan, ext } },
	};

	return table[view][s->pf.direction - 1][end];
}

int
has_ports(const struct drawn *s)
{
	return s->pf.proto == 6 || s->pf.proto == 17 || s->pf.proto == 132;
}

/* S: own level 2 to 9; A: the other's 4 to 9; F: own 7 or 9.  RFC 9293 bits. */
int
flags_of(const struct drawn *s, int way)
{
	int own = s->pf.level[way], other = s->pf.level[!way], flags = 0;

	if (s->pf.proto != 6 || s->pf.level[0] > 12 || s->pf.level[1] > 12)
		return 0;
	if (own == 10 && other == 10) {
		if (s->pf.packets[0] == 1 && s->pf.packets[1] == 1)
			return way == 0 ? 0x02 : 0x14;
		if (way == 1)
			return 0;
		return s->pf.packets[1] == 0 ? 0x06 : 0x02;
	}
	if (s->pf.level[0] == 11)
		return way == 0 ? 0x02 : 0;
	if (s->pf.level[0] == 12)
		return way == 0 ? 0x12 : 0;
	if (own >= 2 && own <= 9)
		flags |= 0x02;
	if (other >= 4 && other <= 9)
		flags |= 0x10;
	if (own == 7 || own == 9)
		flags |= 0x01;
	return flags;
}

/* Not before the epoch, and of an absurd age at once. */
uint64_t
start_of(const struct drawn *s)
{
	uint64_t age = s->pf.age * UINT64_C(1000);

	if (s->pf.age >= UINT32_C(1) << 31)
		return s->time;
	return age > s->time ? 0 : s->time - age;
}

uint64_t
parts(const struct drawn *s, int way)
{
	uint64_t p = (s->pf.packets[way] + MOST - 1) / MOST;
	uint64_t b = s->pf.bytes[way] / MOST + (s->pf.bytes[way] % MOST != 0);

	return p > b ? p : b;
}

int
is_inexpressible(const struct drawn *s)
{
	int i;

	for (i = 0; i < 2; i++)
		if (s->pf.packets[i] > 0 &&
		    (parts(s, i) > 65536 || parts(s, i) > s->pf.packets[i]))
			return 1;
	return 0;
}
