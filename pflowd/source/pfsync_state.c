/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Decoder of state records.  Versions 2, 3 and 4 differ so little that one
 * table of offsets is enough.
 */

#include <string.h>

#include "common/cold.h"
#include "pfsync.h"
#include "pfsync_layout.h"

struct pfsync_layout {
	uint8_t version;
	uint8_t header; /* bytes of the frame header */
	uint8_t record; /* bytes of a state record */
	uint8_t lan_addr;
	uint8_t lan_port;
	uint8_t gwy_addr;
	uint8_t gwy_port;
	uint8_t ext_addr;
	uint8_t ext_port;
	uint8_t counter; /* bytes of a counter: 4 or 8 */
	uint8_t creator; /* followed by af to updates, a byte each */
};

static const struct pfsync_layout layouts[] = {
	{ 2, HEADER_V2, V2_RECORD, V3_LAN_ADDR, V3_LAN_PORT, V3_GWY_ADDR,
	    V3_GWY_PORT, V3_EXT_ADDR, V3_EXT_PORT, 4, V2_CREATOR },
	{ 3, HEADER_V3, V3_RECORD, V3_LAN_ADDR, V3_LAN_PORT, V3_GWY_ADDR,
	    V3_GWY_PORT, V3_EXT_ADDR, V3_EXT_PORT, 8, V3_CREATOR },
	{ 4, HEADER_V3, V3_RECORD, V4_LAN_ADDR, V4_LAN_PORT, V4_GWY_ADDR,
	    V4_GWY_PORT, V4_EXT_ADDR, V4_EXT_PORT, 8, V3_CREATOR },
};

/* All fields lie within the record. */
_Static_assert(AT_COUNTERS + 4 * 4 == V2_CREATOR &&
	V2_CREATOR + TAIL_SIZE == V2_RECORD,
    "layout of version 2");
