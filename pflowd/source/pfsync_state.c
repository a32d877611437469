/*
 * Copyright (c) 2026 The pflowd authors
 * SPDX-License-Identifier: ISC
 *
 * Decoder of state records.  Versions 2, 3 and 4 differ so little that one
 * table of offsets is enough.
 */

#include <string.h>

#include "flow/anomaly.h"
#include "decode.h"
#include "pfsync.h"
#include "pfsync_layout.h"

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

/* Higher timeout indices have no meaning in these versions. */
COLD static void
read_faulty(struct flow *f)
{
	if (f->timeout > FLOW_PURGE)
		f->timeout = FLOW_TIMEOUT_UNKNOWN;
	f->anomalies = flow_anomalies(f);
}

ALWAYS_INLINE static void
read_state(const struct pfsync_layout *l, const uint8_t *r, struct flow *f)
{
	const uint8_t *tail = r + l->creator;

	f->id = get_be64(r + AT_ID);
	decode_name(f->ifname, r + AT_IFNAME);
	decode_host(&f->lan, r + l->lan_addr, r + l->lan_port);
	decode_host(&f->gwy, r + l->gwy_addr, r + l->gwy_port);
	decode_host(&f->ext, r + l->ext_addr, r + l->ext_port);
	memcpy(f->rt_addr, r + AT_RT_ADDR, sizeof(f->rt_addr));
	f->rule = get_be32(r + AT_RULE);
	f->age = get_be32(r + AT_CREATION);
	f->expires = read_expires(l, r);
	read_counters(f, r + AT_COUNTERS, l->counter);
	f->creator = get_be32(tail);
	flow_set_family(f, decode_families[tail[TAIL_AF]]);
	f->proto = tail[TAIL_PROTO];
	f->direction = tail[TAIL_DIRECTION];
	f->timeout = tail[TAIL_TIMEOUT];
	f->tcp_state[0] = r[AT_PEER + PEER_STATE];
	f->tcp_state[1] = r[AT_PEER + PEER_SIZE + PEER_STATE];
	f->version = l->version;
	f->icmp = 0;
	f->label = FLOW_FINAL;
	f->anomalies = 0;
	if (!flow_plain(f))
		read_faulty(f);
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
