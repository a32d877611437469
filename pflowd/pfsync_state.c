/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Versions 2, 3 and 4 differ in so little that one table of offsets serves
 * them.  Version 4 has two keys of two addresses in place of three hosts, but
 * lan, gwy and ext stand at fixed places in them whatever the direction:
 * key[1].addr[1] (stack), key[0].addr[1] (wire) and key[0].addr[0].
 */

#include <string.h>

#include "common/cold.h"
#include "pfsync.h"

struct pfsync_layout {
	uint8_t version;
	uint8_t header; /* bytes of the frame header */
	uint8_t record; /* bytes of this record */
	uint8_t lan_addr;
	uint8_t lan_port;
	uint8_t gwy_addr;
	uint8_t gwy_port;
	uint8_t ext_addr;
	uint8_t ext_port;
	uint8_t counter;     /* bytes of a counter: 4 or 8 */
	uint8_t creator;     /* then af ... updates, a byte each */
	uint8_t expire_left; /* expire counts time left, not since used */
};

/* The same in every version. */
enum {
	AT_ID = 0,
	AT_IFNAME = 8,
	AT_SRC_LEVEL = 120, /* of struct pfsync_state_peer, at 96 */
	AT_DST_LEVEL = 152, /* at 128 */
	AT_RT_ADDR = 160,
	AT_RULE = 176,
	AT_CREATION = 188,
	AT_EXPIRE = 192,
	AT_COUNTERS = 196
};

/* From the creator's offset on. */
enum {
	TAIL_AF = 4,
	TAIL_PROTO = 5,
	TAIL_DIRECTION = 6,
	TAIL_TIMEOUT = 9,
	TAIL_SIZE = 12
};

/*     ver hdr rec  lan      gwy     ext     ctr creator left */
static const struct pfsync_layout layouts[] = {
	{ 2, 4, 224, 24, 40, 48, 64, 72, 88, 4, 212, 0 },
	{ 3, 20, 240, 24, 40, 48, 64, 72, 88, 8, 228, 0 },
	{ 4, 20, 240, 76, 94, 40, 58, 24, 56, 8, 228, 1 },
};

/* Nothing that is read lies beyond the record. */
_Static_assert(AT_COUNTERS + 4 * 4 == 212 && 212 + TAIL_SIZE == 224,
    "layout of version 2");
_Static_assert(AT_COUNTERS + 4 * 8 == 228 && 228 + TAIL_SIZE == 240,
    "layout of versions 3 and 4");

const struct pfsync_layout *
pfsync_layout(uint8_t version)
{
	if (version < 2 || version > 4)
		return NULL;
	return &layouts[version - 2];
}

size_t
pfsync_header_size(const struct pfsync_layout *l)
{
	return l->header;
}

size_t
pfsync_state_size(const struct pfsync_layout *l)
{
	return l->record;
}

static void
read_host(struct flow_host *h, const uint8_t *addr, const uint8_t *port)
{
	memcpy(h->addr, addr, sizeof(h->addr));
	h->port = get_be16(port);
}

static void
read_counters(struct flow *f, const uint8_t *at, uint8_t width)
{
	if (width == 4) {
		f->packets[0] = get_be32(at);
		f->packets[1] = get_be32(at + 4);
		f->bytes[0] = get_be32(at + 8);
		f->bytes[1] = get_be32(at + 12);
	} else {
		f->packets[0] = get_be64(at);
		f->packets[1] = get_be64(at + 8);
		f->bytes[0] = get_be64(at + 16);
		f->bytes[1] = get_be64(at + 24);
	}
}

/* AF_INET is 2 on every system; AF_INET6 is what the firewall has it to be. */
static const uint8_t families[256] = {
	[2] = 4,
	[24] = 6, /* OpenBSD, NetBSD */
	[28] = 6, /* FreeBSD, DragonFly */
	[30] = 6, /* macOS */
};

/* More packets than this times their longest is more than 64 bits. */
#define PACKETS_MAX (UINT64_MAX / 65535)

/*
 * Packets of between header and 65535 bytes cannot add up to this.  Too few
 * bytes are a huge difference, as it is unsigned.
 */
static inline int
counters_odd(uint64_t packets, uint64_t bytes, unsigned int header)
{
	if (packets > PACKETS_MAX)
		return bytes / header < packets;
	return bytes - packets * header > packets * (65535 - header);
}

static inline int
timeout_odd(uint8_t timeout)
{
	return timeout >= FLOW_STATE_TIMEOUTS && timeout != FLOW_PURGE &&
	    timeout != FLOW_PURGE_OLD;
}

ALWAYS_INLINE static uint8_t
find_odd(const struct flow *f)
{
	unsigned int header = f->family == 6 ? 40 : 20;
	unsigned int odd = 0;

	if (f->direction != FLOW_IN && f->direction != FLOW_OUT)
		odd |= FLOW_ODD_DIRECTION;
	if (f->family == 0)
		odd |= FLOW_ODD_FAMILY;
	if (counters_odd(f->packets[0], f->bytes[0], header) ||
	    counters_odd(f->packets[1], f->bytes[1], header))
		odd |= FLOW_ODD_COUNTERS;
	if (f->age >= UINT32_C(1) << 31)
		odd |= FLOW_ODD_AGE;
	if (timeout_odd(f->timeout))
		odd |= FLOW_ODD_TIMEOUT;
	if (f->level[0] > FLOW_TCP_PROXY_DST ||
	    f->level[1] > FLOW_TCP_PROXY_DST)
		odd |= FLOW_ODD_LEVELS;
	return (uint8_t)odd;
}

ALWAYS_INLINE static void
read_state(const struct pfsync_layout *l, const uint8_t *r, struct flow *f)
{
	const uint8_t *tail = r + l->creator;

	f->id = get_be64(r + AT_ID);
	memcpy(f->ifname, r + AT_IFNAME, FLOW_IFNAME);
	f->ifname[FLOW_IFNAME - 1] = '\0';
	read_host(&f->lan, r + l->lan_addr, r + l->lan_port);
	read_host(&f->gwy, r + l->gwy_addr, r + l->gwy_port);
	read_host(&f->ext, r + l->ext_addr, r + l->ext_port);
	memcpy(f->rt_addr, r + AT_RT_ADDR, sizeof(f->rt_addr));
	f->rule = get_be32(r + AT_RULE);
	f->age = get_be32(r + AT_CREATION);
	f->expire = get_be32(r + AT_EXPIRE);
	read_counters(f, r + AT_COUNTERS, l->counter);
	f->creator = get_be32(tail);
	f->family = families[tail[TAIL_AF]];
	f->proto = tail[TAIL_PROTO];
	f->direction = tail[TAIL_DIRECTION];
	f->timeout = tail[TAIL_TIMEOUT];
	f->level[0] = r[AT_SRC_LEVEL];
	f->level[1] = r[AT_DST_LEVEL];
	f->version = l->version;
	f->expire_left = l->expire_left;
	f->odd = find_odd(f);
}

/* Offsets that the compiler knows need not be looked up. */
void
pfsync_state(const struct pfsync_layout *l, const uint8_t *r, struct flow *f)
{
	switch (l->version) {
	case 2:
		read_state(&layouts[0], r, f);
		break;
	case 3:
		read_state(&layouts[1], r, f);
		break;
	case 4:
		read_state(&layouts[2], r, f);
		break;
	}
}
