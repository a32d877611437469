/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * A state of pfsim as each system's kernel answers with it, little-endian.
 */

#include <string.h>

#include "common/bytes.h"
#include "pfsim.h"

static void
put_le16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void
put_le32(uint8_t *p, uint32_t v)
{
	put_le16(p, v);
	put_le16(p + 2, v >> 16);
}

static void
put_le64(uint8_t *p, uint64_t v)
{
	put_le32(p, (uint32_t)v);
	put_le32(p + 4, (uint32_t)(v >> 32));
}

/* Addresses, by family, of the server, of nat and of rdr. */
static const uint8_t servers[2][16] = { { 192, 0, 2, 1 },
	{ 0x20, 1, 0xd, 0xb8, [15] = 1 } };
static const uint8_t nats[2][16] = { { 203, 0, 113, 1 },
	{ 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 1 } };
static const uint8_t rdrs[2][16] = { { 198, 51, 100, 1 },
	{ 0x20, 1, 0xd, 0xb8, 0, 2, [15] = 1 } };

static void
client_of(const struct sim_state *s, uint8_t addr[16])
{
	uint8_t *low = s->inet6 ? addr + 13 : addr + 1;

	memset(addr, 0, 16);
	addr[0] = s->inet6 ? 0xfd : 10;
	low[0] = (uint8_t)(s->number >> 16);
	low[1] = (uint8_t)(s->number >> 8);
	low[2] = (uint8_t)s->number;
}

static int
is_icmp(const struct sim_state *s)
{
	return s->proto == 1 || s->proto == 58;
}

/*
 * The ports of client and server.  Of ICMP, the client's is the id; in place of
 * the server's, FreeBSD 14 and OpenBSD have the type, and older ones the id.
 */
static void
ports_of(const struct sim *sim, const struct sim_state *s, uint16_t port[2])
{
	int id = sim->layout == SIM_FREEBSD || sim->layout == SIM_DRAGONFLY;

	port[0] = s->port;
	port[1] = s->proto == 58 ? 128 : s->proto == 1 ? 8 : 80;
	if (s->proto == 1 && id)
		port[1] = s->port;
}

static void
translate(const struct sim_state *s, struct sim_hosts *h)
{
	int in = s->direction == 1;

	memcpy(h->gwy, h->lan, 16);
	h->gwy_port = h->lan_port;
	if (in && s->rdr) {
		memcpy(h->gwy, rdrs[s->inet6], 16);
		h->gwy_port = is_icmp(s) ? h->lan_port : 8080;
	} else if (!in && !s->rdr && !s->own) {
		memcpy(h->gwy, nats[s->inet6], 16);
		h->gwy_port = (uint16_t)(s->port ^ s->number);
	}
}

/*
 * Of an in-state, the server is in lan; rdr translates it, and nat lan.
 * NetBSD has the id of ICMP in lan's port, whatever the direction.
 */
void
sim_hosts(const struct sim *sim, const struct sim_state *s, struct sim_hosts *h)
{
	uint8_t client[16];
	uint16_t port[2];
	int in = s->direction == 1;

	client_of(s, client);
	ports_of(sim, s, port);
	memcpy(h->lan, in ? servers[s->inet6] : client, 16);
	memcpy(h->ext, in ? client : servers[s->inet6], 16);
	h->lan_port = port[in];
	h->ext_port = port[!in];
	if (sim->layout == SIM_NETBSD && s->proto == 1) {
		h->lan_port = s->port;
		h->ext_port = 0;
	}
	translate(s, h);
}

static uint8_t
family_of(const struct sim *sim, const struct sim_state *s)
{
	if (!s->inet6)
		return 2;
	return sim->layout == SIM_OPENBSD || sim->layout == SIM_NETBSD ? 24 :
									 28;
}

/* What the arrays of FreeBSD, NetBSD and DragonFly have at the same place. */
static void
put_common(uint8_t *r, const struct sim *sim, const struct sim_state *s)
{
	put_be64(r, s->id);
	memcpy(r + 8, "all", 3);
	r[120] = s->level[0];
	r[152] = s->level[1];
	put_be32(r + 228, SIM_CREATOR);
	r[232] = family_of(sim, s);
	r[233] = s->proto;
	r[234] = s->direction;
}