_Static_assert(AT_COUNTERS + 4 * 8 == V3_CREATOR &&
	V3_CREATOR + TAIL_SIZE == V3_RECORD,
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

/*
 * Copy the name and set its last byte to NUL.  The name is stored as two halves
 * because it is later loaded as two halves: a load that spans several stores
 * stalls.
 */
static void
read_name(char name[FLOW_IFNAME], const uint8_t *at)
{
	memcpy(name, at, 8);
	put_be64((uint8_t *)name + 8, get_be64(at + 8) & ~UINT64_C(0xff));
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

/* IP version by address family. */
static const uint8_t families[256] = {
	[AF_4] = 4,
	[AF_6_OPENBSD] = 6,
	[AF_6_FREEBSD] = 6,
	[AF_6_MACOS] = 6,
};

#define AGE_BAD (UINT32_C(1) << 31)

/* Bytes of the smallest IP header, and of the largest packet. */
#define IP4_HEADER 20
#define IP6_HEADER 40
#define PACKET_MAX 65535

/* With more packets than this, packets * PACKET_MAX overflows 64 bits. */
#define PACKETS_MAX (UINT64_MAX / PACKET_MAX)

/*
 * True if packets of header to PACKET_MAX bytes each cannot add up to bytes.
 * With too few bytes, the unsigned difference wraps to a large number.
 */
static inline int
bytes_implausible(uint64_t packets, uint64_t bytes, unsigned int header)
{
	return bytes - packets * header > packets * (PACKET_MAX - header);
}

static int
counters_implausible(uint64_t packets, uint64_t bytes, unsigned int header)
{
	if (packets > PACKETS_MAX)
		return bytes / header < packets;
	return bytes_implausible(packets, bytes, header);
}

static inline int
timeout_implausible(uint8_t timeout)
{
	return timeout >= FLOW_STATE_TIMEOUTS && timeout != FLOW_PURGE &&
	    timeout != FLOW_PURGE_OLD;
}

/* Quick check: counters valid for both families, and too small to overflow. */
static inline int
counters_plain(const uint64_t packets[2], const uint64_t bytes[2])
{
	return (packets[0] | packets[1]) >> 48 == 0 &&
	    !bytes_implausible(packets[0], bytes[0], IP6_HEADER) &&
	    !bytes_implausible(packets[1], bytes[1], IP6_HEADER);
}

/*
 * Quick check that nothing is wrong with a state, as with most.  For the others
 * find_anomalies() names the faults, if any.
 */
ALWAYS_INLINE static int
is_plain(const struct flow *f)
{
	return (f->direction == FLOW_IN || f->direction == FLOW_OUT) &&
	    flow_family(f) != 0 && counters_plain(f->packets, f->bytes) &&
	    f->age < AGE_BAD && f->timeout < FLOW_STATE_TIMEOUTS &&
	    (f->tcp_state[0] | f->tcp_state[1]) <= FLOW_TCPS_PROXY_DST;
}

COLD static uint8_t
find_anomalies(const struct flow *f)
{
	unsigned int header = flow_family(f) == 6 ? IP6_HEADER : IP4_HEADER;
	unsigned int anomalies = 0;

	if (f->direction != FLOW_IN && f->direction != FLOW_OUT)
		anomalies |= FLOW_BAD_DIRECTION;
	if (flow_family(f) == 0)
		anomalies |= FLOW_BAD_FAMILY;
	if (counters_implausible(f->packets[0], f->bytes[0], header) ||
	    counters_implausible(f->packets[1], f->bytes[1], header))
		anomalies |= FLOW_BAD_COUNTERS;
	if (f->age >= AGE_BAD)
		anomalies |= FLOW_BAD_AGE;
	if (timeout_implausible(f->timeout))
		anomalies |= FLOW_BAD_TIMEOUT;
	if (f->tcp_state[0] > FLOW_TCPS_PROXY_DST ||
	    f->tcp_state[1] > FLOW_TCPS_PROXY_DST)
		anomalies |= FLOW_BAD_TCP_STATE;
	return (uint8_t)anomalies;
}

/*
 * Before version 4, the kernel computes the field from the time of the last
 * packet without adding the timeout: it is 0, or says nothing.
 */
static inline uint32_t
read_expires(const struct pfsync_layout *l, const uint8_t *r)
{
	uint32_t expires = get_be32(r + AT_EXPIRE);

	return expires == 0 || l->version >= 4 ? expires : FLOW_EXPIRES_UNKNOWN;
}

ALWAYS_INLINE static void
read_state(const struct pfsync_layout *l, const uint8_t *r, struct flow *f)
{
	const uint8_t *tail = r + l->creator;

	f->id = get_be64(r + AT_ID);
	read_name(f->ifname, r + AT_IFNAME);
	read_host(&f->lan, r + l->lan_addr, r + l->lan_port);
	read_host(&f->gwy, r + l->gwy_addr, r + l->gwy_port);
	read_host(&f->ext, r + l->ext_addr, r + l->ext_port);
	memcpy(f->rt_addr, r + AT_RT_ADDR, sizeof(f->rt_addr));
	f->rule = get_be32(r + AT_RULE);
	f->age = get_be32(r + AT_CREATION);
	f->expires = read_expires(l, r);
	read_counters(f, r + AT_COUNTERS, l->counter);
	f->creator = get_be32(tail);
	flow_set_family(f, families[tail[TAIL_AF]]);
	f->proto = tail[TAIL_PROTO];
	f->direction = tail[TAIL_DIRECTION];
	f->timeout = tail[TAIL_TIMEOUT];
	f->tcp_state[0] = r[AT_PEER + PEER_STATE];
	f->tcp_state[1] = r[AT_PEER + PEER_SIZE + PEER_STATE];
	f->version = l->version;
	f->anomalies = is_plain(f) ? 0 : find_anomalies(f);
}

ALWAYS_INLINE static void
read_states(const struct pfsync_layout *l, const uint8_t *r, struct flow *f,
    unsigned int n)
{
	for (; n > 0; n--, r += l->record)
		read_state(l, r, f++);
}

/* Constant layouts let the compiler use constant offsets. */
void
pfsync_states(const struct pfsync_layout *l, const uint8_t *records,
    struct flow *flows, unsigned int n)
{
	switch (l->version) {
	case 2:
		read_states(&layouts[0], records, flows, n);
		break;
	case 3:
		read_states(&layouts[1], records, flows, n);
		break;
	case 4:
		read_states(&layouts[2], records, flows, n);
		break;
	}
}
