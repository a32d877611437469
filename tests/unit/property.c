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
make_counters(struct state *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		s->packets[i] = below(3) ? 1 + wide() % 50000000 : below(3);
		if (!below(20))
			s->packets[i] = wide();
		s->bytes[i] = bytes_for(s->packets[i]);
		if (!below(50))
			s->bytes[i] = wide(); /* more than they can have */
		if (s->version == 2) {
			s->packets[i] &= MOST;
			s->bytes[i] &= MOST;
		}
		if (s->packets[i] > 0 && s->bytes[i] == 0)
			s->bytes[i] = 1;
	}
}

static void
make_hosts(struct state *s)
{
	static const uint8_t outer[4] = { 192, 0, 2, 1 };
	int i;

	s->addr[LAN][0] = 10;
	s->addr[LAN][1] = (uint8_t)(s->number >> 16);
	s->addr[LAN][2] = (uint8_t)(s->number >> 8);
	s->addr[LAN][3] = (uint8_t)s->number;
	memcpy(s->addr[GWY], s->addr[LAN], 4);
	if (below(2)) {
		memcpy(s->addr[GWY], outer, 4);
		s->addr[GWY][2] = (uint8_t)(s->number >> 8);
		s->addr[GWY][3] = (uint8_t)s->number;
	}
	s->addr[EXT][0] = 203;
	s->addr[EXT][3] = (uint8_t)(1 + below(254));
	for (i = 0; i < 3; i++)
		s->port[i] = (uint16_t)random64();
	memset(s->gateway, 0, 4);
	if (!below(4))
		s->gateway[0] = 172;
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
make_state(struct state *s, uint32_t number, uint64_t time)
{
	static const uint8_t protos[] = { 6, 6, 6, 17, 17, 1, 47, 50, 132 };

	memset(s, 0, sizeof(*s));
	s->number = number;
	s->version = (uint8_t)(2 + below(3));
	s->direction = (uint8_t)(1 + below(2));
	s->proto = protos[below(sizeof(protos))];
	s->timeout = (uint8_t)(below(30) ? below(14) : below(256));
	s->tcp_state[0] = (uint8_t)(below(30) ? below(13) : below(256));
	s->tcp_state[1] = (uint8_t)(below(30) ? below(13) : below(256));
	s->age = make_age();
	s->expire = below(3) ? 0 : (uint32_t)below(200);
	s->time = time;
	make_hosts(s);
	make_counters(s);
}

/* Bytes of a frame, by pfsync_state in each version's net/pfvar.h. */

static void
put(uint8_t *p, uint64_t v, int n)
{
	while (n-- > 0) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static void
put_host(uint8_t *r, int addr, int port, const struct state *s, int which)
{
	memcpy(r + addr, s->addr[which], 4);
	put(r + port, s->port[which], 2);
}

size_t
write_frame(uint8_t *f, const struct state *s)
{
	size_t header = s->version == 2 ? 4 : 20;
	size_t size = s->version == 2 ? 224 : 240;
	uint8_t *r = f + header, *tail;
	int width = s->version == 2 ? 4 : 8, i;

	memset(f, 0, header + size);
	f[0] = s->version;
	f[2] = 3;
	f[3] = 1;
	memcpy(r + 8, "em0", 3);
	if (s->version < 4) {
		put_host(r, 24, 40, s, LAN);
		put_host(r, 48, 64, s, GWY);
		put_host(r, 72, 88, s, EXT);
	} else {
		put_host(r, 24, 56, s, EXT); /* key 0, wire: addr[0] */
		put_host(r, 40, 58, s, GWY);
		put_host(r, 60, 92, s, EXT); /* key 1, stack */
		put_host(r, 76, 94, s, LAN);
	}
	r[96 + 24] = s->tcp_state[0];
	r[128 + 24] = s->tcp_state[1];
	memcpy(r + 160, s->gateway, 4);
	put(r + 188, s->age, 4);
	put(r + 192, s->expire, 4);
	for (i = 0; i < 2; i++) {
		put(r + 196 + i * width, s->packets[i], width);
		put(r + 196 + (2 + i) * width, s->bytes[i], width);
	}
	tail = r + 196 + 4 * width + 4;
	tail[0] = 2; /* AF_INET */
	tail[1] = s->proto;
	tail[2] = s->direction;
	tail[5] = s->timeout;
	return header + size;
}

/* What is expected, from the tables of the protocols' descriptions. */

/* The initiator (0) or the responder (1) in the view: which of the hosts. */
int
host_of(const struct state *s, enum flow_view view, int end)
{
	static const int table[3][2][2] = {
		/* in: from, to; out: from, to */
		[FLOW_INSIDE] = { { EXT, LAN }, { LAN, EXT } },
		[FLOW_OUTSIDE] = { { EXT, GWY }, { GWY, EXT } },
		[FLOW_ORIGINAL] = { { EXT, GWY }, { LAN, EXT } },
	};

	return table[view][s->direction - 1][end];
}

int
has_ports(const struct state *s)
{
	return s->proto == 6 || s->proto == 17 || s->proto == 132;
}

/* S: own level 2 to 9; A: the other's 4 to 9; F: own 7 or 9.  RFC 9293 bits. */
int
flags_of(const struct state *s, int way)
{
	int own = s->tcp_state[way], other = s->tcp_state[!way], flags = 0;

	if (s->proto != 6 || s->tcp_state[0] > 12 || s->tcp_state[1] > 12)
		return 0;
	if (own == 10 && other == 10) {
		if (s->packets[0] == 1 && s->packets[1] == 1)
			return way == 0 ? 0x02 : 0x14;
		if (way == 1)
			return 0;
		return s->packets[1] == 0 ? 0x06 : 0x02;
	}
	if (s->tcp_state[0] == 11)
		return way == 0 ? 0x02 : 0;
	if (s->tcp_state[0] == 12)
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
start_of(const struct state *s)
{
	uint64_t age = s->age * UINT64_C(1000);

	if (s->age >= UINT32_C(1) << 31)
		return s->time;
	return age > s->time ? 0 : s->time - age;
}

uint64_t
parts(const struct state *s, int way)
{
	uint64_t p = (s->packets[way] + MOST - 1) / MOST;
	uint64_t b = s->bytes[way] / MOST + (s->bytes[way] % MOST != 0);

	return p > b ? p : b;
}

int
is_inexpressible(const struct state *s)
{
	int i;

	for (i = 0; i < 2; i++)
		if (s->packets[i] > 0 &&
		    (parts(s, i) > 65536 || parts(s, i) > s->packets[i]))
			return 1;
	return 0;
}