static void
put_be_numbers(uint8_t *rule, uint8_t *counters, const struct sim_state *s,
    uint64_t now, uint32_t expires)
{
	put_be32(rule, s->rule);
	put_be32(rule + 12, (uint32_t)(now / 1000 - s->created / 1000));
	put_be32(rule + 16, expires);
	put_be64(counters, s->packets[0]);
	put_be64(counters + 8, s->packets[1]);
	put_be64(counters + 16, s->bytes[0]);
	put_be64(counters + 24, s->bytes[1]);
}

static void
put_keys(uint8_t *key0, uint8_t *key1, size_t port, const struct sim_hosts *h)
{
	memcpy(key0, h->ext, 16);
	memcpy(key0 + 16, h->gwy, 16);
	put_be16(key0 + port, h->ext_port);
	put_be16(key0 + port + 2, h->gwy_port);
	memcpy(key1, h->ext, 16);
	memcpy(key1 + 16, h->lan, 16);
	put_be16(key1 + port, h->ext_port);
	put_be16(key1 + port + 2, h->lan_port);
}

static size_t
put_openbsd(uint8_t *r, const struct sim *sim, const struct sim_state *s,
    const struct sim_hosts *h, uint32_t expires)
{
	memset(r, 0, 264);
	put_be64(r, s->id);
	memcpy(r + 8, "all", 3);
	put_keys(r + 24, r + 64, 32, h);
	r[62] = r[102] = r[250] = family_of(sim, s);
	r[128] = s->level[0];
	r[160] = s->level[1];
	put_be_numbers(r + 184, r + 204, s, sim->now, expires);
	put_be32(r + 236, SIM_CREATOR);
	r[251] = s->proto;
	r[252] = s->direction;
	r[255] = s->timeout;
	return 264;
}

static void
put_words(uint8_t *p, uint64_t v)
{
	put_le32(p, (uint32_t)(v >> 32));
	put_le32(p + 4, (uint32_t)v);
}

static size_t
put_netbsd(uint8_t *r, const struct sim *sim, const struct sim_state *s,
    const struct sim_hosts *h, uint32_t expires)
{
	memset(r, 0, 240);
	put_common(r, sim, s);
	memcpy(r + 24, h->lan, 16);
	put_be16(r + 40, h->lan_port);
	memcpy(r + 48, h->gwy, 16);
	put_be16(r + 64, h->gwy_port);
	memcpy(r + 72, h->ext, 16);
	put_be16(r + 88, h->ext_port);
	put_le32(r + 176, s->rule);
	put_le32(r + 188, (uint32_t)(sim->now / 1000 - s->created / 1000));
	put_le32(r + 192, expires);
	put_words(r + 196, s->packets[0]);
	put_words(r + 204, s->packets[1]);
	put_words(r + 212, s->bytes[0]);
	put_words(r + 220, s->bytes[1]);
	r[237] = s->timeout;
	return 240;
}

static size_t
put_array(uint8_t *r, const struct sim *sim, const struct sim_state *s,
    const struct sim_hosts *h, uint32_t expires, size_t size, size_t timeout)
{
	memset(r, 0, size);
	put_common(r, sim, s);
	put_keys(r + 24, r + 60, 32, h);
	put_be_numbers(r + 176, r + 196, s, sim->now, expires);
	r[timeout] = s->timeout;
	return size;
}

static size_t
put_v2(uint8_t *r, const struct sim *sim, const struct sim_state *s,
    const struct sim_hosts *h, uint32_t expires)
{
	memset(r, 0, 384);
	put_le64(r, sim->version);
	put_be64(r + 8, s->id);
	memcpy(r + 16, "all", 3);
	memcpy(r + 32, s->direction == 1 ? "em0" : "em1", 3);
	put_keys(r + 48, r + 84, 32, h);
	r[144] = s->level[0];
	r[176] = s->level[1];
	put_be32(r + 200, s->rule);
	put_be32(r + 212, (uint32_t)(sim->now / 1000 - s->created / 1000));
	put_be32(r + 216, expires);
	put_le64(r + 224, s->packets[0]);
	put_le64(r + 232, s->packets[1]);
	put_le64(r + 240, s->bytes[0]);
	put_le64(r + 248, s->bytes[1]);
	put_be32(r + 256, SIM_CREATOR);
	r[264] = family_of(sim, s);
	r[265] = s->proto;
	r[266] = s->direction;
	r[269] = s->timeout;
	return 384;
}

static uint8_t *
attribute(uint8_t *p, unsigned int type, size_t len)
{
	memset(p, 0, 4 + (len + 3) / 4 * 4);
	put_le16(p, (uint32_t)(4 + len));
	put_le16(p + 2, type);
	return p + 4;
}

static uint8_t *
number(uint8_t *p, unsigned int type, size_t len, uint64_t v)
{
	uint8_t *data = attribute(p, type, len);
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = (uint8_t)(v >> 8 * i);
	return data + (len + 3) / 4 * 4;
}

static uint8_t *
key(uint8_t *p, unsigned int type, size_t len, const uint8_t addr0[16],
    const uint8_t addr1[16], uint16_t port0, uint16_t port1)
{
	uint8_t *data = attribute(p, type, 2 * (4 + len) + 16);

	memcpy(attribute(data, 1, len), addr0, len);
	data += 4 + len;
	memcpy(attribute(data, 2, len), addr1, len);
	data += 4 + len;
	put_be16(attribute(data, 3, 2), port0);
	put_be16(attribute(data + 8, 4, 2), port1);
	return data + 16;
}

static size_t
put_message(uint8_t *r, const struct sim *sim, const struct sim_state *s,
    const struct sim_hosts *h, uint32_t expires)
{
	uint8_t *p = r + 20, id[8];
	size_t len = s->inet6 ? 16 : 4;

	memset(r, 0, 20);
	put_le16(r + 4, 17);
	p = key(p, 5, len, h->ext, h->gwy, h->ext_port, h->gwy_port);
	p = key(p, 6, len, h->ext, h->lan, h->ext_port, h->lan_port);
	p = number(p, 21, 1, s->proto);
	p = number(p, 19, 1, family_of(sim, s));
	p = number(p, 10, 4, s->rule);
	p = number(p, 13, 4, sim->now / 1000 - s->created / 1000);
	/* The time since boot, which may be small, of an expired state. */
	p = number(p, 14, 4, expires > 0 ? expires : sim->now / 1000 + 54);
	p = number(p, 22, 1, s->direction);
	p = number(p, 24, 1, s->timeout);
	put_be64(id, s->id);
	memcpy(attribute(p, 1, 8), id, 8);
	p = number(p + 12, 2, 4, SIM_CREATOR);
	p = number(p, 15, 8, s->packets[0]);
	p = number(p, 16, 8, s->packets[1]);
	p = number(p, 17, 8, s->bytes[0]);
	p = number(p, 18, 8, s->bytes[1]);
	put_le32(r, (uint32_t)(p - r));
	return (size_t)(p - r);
}

size_t
sim_put(const struct sim *sim, const struct sim_state *s, uint8_t *r)
{
	uint32_t expires = sim_expires(sim, s);
	struct sim_hosts h;

	sim_hosts(sim, s, &h);
	switch (sim->layout) {
	case SIM_OPENBSD:
		return put_openbsd(r, sim, s, &h, expires);
	case SIM_NETBSD:
		return put_netbsd(r, sim, s, &h, expires);
	case SIM_DRAGONFLY:
		return put_array(r, sim, s, &h, expires, 240, 237);
	case SIM_FREEBSD:
		return put_array(r, sim, s, &h, expires, 242, 239);
	case SIM_FREEBSD_V2:
		return put_v2(r, sim, s, &h, expires);
	case SIM_NETLINK:
		return put_message(r, sim, s, &h, expires);
	}
	memset(r, 0, 256); /* a later kernel's */
	return 256;
}
